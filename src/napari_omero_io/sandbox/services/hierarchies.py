"""The queries behind IContainer: what is loaded with containers and images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.hql import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call

    from .parameters import Options

_JOIN = " left outer join fetch "


def _images(alias: str, options: Options, *, dataset_counts: bool = False) -> list[str]:
    """Return what is joined to images, by the alias of one."""
    a = alias
    joins = [
        f"{a}.details.creationEvent",
        f"{a}.details.updateEvent",
        f"{a}.pixels {a}Pixels",
        f"{a}Pixels.pixelsType",
        f"{a}.format",
        f"{a}.annotationLinksCountPerOwner",
    ]
    if dataset_counts:
        joins.append(f"{a}.datasetLinksCountPerOwner")
    if options.acquisition:
        joins += [
            f"{a}.stageLabel",
            f"{a}.imagingEnvironment",
            f"{a}.objectiveSettings {a}Settings",
            f"{a}Settings.medium",
            f"{a}Settings.objective {a}Objective",
            f"{a}Objective.immersion",
            f"{a}Objective.correction",
        ]
    return joins


def _dataset(alias: str, options: Options) -> list[str]:
    joins = [
        f"{alias}.annotationLinksCountPerOwner",
        f"{alias}.imageLinksCountPerOwner",
    ]
    if options.leaves:
        joins += [f"{alias}.imageLinks imageLink", "imageLink.child image"]
        joins += _images("image", options)
    return joins


def _project(alias: str, options: Options) -> list[str]:
    return [
        f"{alias}.annotationLinksCountPerOwner",
        f"{alias}.datasetLinks datasetLink",
        "datasetLink.child dataset",
        *_dataset("dataset", options),
    ]


def _plate(alias: str, options: Options) -> list[str]:
    joins = [f"{alias}.annotationLinksCountPerOwner", f"{alias}.plateAcquisitions run"]
    joins += ["run.annotationLinksCountPerOwner"]
    if options.leaves:
        joins += ["run.wellSample sample", "sample.image image"]
        joins += _images("image", options)
    return joins


def _screen(alias: str, options: Options) -> list[str]:
    return [
        f"{alias}.annotationLinksCountPerOwner",
        f"{alias}.plateLinks plateLink",
        "plateLink.child plate",
        "plate.details.creationEvent",
        "plate.details.updateEvent",
        *_plate("plate", options),
    ]


#: What may be the root of a hierarchy, and what is loaded with it.
ROOTS = {
    "Project": _project,
    "Dataset": _dataset,
    "Screen": _screen,
    "Plate": _plate,
}
#: What is below a root and may be in no container, with the link to one.
_ORPHANS = {
    "Project": ("Dataset", "ProjectDatasetLink"),
    "Screen": ("Plate", "ScreenPlateLink"),
}


def load_hierarchy(
    connection: Connection,
    call: Call,
    root: str,
    ids: Sequence[int],
    options: Options,
) -> list[Any]:
    """Load containers of one of the classes in `ROOTS`."""
    where = ["root.id in (:ids)"] if ids else []
    found = _load(connection, call, root, where, ids, options)
    if options.orphans and not ids and root in _ORPHANS:
        below, link = _ORPHANS[root]
        alone = f"not exists (select l.id from {link} l where l.child.id = root.id)"
        found += _load(connection, call, below, [alone], ids, options)
    return found


def hierarchies_of_images(
    connection: Connection, call: Call, image_ids: Sequence[int]
) -> list[Any]:
    """Load what is above images, with these images only.

    Projects come first; then datasets in no project, then images in no dataset.
    """
    values = {"ids": list(image_ids)}
    images = "join fetch d.imageLinks l join fetch l.child i where i.id in (:ids)"
    queries = (
        "select p from Project p join fetch p.datasetLinks k"
        f" join fetch k.child d {images} order by p.id",
        f"select d from Dataset d {images} and not exists"
        " (select k.id from ProjectDatasetLink k where k.child.id = d.id)"
        " order by d.id",
        "select i from Image i where i.id in (:ids) and not exists"
        " (select l.id from DatasetImageLink l where l.child.id = i.id)"
        " order by i.id",
    )
    return [one for query in queries for one in find(connection, call, query, values)]


def image_query(
    options: Options, where: Sequence[str], *, dataset_counts: bool = True
) -> str:
    """Write the query for images, alias ``i``, that meet some conditions."""
    joins = _images("i", options, dataset_counts=dataset_counts)
    return _select("Image", "i", joins, where)


def window(options: Options) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions of a time window on when images were made."""
    where, values = [], {}
    for sign, name, bound in ((">", "start", options.start), ("<", "end", options.end)):
        if bound is not None:
            where.append(f"i.details.creationEvent.time {sign} :{name}")
            values[name] = bound
    return where, values


def _load(
    connection: Connection,
    call: Call,
    name: str,
    where: Sequence[str],
    ids: Sequence[int],
    options: Options,
) -> list[Any]:
    where = list(where)
    values: dict[str, Any] = {"ids": list(ids)} if ids else {}
    for path, wanted in (("owner", options.owner_id), ("group", options.group_id)):
        if wanted is not None:
            where.append(f"root.details.{path}.id = :{path}")
            values[path] = wanted
    joins = ["root.details.creationEvent", *ROOTS[name]("root", options)]
    return find(connection, call, _select(name, "root", joins, where), values)


def _select(name: str, alias: str, joins: Sequence[str], where: Sequence[str]) -> str:
    text = f"select {alias} from {name} {alias}"
    text += "".join(_JOIN + join for join in joins)
    if where:
        text += " where " + " and ".join(where)
    return f"{text} order by {alias}.id"
