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
from sqlalchemy.exc import OperationalError

from napari_omero_io.sandbox.errors import ApiUsage, Internal, Invalid
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.store.sql_functions import last_refusal
from napari_omero_io.sandbox.wire.values import (
    box_value,
    permissions_map,
    unbox_value,
    unit_map,
)

from .compile import LIMIT, OFFSET, compile_query
from .graph import ObjectGraph
from .operands import LIST, SCALAR
from .selection import (
    ClassNamed,
    Entity,
    Listing,
    Mapping,
    Rights,
    Scalar,
    Selected,
    WithUnit,
)
from .typed import Special

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Mapping as Named

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.schema.model import Field
    from napari_omero_io.sandbox.schema.tables import Tables

    from .selection import Fetched, Statement
    from .typed import ValueKind

    Row = Sequence[Any]


#: What the parameters beside values of a kind may be.
_CLASSES: dict[Kind, Any] = {
    Kind.STRING: (str,),
    Kind.BOOL: (bool,),
    **dict.fromkeys((Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.TIME), (int, float)),
}


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
    if (
        not isinstance(selected, Entity)
        or selected.is_element
        or statement.selects_several
    ):
        raise ApiUsage(f"This query does not select objects: {text}")
    rows = _run(connection, statement, parameters, first, limit)
    answers, used = _page(statement, rows, first, limit)
    graph = _read_graph(connection, call, statement, rows, used)
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
    graph = _read_graph(connection, call, statement, rows, used)
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
            bound.append(_scalar(name.removeprefix(SCALAR), values, statement))
        elif name.startswith(LIST):
            bound.append(_list(name.removeprefix(LIST), values, statement))
        else:
            bound.append(statement.fixed[name])
    try:
        return connection.exec_driver_sql(statement.sql, tuple(bound)).fetchall()
    except OperationalError as error:
        refusal = last_refusal()
        if refusal is None:
            raise
        raise Invalid(f"could not execute query; {refusal}") from error


def _plain(name: str, values: Named[str, Any]) -> Any:
    plain = unbox_value(values.get(name))
    if plain is None:
        raise ApiUsage(f"Null parameters not allowed: {name}")
    return plain


def _scalar(name: str, values: Named[str, Any], statement: Statement) -> Any:
    plain = _plain(name, values)
    if isinstance(plain, list):
        if len(plain) != 1:
            count = len(plain)
            raise ApiUsage(f"One value is wanted for {name}, not a list of {count}")
        plain = plain[0]
    return _convert(name, plain, statement)


def _list(name: str, values: Named[str, Any], statement: Statement) -> str:
    plain = _plain(name, values)
    listed = plain if isinstance(plain, list) else [plain]
    return json.dumps([_convert(name, one, statement) for one in listed])


def _convert(name: str, value: Any, statement: Statement) -> Any:
    """Make of a parameter what Hibernate makes of it beside the other value.

    Raises
    ------
    Internal
        It is of another type: OMERO.server fails in casting it.
    """
    kind = statement.expected.get(name)
    if not isinstance(kind, Kind) or kind not in _CLASSES:
        return value
    is_bool = isinstance(value, bool) and kind is not Kind.BOOL
    if is_bool or not isinstance(value, _CLASSES[kind]):
        raise Internal(
            " Wrapped Exception: (java.lang.ClassCastException):\n"
            f"{value!r} of the parameter {name} cannot be cast to a {kind.value}"
        )
    is_whole = kind in {Kind.INT, Kind.LONG, Kind.TIME}
    return int(value) if is_whole else value


def _page(
    statement: Statement, rows: Sequence[Row], first: int, limit: int | None
) -> tuple[Sequence[Row], Sequence[Row]]:
    """Return the rows that are answers, and all rows that belong to them."""
    if not statement.is_paged_by_root:
        return rows, rows
    # Hibernate looks at the limit behind the first object
    end = None if limit is None else first + max(limit, 1)
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
    connection: Connection,
    call: Call,
    statement: Statement,
    rows: Sequence[Row],
    used: Sequence[Row],
) -> ObjectGraph:
    """Read every object that the rows name, and give them what was fetched.

    Hibernate cuts the page when everything is loaded: what is outside it is not
    answered, but loaded wherever an answer refers to it.
    """
    graph = ObjectGraph(connection, call)
    entities = [one for one in _entities(statement.selected) if not one.is_proxy]
    fetches = [
        (one, one.parent_class.root.name, one.child, one.child_class.root.name)
        for one in statement.fetched
        if one.child is not None and one.child_class is not None
    ]
    is_part = len(used) < len(rows)
    if is_part:
        for entity in entities:
            ids = {row[entity.position] for row in rows}
            graph.offer(entity.model_class.root.name, ids)
        for _, _, child, target in fetches:
            graph.offer(target, {row[child] for row in rows})
    for entity in entities:
        ids = {row[entity.position] for row in used}
        graph.read(entity.model_class.root.name, ids)
    size = -1
    while size != graph.size:
        size = graph.size
        for one, root, child, target in fetches:
            of_loaded = (row for row in rows if graph.find(root, row[one.parent]))
            graph.read(target, {row[child] for row in of_loaded})
        if not is_part:
            break
    _fill(graph, statement.fetched, rows)
    graph.join()
    return graph


def _fill(graph: ObjectGraph, fetched: Sequence[Fetched], rows: Sequence[Row]) -> None:
    """Give objects the collections, maps and counts that fetch joins load.

    A collection that is fetched twice has the members of both.
    """
    filled: dict[tuple[str, Field], dict[int, dict[int, None]]] = {}
    for one in fetched:
        if one.field is None:
            continue
        root = one.parent_class.root.name
        if one.child is None:
            graph.count_links(root, one.field)
            continue
        members = filled.setdefault((root, one.field), defaultdict(dict))
        for row in rows:
            if row[one.parent] is not None:
                found = members[row[one.parent]]
                if row[one.child] is not None:
                    found[row[one.child]] = None
    for (root, field), members in filled.items():
        if field.kind is Kind.MAP:
            graph.keep_pairs(field, members)
        else:
            graph.fill(root, field, members)


def _entities(selected: Sequence[Selected]) -> Iterator[Entity]:
    for one in selected:
        if isinstance(one, Entity):
            yield one
        elif isinstance(one, Mapping):
            yield from _entities([item for _, item in one.items])
        elif isinstance(one, Listing):
            yield from _entities(one.items)


def _box(selected: Selected, row: Row, graph: ObjectGraph, tables: Tables) -> Any:
    """Box one selected value for the wire."""
    match selected:
        case Scalar(position, kind):
            return _box_scalar(row[position], kind)
        case Entity(position, model_class, is_proxy=True):
            found = graph.refer_to(model_class, row[position])
            return None if found is None else boxed.robject(found)
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
        case Listing(items):
            return boxed.rlist([_box(item, row, graph, tables) for item in items])


def _box_scalar(value: Any, kind: ValueKind) -> Any:
    """Box a value as what Hibernate takes it for.

    Raises
    ------
    Invalid
        A number is too large for what it is taken for.
    ApiUsage
        It is of a type that no answer can hold.
    """
    if value is None:
        return None
    match kind:
        case Special.FLOAT:
            return boxed.rfloat(value)
        case Special.NUMERIC | Kind.BYTES:
            of = type(value).__name__
            raise ApiUsage(f"Unsupported conversion to rtype from {of}:{value}")
        case Kind.INT | Kind.LONG:
            whole = int(value)  # a fraction of another branch is cut
            if kind is Kind.INT and not -(2**31) <= whole < 2**31:
                raise Invalid(
                    f"could not execute query; Bad value for type int : {value}"
                )
            return box_value(whole, kind)
    return box_value(value, kind if isinstance(kind, Kind) else None)


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
