"""The order in which Hibernate writes joins, which PostgreSQL cannot always read.

A join that a dotted name in the select clause implies is written behind the rows that
the name starts at: one more table behind a comma, its condition in the where clause::

    select l.child.ns from Image i join i.annotationLinks l join i.pixels p
    → from image i join links l on …, annotation a join pixels p on p.image = i.id

Behind the comma ``i`` is out of reach, so that OMERO.server refuses this query.  Joins
that other clauses imply are written at the end, where they harm nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import IllegalQuery

if TYPE_CHECKING:
    from .places import Pair, Source


@dataclass(slots=True)
class JoinOrder:
    """The joins of one statement as a tree, in the order of their making."""

    _roots: list[Source | Pair] = field(default_factory=list)
    _joins: dict[Source | Pair, list[tuple[Source | Pair, bool]]] = field(
        default_factory=dict
    )

    def add_root(self, source: Source | Pair) -> None:
        """Note rows that stand behind a comma of their own."""
        self._roots.append(source)

    def add(self, parent: Source, child: Source | Pair, *, is_implied: bool) -> None:
        """Note a join."""
        self._joins.setdefault(parent, []).append((child, is_implied))

    def check(self) -> None:
        """Refuse a join behind a comma that belongs to rows before it.

        Raises
        ------
        IllegalQuery
            There is such a join.
        """
        for root in self._roots:
            self._visit(root, {root})

    def _visit(
        self, parent: Source | Pair, reachable: set[Source | Pair]
    ) -> set[Source | Pair]:
        """Go through the joins in writing order; return what is within reach then."""
        for child, is_implied in self._joins.get(parent, ()):
            if is_implied:
                reachable = {child}
            elif parent in reachable:
                reachable = {*reachable, child}
            else:
                raise IllegalQuery(
                    "invalid reference to FROM-clause entry: a join is implied before "
                    "the last of the joins that are written; write it out, too"
                )
            reachable = self._visit(child, reachable)
        return reachable
