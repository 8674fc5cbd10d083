"""Saving object graphs with the semantics of OMERO's IUpdate.

The way of a save: `incoming` reads the graph into nodes, `known` and `lost` ask the
database about them, `merging` decides what to write, and here it is written, with
one event for the whole call.  `returning` reads the graph back for the client.
All happens within the transaction that is given: an error undoes everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from napari_omero_io.sandbox.errors import Invalid
from napari_omero_io.sandbox.rules.events import Action, History
from napari_omero_io.sandbox.rules.membership import read_group_permissions
from napari_omero_io.sandbox.rules.ownership import Judge

from .erasing import erase
from .incoming import Node, State, read_graph
from .known import Known, append_strays, give_ids, look_up_enumerations, read_known
from .lost import find_lost_members
from .merging import Merger, Plan
from .returning import read_back
from .rows import in_batches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.schema.tables import Tables


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to: nodes of the given objects, and all; all have ids."""

    roots: list[Node]
    nodes: list[Node]


def save(
    connection: Connection,
    call: Call,
    objects: Sequence[Any],
    *,
    may_set_repository: bool = False,
) -> list[Any]:
    """Save objects with everything that can be reached from them.

    Parameters
    ----------
    objects
        Of `omero.model`.  They are not changed.
    may_set_repository
        Allow ``OriginalFile.repo``, which clients may not set.

    Returns
    -------
    New objects in the order of the given ones: loaded, with the collections that
    were loaded when they were sent.

    Raises
    ------
    Invalid
        A required field, a uniqueness or a reference is violated.
    ApiUsage
        A value is out of bounds; something is created over all groups.
    StaleObject
        Somebody saved an object since it was read.
    NotAllowed
        The caller may not create, change, delete or link an object.
    """
    saved = write(connection, call, objects, may_set_repository=may_set_repository)
    return read_back(connection, call, saved.roots, saved.nodes)


def write(
    connection: Connection,
    call: Call,
    objects: Sequence[Any],
    *,
    may_set_repository: bool = False,
) -> Saved:
    """Save objects as `save` does, without reading them back."""
    database, tables = call.core.database, call.core.database.tables
    judge = Judge(call.caller, read_group_permissions(connection, tables))
    roots, nodes = read_graph(call.core.model, objects)
    look_up_enumerations(connection, tables, nodes, judge)
    known = read_known(connection, tables, nodes)
    known.lost.update(find_lost_members(connection, tables, call.caller, nodes))
    give_ids(connection, database, nodes)
    append_strays(connection, tables, nodes, known.rows)
    merger = Merger(connection, tables, judge, known, may_set_repository)
    plan = merger.merge(nodes)
    if not plan.is_empty:
        history = History(database, connection, call.caller)
        try:
            _insert_rows(connection, tables, plan, history)
            _change_rows(connection, tables, plan, history, known)
            _replace_pairs(connection, tables, plan)
            erase(connection, tables, judge, history, plan.orphans)
            _add_namespaces(connection, call, nodes, history)
        except IntegrityError as error:
            raise Invalid(f"could not execute statement: {error.orig}") from error
        history.write_log()
    return Saved(roots, nodes)


def delete_object(connection: Connection, call: Call, object_: Any) -> None:
    """Delete one object by its id, with its links and the members of its lists.

    Raises
    ------
    Invalid
        It is not there, or something else still refers to it.
    NotAllowed
        The caller may not delete it, or one of its links or members.
    """
    database, tables = call.core.database, call.core.database.tables
    judge = Judge(call.caller, read_group_permissions(connection, tables))
    model_class = call.core.model.resolve(object_.ice_id())
    node = Node(object_, model_class, int(object_._id.getValue()), State.REFERENCE)
    read_known(connection, tables, [node])
    history = History(database, connection, call.caller)
    erase(connection, tables, judge, history, {model_class.root.name: {node.key[1]}})
    history.write_log()


def _insert_rows(
    connection: Connection, tables: Tables, plan: Plan, history: History
) -> None:
    for model_class, rows in plan.inserts.items():
        table = tables[model_class.name]
        stamps = {
            column: history.event_id
            for column in ("creation_id", "update_id")
            if column in table.c
        }
        connection.execute(insert(table), [{**row, **stamps} for row in rows])
        history.tell(Action.INSERT, model_class, [row["id"] for row in rows])


def _change_rows(
    connection: Connection, tables: Tables, plan: Plan, history: History, known: Known
) -> None:
    for key, columns in plan.changes.items():
        root, id_ = key
        table = tables[root]
        stamp = {"update_id": history.event_id} if "update_id" in table.c else {}
        values = {**columns, **stamp}
        if values:
            connection.execute(update(table).where(table.c.id == id_).values(values))
        history.tell(Action.UPDATE, known.standing[key].model_class, [id_])


def _replace_pairs(connection: Connection, tables: Tables, plan: Plan) -> None:
    for (owner, name), contents in plan.pairs.items():
        table = tables.pairs(tables.model[owner].fields[name])
        for batch in in_batches(contents):
            connection.execute(delete(table).where(table.c.parent_id.in_(batch)))
        rows = list(_pair_rows(contents))
        if rows:
            connection.execute(insert(table), rows)


def _pair_rows(
    contents: dict[int, list[tuple[str | None, str | None]]],
) -> Iterator[dict[str, Any]]:
    for parent_id, pairs in contents.items():
        for index, (name, value) in enumerate(pairs):
            yield {
                "parent_id": parent_id,
                "index": index,
                "name": name,
                "value": value,
            }


def _add_namespaces(
    connection: Connection, call: Call, nodes: Iterable[Node], history: History
) -> None:
    """Insert a `Namespace` for every one that an annotation names first."""
    database, table = call.core.database, call.core.database.tables["Namespace"]
    names = {
        node.values["ns"]
        for node in nodes
        if node.is_written and "ns" in node.model_class.fields
    } - {None}
    for name in sorted(names):
        known = select(table.c.id).where(table.c.name == name)
        if connection.execute(known).scalar() is None:
            id_ = database.next_id(connection, "Namespace")
            connection.execute(insert(table), [{"id": id_, "name": name}])
            history.tell(Action.INSERT, call.core.model["Namespace"], [id_])
