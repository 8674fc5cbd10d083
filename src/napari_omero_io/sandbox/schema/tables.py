"""The model as SQLAlchemy tables: one for each hierarchy, with a discriminator.

Columns keep the spelling of the model's fields, so that nothing has to be translated:

====================  ==========================================================
field                 columns
====================  ==========================================================
``name``              ``name``
reference ``image``   ``image_id``; when the row has a place in an ordered
                      collection also ``image_index``
unit ``deltaT``       ``deltaT`` and ``deltaT_unit``, the enumerator's name
map ``config``        none; rows (`parent_id`, `index`, `name`, `value`) in the
                      table ``Experimenter_config``, see `Tables.pairs`
time                  milliseconds since 1970 UTC
details               ``owner_id``, ``group_id``, ``creation_id``, ``update_id``,
                      ``external_id`` as far as the class has them
permissions           ``permissions`` (perm1) of ExperimenterGroup only; other
                      objects have those of their group
version               ``version``, on classes that may change
hierarchies           ``discriminator``: `ModelClass.discriminator`
====================  ==========================================================

A column of a class that extends another is named ``Laser_type_id`` where its plain
name is taken: by another class of the hierarchy with another type, or by details.
`Tables.column` answers for every field.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from .model import Kind
from .numbers import Double

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.types import TypeEngine

    from .model import Field, Model, ModelClass

_TYPES: dict[Kind, TypeEngine[Any]] = {
    Kind.STRING: Text(),
    Kind.INT: Integer(),
    Kind.LONG: BigInteger(),
    Kind.DOUBLE: Double(),
    Kind.BOOL: Boolean(),
    Kind.TIME: BigInteger(),
    Kind.BYTES: LargeBinary(),
    Kind.STRINGS: JSON(none_as_null=True),
    Kind.UNIT: Double(),
    Kind.REFERENCE: Integer(),
}

#: Members of details that refer to a row: their column and the class of the row.
DETAILS = {
    "owner": ("owner_id", "Experimenter"),
    "group": ("group_id", "ExperimenterGroup"),
    "creationEvent": ("creation_id", "Event"),
    "updateEvent": ("update_id", "Event"),
    "externalInfo": ("external_id", "ExternalInfo"),
}
_RESERVED = frozenset(
    {"id", "version", "permissions", "discriminator"}
    | {column for column, _ in DETAILS.values()}
)
#: An index on these would only cost: nobody asks for the rows of an event, and one on
#: the group, which is in every condition, would draw SQLite away from better ones.
_UNINDEXED = frozenset({"group_id", "creation_id", "update_id", "external_id"})


def details_of(model_class: ModelClass) -> tuple[str, ...]:
    """Return the members of `DETAILS` that rows of a class have."""
    if model_class.is_global:
        return ("externalInfo",)
    if model_class.is_immutable:
        return ("owner", "group", "creationEvent", "externalInfo")
    return tuple(DETAILS)


class Tables:
    """The tables of a model, and where to find a field in them."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.metadata = MetaData()
        self._names: dict[tuple[str, str], str] = {}
        self._pairs: dict[tuple[str, str], Table] = {}
        self._tables: dict[str, Table] = {}
        for one in model.classes.values():
            if one.root is one:
                table = self._build_table(one)
                for below in model.below(one):
                    self._tables[below.name] = table
        self.sequence = Table(
            "sequence",
            self.metadata,
            Column("name", Text, primary_key=True),
            Column("next", Integer, nullable=False),
        )
        self.password = Table(
            "password",
            self.metadata,
            Column("experimenter_id", ForeignKey("Experimenter.id"), primary_key=True),
            Column("hash", Text),
        )

    def __getitem__(self, class_name: str) -> Table:
        return self._tables[class_name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def column_name(self, field: Field) -> str:
        """Return the name of the column that holds a field; of a unit, its value."""
        return self._names[field.owner, field.name]

    def column(self, class_name: str, field_name: str) -> Column[Any]:
        """Return the column that holds a field; of a unit, its value."""
        field = self.model[class_name].fields[field_name]
        return self._tables[class_name].c[self.column_name(field)]

    def index_name(self, reference: Field) -> str:
        """Return the name of the column with the place in an ordered collection."""
        return self.column_name(reference).removesuffix("_id") + "_index"

    def unit_name(self, field: Field) -> str:
        """Return the name of the column with a unit's enumerator."""
        return self.column_name(field) + "_unit"

    def pairs(self, field: Field) -> Table:
        """Return the table with the pairs of a map field."""
        return self._pairs[field.owner, field.name]

    def _build_table(self, root: ModelClass) -> Table:
        family = self.model.below(root)
        columns: dict[str, Column[Any]] = {
            "id": Column("id", Integer, primary_key=True)
        }
        if len(family) > 1:
            columns["discriminator"] = Column("discriminator", Text, nullable=False)
        if not root.is_immutable:
            columns["version"] = Column("version", Integer)
        for member in details_of(root):
            name, target = DETAILS[member]
            columns[name] = _reference_column(name, target, member != "externalInfo")
        if root.name == "ExperimenterGroup":
            columns["permissions"] = Column("permissions", BigInteger, nullable=False)
        taken = _RESERVED | _ambiguous_names(family)
        for one in family:
            for field in _own_fields(one):
                self._add_field(columns, taken, one, field)
        table = Table(root.name, self.metadata, *columns.values())
        self._constrain(table, family)
        return table

    def _add_field(
        self,
        columns: dict[str, Column[Any]],
        taken: frozenset[str],
        owner: ModelClass,
        field: Field,
    ) -> None:
        if field.kind is Kind.MAP:
            self._pairs[owner.name, field.name] = self._build_pairs(owner, field)
            return
        name = _plain_name(field)
        if name in taken:
            name = f"{owner.name}_{name}"
        self._names[owner.name, field.name] = name
        if name in columns:
            return
        is_required = field.is_required and not owner.ancestors
        if field.kind is Kind.REFERENCE:
            assert field.target is not None
            root = self.model[field.target].root.name
            columns[name] = _reference_column(name, root, is_required)
            if field.is_ordered:
                place = self.index_name(field)
                columns[place] = Column(place, Integer, nullable=not is_required)
            return
        columns[name] = Column(name, _TYPES[field.kind], nullable=not is_required)
        if field.kind is Kind.UNIT:
            columns[f"{name}_unit"] = Column(f"{name}_unit", Text)

    def _build_pairs(self, owner: ModelClass, field: Field) -> Table:
        name = f"{owner.name}_{field.name}"
        return Table(
            name,
            self.metadata,
            Column(
                "parent_id",
                ForeignKey(
                    f"{owner.root.name}.id", deferrable=True, initially="DEFERRED"
                ),
                primary_key=True,
            ),
            Column("index", Integer, primary_key=True),
            Column("name", Text),
            Column("value", Text),
            Index(f"ix_{name}_pair", "name", "value"),
            sqlite_with_rowid=False,
        )

    def _constrain(self, table: Table, family: tuple[ModelClass, ...]) -> None:
        """Add uniqueness, and an index for every reference that one looks up."""
        leading = set()
        for group in family[0].unique:
            columns = [self._unique_column(family[0], part) for part in group]
            table.append_constraint(UniqueConstraint(*columns))
            leading.add(columns[0])
        for column in list(table.c):
            if not column.foreign_keys or column.name in _UNINDEXED | leading:
                continue
            (key,) = column.foreign_keys
            target = key.target_fullname.removesuffix(".id")
            if self.model[target].is_enum:
                continue
            place = column.name.removesuffix("_id") + "_index"
            more = (place,) if place in table.c else ()
            Index(f"ix_{table.name}_{column.name}", table.c[column.name], *more)

    def _unique_column(self, one: ModelClass, part: str) -> str:
        if part.startswith("details."):
            return DETAILS[part.removeprefix("details.")][0]
        return self.column_name(one.fields[part])


@cache
def build_tables(model: Model) -> Tables:
    """Derive the tables of a model; the second call is free."""
    return Tables(model)


def _own_fields(one: ModelClass) -> Iterator[Field]:
    """Go through the fields with columns that a class adds to its parent's."""
    for field in one.fields.values():
        if field.owner == one.name and field.kind is not Kind.COLLECTION:
            yield field


def _plain_name(field: Field) -> str:
    return field.name + ("_id" if field.kind is Kind.REFERENCE else "")


def _ambiguous_names(family: tuple[ModelClass, ...]) -> frozenset[str]:
    """Find the names that mean different things to classes of one table."""
    meanings: dict[str, set[tuple[Kind, str | None]]] = {}
    for one in family:
        for field in _own_fields(one):
            meaning = (field.kind, field.target)
            meanings.setdefault(_plain_name(field), set()).add(meaning)
    return frozenset(name for name, several in meanings.items() if len(several) > 1)


def _reference_column(name: str, target: str, is_required: bool) -> Column[Any]:
    # deferred: a graph is inserted and deleted in any order
    key = ForeignKey(f"{target}.id", deferrable=True, initially="DEFERRED")
    return Column(name, Integer, key, nullable=not is_required)
