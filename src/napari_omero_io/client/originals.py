"""The files that images were imported from, and what they are called here.

Names come from other people's computers: what would leave the folder, or what a file
system does not take, is replaced.  Files of one fileset keep their places relative to
each other, since they refer to each other by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from .translate import translated
from .wire import make_parameters, unbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .connection import Connection

#: Files of filesets.
_FILES = """
    select entry.fileset.id, fileset.templatePrefix, file.id, file.name, file.path,
           file.size, file.hash, hasher.value, file.details.group.id
    from FilesetEntry entry
    join entry.fileset fileset
    join entry.originalFile file
    left join file.hasher hasher
    where entry.fileset.id in (select image.fileset.id from Image image
                               where image.id in (:ids))
    order by entry.fileset.id, file.id
"""
#: Files of images that were imported before there were filesets.
_ARCHIVED = """
    select pixels.image.id, file.id, file.name, file.path, file.size, file.hash,
           hasher.value, file.details.group.id
    from PixelsOriginalFileMap link
    join link.child pixels
    join link.parent file
    left join file.hasher hasher
    where pixels.image.id in (:ids)
    order by pixels.image.id, file.id
"""
#: Which images have a fileset.
_IMAGES = """
    select image.id, image.name, image.fileset.id from Image image
    where image.id in (:ids) order by image.id
"""
#: Images asked about in one query.
_BATCH = 500
#: What some file system or other does not take in a name.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
#: Names that Windows keeps for itself, with any ending.
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$")
#: Bytes of a name; the ending of a file on its way has to fit as well.
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """One file on the server.

    Attributes
    ----------
    fileset
        Names the files that belong together.
    prefix
        The folder of the fileset on the server, where that is known.
    size
        None where the server does not say.
    digest, hasher
        The checksum and its algorithm, '' where there is none.
    """

    id: int
    name: str
    path: str
    fileset: str
    prefix: str = ""
    size: int | None = None
    digest: str = ""
    hasher: str = ""
    group_id: int = -1


@dataclass(frozen=True, slots=True)
class Originals:
    """The files of some images.

    Attributes
    ----------
    without
        Names of images that have none: they were made from pixels.
    """

    files: tuple[OriginalFile, ...]
    without: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all files whose size is known."""
        return sum(file.size or 0 for file in self.files)


def read_originals(connection: Connection, image_ids: Sequence[int]) -> Originals:
    """Read which files images came from, in one round trip; each file once."""
    query, context = connection.service("query"), connection.context()
    batches = [
        make_parameters(ids=list(image_ids[first : first + _BATCH]))
        for first in range(0, len(image_ids), _BATCH)
    ]
    with translated("list the original files"):
        asked = [
            [query.begin_projection(text, each, _ctx=context) for each in batches]
            for text in (_FILES, _ARCHIVED, _IMAGES)
        ]
        in_filesets, archived, images = (
            [row for each in part for row in query.end_projection(each)]
            for part in asked
        )
    files = [_make_file(*map(unbox, row)) for row in in_filesets]
    files += [
        _make_file(f"image {image_id}", "", *map(unbox, row))
        for image_id, *row in ((unbox(first), *rest) for first, *rest in archived)
    ]
    with_files = {unbox(row[0]) for row in archived}
    without = [
        unbox(name) or f"Image {unbox(image_id)}"
        for image_id, name, fileset_id in images
        if fileset_id is None and unbox(image_id) not in with_files
    ]
    once = {file.id: file for file in files}
    return Originals(tuple(once.values()), tuple(without))


def _make_file(fileset: Any, prefix: str | None, *row: Any) -> OriginalFile:
    file_id, name, path, size, digest, hasher, group_id = row
    return OriginalFile(
        id=file_id,
        name=name,
        path=path or "",
        fileset=str(fileset),
        prefix=prefix or "",
        size=size,
        digest=digest or "",
        hasher=hasher or "",
        group_id=group_id,
    )


def place_files(
    files: Iterable[OriginalFile],
    is_free: Callable[[PurePosixPath, OriginalFile], bool] = lambda _, __: True,
) -> dict[OriginalFile, PurePosixPath]:
    """Say where each file goes below the folder that the user has chosen.

    A fileset of which one name is taken goes as a whole into a folder of its own, so
    that no file gets another name than the others know it by.

    Parameters
    ----------
    is_free
        Whether a place is free for a file; it is, where that very file lies there.

    Returns
    -------
    dict
        Relative paths, none of which leads out of the folder, and no two of which are
        the same on any file system.
    """
    filesets: dict[str, list[OriginalFile]] = {}
    for file in files:
        filesets.setdefault(file.fileset, []).append(file)
    placed: dict[OriginalFile, PurePosixPath] = {}
    taken: set[tuple[str, ...]] = set()
    folders: set[tuple[str, ...]] = set()

    def fits(places: dict[OriginalFile, PurePosixPath]) -> bool:
        keys = [_key(place) for place in places.values()]
        above = {key[:n] for key in keys for n in range(1, len(key))}
        return (
            len(set(keys)) == len(keys)
            and not taken.intersection(keys)
            and not folders.intersection(keys)
            and not above.intersection(taken)
            and not above.intersection(keys)
            and all(is_free(place, file) for file, place in places.items())
        )

    for name, members in filesets.items():
        inside = _place_inside(members)
        for folder in _folders(name):
            places = {file: folder / place for file, place in inside.items()}
            if fits(places):
                break
        placed.update(places)
        for place in places.values():
            key = _key(place)
            taken.add(key)
            folders.update(key[:n] for n in range(1, len(key)))
    return placed


def make_safe(name: str) -> str:
    """Make a name that any file system takes, and that is one name and no path."""
    safe = _FORBIDDEN.sub("_", name).rstrip(". ").lstrip(" ")
    if not safe or _RESERVED.match(safe):
        safe = f"_{safe}"
    stem, dot, ending = safe.rpartition(".")
    if not stem or len(ending) > 20:
        stem, dot, ending = safe, "", ""
    room = _LONGEST - len(f"{dot}{ending}".encode())
    stem = stem.encode()[:room].decode(errors="ignore")
    return f"{stem}{dot}{ending}"


def _place_inside(files: Sequence[OriginalFile]) -> dict[OriginalFile, PurePosixPath]:
    """Return places relative to the folder that all files of a fileset lie in."""
    parts = {file: _split(file.path) for file in files}
    above = _split(files[0].prefix)
    if not above or any(each[: len(above)] != above for each in parts.values()):
        above = _common(list(parts.values()))
    places: dict[OriginalFile, PurePosixPath] = {}
    inside = {
        file: PurePosixPath(*map(make_safe, folders[len(above) :]))
        for file, folders in parts.items()
    }
    used = {
        _key(each) for folder in inside.values() for each in (folder, *folder.parents)
    }
    for file, folder in inside.items():
        name = make_safe(file.name)
        # two names may have become one when they were made safe
        others = (make_safe(f"{file.id} ({n}) {file.name}") for n in count(1))
        while _key(folder / name) in used:
            name = next(others)
        places[file] = folder / name
        used.add(_key(places[file]))
    return places


def _split(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".", "..")]


def _common(paths: Sequence[list[str]]) -> list[str]:
    """Return the folders that all paths begin with."""
    shared = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return shared


def _folders(fileset: str) -> Iterable[PurePosixPath]:
    """Yield folders to put a fileset into: none, and then one of its own."""
    yield PurePosixPath()
    name = make_safe(f"Fileset {fileset}" if fileset.isdecimal() else fileset)
    yield PurePosixPath(name)
    for number in range(2, 1000):
        yield PurePosixPath(f"{name} ({number})")


def _key(place: PurePosixPath) -> tuple[str, ...]:
    """Return what is the same for places that some file systems take for one."""
    return tuple(part.casefold() for part in place.parts)
