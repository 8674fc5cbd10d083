"""What there is on a server, one page of rows at a time.

Rows are `ObjectRecord`.  The tree begins with the projects, screens, and what is in
neither; images in no dataset hang below a row of kind ``orphaned``, and tags below one
of kind ``tags``.  The ids of these two are that of the owner, or `EVERYBODY`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import BadReference, NotFound
from napari_omero_io.records import ObjectRecord, name_letters

from . import hql, row_queries
from .facts import EVERYBODY
from .translate import translated
from .wire import make_parameters, read_text, unbox

if TYPE_CHECKING:
    from .connection import Connection

#: OMERO's classes by our kinds, those that the browser knows.
TYPES = {
    "project": "Project",
    "dataset": "Dataset",
    "image": "Image",
    "screen": "Screen",
    "plate": "Plate",
    "run": "PlateAcquisition",
    "well": "Well",
    "roi": "Roi",
    "tag": "TagAnnotation",
    "tagset": "TagAnnotation",
    "fileset": "Fileset",
    "file": "OriginalFile",
    "annotation": "Annotation",
    "shape": "Shape",
    "folder": "Folder",
    "pixels": "Pixels",
}
#: Kinds that are found by their name.
NAMED = ("project", "dataset", "image", "screen", "plate")

_CHILDREN = {
    "project": (hql.DATASETS_OF_PROJECT, "dataset"),
    "dataset": (hql.IMAGES_OF_DATASET, "image"),
    "screen": (hql.PLATES_OF_SCREEN, "plate"),
    "plate": (hql.WELLS_OF_PLATE, "well"),
    "run": (hql.IMAGES_OF_RUN, "image"),
    "well": (hql.IMAGES_OF_WELL, "image"),
    "fileset": (hql.IMAGES_OF_FILESET, "image"),
    "tag": (hql.IMAGES_OF_TAG, "image"),
    "orphaned": (row_queries.IMAGES, "image"),
    "tags": (row_queries.TAGS, "tag"),
    "tagset": (row_queries.TAGS_OF_SET, "tag"),
}
_ROOTS = (
    (row_queries.PROJECTS, "project"),
    (row_queries.DATASETS, "dataset"),
    (row_queries.SCREENS, "screen"),
    (row_queries.PLATES, "plate"),
)
#: What tags are found on, images apart, of which there may be many.
_TAGGED = ("project", "dataset", "screen", "plate")


def list_roots(
    connection: Connection,
    group_id: int | None = None,
    owner_id: int | None = None,
) -> list[ObjectRecord]:
    """Read the first rows of the tree.

    Parameters
    ----------
    group_id
        Whose data; None for the group that the session is in.
    owner_id
        Whose; `EVERYBODY` for all members'.  None leaves out only what is loose and
        another's: images in no dataset, and tags.
    """
    group = connection.user.group_id if group_id is None else group_id
    owner = connection.user.id if owner_id is None else owner_id
    query, context = connection.service("query"), connection.context(group)
    everybody = make_parameters(group=group)
    one = make_parameters(group=group, owner=owner)
    is_any = owner_id in (None, EVERYBODY)
    with translated("list projects and datasets"):
        # All at once, so that a distant server takes one round trip.
        asked = [
            query.begin_projection(
                _whose(text, EVERYBODY if is_any else owner),
                everybody if is_any else one,
                _ctx=context,
            )
            for text, _ in _ROOTS
        ]
        counting = query.begin_projection(
            _whose(row_queries.COUNTS, owner),
            everybody if owner == EVERYBODY else one,
            _ctx=context,
        )
        answers = [query.end_projection(each) for each in asked]
        counted = query.end_projection(counting)
    rows = [
        make_row(found.getValue(), kind, unbox(count))
        for (_, kind), answer in zip(_ROOTS, answers, strict=True)
        for found, count in answer
    ]
    counts = [unbox(count) for row in counted for count in row]
    names = (("orphaned", "Images in no dataset"), ("tags", "Tags"))
    for (kind, name), count in zip(names, counts, strict=False):
        if count:
            rows.append(
                ObjectRecord(kind, owner, name, group_id=group, child_count=count)
            )
    return rows


def list_children(
    connection: Connection,
    kind: str,
    object_id: int,
    first: int = 0,
    limit: int = 200,
    group_id: int | None = None,
    run_id: int | None = None,
) -> list[ObjectRecord]:
    """Read rows below another, in the order of their names.

    Fewer than `limit` means that these are the last.  What has no children gives none.

    Parameters
    ----------
    group_id
        Needed only for ``orphaned`` and ``tags``; None for the group that the session
        is in.
    run_id
        For a well: the run whose fields are wanted; None for those of all.
    """
    if kind == "plate" and first == 0:
        runs = _read_rows(connection, row_queries.RUNS, "run", id=object_id)
        if runs:
            return runs
    if kind == "run":
        wells = _read_rows(
            connection, row_queries.WELLS_OF_RUN, "well", first, limit, id=object_id
        )
        return [replace(well, run_id=object_id) for well in wells]
    if kind == "well" and run_id is not None:
        return _read_rows(
            connection,
            row_queries.IMAGES_OF_WELL_IN_RUN,
            "image",
            first,
            limit,
            id=object_id,
            run=run_id,
        )
    if kind == "tag":
        return _list_tagged(connection, object_id, first, limit)
    if kind in ("orphaned", "tags"):
        query, child = _CHILDREN[kind]
        values = {} if object_id == EVERYBODY else {"owner": object_id}
        values["group"] = connection.user.group_id if group_id is None else group_id
        return _read_rows(
            connection, _whose(query, object_id), child, first, limit, **values
        )
    return _list_contents(connection, kind, object_id, first, limit)


def _whose(text: str, owner: int) -> str:
    return text.format(whose="" if owner == EVERYBODY else row_queries.OWNED)


def _list_contents(
    connection: Connection, kind: str, object_id: int, first: int, limit: int
) -> list[ObjectRecord]:
    """Read what is in something, without the steps between that only the tree has."""
    if kind not in _CHILDREN:
        return []
    query, child = _CHILDREN[kind]
    return _read_rows(connection, query, child, first, limit, id=object_id)


def _list_tagged(
    connection: Connection, tag_id: int, first: int, limit: int
) -> list[ObjectRecord]:
    """Read what has a tag: containers first, all on the first page; then images."""
    query, context = connection.service("query"), connection.context()
    wanted = make_parameters(id=tag_id)
    with translated(f"list what has tag {tag_id}"):
        asked = [
            query.begin_projection(
                row_queries.TAGGED.format(
                    type=TYPES[kind], what=row_queries.select_with_count(kind)
                ),
                wanted,
                _ctx=context,
            )
            for kind in _TAGGED
        ]
        answers = [query.end_projection(each) for each in asked]
    above = [
        make_row(found.getValue(), kind, unbox(count))
        for kind, answer in zip(_TAGGED, answers, strict=True)
        for found, count in answer
    ]
    rows = above[first : first + limit]
    images = max(0, first - len(above))
    if len(rows) < limit:
        rows += _read_rows(
            connection,
            row_queries.TAGGED.format(type="Image", what="found"),
            "image",
            images,
            limit - len(rows),
            id=tag_id,
        )
    return rows


def list_writable(connection: Connection, kind: str) -> list[ObjectRecord]:
    """Read the datasets or projects that the user may put something into."""
    query = {"dataset": hql.DATASETS, "project": hql.PROJECTS}[kind]
    rows = _read_rows(connection, query, kind, group=connection.user.group_id)
    return [row for row in rows if row.can_link]


def read_object(connection: Connection, kind: str, object_id: int) -> ObjectRecord:
    """Read one row.

    Raises
    ------
    NotFound
        There is none, or the user may not see it.
    """
    with translated(f"read {kind} {object_id}"):
        found = connection.service("query").findByQuery(
            hql.OBJECT.format(type=TYPES[kind]),
            make_parameters(id=object_id),
            connection.context(),
        )
    if found is None:
        raise NotFound(
            f"There is no {kind} {object_id} at {connection.server}, or you may not "
            "see it."
        )
    return make_row(found, kind, None)


def find_by_name(connection: Connection, kind: str, name: str) -> list[ObjectRecord]:
    """Read the objects of exactly that name."""
    return _read_objects(connection, hql.OBJECTS_BY_NAME, kind, name=name)


def search(
    connection: Connection, text: str, kinds: tuple[str, ...] = NAMED, limit: int = 100
) -> list[ObjectRecord]:
    """Read the objects whose name contains a text, in any case of letters.

    Parameters
    ----------
    limit
        Of rows for each kind.
    """
    escaped = text.lower().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    found = []
    for kind in kinds:
        found += _read_objects(
            connection, hql.OBJECTS_LIKE, kind, limit=limit, pattern=f"%{escaped}%"
        )
    return found


#: How the image is found that a thing lies on.
_IMAGE_OF = {
    "roi": hql.IMAGE_OF_ROI,
    "shape": hql.IMAGE_OF_SHAPE,
    "pixels": hql.IMAGE_OF_PIXELS,
}


def find_images(
    connection: Connection,
    kind: str,
    object_id: int,
    limit: int = 1000,
    run_id: int | None = None,
) -> list[int]:
    """Give the ids of the images that something is, lies on, or contains.

    Parameters
    ----------
    run_id
        For a well: the run whose fields are wanted; None for those of all.

    Raises
    ------
    BadReference
        Such things have nothing to do with images.
    NotFound
        There is no such thing, or the user may not see it.
    """
    if kind == "image":
        return [object_id]
    if kind not in _IMAGE_OF and kind not in _CHILDREN:
        article = "An" if kind[0] in "aeiou" else "A"
        raise BadReference(f"{article} {kind} holds no images.")
    if kind in _IMAGE_OF:
        with translated(f"find the image of {kind} {object_id}"):
            rows = connection.service("query").projection(
                _IMAGE_OF[kind], make_parameters(id=object_id), connection.context()
            )
        if rows:
            return [unbox(rows[0][0])]
    if kind != "orphaned":
        read_object(connection, kind, object_id)
    if kind == "well" and run_id is not None:
        rows = list_children(connection, kind, object_id, 0, limit, run_id=run_id)
        return [row.id for row in rows]
    found: list[int] = []
    below = [(kind, object_id)]
    while below and len(found) < limit:
        parent = below.pop(0)
        read = list_children if parent[0] == "orphaned" else _list_contents
        for row in read(connection, *parent, first=0, limit=limit):
            if row.kind == "image":
                found.append(row.id)
            else:
                below.append((row.kind, row.id))
    return found[:limit]


def _read_rows(
    connection: Connection,
    query: str,
    kind: str,
    first: int = 0,
    limit: int | None = None,
    **values: Any,
) -> list[ObjectRecord]:
    """Read rows of a query that selects objects, and perhaps how many are below."""
    group = values.get("group")
    with translated(f"list {kind}s"):
        rows = connection.service("query").projection(
            query,
            make_parameters(first, limit, **values),
            connection.context() if group is None else connection.context(group),
        )
    return [
        make_row(
            row[0].getValue(),
            kind,
            sum(unbox(count) for count in row[1:]) if len(row) > 1 else None,
        )
        for row in rows
    ]


def _read_objects(
    connection: Connection,
    query: str,
    kind: str,
    limit: int | None = None,
    **values: Any,
) -> list[ObjectRecord]:
    with translated(f"look for {kind}s"):
        found = connection.service("query").findAllByQuery(
            query.format(type=TYPES[kind]),
            make_parameters(0, limit, **values),
            connection.context(),
        )
    return [make_row(each, kind, None) for each in found]


def make_row(found: Any, kind: str, child_count: int | None) -> ObjectRecord:
    """Make the row of an object of the server's."""
    if kind == "tag" and read_text(found.ns) == row_queries.TAG_SET:
        kind = "tagset"
    details = found.details
    permissions = details.permissions
    owner, group = details.owner, details.group
    return ObjectRecord(
        kind=kind,
        id=found.id.val,
        name=name_object(found, kind),
        owner=read_text(owner.omeName) if owner is not None and owner.loaded else "",
        group_id=group.id.val if group is not None else -1,
        child_count=child_count,
        can_link=permissions.canLink(),
        can_delete=permissions.canDelete(),
    )


def name_object(found: Any, kind: str) -> str:
    """Give what a row calls an object."""
    if kind == "well":
        return _name_well(unbox(found.row) or 0, unbox(found.column) or 0)
    for field in ("name", "textValue"):
        if text := read_text(getattr(found, field, None)):
            return text
    return f"{kind.capitalize()} {found.id.val}"


def _name_well(row: int, column: int) -> str:
    """Name a well as plates are labelled: A1 … Z1, AA1 …."""
    return f"{name_letters(row)}{column + 1}"
