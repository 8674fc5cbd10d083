"""What a statement selects: where in a row of SQL each answer is found.

Positions count the columns of the row.  `shape` reads rows by these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from napari_omero_io.sandbox.schema.model import Field, ModelClass

    from .typed import ValueKind


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value."""

    position: int
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class ClassNamed:
    """The Java name of a row's class; the row holds the discriminator."""

    position: int


@dataclass(frozen=True, slots=True)
class Entity:
    """An object; the row holds its id.

    Attributes
    ----------
    is_element
        The query selects a collection: its elements are in the rows of a projection,
        but no answer where objects are asked for.
    is_proxy
        It is answered unloaded, unless the query loads it elsewhere.
    """

    position: int
    model_class: ModelClass
    is_element: bool = False
    is_proxy: bool = False


@dataclass(frozen=True, slots=True)
class WithUnit:
    """A value with its unit."""

    position: int
    unit_position: int
    unit_class: str


@dataclass(frozen=True, slots=True)
class Rights:
    """The permissions of an object, for the caller.

    Attributes
    ----------
    positions
        Of its id, and of its owner and group where the class has them; of a
        group its own permissions instead.
    """

    positions: tuple[int, ...]
    model_class: ModelClass


@dataclass(frozen=True, slots=True)
class Mapping:
    """``new map(…)``: named items."""

    items: tuple[tuple[str, Selected], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """``new list(…)``: items without names."""

    items: tuple[Selected, ...]


Selected: TypeAlias = (
    "Scalar | ClassNamed | Entity | WithUnit | Rights | Mapping | Listing"
)


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetch join.

    Attributes
    ----------
    parent, child
        Positions of the ids, of pairs of their places; `child` is None for counts
        of links.
    field
        The collection, the counted one, the map field; None for a reference.
    """

    parent: int
    parent_class: ModelClass
    child: int | None
    child_class: ModelClass | None  #: None for counts and pairs
    field: Field | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A query ready to run.

    Attributes
    ----------
    sql
        SQLite's text, with a question mark for each of `names`.
    names
        Of the values in order: ``p_x`` a parameter, ``l_x`` a list of it in JSON,
        others have their value in `fixed`.
    expected
        By parameter: the kind of what it is compared with.
    selects_several
        More than one item is selected; without a select clause that is everything in
        the from clause that is not fetched.
    is_paged_by_root
        A collection is fetched: offset and limit count what is selected, not rows.
    """

    text: str
    sql: str
    names: tuple[str, ...]
    fixed: dict[str, object]
    selected: tuple[Selected, ...]
    fetched: tuple[Fetched, ...]
    expected: dict[str, ValueKind]
    selects_several: bool
    is_paged_by_root: bool
