"""Rows of SQL → what a query answers: graphs of objects, or rows of boxed values.

Where a collection is fetched, offset and limit count what is selected, each object
once, in the order in which it first appears; elsewhere they count rows, and an
object stands as often in the answer as SQL found it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import omero.rtypes as boxed

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.wire.values import (
    box_value,
    permissions_map,
    unbox_value,
    unit_map,
)

from .compile import LIMIT, OFFSET, compile_query
from .graph import ObjectGraph
from .operands import LIST, SCALAR
from .selection import ClassNamed, Entity, Mapping, Rights, Scalar, Selected, WithUnit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Mapping as Named

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.schema.tables import Tables

    from .selection import Statement

    Row = Sequence[Any]


def find(
    connection: Connection,
    call: Call,
    text: str,
    parameters: Named[str, Any] | None = None,
    first: int = 0,
    limit: int | None = None,
) -> list[Any]:
    """Run a query that selects objects.

    Parameters
    ----------
    parameters
        By name: plain values, boxed ones, or lists of them.
    first, limit
        Which part of the answer.

    Returns
    -------
    Loaded objects; in one answer each row of the store is one object.

    Raises
    ------
    IllegalQuery
        The text is no query, or names what is not there.
    ApiUsage
        A parameter is missing, or the query selects something else than objects.
    """
    statement = compile_query(text, call.core.database.tables, call.caller)
    selected = statement.selected[0]
    if not isinstance(selected, Entity) or statement.selects_several:
        raise ApiUsage(f"This query does not select objects: {text}")
    rows = _run(connection, statement, parameters, first, limit)
    answers, used = _page(statement, rows, first, limit)
    graph = _read_graph(connection, call, statement, used)
    root = selected.model_class.root.name
    return [graph.find(root, row[selected.position]) for row in answers]


def project(
    connection: Connection,
    call: Call,
    text: str,
    parameters: Named[str, Any] | None = None,
    first: int = 0,
    limit: int | None = None,
) -> list[list[Any]]:
    """Run a query that selects anything.

    Returns
    -------
    One list for each row, of boxed values (`omero.RType`) or None.

    Raises
    ------
    IllegalQuery
        The text is no query, or names what is not there.
    ApiUsage
        A parameter is missing.
    """
    tables = call.core.database.tables
    statement = compile_query(text, tables, call.caller)
    rows = _run(connection, statement, parameters, first, limit)
    answers, used = _page(statement, rows, first, limit)
    graph = _read_graph(connection, call, statement, used)
    return [
        [_box(selected, row, graph, tables) for selected in statement.selected]
        for row in answers
    ]


def _run(
    connection: Connection,
    statement: Statement,
    parameters: Named[str, Any] | None,
    first: int,
    limit: int | None,
) -> Sequence[Row]:
    values = {} if parameters is None else parameters
    bound: list[Any] = []
    for name in statement.names:
        if name == LIMIT:
            bound.append(-1 if limit is None else limit)
        elif name == OFFSET:
            bound.append(first)
        elif name.startswith(SCALAR):
            bound.append(_scalar(name.removeprefix(SCALAR), values))
        elif name.startswith(LIST):
            bound.append(_list(name.removeprefix(LIST), values))
        else:
            bound.append(statement.fixed[name])
    return connection.exec_driver_sql(statement.sql, tuple(bound)).fetchall()


def _plain(name: str, values: Named[str, Any]) -> Any:
    plain = unbox_value(values.get(name))
    if plain is None:
        raise ApiUsage(f"Null parameters not allowed: {name}")
    return plain


def _scalar(name: str, values: Named[str, Any]) -> Any:
    plain = _plain(name, values)
    if not isinstance(plain, list):
        return plain
    if len(plain) != 1:
        raise ApiUsage(f"One value is wanted for {name}, not a list of {len(plain)}")
    return plain[0]


def _list(name: str, values: Named[str, Any]) -> str:
    plain = _plain(name, values)
    return json.dumps(plain if isinstance(plain, list) else [plain])


def _page(
    statement: Statement, rows: Sequence[Row], first: int, limit: int | None
) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the rows that are answers, and all rows that belong to them."""
    if not statement.is_paged_by_root:
        return rows, rows
    end = None if limit is None else first + limit
    if len(statement.selected) > 1 or not isinstance(statement.selected[0], Entity):
        page = rows[first:end]
        return page, page
    position = statement.selected[0].position
    by_root: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        by_root[row[position]].append(row)
    groups = list(by_root.values())[first:end]
    return [group[0] for group in groups], [row for group in groups for row in group]


def _read_graph(
    connection: Connection, call: Call, statement: Statement, rows: Sequence[Row]
) -> ObjectGraph:
    """Read every object that the rows name, and give them what was fetched."""
    graph = ObjectGraph(connection, call)
    for entity in _entities(statement.selected):
        ids = {row[entity.position] for row in rows}
        graph.read(entity.model_class.root.name, ids)
    for fetched in statement.fetched:
        if fetched.child is not None and fetched.child_class is not None:
            ids = {row[fetched.child] for row in rows}
            graph.read(fetched.child_class.root.name, ids)
    for fetched in statement.fetched:
        root = fetched.parent_class.root.name
        if fetched.field is None:
            continue
        if fetched.child is None:
            if fetched.field.kind is Kind.COLLECTION:
                graph.count_links(root, fetched.field)
            continue
        members: dict[int, dict[int, None]] = defaultdict(dict)
        for row in rows:
            if row[fetched.parent] is not None:
                found = members[row[fetched.parent]]
                if row[fetched.child] is not None:
                    found[row[fetched.child]] = None
        graph.fill(root, fetched.field, members)
    graph.join()
    return graph


def _entities(selected: Sequence[Selected]) -> Iterator[Entity]:
    for one in selected:
        if isinstance(one, Entity):
            yield one
        elif isinstance(one, Mapping):
            yield from _entities([item for _, item in one.items])


def _box(selected: Selected, row: Row, graph: ObjectGraph, tables: Tables) -> Any:
    """Box one selected value for the wire."""
    match selected:
        case Scalar(position, kind):
            known = kind if isinstance(kind, Kind) else None
            return box_value(row[position], known)
        case Entity(position, model_class):
            found = graph.find(model_class.root.name, row[position])
            return None if found is None else boxed.robject(found)
        case ClassNamed(position):
            return _box_class(row[position], tables)
        case WithUnit(position, unit_position, unit_class):
            return unit_map(unit_class, row[position], row[unit_position])
        case Rights():
            return _box_rights(selected, row, graph)
        case Mapping(items):
            values = {name: _box(item, row, graph, tables) for name, item in items}
            return boxed.rmap(values)


def _box_class(discriminator: str | None, tables: Tables) -> Any:
    if discriminator is None:
        return None
    for one in tables.model.classes.values():
        if one.discriminator == discriminator:
            return boxed.rclass(one.java_name)
    raise LookupError(f"No class is stored as {discriminator!r}.")


def _box_rights(rights: Rights, row: Row, graph: ObjectGraph) -> Any:
    id_, *rest = (row[position] for position in rights.positions)
    if id_ is None:
        return None
    if rights.model_class.is_global:
        perm1, forbidden = graph.permissions(rights.model_class, None, None)
        return permissions_map(rest[0] if rest else perm1, forbidden)
    perm1, forbidden = graph.permissions(rights.model_class, *rest)
    return permissions_map(perm1, forbidden)
