"""What a name in a query may stand for, once it was looked up.

Values only: `resolve` makes them, `compile` turns them into SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from napari_omero_io.sandbox.schema.model import Field, ModelClass

    from .typed import ValueKind


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """The rows of a class that a statement goes through, under one alias.

    Attributes
    ----------
    rows
        An alias of the class's table.
    model_class
        What is known of the rows' class before they are read.
    is_root
        Named in the from clause itself, not reached by a join.
    is_referred
        Reached by a join along a reference.
    """

    rows: FromClause
    model_class: ModelClass
    is_root: bool = False
    is_referred: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A reference that needs no join: the key of the row it leads to.

    Attributes
    ----------
    name
        As the query names it, below its source: ``fileset``, ``details.owner``.
    """

    source: Source
    name: str
    key: ColumnElement[Any]
    target: ModelClass


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """One column."""

    sql: ColumnElement[Any]
    kind: ValueKind


@dataclass(frozen=True, slots=True, eq=False)
class UnitValue:
    """A value with a unit: two columns."""

    source: Source
    field: Field
    value: ColumnElement[Any]
    unit: ColumnElement[Any]


@dataclass(frozen=True, slots=True, eq=False)
class DetailsOf:
    """The details of a row, a component without columns of its own."""

    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class PermissionsOf:
    """The permissions of a row."""

    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class ClassOf:
    """The class of a row, as it is stored."""

    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class ClassName:
    """A class that the query names."""

    model_class: ModelClass


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """A collection of a row."""

    source: Source
    field: Field


@dataclass(frozen=True, slots=True, eq=False)
class Size:
    """The number of elements of a collection, written as its property."""

    collection: Collection


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """A map field of a row, not joined."""

    source: Source
    field: Field


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A joined row of a map field: ``name`` and ``value``."""

    rows: FromClause
    field: Field


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """``annotationLinksCountPerOwner``: how many links each user has made."""

    source: Source
    field: Field


@dataclass(frozen=True, slots=True)
class Fetch:
    """A join whose rows are to be loaded.

    Attributes
    ----------
    child
        The joined rows, of objects or of pairs; None for counts of links.
    field
        The collection, the counted one, the map field; None for a reference.
    """

    parent: Source
    child: Source | Pair | None
    field: Field | None


Meaning: TypeAlias = (
    Source
    | Reference
    | Value
    | UnitValue
    | DetailsOf
    | PermissionsOf
    | ClassOf
    | ClassName
    | Collection
    | Size
    | Pairs
    | Pair
    | Counts
)
