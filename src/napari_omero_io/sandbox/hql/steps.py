"""One step along a dotted name: what a property of a place stands for.

Steps join nothing and know no aliases; `resolve` puts them together.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import literal, select

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.schema.tables import DETAILS, details_of

from .places import (
    ClassOf,
    Collection,
    Counts,
    DetailsOf,
    Meaning,
    Pair,
    Pairs,
    PermissionsOf,
    Reference,
    Size,
    Source,
    UnitValue,
    Value,
)
from .typed import Special

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from napari_omero_io.sandbox.schema.model import Field, ModelClass
    from napari_omero_io.sandbox.schema.tables import Tables

#: What every class has, and the columns that some have beside their fields.
_ALWAYS = frozenset({"id", "details"})
_BY_COLUMN = {"version": "version", "class": "discriminator"}
#: The permissions of what lies in no group: everybody reads.
_GLOBAL = -52


def take_step(tables: Tables, place: Meaning, name: str) -> Meaning:
    """Return what a property of a place stands for.

    Raises
    ------
    IllegalQuery
        The place has no such property.
    """
    match place:
        case Source():
            return _into_row(tables, place, name)
        case DetailsOf(source):
            return _into_details(tables, source, name)
        case Reference() if name == "id":
            return Value(place.key, Kind.LONG)
        case UnitValue() if name == "value":
            return Value(place.value, Kind.DOUBLE)
        case UnitValue() if name == "unit":
            return Value(place.unit, Kind.STRING)
        case PermissionsOf(source) if name == "perm1":
            return Value(permissions_of(tables, source), Kind.LONG)
        case Pair(rows, _) if name in {"name", "value"}:
            return Value(rows.c[name], Kind.STRING)
        case Collection() if name == "size":
            return Size(place)
        case Collection() | Pairs():
            raise IllegalQuery(
                f"illegal attempt to dereference collection [{place.field.name}] "
                f"with element property reference [{name}]"
            )
        case _:
            raise IllegalQuery(f"could not resolve property: {name}")


def has_property(tables: Tables, source: Source, name: str) -> bool:
    """Tell whether rows have a property."""
    if name in _ALWAYS or _BY_COLUMN.get(name, "") in source.rows.c:
        return True
    return _find_field(tables, source.model_class, name) is not None


def find_column(source: Source | Pair, name: str) -> Value | None:
    """Find a column by its bare name, which HQL lets through: ``well_index``.

    PostgreSQL looks it up, whatever the case of its letters.
    """
    ours = _columns_on_server(source.rows).get(name.lower())
    return None if ours is None else Value(source.rows.c[ours], Special.UNKNOWN)


def find_word(name: str) -> Value | None:
    """Find a word that PostgreSQL puts the name of its user in the place of."""
    is_known = name.lower() in {"user", "current_user", "session_user"}
    return Value(literal("omero"), Special.UNKNOWN) if is_known else None


@cache
def _columns_on_server(rows: FromClause) -> dict[str, str]:
    """Map the names of columns on OMERO.server, in lower case, to ours.

    There a column is called like its property, that of a reference too.
    """
    in_details = {column for column, _ in DETAILS.values()}
    found = {}
    for column in rows.c:
        ours = column.key
        theirs = ours if ours in in_details else ours.removesuffix("_id")
        found[theirs.removesuffix("_unit") + "unit" * ours.endswith("_unit")] = ours
    return {name.lower(): ours for name, ours in found.items()}


def permissions_of(tables: Tables, source: Source) -> ColumnElement[int]:
    """Return the permissions of a row: but for groups, those of its group."""
    rows = source.rows
    if "permissions" in rows.c:
        return rows.c.permissions
    if "group_id" not in rows.c:
        return literal(_GLOBAL)
    groups = tables["ExperimenterGroup"].alias()
    own = select(groups.c.permissions).where(groups.c.id == rows.c.group_id)
    return own.correlate_except(groups).scalar_subquery()


def _into_row(tables: Tables, source: Source, name: str) -> Meaning:
    rows, model_class = source.rows, source.model_class
    match name:
        case "id":
            return Value(rows.c.id, Kind.LONG)
        case "class" if "discriminator" in rows.c:
            return ClassOf(source)
        case "details":
            return DetailsOf(source)
        case "version" if "version" in rows.c:
            return Value(rows.c.version, Kind.INT)
    field = _find_field(tables, model_class, name)
    if field is not None:
        return _into_field(tables, source, field)
    counted = _find_field(tables, model_class, name.removesuffix("CountPerOwner"))
    if counted is not None and counted.has_counts:
        return Counts(source, counted)
    raise IllegalQuery(
        f"could not resolve property: {name} of: {model_class.java_name}"
    )


def _into_field(tables: Tables, source: Source, field: Field) -> Meaning:
    if field.kind is Kind.COLLECTION:
        return Collection(source, field)
    if field.kind is Kind.MAP:
        return Pairs(source, field)
    column = source.rows.c[tables.column_name(field)]
    if field.kind is Kind.REFERENCE:
        target = tables.model[str(field.target)]
        return Reference(source, field.name, column, target)
    if field.kind is Kind.UNIT:
        unit = source.rows.c[tables.unit_name(field)]
        return UnitValue(source, field, column, unit)
    return Value(column, field.kind)


def _into_details(tables: Tables, source: Source, name: str) -> Meaning:
    model_class = source.model_class
    if name == "permissions":
        return PermissionsOf(source)
    if name not in details_of(model_class):
        raise IllegalQuery(
            f"could not resolve property: details.{name} of: {model_class.java_name}"
        )
    column, target = DETAILS[name]
    key = source.rows.c[column]
    return Reference(source, f"details.{name}", key, tables.model[target])


def _find_field(tables: Tables, model_class: ModelClass, name: str) -> Field | None:
    """Find a field of a class, or of one that extends it."""
    for one in tables.model.below(model_class):
        if name in one.fields:
            return one.fields[name]
    return None
