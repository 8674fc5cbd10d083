"""DiskUsage2: how many bytes of files and pixels hang on objects."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.api
import omero.cmd
from sqlalchemy import select

from napari_omero_io.sandbox.rules.kinship import children, relatives
from napari_omero_io.sandbox.rules.permissions import visible
from napari_omero_io.sandbox.rules.tracks import Tracks

from .targets import classes_named, everywhere, read_targets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from napari_omero_io.sandbox.rules.graph import Key
    from napari_omero_io.sandbox.rules.ownership import Standing
    from napari_omero_io.sandbox.store.erasing import Doomed

    from .work import Work

#: By whom files are used: the class that is named, the table with the references,
#: and the fields of the user and of the file.
_USERS = (
    ("FileAnnotation", "FileAnnotation", "id", "file"),
    ("FilesetEntry", "FilesetEntry", "id", "originalFile"),
    ("Job", "JobOriginalFileLink", "parent", "child"),
    ("Pixels", "PixelsOriginalFileMap", "child", "parent"),
    ("Roi", "Roi", "id", "source"),
)
_USERS_OF_GROUPS = ("Experimenter", "ExperimenterGroup")


@dataclass(frozen=True, slots=True)
class _Usage:
    """Something on the disk, by what refers to it."""

    key: Key
    standing: Standing
    referer: str
    bytes: int


def measure_usage(work: Work, request: Any) -> Any:
    """Return bytes and numbers of files by owner and group, and by what uses them.

    A file that several objects use counts once in the totals.
    """
    found = relatives(
        Tracks(work.connection, work.call.core.database.tables),
        everywhere(work.call).caller,
        _read_targets(work, request),
        _step,
    )
    counts: Any = defaultdict(lambda: defaultdict(int))
    sizes: Any = defaultdict(lambda: defaultdict(int))
    total: dict[Any, int] = defaultdict(int)
    total_size: dict[Any, int] = defaultdict(int)
    counted = set()
    for usage in _usages(work, found):
        one = usage.standing
        pair = omero.api.LongPair(one.owner_id, one.group_id)
        counts[pair][usage.referer] += 1
        sizes[pair][usage.referer] += usage.bytes
        if usage.key not in counted:
            counted.add(usage.key)
            total[pair] += 1
            total_size[pair] += usage.bytes
    return omero.cmd.DiskUsage2Response(
        {pair: dict(by_class) for pair, by_class in counts.items()},
        {pair: dict(by_class) for pair, by_class in sizes.items()},
        dict(total),
        dict(total_size),
    )


def _step(
    tracks: Tracks, root: str, ids: Collection[int]
) -> Iterator[tuple[str, set[int]]]:
    """Go on to what objects contain, and from images to the files they came with."""
    yield from children(tracks, root, ids)
    if root == "Image":
        column = tracks.tables.column("Image", "fileset")
        yield "Fileset", {target for _, target in tracks.referred(column, ids)}


def size_of_folder(folder: Path) -> int:
    """Return the bytes of all files in a folder, which may not be there."""
    if not folder.exists():
        return 0
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _read_targets(work: Work, request: Any) -> Doomed:
    """Return what is named: objects, all of a class, or all of a user or a group."""
    named = dict(request.targetObjects or {})
    owners = {name: named.pop(name, ()) for name in _USERS_OF_GROUPS}
    targets = read_targets(work, named, lambda _: True)
    model, tables = work.call.core.model, work.call.core.database.tables
    caller = everywhere(work.call).caller
    roots = [one for one in model.classes.values() if not one.ancestors]
    for one in roots:
        table = tables[one.name]
        conditions = []
        if owners["Experimenter"] and not one.is_global:
            conditions.append(table.c.owner_id.in_(owners["Experimenter"]))
        if owners["ExperimenterGroup"] and not one.is_global:
            conditions.append(table.c.group_id.in_(owners["ExperimenterGroup"]))
        for condition in conditions:
            query = select(table.c.id).where(condition, visible(caller, table))
            targets[one.name] |= set(work.connection.execute(query).scalars())
    for name in request.targetClasses or ():
        for one in classes_named(model, name):
            table = tables[one.name]
            query = select(table.c.id).where(visible(caller, table))
            if "discriminator" in table.c:
                query = query.where(table.c.discriminator == one.discriminator)
            targets[one.root.name] |= set(work.connection.execute(query).scalars())
    return targets


def _usages(work: Work, found: dict[Key, Standing]) -> Iterator[_Usage]:
    tables, core = work.call.core.database.tables, work.call.core
    files = {id_: one for (root, id_), one in found.items() if root == "OriginalFile"}
    users: dict[int, set[str]] = defaultdict(set)
    for referer, source, user, file in _USERS:
        column = tables.column(source, file)
        user_column = (
            tables[source].c.id if user == "id" else tables.column(source, user)
        )
        root = core.model[referer].root.name
        ids = [id_ for name, id_ in found if name == root]
        query = select(column).where(user_column.in_(ids), column.is_not(None))
        for file_id in work.connection.execute(query).scalars():
            users[file_id].add(referer)
    for id_, one in files.items():
        size = core.files.size(id_)
        for referer in sorted(users[id_]) or ["OriginalFile"]:
            yield _Usage(("OriginalFile", id_), one, referer, size)
    for (root, id_), one in found.items():
        if root == "Pixels":
            size = size_of_folder(core.pixels.path(id_))
            if size:
                yield _Usage((root, id_), one, "Pixels", size)
