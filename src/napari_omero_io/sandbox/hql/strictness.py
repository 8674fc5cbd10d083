"""What PostgreSQL refuses: values of types that have nothing to do with each other.

SQLite compares and adds anything.  A written text takes the type of what it stands
beside, and is an error if it cannot be read as such; a parameter has that of the value
that the client sends.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal

from napari_omero_io.sandbox.errors import IllegalQuery, Invalid
from napari_omero_io.sandbox.schema.model import Kind

from .typed import Special, Typed, ValueKind

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Family(Enum):
    """Types that can be compared with each other."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "boolean"
    MOMENT = "timestamp"


_FAMILIES: dict[ValueKind, Family] = {
    Kind.STRING: Family.TEXT,
    Kind.BOOL: Family.TRUTH,
    Kind.TIME: Family.MOMENT,
    **dict.fromkeys((Kind.INT, Kind.LONG, Kind.DOUBLE, Special.FLOAT), Family.NUMBER),
}
#: PostgreSQL's names, for messages.
_NAMES: dict[ValueKind, str] = {
    Kind.STRING: "text",
    Kind.INT: "integer",
    Kind.LONG: "bigint",
    Kind.DOUBLE: "double precision",
    Kind.BOOL: "boolean",
    Kind.TIME: "timestamp without time zone",
}
#: What PostgreSQL reads as a truth value.
_TRUTHS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}


def family_of(value: Typed) -> Family | None:
    """Return the family of a value; None when only its value tells."""
    return None if value.is_written_text else _FAMILIES.get(value.kind)


def type_name(kind: ValueKind) -> str:
    """Return PostgreSQL's name of a type."""
    return _NAMES.get(kind, "unknown")


def check_operator(operator: str, left: Typed, right: Typed) -> None:
    """Refuse an operator between values of two families.

    Raises
    ------
    IllegalQuery
        PostgreSQL has no such operator.
    """
    one, other = family_of(left), family_of(right)
    if None not in (one, other) and one is not other:
        names = f"{type_name(left.kind)} {operator} {type_name(right.kind)}"
        raise IllegalQuery(f"operator does not exist: {names}")


def check_argument(function: str, value: Typed, *families: Family) -> None:
    """Refuse an argument of another family.

    Raises
    ------
    IllegalQuery
        PostgreSQL has no such function.
    """
    family = family_of(value)
    if family is not None and family not in families:
        name = f"{function}({type_name(value.kind)})"
        raise IllegalQuery(f"function {name} does not exist")


def check_alike(construct: str, values: list[Typed]) -> None:
    """Refuse alternatives of different families: those of coalesce and case.

    Raises
    ------
    IllegalQuery
        They have no common type.
    """
    known = [value for value in values if family_of(value) is not None]
    for value in known[1:]:
        if family_of(value) is not family_of(known[0]):
            names = f"{type_name(known[0].kind)} and {type_name(value.kind)}"
            raise IllegalQuery(f"{construct} types {names} cannot be matched")


def adapt(value: Typed, other: Typed) -> ColumnElement[Any]:
    """Read a written text as what it stands beside.

    Raises
    ------
    Invalid
        It is nothing of the kind.
    """
    family = family_of(other)
    if not value.is_written_text or family in (None, Family.TEXT):
        return value.sql
    written = str(value.written).strip()
    try:
        return literal(_read(written, other.kind))
    except (ValueError, KeyError) as error:
        raise Invalid(
            "could not execute query; invalid input syntax for type "
            f'{type_name(other.kind)}: "{value.written}"'
        ) from error


def _read(written: str, kind: ValueKind) -> Any:
    match kind:
        case Kind.BOOL:
            return _TRUTHS[written.lower()]
        case Kind.TIME:
            moment = datetime.fromisoformat(written)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
            return int(moment.timestamp() * 1000)
        case Kind.INT | Kind.LONG:
            return int(written)
    return float(written)
