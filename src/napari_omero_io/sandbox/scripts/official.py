"""The server's own scripts: the files of a folder, and the lookup tables.

The folder is looked at whenever scripts are listed, as OMERO.server does.  A script
that has gone from the folder keeps its row, for the jobs that ran it, and can be
neither listed nor run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.rtypes import rstring

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage, ResourceFault
from napari_omero_io.sandbox.rendering.painter import TABLES
from napari_omero_io.sandbox.store.repositories import SCRIPTS, as_root

from .files import INERT, build_file, digest, mimetype_of, save_file, split_path

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core

_TABLES_FOLDER = "/luts/"
_ROWS = (
    "select f from OriginalFile f left outer join fetch f.hasher "
    "where f.repo = :repo order by f.id"
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What must be done so that the rows tell of the files that there are."""

    new: dict[str, bytes]
    changed: dict[int, bytes]
    gone: list[int]

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)


def update_rows(core: Core, folder: Path | None) -> None:
    """Bring the rows of official scripts in line with the folder."""
    files = {f"{_TABLES_FOLDER}{name}": content for name, content in _tables().items()}
    files |= _read_folder(folder) if folder else {}
    call = as_root(core)
    with core.database.read() as connection:
        if not _compare(connection, call, files):
            return
    with core.database.write() as connection:
        # Somebody else may have been faster.
        difference = _compare(connection, call, files)
        rows = {row.id.val: row for row in _read_rows(connection, call)}
        for path, content in difference.new.items():
            save_file(connection, call, build_file(path, official=True), content)
        for id_, content in difference.changed.items():
            row = rows[id_]
            row.mimetype = rstring(mimetype_of(row.name.val))
            save_file(connection, call, row, content)
        for id_ in difference.gone:
            rows[id_].mimetype = rstring(INERT)
            save_file(connection, call, rows[id_], b"")


def write_script(folder: Path, path: str, content: bytes) -> None:
    """Put a script into the folder, or replace it.

    Raises
    ------
    ApiUsage
        The path is none of a script.
    ResourceFault
        The folder cannot be written.
    """
    target = locate(folder, path)
    if mimetype_of(target.name) == INERT:
        raise ApiUsage(f"Not the name of a script: {target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.part")
        draft.write_bytes(content)
        draft.replace(target)
    except OSError as error:
        raise ResourceFault(f"{target} cannot be written: {error}") from error


def locate(folder: Path, path: str) -> Path:
    """Return where in the folder a script lies; refuse to leave the folder."""
    inside, name = split_path(path)
    target = folder.joinpath(*inside.strip("/").split("/"), name)
    if not target.resolve().is_relative_to(folder.resolve()):
        raise ApiUsage(f"Not the path of a script: {path!r}")
    return target


def _read_folder(folder: Path) -> dict[str, bytes]:
    return {
        f"/{file.relative_to(folder).as_posix()}": file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and mimetype_of(file.name) != INERT
        and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    }


def _tables() -> dict[str, bytes]:
    """Return the server's lookup tables: 256 reds, greens and blues each."""
    found = {name: TABLES.get(name) for name in TABLES.names()}
    return {name: t.T.tobytes() for name, t in found.items() if t is not None}


def _read_rows(connection: Connection, call: Call) -> list[Any]:
    found: list[Any] = hql.find(connection, call, _ROWS, {"repo": SCRIPTS})
    return found


def _compare(connection: Connection, call: Call, files: dict[str, bytes]) -> Difference:
    new, changed, gone = dict(files), {}, []
    for row in _read_rows(connection, call):
        path = f"{row.path.val}{row.name.val}"
        id_ = row.id.val
        known = row.mimetype.val, row.hash.val
        content = new.pop(path, None)
        if content is None:
            if known[0] != INERT:
                gone.append(id_)
        elif known != (mimetype_of(path), digest(content)):
            changed[id_] = content
    return Difference(new, changed, gone)
