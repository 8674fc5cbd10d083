"""Tree → `Statement`: the clauses of a query as one SQL text, ready to run.

Names are looked up in a `Scope`, which notes the joins that they imply; when every
clause was visited the from clause is complete.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, false, select
from sqlalchemy.dialects.sqlite.base import SQLiteDialect

from napari_omero_io.sandbox.errors import IllegalQuery
from napari_omero_io.sandbox.rules.permissions import visible
from napari_omero_io.sandbox.schema.model import Kind

from . import tree
from .columns import Columns, select_subselect
from .expressions import Expressions
from .grouping import check_grouping
from .marking import refuse
from .operands import CONDITIONS, bound
from .parse import parse
from .places import Pair, Source, UnitValue, Value
from .resolve import Scope
from .selection import Entity, Fetched, Selected, Statement
from .text import write_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Select

    from napari_omero_io.sandbox.rules.caller import Caller
    from napari_omero_io.sandbox.schema.tables import Tables

    from .typed import Typed, ValueKind

LIMIT, OFFSET = "limit_", "offset_"

#: What others see of the key to somebody's session.
_HIDDEN_UUID = "********-****-****-****-*************"
_DIALECT = SQLiteDialect(paramstyle="qmark")


def compile_query(text: str, tables: Tables, caller: Caller) -> Statement:
    """Compile a query for a caller; the second time is free.

    Raises
    ------
    IllegalQuery
        The text is no query, or names what is not there.
    """
    # only what decides on the rows that are seen makes a difference
    viewer = replace(
        caller,
        user_name="",
        group_name="",
        group_permissions=0,
        leader_of=(),
        session_id=0,
        session_uuid="",
        event_type="",
        owner_id=0,
    )
    return _compile_for_viewer(text, tables, viewer)


@lru_cache(maxsize=1024)
def _compile_for_viewer(text: str, tables: Tables, viewer: Caller) -> Statement:
    query = parse(text)
    try:
        return _Compiler(tables, viewer).compile(query, text)
    except IllegalQuery as error:
        raise refuse(text, error.message, subject=error.subject) from error


class _Compiler:
    """One statement and its sub-selects, for one viewer."""

    def __init__(self, tables: Tables, viewer: Caller) -> None:
        self.tables = tables
        self.viewer = viewer
        self.expected: dict[str, ValueKind] = {}

    def compile(self, query: tree.Query, text: str) -> Statement:
        """Compile a whole statement."""
        query = _group_by_numbers(query)
        scope = Scope(self.tables, self.seen)
        expressions = Expressions(scope, self)
        self.expected = expressions.expected
        sources = _go_through(query, scope, expressions)
        columns = Columns(expressions)
        expressions.joins_references = scope.is_selecting = True
        if query.select:
            items = _selectable(query.select)
            selected = tuple(columns.select(item) for item in items)
        else:
            selected = tuple(columns.entity(source) for source in sources)
        expressions.joins_references = scope.is_selecting = False
        if len(selected) > 1 and any(map(_is_collection, selected)):
            raise IllegalQuery("A collection is selected alone, or by elements(…)")
        fetched = tuple(_fetched(scope, columns, selected))
        numbered = _name_numbers(query, columns, selected)
        order = list(_order_keys(numbered, expressions, columns.named))
        if query.group_by or expressions.has_aggregate:
            check_grouping(query, expressions)
        # without an order users expect that of the ids; with one, a stable rest
        if query.distinct:
            _check_order(query, expressions, columns)
            order += columns.sqls
        elif not (query.group_by or expressions.has_aggregate):
            order += (root.rows.c.id for root in scope.roots)
        statement = _put_together(query, scope, expressions, columns.sqls, order)
        scope.check_joins()
        by_root = any(one.field is not None for one in fetched)
        if not by_root:
            statement = statement.limit(bound(LIMIT)).offset(bound(OFFSET))
        compiled = statement.compile(
            dialect=_DIALECT, compile_kwargs={"render_postcompile": True}
        )
        return Statement(
            text=text,
            sql=str(compiled),
            names=tuple(compiled.positiontup or ()),
            fixed=dict(compiled.params),
            selected=selected,
            fetched=fetched,
            expected=expressions.expected,
            selects_several=len(selected) > 1,
            is_paged_by_root=by_root,
        )

    def compile_subselect(
        self, query: tree.Query, outer: Scope
    ) -> tuple[Select[Any], list[Typed]]:
        """Compile a statement within another; also return what it selects."""
        scope = Scope(self.tables, self.seen, outer)
        expressions = Expressions(scope, self)
        expressions.expected = self.expected
        sources = _go_through(query, scope, expressions)
        scope.is_selecting = True
        if query.select:
            selected = select_subselect(expressions, query.select)
        else:
            selected = [expressions.identity(sources[0])]
        scope.is_selecting = False
        order = _order_keys(query, expressions, {})
        columns = [one.sql for one in selected]
        statement = _put_together(query, scope, expressions, columns, list(order))
        scope.check_joins()
        return statement.correlate(*scope.outer_rows()), selected

    def seen(self, source: Source) -> Iterator[ColumnElement[bool]]:
        """Say which rows the viewer may see."""
        viewer, rows = self.viewer, source.rows
        yield visible(viewer, rows)
        root = source.model_class.root.name
        if source.is_root and root == "Session" and not self._reads_sessions:
            yield rows.c.Session_owner_id == viewer.user_id
        if source.is_root and root == "Node" and not viewer.is_admin:
            yield false()

    def guard(self, value: Value) -> Value:
        """Hide the keys to other users' sessions."""
        sessions = self.tables["Session"]
        rows: Any = getattr(value.sql, "table", None)
        is_key = getattr(value.sql, "key", None) == "uuid"
        if not is_key or getattr(rows, "element", None) is not sessions:
            return value
        if self._reads_sessions:
            return value
        is_own = rows.c.Session_owner_id == self.viewer.user_id
        return Value(case((is_own, value.sql), else_=_HIDDEN_UUID), Kind.STRING)

    @property
    def _reads_sessions(self) -> bool:
        return "ReadSession" in self.viewer.privileges


def _go_through(
    query: tree.Query, scope: Scope, expressions: Expressions
) -> list[Source]:
    """Visit the from clause; return what is selected where nothing else is."""
    selected = []
    for source in query.sources:
        if isinstance(source, tree.Root):
            selected.append(scope.add_root(source))
            continue
        joined = scope.add_join(source, expressions.condition)
        if isinstance(joined, Source) and not source.fetch:
            selected.append(joined)
    return selected


def _fetched(
    scope: Scope, columns: Columns, selected: tuple[Selected, ...]
) -> Iterator[Fetched]:
    loaded = {one.position for one in selected if isinstance(one, Entity)}
    for fetch in scope.fetches:
        parent = columns.position(fetch.parent.rows.c.id)
        if parent not in loaded:
            raise IllegalQuery(
                "query specified join fetching, but the owner of the fetched "
                "association was not present in the select list"
            )
        child = child_class = None
        if isinstance(fetch.child, Pair):
            child = columns.position(fetch.child.rows.c.index)
        elif fetch.child is not None:
            child = columns.position(fetch.child.rows.c.id)
            child_class = fetch.child.model_class
            loaded.add(child)
        yield Fetched(parent, fetch.parent.model_class, child, child_class, fetch.field)


def _name_numbers(
    query: tree.Query, columns: Columns, selected: tuple[Selected, ...]
) -> tree.Query:
    """Give names to the columns that a query orders by their numbers."""
    order = []
    for key in query.order_by:
        node = key.expression
        if isinstance(node, tree.Literal) and isinstance(node.value, int):
            alias = f"column {node.value}"
            columns.named[alias] = [columns.find_by_number(node.value, selected)]
            key = replace(key, expression=tree.Path((alias,)))
        order.append(key)
    return replace(query, order_by=tuple(order))


def _group_by_numbers(query: tree.Query) -> tree.Query:
    """Write out what a query groups by, where it gives numbers of what is selected."""
    keys = []
    for key in query.group_by:
        if isinstance(key, tree.Literal) and isinstance(key.value, int):
            if not 0 < key.value <= len(query.select):
                raise IllegalQuery(
                    f"GROUP BY position {key.value} is not in select list"
                )
            key = query.select[key.value - 1].expression
        keys.append(key)
    return replace(query, group_by=tuple(keys))


def _order_keys(
    query: tree.Query,
    expressions: Expressions,
    named: dict[str, list[ColumnElement[Any]]],
) -> Iterator[ColumnElement[Any]]:
    for key in query.order_by:
        node = key.expression
        _check_key(node)
        alias = str(node) if isinstance(node, tree.Path) else None
        place = None
        if alias in named:
            sqls = named[alias]
        else:
            place = expressions.place(node)
            if isinstance(place, UnitValue):
                sqls = [place.value, place.unit]
            else:
                sqls = [expressions.value(node).sql]
        for sql in sqls:
            # PostgreSQL holds null for the largest value, SQLite for the smallest
            yield sql.desc().nulls_first() if key.descending else sql.asc().nulls_last()


def _selectable(items: tuple[tree.Item, ...]) -> tuple[tree.Item, ...]:
    """Return what is selected: Hibernate stops at the first thing that cannot be.

    Raises
    ------
    IllegalQuery
        Nothing is left.
    """
    for number, item in enumerate(items):
        if not _is_selectable(item.expression):
            if number == 0:
                raise _unexpected(item.expression)
            return items[:number]
    return items


def _is_collection(one: Selected) -> bool:
    return isinstance(one, Entity) and one.is_element


def _is_selectable(node: tree.Expression) -> bool:
    match node:
        case tree.Literal(value):
            return value is not None and not isinstance(value, bool)
        case tree.Sign(sign):
            return sign == "-"
    return not isinstance(
        node, (tree.Parameter, tree.Tuple, tree.Quantified, *CONDITIONS)
    )


def _check_key(node: tree.Expression) -> None:
    """Refuse what cannot be grouped or ordered by."""
    if isinstance(node, (tree.Subquery, tree.Members, tree.Quantified, *CONDITIONS)):
        raise _unexpected(node)
    if isinstance(node, tree.Literal) and not isinstance(node.value, int):
        raise IllegalQuery("non-integer constant in ORDER BY")


def _unexpected(node: tree.Expression) -> IllegalQuery:
    return IllegalQuery(f"unexpected AST node: {write_part(node)}")


def _check_order(query: tree.Query, expressions: Expressions, columns: Columns) -> None:
    """Refuse what PostgreSQL cannot order distinct rows by: what is not among them.

    Raises
    ------
    IllegalQuery
        A key is neither selected, nor a column of what is selected or fetched whole.
    """
    fetched = (one.child for one in expressions.scope.fetches)
    whole = [*columns.whole, *(one.rows for one in fetched if one is not None)]
    known = {part for item in query.select for part in tree.walk(item.expression)}
    for key in query.order_by:
        node = key.expression
        if node in known or isinstance(node, tree.Literal):
            continue
        if isinstance(node, tree.Path):
            if str(node) in columns.named:
                continue
            column = expressions.column(node)
            is_whole = (
                any(column.table is rows for rows in whole)
                if column is not None
                else False
            )
            if is_whole or any(column is one for one in columns.sqls):
                continue
        raise IllegalQuery(
            "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
            write_part(node),
        )


def _put_together(
    query: tree.Query,
    scope: Scope,
    expressions: Expressions,
    columns: list[ColumnElement[Any]],
    order: list[ColumnElement[Any]],
) -> Select[Any]:
    """Put the clauses together; only now is the from clause complete."""
    expressions.takes_aggregates = False
    where = [] if query.where is None else [expressions.condition(query.where)]
    for key in query.group_by:
        _check_key(key)
    groups = [expressions.value(key).sql for key in query.group_by]
    expressions.takes_aggregates = True
    having = [] if query.having is None else [expressions.condition(query.having)]
    statement = select(*columns).select_from(*scope.from_clauses())
    statement = statement.where(*scope.conditions, *where)
    if query.distinct:
        statement = statement.distinct()
    if groups:
        statement = statement.group_by(*groups)
    if having:
        statement = statement.having(*having)
    return statement.order_by(*order) if order else statement
