"""Expressions of a query → SQL expressions, within the names of one statement."""

from __future__ import annotations

import operator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import and_, bindparam, case, exists, func, literal, not_, or_, select
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
    Reference,
    Size,
    Source,
    UnitValue,
    Value,
)
from .typed import Special, Typed, first_known

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, Select

    from .resolve import Scope

_COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
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


class Expressions:
    """Compiles expressions by the names of a scope.

    Attributes
    ----------
    has_aggregate
        An aggregate function was met.
    joins_references
        Whether a reference that stands for a value is joined, as it is anywhere in
        a select clause: rows that refer to nothing are left out.
    """

    def __init__(self, scope: Scope, surroundings: Surroundings) -> None:
        self.scope = scope
        self.surroundings = surroundings
        self.has_aggregate = False
        self.joins_references = False

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
            return self.scope.resolve(node)
        if isinstance(node, tree.Indexed):
            return self._element(node)
        return None

    def identity(self, source: Source) -> Typed:
        """Return the id of a row."""
        return Typed(source.rows.c.id, Kind.LONG)

    # values

    def _path(self, node: tree.Path) -> Typed:
        return self._read(self.scope.resolve(node), str(node))

    def _indexed(self, node: tree.Indexed) -> Typed:
        return self._read(self._element(node), "an element of a collection")

    def _read(self, place: Meaning, name: str) -> Typed:
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
                return Typed(stored_class(source), Kind.STRING)
            case ClassName(model_class):
                return Typed(literal(model_class.discriminator), Kind.STRING)
        raise IllegalQuery(f"{name} is no value")

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
                return Typed(literal(node.value), Kind.LONG if is_long else Kind.INT)
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
        return calculate(node.operator, self.value(node.left), self.value(node.right))

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
        arguments = [self.value(argument) for argument in node.arguments]
        return call_function(node.name, arguments, of_distinct=node.distinct)

    def _call_count(self, node: tree.Call, argument: tree.Expression) -> Typed:
        if isinstance(argument, tree.Star):
            return Typed(func.count(), Kind.LONG)
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
        if isinstance(place, Source):
            for field in place.model_class.of_kind(Kind.REFERENCE):
                if field.is_ordered:
                    name = self.scope.tables.index_name(field)
                    return Typed(place.rows.c[name], Kind.INT)
        raise IllegalQuery("index(…) is asked of an element of an ordered collection")

    def _call_size(self, _node: tree.Call, argument: tree.Expression) -> Typed:
        place = self.place(argument)
        if not isinstance(place, Collection):
            raise IllegalQuery("size(…) is asked of a collection")
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
        return Typed(self._elements_of(place, extreme, name), Kind.INT)

    def _elements_of(
        self, place: Collection, what: Any, column: str | None = None
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

    # conditions

    def _compare(self, node: tree.Compare) -> Typed:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, tree.Literal) and other.value is None:
                if node.operator not in {"=", "<>"}:
                    raise IllegalQuery("null is neither less nor greater")
                return self._isnull(tree.IsNull(one, node.operator == "<>"))
            if isinstance(other, tree.Quantified) and other is node.right:
                return self._quantified_compare(node.operator, one, other)
        left, right = self.value(node.left), self.value(node.right)
        left_sql = _as_time(left, right)
        right_sql = _as_time(right, left)
        return _truth(_COMPARE[node.operator](left_sql, right_sql))

    def _quantified_compare(
        self, operator_: str, operand: tree.Expression, node: tree.Quantified
    ) -> Typed:
        statement, selected = self._subselect(node.query)
        holds = _COMPARE[operator_](self.value(operand).sql, selected[0].sql)
        if node.quantifier == "all":
            return _truth(~statement.where(not_(holds)).exists())
        return _truth(statement.where(holds).exists())

    def _quantified(self, node: tree.Quantified) -> Typed:
        raise IllegalQuery(f"{node.quantifier} stands behind a comparison only")

    def _not(self, node: tree.Not) -> Typed:
        return _truth(not_(self.condition(node.operand)))

    def _junction(self, node: tree.Junction) -> Typed:
        join = and_ if node.operator == "and" else or_
        return _truth(join(*(self.condition(part) for part in node.operands)))

    def _isnull(self, node: tree.IsNull) -> Typed:
        sql = self.value(node.operand).sql
        return _truth(sql.is_not(None) if node.negated else sql.is_(None))

    def _isempty(self, node: tree.IsEmpty) -> Typed:
        found = self._exist(node.operand)
        return _truth(found if node.negated else ~found)

    def _exists(self, node: tree.Exists) -> Typed:
        if isinstance(node.operand, tree.Elements):
            return _truth(self._exist(node.operand.place))
        statement, _ = self._subselect(node.operand.query)
        return _truth(statement.exists())

    def _exist(self, node: tree.Expression) -> ColumnElement[bool]:
        place = self.place(node)
        if not isinstance(place, Collection):
            raise IllegalQuery("Only a collection is empty or has elements")
        child, conditions = self.scope.open_place(place)
        return exists().where(*conditions).correlate_except(child.rows)

    def _like(self, node: tree.Like) -> Typed:
        escape = "\\"
        if node.escape is not None:
            if not isinstance(node.escape, tree.Literal):
                raise IllegalQuery("The escape of like is one written character")
            escape = str(node.escape.value)
        sql, pattern = self.value(node.operand).sql, self.value(node.pattern).sql
        like = sql.not_like if node.negated else sql.like
        return _truth(like(pattern, escape=escape))

    def _between(self, node: tree.Between) -> Typed:
        value, low, high = map(self.value, (node.operand, node.low, node.high))
        sql = value.sql.between(_as_time(low, value), _as_time(high, value))
        return _truth(not_(sql) if node.negated else sql)

    def _in(self, node: tree.In) -> Typed:
        sql = self.value(node.operand).sql
        choices = self._choices(node.choices)
        return _truth(sql.not_in(choices) if node.negated else sql.in_(choices))

    def _choices(self, choices: tree.Expression) -> Any:
        match choices:
            case tree.Subquery(query):
                return self._subselect(query)[0]
            case tree.Parameter(name) | tree.Tuple((tree.Parameter(name),)):
                return _listed(name)
            case tree.Elements(place):
                collection = self.place(place)
                if not isinstance(collection, Collection):
                    raise IllegalQuery("elements(…) is asked of a collection")
                child, conditions = self.scope.open_place(collection)
                chosen = select(child.rows.c.id).where(*conditions)
                return chosen.correlate_except(child.rows)
            case tree.Tuple(items):
                return [self.value(item).sql for item in items]
        raise IllegalQuery("in wants a list, a parameter or a sub-select")

    def _elements(self, _node: tree.Elements) -> Typed:
        raise IllegalQuery("elements(…) stands behind in, exists, all, any only")

    def _memberof(self, node: tree.MemberOf) -> Typed:
        place = self.place(node.place)
        if isinstance(place, ClassName):  # a test of class
            operand = self.place(node.operand)
            if isinstance(operand, Reference):
                operand = self.scope.join_implied(operand)
            if not isinstance(operand, Source):
                raise IllegalQuery("member of a class is asked of an object")
            found = stored_class(operand) == place.model_class.discriminator
        else:
            choices = self._choices(tree.Elements(node.place))
            found = self.value(node.operand).sql.in_(choices)
        return _truth(not_(found) if node.negated else found)


def stored_class(source: Source) -> ColumnElement[str]:
    """Return what tells the class of a row."""
    column = source.rows.c.get("discriminator")
    return literal(source.model_class.discriminator) if column is None else column


def bound(name: str) -> BindParameter[Any]:
    """Return the place of a value that comes when the statement runs."""
    return bindparam(name, None, required=False)


def _truth(sql: ColumnElement[Any]) -> Typed:
    return Typed(sql, Kind.BOOL)


def _listed(name: str) -> Select[Any]:
    """Return the values of a list that is bound as one value.

    The text of the statement does not depend on the list's length, and the list
    may be longer than SQLite's largest number of parameters.
    """
    values = func.json_each(bound(LIST + name)).table_valued("value")
    return select(values.c.value)


def _as_time(value: Typed, other: Typed) -> ColumnElement[Any]:
    """Read a written time where the other side of a comparison is a time."""
    written = getattr(value.sql, "value", None)
    if other.kind is not Kind.TIME or not isinstance(written, str):
        return value.sql
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise IllegalQuery(f"{written!r} is no time: {error}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return literal(int(moment.timestamp() * 1000))
