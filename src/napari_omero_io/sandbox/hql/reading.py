"""How the rows of each table become objects, worked out once for each class.

Objects are made without their constructors: these warn of deprecated classes, build
lists that are thrown away at once, and take most of the time of a large answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import omero.model

from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.schema.tables import DETAILS, details_of
from napari_omero_io.sandbox.wire.values import BOXERS, make_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_omero_io.sandbox.schema.model import Field, ModelClass
    from napari_omero_io.sandbox.schema.tables import Tables

    Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class ReferenceReader:
    """Where a row keeps a reference.

    Attributes
    ----------
    attribute
        Of the object, or of its details.
    root
        The table it leads to.
    is_eager
        The target's class is abstract: which one it is tells only its row, so it
        is always loaded.
    """

    attribute: str
    position: int
    root: str
    target: ModelClass
    is_eager: bool


@dataclass(frozen=True, slots=True)
class ClassReader:
    """How rows become objects of one class.

    Attributes
    ----------
    template
        Members that are equal in all objects as they are read.
    simple
        Member, position in the row, function that boxes the value.
    maps
        Map fields, with the tables of their pairs.
    places
        By the name of an indexed reference: position of the place.
    """

    model_class: ModelClass
    python_class: Any
    template: dict[str, Any]
    simple: tuple[tuple[str, int, Callable[[Any], Any]], ...]
    units: tuple[tuple[str, int, int, str], ...]
    references: tuple[ReferenceReader, ...]
    details: tuple[ReferenceReader, ...]
    maps: tuple[Field, ...]
    places: dict[str, int]

    def make(self, row: Row) -> Any:
        """Make the object of a row; its references are set later."""
        made = self.python_class.__new__(self.python_class)
        members = made.__dict__
        members.update(self.template)
        for attribute, position, box in self.simple:
            value = row[position]
            members[attribute] = None if value is None else box(value)
        for attribute, position, unit_position, unit_class in self.units:
            value = row[position]
            members[attribute] = (
                None
                if value is None
                else make_unit(unit_class, value, row[unit_position])
            )
        return made


@dataclass(frozen=True, slots=True)
class TableReader:
    """How to read one table.

    Attributes
    ----------
    sql
        Selects whole rows; one parameter, a JSON list of ids.
    positions
        Of columns by name.
    classes
        By discriminator; a table without one has a single class under None.
    """

    root: ModelClass
    sql: str
    positions: dict[str, int]
    classes: dict[str | None, ClassReader]

    def class_of(self, row: Row) -> ClassReader:
        """Return the reader of a row's class."""
        position = self.positions.get("discriminator")
        return self.classes[None if position is None else row[position]]


@cache
def reader_of(tables: Tables, root: str) -> TableReader:
    """Work out how to read a table."""
    table, model = tables[root], tables.model
    positions = {column.name: place for place, column in enumerate(table.c)}
    names = ", ".join(f'"{name}"' for name in positions)
    several = "discriminator" in positions
    classes = {
        one.discriminator if several else None: _read_class(tables, one, positions)
        for one in model.concrete(model[root])
    }
    sql = (
        f'SELECT {names} FROM "{table.name}" '
        "WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
    )
    return TableReader(model[root], sql, positions, classes)


@cache
def python_class_of(class_name: str) -> Any:
    """Return the implementation of a class of the model."""
    return getattr(omero.model, class_name + "I")


@cache
def unloaded_members(class_name: str) -> dict[str, Any]:
    """Return the members of an object of which nothing is known, not even its id."""
    python_class = python_class_of(class_name)
    made = python_class.__new__(python_class)
    getattr(omero.model, class_name).__init__(made)
    return dict(vars(made))


def _read_class(
    tables: Tables, one: ModelClass, positions: dict[str, int]
) -> ClassReader:
    model = tables.model
    simple = [("_id", positions["id"], BOXERS[Kind.LONG])]
    if "version" in positions:
        simple.append(("_version", positions["version"], BOXERS[Kind.INT]))
    units, references, maps, places = [], [], [], {}
    for field in one.fields.values():
        if field.kind is Kind.COLLECTION:
            continue
        if field.kind is Kind.MAP:
            maps.append(field)
            continue
        position = positions[tables.column_name(field)]
        attribute = f"_{field.name}"
        if field.kind is Kind.REFERENCE:
            target = model[str(field.target)]
            references.append(_reference(attribute, position, target))
            if field.is_ordered:
                places[field.name] = positions[tables.index_name(field)]
        elif field.kind is Kind.UNIT:
            unit = positions[tables.unit_name(field)]
            units.append((attribute, position, unit, str(field.target)))
        else:
            simple.append((attribute, position, BOXERS[field.kind]))
    details = [
        _reference(f"_{member}", positions[column], model[target])
        for member, (column, target) in DETAILS.items()
        if member in details_of(one)
    ]
    return ClassReader(
        model_class=one,
        python_class=python_class_of(one.name),
        template={**unloaded_members(one.name), "_loaded": True},
        simple=tuple(simple),
        units=tuple(units),
        references=tuple(references),
        details=tuple(details),
        maps=tuple(maps),
        places=places,
    )


def _reference(attribute: str, position: int, target: ModelClass) -> ReferenceReader:
    root = target.root.name
    return ReferenceReader(attribute, position, root, target, target.is_abstract)
