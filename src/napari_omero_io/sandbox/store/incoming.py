"""Reading the graph that a client sends to be saved: objects become nodes.

A node says what its object holds in terms of the model: plain values, nodes it
refers to, members of its collections.  What is in the database is not asked here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.schema.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_omero_io.sandbox.schema.model import Field, Model, ModelClass

#: An object in the database: the class whose table it is in, and its id.
Key = tuple[str, int]


class State(Enum):
    """What is to be done with an object."""

    NEW = "new"  #: it has no id: insert it
    REFERENCE = "reference"  #: it stands for a row that is there; nothing is written
    LOADED = "loaded"  #: it overwrites the row that is there


@dataclass(slots=True, eq=False)
class Node:
    """One object of the graph.

    Attributes
    ----------
    id
        Of a new object only once it was given one.
    values
        Plain values, units as ``(value, enumerator)``, maps as lists of pairs.
    references
        Nodes by field; None where the object refers to nothing.
    collections
        Members of those collections that are loaded.
    places
        Of a member of ordered collections: its place, by its reference's name.
    external
        The node of ``details.externalInfo``.
    """

    source: Any
    model_class: ModelClass
    id: int | None
    state: State
    values: dict[str, Any] = field(default_factory=dict)
    references: dict[str, Node | None] = field(default_factory=dict)
    collections: dict[str, list[Node]] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    external: Node | None = None

    @property
    def key(self) -> Key:
        """Where it is in the database."""
        assert self.id is not None
        return (self.model_class.root.name, self.id)

    @property
    def name(self) -> str:
        """How messages name it."""
        return f"{self.model_class.java_name}:Id_{self.id}"

    @property
    def is_written(self) -> bool:
        """Something of it may be written."""
        return self.state is not State.REFERENCE


def read_graph(model: Model, objects: Sequence[Any]) -> tuple[list[Node], list[Node]]:
    """Read all objects that can be reached from some.

    Cycles are normal; an object that is met twice is one node.

    Returns
    -------
    roots, nodes
        The nodes of the given objects, and all nodes.

    Raises
    ------
    ApiUsage
        Something that is no object of the model, or an unloaded one without id.
    """
    nodes: dict[int, Node] = {}
    waiting: list[Node] = []

    def node_of(source: Any) -> Node:
        known = nodes.get(id(source))
        if known is None:
            known = nodes[id(source)] = _bare_node(model, source)
            waiting.append(known)
        return known

    roots = [node_of(source) for source in objects]
    while waiting:
        node = waiting.pop()
        if node.is_written:
            _fill(node, node_of)
    found = list(nodes.values())
    _place_members(found)
    return roots, found


def _bare_node(model: Model, source: Any) -> Node:
    model_class = model.resolve(source.ice_id())
    id_ = None if source._id is None else int(source._id.getValue())
    if not source._loaded:
        if id_ is None:
            raise ApiUsage(f"An unloaded {model_class.name} without id means nothing.")
        return Node(source, model_class, id_, State.REFERENCE)
    if id_ is None:
        return Node(source, model_class, None, State.NEW)
    # events, enumerations and their like are never written again
    state = State.REFERENCE if model_class.is_immutable else State.LOADED
    return Node(source, model_class, id_, state)


def _fill(node: Node, node_of: Any) -> None:
    source = node.source
    for one in node.model_class.fields.values():
        if one.kind is Kind.COLLECTION:
            if getattr(source, f"_{one.name}Loaded"):
                # real servers hand out lists with holes; they come back as such
                members = getattr(source, f"_{one.name}Seq") or ()
                node.collections[one.name] = [node_of(m) for m in members if m]
        elif one.kind is Kind.REFERENCE:
            target = getattr(source, f"_{one.name}")
            node.references[one.name] = None if target is None else node_of(target)
        else:
            node.values[one.name] = _read_value(source, one)
    details = source._details
    if details is not None and details._externalInfo is not None:
        node.external = node_of(details._externalInfo)


def _read_value(source: Any, one: Field) -> Any:
    raw = getattr(source, f"_{one.name}")
    if raw is None:
        return None
    if one.kind is Kind.UNIT:
        return (float(raw.getValue()), str(raw.getUnit()))
    if one.kind is Kind.MAP:
        return [(pair.name, pair.value) for pair in raw if pair is not None]
    if one.kind is Kind.BYTES:
        return bytes(raw)
    if one.kind is Kind.STRINGS:
        return list(raw)
    return raw.getValue()


def _place_members(nodes: Iterable[Node]) -> None:
    """Let collections say whose their members are.

    A list owns its members and their places.  Elsewhere the member's own reference
    counts, unless it is missing.  A member that knows its owner, but is not in the
    owner's loaded list, is appended there.
    """
    nodes = list(nodes)
    for node, collection, members in _loaded_collections(nodes):
        assert collection.back is not None
        for place, member in enumerate(members):
            if collection.is_ordered:
                member.references[collection.back] = node
                member.places[collection.back] = place
            elif member.is_written and member.references.get(collection.back) is None:
                member.references[collection.back] = node
    for node in nodes:
        for name, owner in node.references.items():
            reference = node.model_class.fields[name]
            if not reference.is_ordered or owner is None or name in node.places:
                continue
            listed = str(reference.back)
            if listed in owner.collections:
                node.places[name] = len(owner.collections[listed])
                owner.collections[listed].append(node)


def _loaded_collections(
    nodes: Iterable[Node],
) -> Iterator[tuple[Node, Field, list[Node]]]:
    for node in nodes:
        for name, members in node.collections.items():
            yield node, node.model_class.fields[name], members
