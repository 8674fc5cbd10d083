"""Functions over collections: `size`, `index`, `elements` and their relatives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind

from .operands import Operands
from .places import Collection, Pair, Pairs, Source
from .typed import Typed

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

    from . import tree


class CollectionFunctions(Operands):
    """Compiles what is asked of collections and of their joined elements."""

    def _members(self, node: tree.Members) -> Typed:
        """Compile what an aggregate function takes: the joined elements."""
        place = self.place(node.place)
        if not self.joins_references or not isinstance(place, Collection):
            raise IllegalQuery(
                f"{node.word}(…) stands behind in, exists, all, any only"
            )
        return self.identity(self.scope.join_elements(place))

    def members(self, node: tree.Members) -> Select[Any]:
        """Select the elements of a collection, or their places."""
        place = self.place(node.place)
        if not isinstance(place, Collection):
            raise IllegalQuery(f"{node.word}(…) is asked of a collection")
        child, conditions = self.scope.open_place(place)
        column: ColumnElement[int] = child.rows.c.id
        if node.word == "indices":
            found = self.scope.find_index(child)
            if found is None:
                raise IllegalQuery(f"{place.field.name} is not ordered")
            column = found
        chosen = select(column).select_from(child.rows).where(*conditions)
        return chosen.correlate_except(child.rows)

    def _call_index(self, _node: tree.Call, argument: tree.Expression) -> Typed:
        place = self.place(argument)
        if isinstance(place, Source | Pair):
            index = self.scope.find_index(place)
            if index is not None:
                return Typed(index, Kind.INT)
        raise IllegalQuery("index(…) is asked of an element of an ordered collection")

    def _call_size(self, _node: tree.Call, argument: tree.Expression) -> Typed:
        place = self.place(argument)
        if not isinstance(place, Collection | Pairs):
            raise IllegalQuery("size(…) is asked of a collection")
        if self.joins_references:
            return self._aggregate_elements(place, func.count)
        return Typed(self._elements_of(place, func.count()), Kind.INT)

    def _call_minindex(self, node: tree.Call, argument: tree.Expression) -> Typed:
        return self._extreme_index(func.min, node, argument)

    def _call_maxindex(self, node: tree.Call, argument: tree.Expression) -> Typed:
        return self._extreme_index(func.max, node, argument)

    def _call_minelement(self, _node: tree.Call, argument: tree.Expression) -> Typed:
        return self._extreme_element(func.min, argument)

    def _call_maxelement(self, _node: tree.Call, argument: tree.Expression) -> Typed:
        return self._extreme_element(func.max, argument)

    def _extreme_element(self, extreme: Any, argument: tree.Expression) -> Typed:
        place = self.place(argument)
        if not isinstance(place, Collection):
            raise IllegalQuery("An element is asked of a collection")
        if self.joins_references:
            return replace(
                self._aggregate_elements(place, extreme, "id"), kind=Kind.LONG
            )
        return Typed(self._elements_of(place, extreme, "id"), Kind.LONG)

    def _extreme_index(
        self, extreme: Any, node: tree.Call, argument: tree.Expression
    ) -> Typed:
        place = self.place(argument)
        if not isinstance(place, Collection):
            self.has_aggregate = True
            return Typed(extreme(self._call_index(node, argument).sql), Kind.INT)
        if not place.field.is_ordered:
            raise IllegalQuery(f"{place.field.name} is not ordered")
        tables = self.scope.tables
        target = tables.model[str(place.field.target)]
        name = tables.index_name(target.fields[str(place.field.back)])
        if self.joins_references:
            return self._aggregate_elements(place, extreme, name)
        return Typed(self._elements_of(place, extreme, name), Kind.INT)

    def _aggregate_elements(
        self, place: Collection | Pairs, aggregate: Any, column: str | None = None
    ) -> Typed:
        """Join the elements of a collection: what Hibernate does to select a size."""
        self.has_aggregate = True
        rows = self.scope.join_members(place).rows
        first = next(iter(rows.c))  # never null
        return Typed(aggregate(first if column is None else rows.c[column]), Kind.INT)
