"""Expressions of a query → SQL: the conditions, above the values of `operands`."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, not_, null, or_, select, true

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.schema.model import Kind

from . import tree
from .members import CollectionFunctions
from .operands import LIST, bound, stored_class
from .places import (
    ClassName,
    ClassOf,
    Collection,
    DetailsOf,
    Reference,
    Source,
    UnitValue,
    Value,
)
from .strictness import Family, adapt, check_argument, check_operator
from .typed import Typed

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

_COMPARE = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


_OPPOSITE = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


class Expressions(CollectionFunctions):
    """Compiles expressions by the names of a scope."""

    def _compare(self, node: tree.Compare) -> Typed:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if _is_null(other):
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
        self._check_units(node.left, node.right)
        check_operator(node.operator, left, right)
        compare = _COMPARE[node.operator]
        return _truth(compare(adapt(left, right), adapt(right, left)))

    def _check_units(self, *nodes: tree.Expression) -> None:
        """Refuse to compare a value that has a unit with one that has none."""
        has_unit = [isinstance(self.place(node), UnitValue) for node in nodes]
        is_given = [isinstance(node, tree.Parameter) for node in nodes]
        if any(has_unit) and not all(map(operator.or_, has_unit, is_given)):
            raise IllegalQuery(
                "left and right hand sides of a binary logic operator were "
                "incompatible: a value with a unit, and one without"
            )

    def column(self, node: tree.Path) -> Any:
        """Return the column that a name without implied joins stands for, or None."""
        place = self.place(node)
        match place:
            case Source(rows):
                found = rows.c.id
            case Value(found, _) | Reference(key=found) | UnitValue(value=found):
                pass
            case _:
                return None
        start = self.place(tree.Path(node.parts[:1]))
        is_direct = not isinstance(start, Source) or start.rows is getattr(
            found, "table", None
        )
        return found if is_direct and hasattr(found, "table") else None

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
        if isinstance(node.operand, tree.Members):
            column = self.members(node.operand)
            statement, sql = column, column.selected_columns[0]
        else:
            statement, selected = self._subselect(node.operand.query)
            check_operator(operator_, self.value(operand), selected[0])
            sql = selected[0].sql
        holds = _COMPARE[operator_](self.value(operand).sql, sql)
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
        if _is_null(node.operand):
            return _truth(null())  # Hibernate writes null = null
        if isinstance(self.place(node.operand), DetailsOf):
            return _truth(true() if node.negated else ~true())
        sql = self.value(node.operand).sql
        return _truth(sql.is_not(None) if node.negated else sql.is_(None))

    def _isempty(self, node: tree.IsEmpty) -> Typed:
        found = self._exist(node.operand)
        return _truth(found if node.negated else ~found)

    def _exists(self, node: tree.Exists) -> Typed:
        if isinstance(node.operand, tree.Members):
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
        if _is_null(node.pattern):
            return _truth(null())
        value, pattern = self.value(node.operand), self.value(node.pattern)
        check_argument("like", value, Family.TEXT)
        check_argument("like", pattern, Family.TEXT)
        like = value.sql.not_like if node.negated else value.sql.like
        return _truth(like(pattern.sql, escape=escape))

    def _between(self, node: tree.Between) -> Typed:
        value, low, high = map(self.value, (node.operand, node.low, node.high))
        self.expect(value, node.low, node.high)
        check_operator(">=", value, low)
        check_operator("<=", value, high)
        sql = value.sql.between(adapt(low, value), adapt(high, value))
        return _truth(not_(sql) if node.negated else sql)

    def _in(self, node: tree.In) -> Typed:
        listed = node.choices.items if isinstance(node.choices, tree.Tuple) else ()
        operand = self._beside_class(node.operand, *listed)
        if not self._is_object(node.operand):
            self.expect(operand, node.choices, *listed)
        self._check_units(node.operand, *listed)
        sql = operand.sql
        choices = self._choices(node.choices, operand)
        return _truth(sql.not_in(choices) if node.negated else sql.in_(choices))

    def _choices(self, choices: tree.Expression, operand: Typed) -> Any:
        match choices:
            case tree.Subquery(query):
                statement, selected = self._subselect(query)
                if len(selected) == 1:
                    check_operator("=", operand, selected[0])
                return statement
            case tree.Parameter(name) | tree.Tuple((tree.Parameter(name),)):
                return _listed(name)
            case tree.Members():
                return self.members(choices)
            case tree.Tuple(items):
                if any(isinstance(item, tree.Tuple) for item in items):
                    raise IllegalQuery("unexpected AST node: {vector}")
                values = [self.value(item) for item in items]
                for value in values:
                    check_operator("=", operand, value)
                return [adapt(value, operand) for value in values]
        raise IllegalQuery("in wants a list, a parameter or a sub-select")

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
            choices = self.members(tree.Members("elements", node.place))
            found = self.value(node.operand).sql.in_(choices)
        return _truth(not_(found) if node.negated else found)


def _truth(sql: ColumnElement[Any]) -> Typed:
    return Typed(sql, Kind.BOOL)


def _is_null(node: tree.Expression) -> bool:
    return isinstance(node, tree.Literal) and node.value is None


def _listed(name: str) -> Select[Any]:
    """Return the values of a list that is bound as one value.

    The text of the statement does not depend on the list's length, and the list
    may be longer than SQLite's largest number of parameters.
    """
    values = func.json_each(bound(LIST + name)).table_valued("value")
    return select(values.c.value)
