"""Handing a saved graph back, as IUpdate does.

Every object that took part comes back loaded, each once: references between them
lead to these same objects.  Collections are loaded where they were when they were
sent.  Enumerations that were sent as references stay so; those that were sent with
their value, to be looked up, come back with it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import NotAllowed
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.schema.tables import DETAILS

from .rows import in_batches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.schema.model import Model

    from .incoming import Key, Node

#: Members of details that come back loaded.
_LOADED_DETAILS = ("owner", "group", "creationEvent", "updateEvent")


def read_back(
    connection: Connection, call: Call, roots: Sequence[Node], nodes: Sequence[Node]
) -> list[Any]:
    """Read the objects of a saved graph and join them as they were sent.

    Raises
    ------
    NotAllowed
        The caller may not see one of them.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    taking_part = [node for node in nodes if not _is_bare_enum(node)]
    for node in taking_part:
        wanted[node.model_class.root.name].add(node.key[1])
    objects = _read(connection, call, wanted)
    for node in taking_part:
        if node.key not in objects:
            raise NotAllowed(f"Cannot read {node.name}")
    more = _named_by_details(objects.values(), objects.keys())
    objects.update(_read(connection, call, more))
    for (root, _), found in objects.items():
        _join_references(call.core.model, root, found, objects)
    for node in taking_part:
        found = objects[node.key]
        for name, members in node.collections.items():
            setattr(found, f"_{name}Seq", [objects[member.key] for member in members])
            setattr(found, f"_{name}Loaded", True)
    return [objects[node.key] for node in roots]


def _is_bare_enum(node: Node) -> bool:
    is_enum = node.model_class.is_enum and not node.is_written
    return is_enum and not node.source.isLoaded()


def _read(
    connection: Connection, call: Call, wanted: dict[str, set[int]]
) -> dict[Key, Any]:
    found: dict[Key, Any] = {}
    for root, ids in wanted.items():
        for batch in in_batches(ids):
            query = f"select x from {root} x where x.id in (:ids)"
            for one in find(connection, call, query, {"ids": batch}):
                found[root, one._id.getValue()] = one
    return found


def _named_by_details(
    objects: Iterable[Any], known: Collection[Key]
) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for one in objects:
        for member in _LOADED_DETAILS:
            target = getattr(one._details, f"_{member}")
            if target is not None:
                key = (DETAILS[member][1], target._id.getValue())
                if key not in known:
                    wanted[key[0]].add(key[1])
    return wanted


def _join_references(
    model: Model, root: str, found: Any, objects: dict[Key, Any]
) -> None:
    """Let an object refer to the loaded objects of the graph."""
    model_class = model.resolve(found.ice_id())
    for field in model_class.of_kind(Kind.REFERENCE):
        name = f"_{field.name}"
        target = getattr(found, name)
        if target is not None:
            key = (model[str(field.target)].root.name, target._id.getValue())
            setattr(found, name, objects.get(key, target))
    for member in DETAILS:
        name = f"_{member}"
        target = getattr(found._details, name)
        if target is not None:
            key = (DETAILS[member][1], target._id.getValue())
            setattr(found._details, name, objects.get(key, target))
