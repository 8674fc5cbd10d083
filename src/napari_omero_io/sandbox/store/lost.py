"""Finding the members that a loaded collection no longer has."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from napari_omero_io.sandbox.rules.permissions import visible

from .incoming import Key, Node, State
from .rows import in_batches

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.rules.caller import Caller
    from napari_omero_io.sandbox.schema.model import Field
    from napari_omero_io.sandbox.schema.tables import Tables


def find_lost_members(
    connection: Connection, tables: Tables, caller: Caller, nodes: Sequence[Node]
) -> dict[tuple[Key, str], set[int]]:
    """Find what fell out of lists and collections of links.

    Members of other collections are not lost when they are missing: their own
    reference says whose they are.  Neither is what the caller cannot see, what
    another list of the same graph took over, nor what is itself in the graph and
    refers to the owner: a link is often put into one of its two collections only.

    Returns
    -------
    Ids of lost members, by the owner and the collection's name.
    """
    owners: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in nodes:
        if node.state is State.LOADED:
            for name in node.collections:
                owners[node.model_class.fields[name].owner, name].append(node)
    lost: dict[tuple[Key, str], set[int]] = {}
    for (class_name, name), listed in owners.items():
        collection = tables.model[class_name].fields[name]
        assert collection.target is not None
        target = tables.model[collection.target]
        if not (collection.is_ordered or target.is_link):
            continue
        stored = _stored_members(connection, tables, caller, collection, listed)
        kept = _kept_members(tables, nodes, collection)
        for node in listed:
            missing = stored[node.key[1]] - kept
            if missing:
                lost[node.key, name] = missing
    return lost


def _stored_members(
    connection: Connection,
    tables: Tables,
    caller: Caller,
    collection: Field,
    owners: Collection[Node],
) -> dict[int, set[int]]:
    target = tables.model[str(collection.target)]
    table = tables[target.name]
    back = table.c[tables.column_name(target.fields[str(collection.back)])]
    found: dict[int, set[int]] = defaultdict(set)
    for batch in in_batches({node.key[1] for node in owners}):
        query = select(back, table.c.id).where(back.in_(batch), visible(caller, table))
        for owner_id, id_ in connection.execute(query):
            found[owner_id].add(id_)
    return found


def _kept_members(tables: Tables, nodes: Sequence[Node], collection: Field) -> set[int]:
    """Return the ids of members that some collection holds, or that name an owner."""
    target = tables.model[str(collection.target)]
    kept = {
        member.id
        for node in nodes
        for name, members in node.collections.items()
        if node.model_class.fields[name] == collection
        for member in members
    }
    kept |= {
        node.id
        for node in nodes
        if node.is_written
        and node.model_class.is_a(target)
        and node.references[str(collection.back)] is not None
    }
    return {id_ for id_ in kept if id_ is not None}
