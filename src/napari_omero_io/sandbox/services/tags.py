"""Loading tags, their sets, and what is tagged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.hql import find, project

from .hierarchies import load_hierarchy
from .parameters import Options

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call

TAG_SET = "openmicroscopy.org/omero/insight/tagset"

#: What tags are looked for on.
TAGGED = ("Image", "Dataset", "Plate", "Project", "Screen")


def load_tag_sets(connection: Connection, call: Call, options: Options) -> list[Any]:
    """Load tag sets with their tags, and the tags in no set if asked for."""
    values: dict[str, Any] = {"ns": TAG_SET}
    owned = ""
    if options.owner_id is not None:
        owned = " and a.details.owner.id = :owner"
        values["owner"] = options.owner_id
    sets = (
        "select a from TagAnnotation a join fetch a.details.owner"
        " left outer join fetch a.annotationLinks l left outer join fetch l.child c"
        f" left outer join fetch c.details.owner where a.ns = :ns{owned}"
        " order by a.id"
    )
    alone = (
        "select a from TagAnnotation a join fetch a.details.owner"
        " where (a.ns is null or a.ns != :ns) and not exists"
        " (select l.id from AnnotationAnnotationLink l"
        f" where l.child.id = a.id and l.parent.ns = :ns){owned} order by a.id"
    )
    found = find(connection, call, sets, values)
    if options.orphans:
        found += find(connection, call, alone, values)
    return found


def load_tagged(connection: Connection, call: Call, tag_id: int) -> list[Any]:
    """Load what has a tag; projects and screens with what they contain."""
    found: list[Any] = []
    for name in TAGGED:
        ids = _tagged(connection, call, name, tag_id)
        if ids and name in ("Project", "Screen"):
            found += load_hierarchy(connection, call, name, ids, Options())
        elif ids:
            text = f"select x from {name} x where x.id in (:ids)"
            found += find(connection, call, text, {"ids": ids})
    return found


def count_tagged(connection: Connection, call: Call, tag_id: int) -> int:
    """Count what `load_tagged` loads."""
    return sum(len(_tagged(connection, call, name, tag_id)) for name in TAGGED)


def _tagged(
    connection: Connection, call: Call, class_name: str, tag_id: int
) -> list[int]:
    text = (
        f"select distinct l.parent.id from {class_name}AnnotationLink l"
        " where l.child.id = :tag"
    )
    rows = project(connection, call, text, {"tag": tag_id})
    return sorted(row[0].getValue() for row in rows)
