"""Plain values ↔ OMERO's: boxed values, units, permissions, times.

Times are milliseconds since 1970 UTC on both sides.  Units are stored by the name of
their enumerator (``MICROMETER``).
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import omero.all  # registers every generated class
import omero.model
import omero.rtypes as boxed

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.rules.permissions import (
    Restrictions,
    permissions_text,
)
from napari_omero_io.sandbox.schema.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: The range of a Java int, by which numbers of unknown kind are boxed.
_INT_MIN, _INT_MAX = -(2**31), 2**31 - 1


def _boxer(box: Any) -> Callable[[Any], Any]:
    """Return a function that boxes a value without the checks of `omero.rtypes`.

    Reading ten thousand shapes boxes a hundred thousand values.
    """
    new = box.__new__

    def fill(value: Any) -> Any:
        made = new(box)
        made._val = value
        return made

    return fill


def _box_bool(value: Any) -> Any:
    return boxed.rtrue if value else boxed.rfalse


_box_float = _boxer(boxed.RDoubleI)


def _box_double(value: Any) -> Any:
    return _box_float(float(value))


#: For each kind of simple field: from what SQLite answers to the member of an object.
BOXERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.STRING: _boxer(boxed.RStringI),
    Kind.INT: _boxer(boxed.RIntI),
    Kind.LONG: _boxer(boxed.RLongI),
    Kind.DOUBLE: _box_double,
    Kind.BOOL: _box_bool,
    Kind.TIME: _boxer(boxed.RTimeI),
    Kind.BYTES: lambda value: value,
    Kind.STRINGS: json.loads,
}


def box_value(value: Any, kind: Kind | None = None) -> Any:
    """Box a plain value; of an unknown kind by what it is.

    Returns
    -------
    An `omero.RType`, or None for None.
    """
    if value is None:
        return None
    if kind is Kind.BYTES or isinstance(value, bytes):
        return boxed.rlist([boxed.rint(byte) for byte in value])
    if kind is Kind.STRINGS:
        return boxed.rlist([boxed.rstring(text) for text in json.loads(value)])
    if kind is not None:
        return BOXERS[kind](_read_as(value, kind))
    match value:
        case bool():
            return _box_bool(value)
        case int():
            fits = _INT_MIN <= value <= _INT_MAX
            return boxed.RIntI(value) if fits else boxed.RLongI(value)
        case float():
            return boxed.RDoubleI(value)
    return boxed.RStringI(str(value))


def _read_as(value: Any, kind: Kind) -> Any:
    """Read a column as another kind than it has, as Hibernate does.

    The first branch of a ``case`` says what all of them are read as.
    """
    if kind in {Kind.INT, Kind.LONG} and isinstance(value, float):
        return int(value)
    if kind is Kind.STRING and not isinstance(value, str):
        return str(value)
    return value


def unbox_value(value: Any) -> Any:
    """Return a parameter's plain value: objects become ids, collections lists.

    Raises
    ------
    ApiUsage
        A value of this type means nothing to a query.
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case list() | tuple() | set() | frozenset() | range():
            return [unbox_value(one) for one in value]
        case omero.RObject() | omero.RCollection():
            return unbox_value(value._val)
        case omero.model.IObject():
            return None if value._id is None else value._id._val
        case omero.RType():
            plain = getattr(value, "_val", None)
            if plain is None or isinstance(plain, bool | int | float | str):
                return plain
    raise ApiUsage(f"A {type(value).__name__} cannot be the parameter of a query.")


@cache
def _unit_classes(unit_class: str) -> tuple[Any, dict[str, Any], dict[str, str]]:
    python_class = getattr(omero.model, unit_class + "I")
    units = getattr(omero.model.enums, f"Units{unit_class}")
    members = {str(member): member for member in units._enumerators.values()}
    return python_class, members, python_class.SYMBOLS


def make_unit(unit_class: str, value: float, unit: str) -> Any:
    """Make a value with a unit, such as `omero.model.LengthI`."""
    python_class, members, _ = _unit_classes(unit_class)
    made = python_class.__new__(python_class)
    made._value = float(value)  # NaN is stored as a text
    made._unit = members[unit]
    return made


def unit_map(unit_class: str, value: float | None, unit: str | None) -> Any:
    """Make what a projection answers for a value with a unit."""
    if value is None or unit is None:
        return None
    _, _, symbols = _unit_classes(unit_class)
    return boxed.rmap(
        {
            "value": boxed.rdouble(value),
            "unit": boxed.rstring(unit),
            "symbol": boxed.rstring(symbols[unit]),
        }
    )


def make_permissions(perm1: int, restrictions: Sequence[bool] | None) -> Any:
    """Make permissions as they hang on an object's details."""
    made = omero.model.PermissionsI(perm1)
    made._restrictions = None if restrictions is None else list(restrictions)
    made._extendedRestrictions = []
    return made


def permissions_map(perm1: int, restrictions: Restrictions | None) -> Any:
    """Make what a projection answers for permissions."""
    not_allowed = restrictions or Restrictions(*[False] * 6)
    return boxed.rmap(
        {
            "perm": boxed.rstring(permissions_text(perm1)),
            "canAnnotate": boxed.rbool(not not_allowed.annotate),
            "canDelete": boxed.rbool(not not_allowed.delete),
            "canEdit": boxed.rbool(not not_allowed.edit),
            "canLink": boxed.rbool(not not_allowed.link),
            "canChgrp": boxed.rbool(not not_allowed.chgrp),
            "canChown": boxed.rbool(not not_allowed.chown),
        }
    )
