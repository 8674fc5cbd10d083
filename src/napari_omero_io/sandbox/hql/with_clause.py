"""What the condition of a join may look at: the rows that it joins, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import IllegalQuery

from . import tree
from .places import (
    ClassName,
    ClassOf,
    Collection,
    DetailsOf,
    Meaning,
    Pair,
    Reference,
    Source,
    UnitValue,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def check_condition(
    condition: tree.Expression,
    child: Source | Pair,
    resolve: Callable[[tree.Path], Meaning],
) -> None:
    """Refuse a condition behind ``with`` that looks beyond the joined rows.

    Raises
    ------
    IllegalQuery
        It names other rows, takes a further step, or has a statement within.
    """
    for node in tree.walk(condition):
        if isinstance(node, tree.Subquery | tree.Members):
            raise IllegalQuery(
                "with-clause referenced two different from-clause elements"
            )
        if not isinstance(node, tree.Path):
            continue
        place = resolve(node)
        if isinstance(place, Reference | Collection):
            raise IllegalQuery(
                "with clause can only reference columns in the driving table",
                str(node),
            )
        if not isinstance(place, ClassName) and not _is_of(place, child):
            raise IllegalQuery(
                "with-clause expressions did not reference from-clause element to "
                "which the with-clause was associated",
                str(node),
            )


def _is_of(place: Meaning, child: Source | Pair) -> bool:
    """Tell whether a place is in certain rows."""
    match place:
        case Value(sql, _):
            return getattr(sql, "table", None) is child.rows
        case Source() | Pair():
            return place is child
        case UnitValue(source=source) | ClassOf(source) | DetailsOf(source):
            return source is child
    return False
