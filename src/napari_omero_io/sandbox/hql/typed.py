"""An SQL expression together with what HQL knows of its value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_omero_io.sandbox.schema.model import Kind

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement


class Special(Enum):
    """What a value may be beside the kinds of fields."""

    CLASS = "class"  #: the stored discriminator of a row's class
    FLOAT = "float"  #: ``cast(x as float)``, ``1.5f``
    NUMERIC = "numeric"  #: types of Java that have no place in an answer
    UNKNOWN = "unknown"  #: a parameter, or null: its value will tell


ValueKind: TypeAlias = Kind | Special


@dataclass(frozen=True, slots=True, eq=False)
class Typed:
    """A value in SQL, and its kind.

    Attributes
    ----------
    written
        The value of a literal.
    """

    sql: ColumnElement[Any]
    kind: ValueKind
    written: str | int | float | bool | None = None

    @property
    def is_written_text(self) -> bool:
        """Whether this is a text in quotes, which takes the type of its neighbours."""
        return isinstance(self.written, str)


def wider(*kinds: ValueKind) -> ValueKind:
    """Return the kind that a number has when numbers of some kinds are combined."""
    for kind in (Kind.DOUBLE, Special.FLOAT, Kind.LONG, Kind.TIME, Kind.INT):
        if kind in kinds:
            return Kind.LONG if kind is Kind.TIME else kind
    return Special.UNKNOWN
