"""What an incoming object becomes in its row, and which values are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.schema.model import Kind

from .incoming import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_omero_io.sandbox.schema.model import Field
    from napari_omero_io.sandbox.schema.tables import Tables

    from .incoming import Node

#: What the database fills in where a client sends nothing.
_DEFAULTS = {
    ("Image", "series"): 0,
    ("OriginalFile", "mimetype"): "application/octet-stream",
}

#: Fields in columns of limited length; longer descriptions, texts and paths are free.
_SHORT = frozenset(
    {
        "Annotation.ns",
        "Dataset.name",
        "Experimenter.email",
        "Experimenter.firstName",
        "Experimenter.institution",
        "Experimenter.lastName",
        "Experimenter.omeName",
        "ExperimenterGroup.name",
        "Image.name",
        "LogicalChannel.name",
        "Namespace.name",
        "OriginalFile.hash",
        "OriginalFile.mimetype",
        "OriginalFile.name",
        "Plate.name",
        "Project.name",
        "Screen.name",
        "Shape.fontFamily",
        "Shape.strokeDashArray",
    }
)
_LONGEST = 255


def fill_defaults(node: Node) -> None:
    """Put values where OMERO's database has defaults."""
    for (class_name, field), value in _DEFAULTS.items():
        if node.model_class.name == class_name and node.values[field] is None:
            node.values[field] = value


def check_values(node: Node) -> None:
    """Refuse what may not be stored.

    Raises
    ------
    Invalid
        A required field is null, or a text too long.
    ApiUsage
        A number is out of its bounds.
    """
    for field in node.model_class.fields.values():
        if field.kind is Kind.COLLECTION:
            continue
        is_reference = field.kind is Kind.REFERENCE
        value: Any = (node.references if is_reference else node.values)[field.name]
        if value is None:
            if field.is_required and not _stays_in_list(node, field):
                raise Invalid(
                    "not-null property references a null or transient value: "
                    f"{node.model_class.java_name}.{field.name}"
                )
        elif f"{field.owner}.{field.name}" in _SHORT:
            if len(value) > _LONGEST:
                raise Invalid(
                    f"value too long for type character varying({_LONGEST}): "
                    f"{node.model_class.java_name}.{field.name}"
                )
        elif field.range is not None:
            number = value[0] if field.kind is Kind.UNIT else value
            if not field.range.holds(number):
                raise ApiUsage(
                    f"{node.model_class.name}.{field.name} may not be {number}."
                )


def columns_of(tables: Tables, node: Node) -> dict[str, Any]:
    """Return the columns that an object's fields fill, but for its details."""
    columns: dict[str, Any] = {}
    for field in node.model_class.fields.values():
        if field.kind in (Kind.COLLECTION, Kind.MAP) or _stays_in_list(node, field):
            continue
        if field.kind is Kind.REFERENCE:
            columns.update(_reference_columns(tables, node, field))
        elif field.kind is Kind.UNIT:
            value, unit = node.values[field.name] or (None, None)
            columns[tables.column_name(field)] = value
            columns[tables.unit_name(field)] = unit
        else:
            columns[tables.column_name(field)] = node.values[field.name]
    return columns


def membership_columns(tables: Tables, node: Node) -> dict[str, Any]:
    """Return the columns that say which lists an object is in, and where."""
    columns: dict[str, Any] = {}
    for name in node.places:
        field = node.model_class.fields[name]
        columns.update(_reference_columns(tables, node, field))
    return columns


def changed(columns: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns whose values differ from a row's."""
    return {name: value for name, value in columns.items() if _differ(value, row[name])}


def _differ(one: Any, other: Any) -> bool:
    """Tell whether two values differ; NaN, which differs from itself, does not."""
    both_nan = one != one and other != other
    return bool(one != other) and not both_nan


def _stays_in_list(node: Node, field: Field) -> bool:
    """Tell whether an object that is there was sent without the parent of its list.

    The parent's list owns the reference, and Hibernate neither checks nor writes it
    with the child: the child stays where it is.  OMERO.iviewer saves shapes so.
    """
    return (
        field.kind is Kind.REFERENCE
        and field.is_ordered
        and node.state is State.LOADED
        and node.references[field.name] is None
    )


def _reference_columns(tables: Tables, node: Node, field: Field) -> dict[str, Any]:
    target = node.references[field.name]
    columns: dict[str, Any] = {
        tables.column_name(field): None if target is None else target.id
    }
    if field.name in node.places:
        columns[tables.index_name(field)] = node.places[field.name]
    return columns
