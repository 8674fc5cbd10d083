"""Which expressions may stand beside an aggregate: PostgreSQL's rule of ``group by``.

SQLite would answer with any row of a group; PostgreSQL refuses what is neither
grouped by, nor aggregated, nor a column of a table whose key is grouped by.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import IllegalQuery

from . import tree
from .functions import AGGREGATES
from .places import Reference, Source, UnitValue, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .expressions import Expressions

#: Functions over a collection, which joins it in a select clause.
_OVER_COLLECTIONS = frozenset({"size", "minindex", "maxindex"})


def check_grouping(query: tree.Query, expressions: Expressions) -> None:
    """Refuse what has no single value in a group.

    Raises
    ------
    IllegalQuery
        Something is selected that is neither grouped by nor aggregated.
    """
    grouped = [_column(key, expressions) for key in query.group_by]
    named = {item.alias for item in query.select}
    expressions.joins_references = True
    for item in query.select:
        _check(item.expression, query.group_by, grouped, expressions)
    expressions.joins_references = False
    for key in query.order_by:
        if str(key.expression) not in named:
            _check(key.expression, query.group_by, grouped, expressions)


def _check(
    node: Any, keys: tuple[tree.Expression, ...], grouped: list[Any], names: Expressions
) -> None:
    if isinstance(node, tree.Subquery | tree.Exists | tree.Members):
        return
    if node in keys and not isinstance(names.place(node), Reference):
        return
    if isinstance(node, tree.Call) and node.name in AGGREGATES | _OVER_COLLECTIONS:
        return
    if not isinstance(node, tree.Path):
        for part in _parts(node):
            _check(part, keys, grouped, names)
        return
    column = _column(node, names)
    if column is None or any(column is one for one in grouped):
        return
    key = column.table.c.get("id")
    if not any(key is one for one in grouped):
        raise IllegalQuery(
            f"{node} must appear in the GROUP BY clause or be used in an aggregate "
            "function",
            str(node),
        )


def _column(node: tree.Expression, names: Expressions) -> Any:
    """Return the column that a name stands for; None for what is no column."""
    match names.place(node):
        case Value(sql, _) if getattr(sql, "table", None) is not None:
            return sql
        case Source(rows):
            return rows.c.id
        case Reference(_, _, key) if not names.joins_references:
            return key
        case Reference() as reference:
            return names.scope.join_implied(reference).rows.c.id
        case UnitValue(value=key):
            return key
    return None


def _parts(node: Any) -> Iterator[Any]:
    if is_dataclass(node):
        for one in fields(node):
            value = getattr(node, one.name)
            yield from value if isinstance(value, tuple) else (value,)
