"""Key-value pairs and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import hql
from .browse import TYPES, read_object
from .ice import omero
from .translate import translated
from .wire import make_parameters, read_text, refer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection

#: Key-value pairs that users may edit in OMERO's other clients.
EDITABLE = "openmicroscopy.org/omero/client/mapAnnotation"


def add_key_values(
    connection: Connection,
    kind: str,
    ids: Sequence[int],
    pairs: Sequence[tuple[str, str]],
    namespace: str = EDITABLE,
) -> int:
    """Attach one set of key-value pairs to objects of one group; gives its id.

    Keys may repeat, and keep their order.

    Parameters
    ----------
    namespace
        Whose pairs they are; the default lets users edit them.
    """
    annotation = omero.model.MapAnnotationI()
    annotation.ns = omero.rtypes.rstring(namespace)
    annotation.mapValue = [omero.model.NamedValue(key, value) for key, value in pairs]
    return _attach(connection, kind, ids, annotation)


def add_tag(connection: Connection, kind: str, ids: Sequence[int], text: str) -> int:
    """Attach a tag to objects of one group; gives its id.

    A tag of that text which the user already has is used again.
    """
    group_id = read_object(connection, kind, ids[0]).group_id
    with translated(f"look for tag “{text}”"):
        found = connection.service("query").findAllByQuery(
            hql.OWN_TAG,
            make_parameters(0, 1, text=text, user=connection.user.id, group=group_id),
            connection.context(group_id),
        )
    if found:
        tag_id = int(found[0].id.val)
        tagged = _find_tagged(connection, kind, ids, tag_id)
        missing = [each for each in ids if each not in tagged]
        if missing:
            _attach(connection, kind, missing, refer("TagAnnotation", tag_id))
        return tag_id
    tag = omero.model.TagAnnotationI()
    tag.textValue = omero.rtypes.rstring(text)
    return _attach(connection, kind, ids, tag)


def read_key_values(
    connection: Connection, kind: str, object_id: int
) -> list[tuple[str, str]]:
    """Read the key-value pairs of an object, all sets after each other."""
    return [
        (pair.name, pair.value)
        for annotation in _read(connection, hql.KEY_VALUES, kind, object_id)
        for pair in annotation.mapValue or ()
        if pair is not None
    ]


def read_tags(connection: Connection, kind: str, object_id: int) -> list[str]:
    """Read the tags of an object."""
    found = _read(connection, hql.TAGS, kind, object_id)
    return [read_text(tag.textValue) for tag in found]


def _read(connection: Connection, query: str, kind: str, object_id: int) -> list[Any]:
    with translated(f"read the annotations of {kind} {object_id}"):
        found: list[Any] = connection.service("query").findAllByQuery(
            query.format(type=TYPES[kind]),
            make_parameters(id=object_id),
            connection.context(),
        )
    return found


def _find_tagged(
    connection: Connection, kind: str, ids: Sequence[int], tag_id: int
) -> set[int]:
    with translated(f"read the tags of {kind}s"):
        rows = connection.service("query").projection(
            hql.TAGGED.format(type=TYPES[kind]),
            make_parameters(ids=list(ids), tag=tag_id, user=connection.user.id),
            connection.context(),
        )
    return {row[0].getValue() for row in rows}


def _attach(
    connection: Connection, kind: str, ids: Sequence[int], annotation: Any
) -> int:
    """Link an annotation, new or known, to objects; all in one step."""
    group_id = read_object(connection, kind, ids[0]).group_id
    links = []
    for object_id in ids:
        link = getattr(omero.model, f"{TYPES[kind]}AnnotationLinkI")()
        link.parent = refer(TYPES[kind], object_id)
        link.child = annotation
        links.append(link)
    with translated(f"annotate {kind} {', '.join(map(str, ids[:10]))}"):
        saved = connection.service("update").saveAndReturnArray(
            links, connection.context(group_id)
        )
    return int(saved[0].child.id.val)
