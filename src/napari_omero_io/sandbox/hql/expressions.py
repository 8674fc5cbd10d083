"""Expressions of a query → SQL: the conditions, above the values of `operands`."""

from __future__ import annotations

import operator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, literal, not_, or_, select

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind

from . import tree
from .operands import LIST, Operands, bound, stored_class
from .places import ClassName, ClassOf, Collection, Reference, Source
from .typed import Typed

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

#: What PostgreSQL reads as a truth value.
_TRUTHS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off", "0"), False),
}
_COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Expressions(Operands):
    """Compiles expressions by the names of a scope."""

    def _compare(self, node: tree.Compare) -> Typed:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, tree.Literal) and other.value is None:
                if node.operator not in {"=", "<>"}:
                    raise IllegalQuery("null is neither less nor greater")
                return self._isnull(tree.IsNull(one, node.operator == "<>"))
            if isinstance(other, tree.Quantified) and other is node.right:
                return self._quantified_compare(node.operator, one, other)
        left = self._beside_class(node.left, node.right)
        right = self._beside_class(node.right, node.left)
        if not self._is_object(node.left) and not self._is_object(node.right):
            self.expect(left, node.right)
            self.expect(right, node.left)
        left_sql = _adapted(left, right)
        right_sql = _adapted(right, left)
        return _truth(_COMPARE[node.operator](left_sql, right_sql))

    def _is_object(self, node: tree.Expression) -> bool:
        is_name = isinstance(node, tree.Path)
        return is_name and isinstance(self.place(node), Source | Reference)

    def _beside_class(self, node: tree.Expression, *others: tree.Expression) -> Typed:
        """Compile a value; a class beside the name of one as it is stored."""
        if isinstance(node, tree.Path):
            place = self.place(node)
            named = any(isinstance(self.place(other), ClassName) for other in others)
            if named and isinstance(place, ClassOf):
                return Typed(stored_class(place.source), Kind.STRING)
        return self.value(node)

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
        operand = node.operand
        if isinstance(operand, tree.Compare) and isinstance(
            operand.right, tree.Quantified
        ):  # Hibernate turns the sign, which says something else: x <> some (…)
            turned = replace(operand, operator=_OPPOSITE[operand.operator])
            return self._compare(turned)
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
        self.expect(value, node.low, node.high)
        sql = value.sql.between(_adapted(low, value), _adapted(high, value))
        return _truth(not_(sql) if node.negated else sql)

    def _in(self, node: tree.In) -> Typed:
        listed = node.choices.items if isinstance(node.choices, tree.Tuple) else ()
        operand = self._beside_class(node.operand, *listed)
        if not self._is_object(node.operand):
            self.expect(operand, node.choices, *listed)
        sql = operand.sql
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


def _truth(sql: ColumnElement[Any]) -> Typed:
    return Typed(sql, Kind.BOOL)


def _listed(name: str) -> Select[Any]:
    """Return the values of a list that is bound as one value.

    The text of the statement does not depend on the list's length, and the list
    may be longer than SQLite's largest number of parameters.
    """
    values = func.json_each(bound(LIST + name)).table_valued("value")
    return select(values.c.value)


def _adapted(value: Typed, other: Typed) -> ColumnElement[Any]:
    """Read a written text as what the other side of a comparison is."""
    written = getattr(value.sql, "value", None)
    if not isinstance(written, str):
        return value.sql
    if other.kind is Kind.BOOL and written.lower() in _TRUTHS:
        return literal(_TRUTHS[written.lower()])
    if other.kind is not Kind.TIME:
        return value.sql
    try:
        moment = datetime.fromisoformat(written)
    except ValueError as error:
        raise IllegalQuery(f"{written!r} is no time: {error}") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return literal(int(moment.timestamp() * 1000))
