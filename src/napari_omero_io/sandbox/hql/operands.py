"""Values in a query → SQL, within the names of one statement.

Conditions, and the whole, are in `expressions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import bindparam, case, func, literal, null, select
from sqlalchemy import tuple_ as row_of

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind

from . import tree
from .functions import (
    AGGREGATES,
    BARE_FUNCTIONS,
    calculate,
    call_function,
    cast_value,
    concatenate,
    extract_part,
    trim_text,
)
from .places import (
    ClassName,
    ClassOf,
    Collection,
    Meaning,
    Pairs,
    PermissionsOf,
    Reference,
    Size,
    Source,
    UnitValue,
    Value,
)
from .strictness import Family, check_alike, check_argument, check_operator
from .text import write_part
from .typed import Special, Typed

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, Select

    from napari_omero_io.sandbox.schema.model import ModelClass

    from .resolve import Scope
    from .typed import ValueKind

#: What is true or false.  Hibernate takes nothing else for a condition, and none of
#: these for a value.
CONDITIONS = (
    tree.Compare,
    tree.Not,
    tree.Junction,
    tree.IsNull,
    tree.IsEmpty,
    tree.Like,
    tree.Between,
    tree.In,
    tree.MemberOf,
    tree.Exists,
)
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
    takes_aggregates
        Whether aggregate functions may stand here: not in a where clause.
    """

    def __init__(self, scope: Scope, surroundings: Surroundings) -> None:
        self.scope = scope
        self.surroundings = surroundings
        self.has_aggregate = False
        self.joins_references = False
        self.takes_aggregates = True
        self.expected: dict[str, ValueKind] = {}
        self._elements: dict[tree.Indexed, Meaning] = {}

    def value(self, node: tree.Expression) -> Typed:
        """Compile an expression that has a value."""
        if isinstance(node, CONDITIONS):
            raise IllegalQuery(f"unexpected AST node: {write_part(node)}")
        return self._compile(node)

    def condition(self, node: tree.Expression) -> ColumnElement[bool]:
        """Compile an expression that is true or false."""
        if not isinstance(node, CONDITIONS):
            raise IllegalQuery(f"unexpected AST node: {write_part(node)}")
        return self._compile(node).sql

    def _compile(self, node: tree.Expression) -> Typed:
        typed: Typed = getattr(self, f"_{type(node).__name__.lower()}")(node)
        return typed

    def place(self, node: tree.Expression) -> Meaning | None:
        """Return what a dotted name stands for; None for other expressions."""
        if isinstance(node, tree.Path):
            return None if _is_function(node) else self.scope.resolve(node)
        if isinstance(node, tree.Indexed):
            return self._element(node)
        return None

    def identity(self, source: Source) -> Typed:
        """Return the id of a row."""
        return Typed(source.rows.c.id, Kind.LONG)

    # values

    def _path(self, node: tree.Path) -> Typed:
        if _is_function(node):
            return call_function(str(node).lower(), [], of_distinct=False)
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
            case ClassName(model_class) if self._is_one_of_several(model_class):
                return Typed(literal(model_class.discriminator), Kind.STRING)
            case PermissionsOf(source):
                return Typed(self.scope.permissions(source), Kind.LONG)
        raise IllegalQuery(f"{write_part(node)} is no value")

    def _is_one_of_several(self, model_class: ModelClass) -> bool:
        return "discriminator" in self.scope.tables[model_class.name].c

    def _class_value(self, source: Source) -> Typed:
        """Return what ``x.class`` stands for: a text, or a number."""
        family = self.scope.tables.model.below(source.model_class.root)
        numbers = {one.discriminator: one.number for one in family}
        if None in numbers.values():
            return Typed(stored_class(source), Kind.STRING)
        return Typed(case(numbers, value=stored_class(source)), Kind.INT)

    def _element(self, node: tree.Indexed) -> Meaning:
        """Join an element of a list, once wherever it is named."""
        if node not in self._elements:
            self._elements[node] = self._join_element(node)
        return self._elements[node]

    def _join_element(self, node: tree.Indexed) -> Meaning:
        place = self.place(node.base)
        if not isinstance(place, Collection) or not place.field.is_ordered:
            raise IllegalQuery("Only elements of an ordered collection have an index")
        found: Meaning = self.scope.join_element(place, self.value(node.index).sql)
        for name in node.rest:
            found = self.scope.step(found, name)
        return found

    def _literal(self, node: tree.Literal) -> Typed:
        value = node.value
        if value is None:
            return Typed(null(), Special.UNKNOWN)
        kinds = {bool: Kind.BOOL, int: Kind.INT, float: Kind.DOUBLE, str: Kind.STRING}
        kind: ValueKind = Kind.LONG if node.is_long else kinds[type(value)]
        if node.is_float:
            kind = Special.FLOAT
        return Typed(literal(value), kind, value)

    def _parameter(self, node: tree.Parameter) -> Typed:
        return Typed(bound(SCALAR + node.name), Special.UNKNOWN)

    def _sign(self, node: tree.Sign) -> Typed:
        if node.sign == "+":
            raise IllegalQuery(f"unexpected AST node: {write_part(node)}")
        value = self.value(node.operand)
        check_argument("-", value, Family.NUMBER)
        is_number = isinstance(value.written, int | float)
        return Typed(-value.sql, value.kind, -value.written if is_number else None)  # type: ignore[operator]

    def _arithmetic(self, node: tree.Arithmetic) -> Typed:
        left, right = self.value(node.left), self.value(node.right)
        if node.operator == "||":
            return concatenate([left, right])
        for one in (node.left, node.right):
            if isinstance(self.place(one), UnitValue):
                raise IllegalQuery("operator does not exist for a value with a unit")
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

    def _trim(self, node: tree.Trim) -> Typed:
        character = None if node.character is None else self.value(node.character)
        return trim_text(node.side, self.value(node.operand), character)

    def _case(self, node: tree.Case) -> Typed:
        results = [self.value(when.result) for when in node.whens]
        if node.operand is None:
            conditions = [self.condition(when.condition) for when in node.whens]
        else:
            operand = self.value(node.operand)
            values = [self.value(when.condition) for when in node.whens]
            for value in values:
                check_operator("=", operand, value)
            conditions = [operand.sql == value.sql for value in values]
        if results[0].kind is Special.UNKNOWN:
            raise IllegalQuery("Could not determine data type for case")
        otherwise = None if node.otherwise is None else self.value(node.otherwise)
        check_alike("CASE", [*results, *filter(None, [otherwise])])
        sql = case(
            *zip(conditions, (result.sql for result in results), strict=True),
            else_=None if otherwise is None else otherwise.sql,
        )
        return Typed(sql, results[0].kind)

    def _subquery(self, node: tree.Subquery) -> Typed:
        statement, selected = self._subselect(node.query)
        if len(selected) != 1:
            raise IllegalQuery("A sub-select that is a value selects one")
        if not _has_one_row(node.query):
            rows = statement.subquery()
            statement = select(func.only_row(rows.c[0]))
        return Typed(statement.scalar_subquery(), selected[0].kind)

    def _subselect(self, query: tree.Query) -> tuple[Select[Any], list[Typed]]:
        return self.surroundings.compile_subselect(query, self.scope)

    def _star(self, _node: tree.Star) -> Typed:
        raise IllegalQuery("* stands in count(*) only")

    def _tuple(self, node: tree.Tuple) -> Typed:
        items = [self.value(item).sql for item in node.items]
        return Typed(row_of(*items), Special.UNKNOWN)

    def _newmap(self, _node: tree.NewMap | tree.NewList) -> Typed:
        raise IllegalQuery("new … stands in the select clause only")

    _newlist = _newmap

    # functions

    def _call(self, node: tree.Call) -> Typed:
        if node.name in AGGREGATES:
            self._take_aggregate(node)
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

    def _take_aggregate(self, node: tree.Call) -> None:
        if not self.takes_aggregates:
            raise IllegalQuery("aggregate functions are not allowed in WHERE")
        if isinstance(node.arguments[0], tree.Subquery):
            raise IllegalQuery("unexpected AST node: query")
        self.has_aggregate = True

    def _call_count(self, node: tree.Call, argument: tree.Expression) -> Typed:
        if isinstance(argument, tree.Star):
            return Typed(func.count(), Kind.LONG)
        if isinstance(self.place(argument), UnitValue):
            raise IllegalQuery("count takes no value with a unit, but .value")
        counted = self.value(argument)
        return call_function("count", [counted], of_distinct=node.distinct)

    def _call_type(self, _node: tree.Call, argument: tree.Expression) -> Typed:
        place = self.place(argument)
        source = place.source if isinstance(place, ClassOf) else place
        if not isinstance(source, Source):
            raise IllegalQuery("type(…) is asked of an alias")
        if "discriminator" not in source.rows.c:
            raise IllegalQuery(
                f"could not resolve property: class of: {source.model_class.java_name}"
            )
        return Typed(stored_class(source), Special.CLASS)

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


def _is_function(node: tree.Path) -> bool:
    """Tell whether a name is a function that needs no parentheses."""
    return str(node).lower() in BARE_FUNCTIONS


def _has_one_row(query: tree.Query) -> bool:
    """Tell whether a statement can have but one row: an aggregate over everything."""
    (item,) = query.select or (None,)
    return (
        not query.group_by
        and item is not None
        and isinstance(item.expression, tree.Call)
        and item.expression.name in AGGREGATES
    )


def bound(name: str) -> BindParameter[Any]:
    """Return the place of a value that comes when the statement runs."""
    return bindparam(name, None, required=False)
