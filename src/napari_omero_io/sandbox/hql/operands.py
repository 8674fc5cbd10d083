"""Values in a query → SQL, within the names of one statement.

Conditions, and the whole, are in `expressions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import bindparam, case, func, literal, select
from sqlalchemy import tuple_ as row_of

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind

from . import tree
from .functions import AGGREGATES, calculate, call_function, cast_value, extract_part
from .places import (
    ClassName,
    ClassOf,
    Collection,
    Meaning,
    Pair,
    Pairs,
    Reference,
    Size,
    Source,
    UnitValue,
    Value,
)
from .text import write_part
from .typed import Special, Typed, first_known

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, Select

    from .resolve import Scope
    from .typed import ValueKind

#: Parameters are named apart from other values: one value, or a list of them.
SCALAR, LIST = "p_", "l_"


class Surroundings(Protocol):
    """What expressions need from the statement that they are part of."""

    def compile_subselect(
        self, query: tree.Query, outer: Scope
    ) -> tuple[Select[Any], list[Typed]]:
        """Compile a statement within this one; also return what it selects."""

    def guard(self, value: Value) -> Value:
        """Hide what the caller may not read of a column."""


class Operands:
    """Compiles values by the names of a scope.

    Attributes
    ----------
    has_aggregate
        An aggregate function was met.
    expected
        By parameter: the kind of what it is compared with.
    joins_references
        Whether a reference that stands for a value is joined, as it is anywhere in
        a select clause: rows that refer to nothing are left out.
    """

    def __init__(self, scope: Scope, surroundings: Surroundings) -> None:
        self.scope = scope
        self.surroundings = surroundings
        self.has_aggregate = False
        self.joins_references = False
        self.expected: dict[str, ValueKind] = {}

    def value(self, node: tree.Expression) -> Typed:
        """Compile an expression."""
        typed: Typed = getattr(self, f"_{type(node).__name__.lower()}")(node)
        return typed

    def condition(self, node: tree.Expression) -> ColumnElement[bool]:
        """Compile an expression that is true or false."""
        return self.value(node).sql

    def place(self, node: tree.Expression) -> Meaning | None:
        """Return what a dotted name stands for; None for other expressions."""
        if isinstance(node, tree.Path):
            return None if _is_now(node) else self.scope.resolve(node)
        if isinstance(node, tree.Indexed):
            return self._element(node)
        return None

    def identity(self, source: Source) -> Typed:
        """Return the id of a row."""
        return Typed(source.rows.c.id, Kind.LONG)

    # values

    def _path(self, node: tree.Path) -> Typed:
        if _is_now(node):
            return call_function("current_timestamp", [], of_distinct=False)
        return self._read(self.scope.resolve(node), node)

    def _indexed(self, node: tree.Indexed) -> Typed:
        if self.joins_references:
            raise IllegalQuery("An element of a list is not selected by its index")
        return self._read(self._element(node), node)

    def _read(self, place: Meaning, node: tree.Place) -> Typed:
        match place:
            case Value():
                guarded = self.surroundings.guard(place)
                return Typed(guarded.sql, guarded.kind)
            case Source():
                return self.identity(place)
            case Reference():
                if self.joins_references:
                    return self.identity(self.scope.join_implied(place))
                return Typed(place.key, Kind.LONG)
            case Size(collection):
                return Typed(self._elements_of(collection, func.count()), Kind.INT)
            case UnitValue():
                return Typed(place.value, Kind.DOUBLE)
            case ClassOf(source):
                return self._class_value(source)
            case ClassName(model_class):
                return Typed(literal(model_class.discriminator), Kind.STRING)
        raise IllegalQuery(f"{write_part(node)} is no value")

    def _class_value(self, source: Source) -> Typed:
        """Return what ``x.class`` stands for: a text, or a number."""
        family = self.scope.tables.model.below(source.model_class.root)
        numbers = {one.discriminator: one.number for one in family}
        if None in numbers.values():
            return Typed(stored_class(source), Kind.STRING)
        return Typed(case(numbers, value=stored_class(source)), Kind.INT)

    def _element(self, node: tree.Indexed) -> Meaning:
        place = self.place(node.base)
        if not isinstance(place, Collection) or not place.field.is_ordered:
            raise IllegalQuery("Only elements of an ordered collection have an index")
        found: Meaning = self.scope.join_element(place, self.value(node.index).sql)
        for name in node.rest:
            found = self.scope.step(found, name)
        return found

    def _literal(self, node: tree.Literal) -> Typed:
        match node.value:
            case bool():
                return Typed(literal(node.value), Kind.BOOL)
            case int():
                is_long = abs(node.value) > 0x7FFFFFFF
                kind = Kind.LONG if is_long or node.is_long else Kind.INT
                return Typed(literal(node.value), kind)
            case float():
                return Typed(literal(node.value), Kind.DOUBLE)
            case str():
                return Typed(literal(node.value), Kind.STRING)
        return Typed(literal(None), Special.UNKNOWN)

    def _parameter(self, node: tree.Parameter) -> Typed:
        return Typed(bound(SCALAR + node.name), Special.UNKNOWN)

    def _sign(self, node: tree.Sign) -> Typed:
        value = self.value(node.operand)
        return Typed(-value.sql, value.kind) if node.sign == "-" else value

    def _arithmetic(self, node: tree.Arithmetic) -> Typed:
        left, right = self.value(node.left), self.value(node.right)
        if node.operator != "||":
            self.expect(right, node.left)
            self.expect(left, node.right)
        return calculate(node.operator, left, right)

    def expect(self, other: Typed, *nodes: tree.Expression) -> None:
        """Note of parameters which kind of value they stand beside."""
        for node in nodes:
            if isinstance(node, tree.Parameter) and isinstance(other.kind, Kind):
                self.expected.setdefault(node.name, other.kind)

    def _cast(self, node: tree.Cast) -> Typed:
        return cast_value(self.value(node.operand), node.type_name)

    def _extract(self, node: tree.Extract) -> Typed:
        return extract_part(self.value(node.operand), node.part)

    def _case(self, node: tree.Case) -> Typed:
        results = [self.value(when.result) for when in node.whens]
        otherwise = None if node.otherwise is None else self.value(node.otherwise)
        kinds = [result.kind for result in results]
        conditions = [self.condition(when.condition) for when in node.whens]
        if node.operand is not None:
            operand = self.value(node.operand).sql
            conditions = [operand == condition for condition in conditions]
        if otherwise is not None:
            kinds.append(otherwise.kind)
        sql = case(
            *zip(conditions, (result.sql for result in results), strict=True),
            else_=None if otherwise is None else otherwise.sql,
        )
        return Typed(sql, first_known(*kinds))

    def _subquery(self, node: tree.Subquery) -> Typed:
        statement, selected = self._subselect(node.query)
        if len(selected) != 1:
            raise IllegalQuery("A sub-select that is a value selects one")
        return Typed(statement.scalar_subquery(), selected[0].kind)

    def _subselect(self, query: tree.Query) -> tuple[Select[Any], list[Typed]]:
        return self.surroundings.compile_subselect(query, self.scope)

    def _star(self, _node: tree.Star) -> Typed:
        raise IllegalQuery("* stands in count(*) only")

    def _tuple(self, node: tree.Tuple) -> Typed:
        items = [self.value(item).sql for item in node.items]
        return Typed(row_of(*items), Special.UNKNOWN)

    def _newmap(self, _node: tree.NewMap) -> Typed:
        raise IllegalQuery("new map(…) stands in the select clause only")

    # functions

    def _call(self, node: tree.Call) -> Typed:
        if node.name in AGGREGATES:
            self.has_aggregate = True
        special = getattr(self, f"_call_{node.name}", None)
        if special is not None and len(node.arguments) == 1:
            found: Typed = special(node, node.arguments[0])
            return found
        if node.name in AGGREGATES and isinstance(
            self.place(node.arguments[0]), UnitValue
        ):
            raise IllegalQuery(f"{node.name} takes no value with a unit, but .value")
        arguments = [self.value(argument) for argument in node.arguments]
        return call_function(node.name, arguments, of_distinct=node.distinct)

    def _call_count(self, node: tree.Call, argument: tree.Expression) -> Typed:
        if isinstance(argument, tree.Star):
            return Typed(func.count(), Kind.LONG)
        if isinstance(self.place(argument), UnitValue):
            raise IllegalQuery("count takes no value with a unit, but .value")
        counted = self.value(argument)
        return call_function("count", [counted], of_distinct=node.distinct)

    def _call_type(self, _node: tree.Call, argument: tree.Expression) -> Typed:
        place = self.place(argument)
        if isinstance(place, Reference):
            place = self.scope.join_implied(place)
        source = place.source if isinstance(place, ClassOf) else place
        if not isinstance(source, Source):
            raise IllegalQuery("type(…) is asked of an object")
        return Typed(stored_class(source), Special.CLASS)

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

    def _elements_of(
        self, place: Collection | Pairs, what: Any, column: str | None = None
    ) -> ColumnElement[Any]:
        """Select something over the elements of a collection."""
        child, conditions = self.scope.open_place(place)
        chosen = what if column is None else what(child.rows.c[column])
        return (
            select(chosen)
            .select_from(child.rows)
            .where(*conditions)
            .correlate_except(child.rows)
            .scalar_subquery()
        )


def stored_class(source: Source) -> ColumnElement[str]:
    """Return what tells the class of a row."""
    column = source.rows.c.get("discriminator")
    return literal(source.model_class.discriminator) if column is None else column


def _is_now(node: tree.Path) -> bool:
    """Tell whether a name is the function that needs no parentheses."""
    return str(node).lower() == "current_timestamp"


def bound(name: str) -> BindParameter[Any]:
    """Return the place of a value that comes when the statement runs."""
    return bindparam(name, None, required=False)
