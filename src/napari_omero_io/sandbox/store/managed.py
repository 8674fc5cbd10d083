"""What lies in the managed repository: original files by their paths.

A path is the folder and the name of a row: ``root_0/2026-01/31/`` and ``cells.tif``.
Folders are rows too, of the type ``Directory``; the topmost lie in ``/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero.model
from omero.rtypes import rstring
from sqlalchemy import select

from napari_omero_io.sandbox import hql

from .repositories import MANAGED
from .saving import save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call

#: Type of a row that stands for a folder.
DIRECTORY = "Directory"

_FILES = (
    "select f from OriginalFile f left outer join fetch f.hasher "
    "where f.repo = :repo and "
)


def split(path: str) -> tuple[str, str]:
    """Return the folder and the name of what lies at a path."""
    *folders, name = path.strip("/").split("/")
    return "/".join([*folders, ""]) or "/", name


def find_at(connection: Connection, call: Call, path: str) -> Any:
    """Return the row of a file or folder that the caller sees, or None."""
    folder, name = split(path)
    values = {"repo": MANAGED, "folder": folder, "name": name}
    text = f"{_FILES}f.path = :folder and f.name = :name order by f.id"
    found = hql.find(connection, call, text, values)
    return found[0] if found else None


def find_in(connection: Connection, call: Call, folder: str) -> list[Any]:
    """Return the rows of what lies in a folder, ``/`` or ending with a slash."""
    values = {"repo": MANAGED, "folder": folder}
    text = f"{_FILES}f.path = :folder order by f.name, f.id"
    found: list[Any] = hql.find(connection, call, text, values)
    return found


def find_by_id(connection: Connection, call: Call, ids: Sequence[int]) -> list[Any]:
    """Return rows of the repository by their ids; those unseen are left out."""
    if not ids:
        return []
    values = {"repo": MANAGED, "ids": list(ids)}
    found: list[Any] = hql.find(connection, call, f"{_FILES}f.id in (:ids)", values)
    return found


def is_taken(connection: Connection, call: Call, path: str) -> bool:
    """Tell whether anything lies at a path, also what the caller does not see."""
    folder, name = split(path)
    files = call.core.database.tables["OriginalFile"]
    query = select(files.c.id).where(
        files.c.repo == MANAGED, files.c.path == folder, files.c.name == name
    )
    return connection.execute(query).first() is not None


def ensure_folders(connection: Connection, call: Call, path: str) -> None:
    """Make the rows of a folder and of those around it that are not there yet."""
    parts = [part for part in path.split("/") if part]
    for depth in range(1, len(parts) + 1):
        place = "/".join(parts[:depth])
        if is_taken(connection, call, place):
            continue
        row = omero.model.OriginalFileI()
        folder, name = split(place)
        row.path, row.name = rstring(folder), rstring(name)
        row.mimetype, row.repo = rstring(DIRECTORY), rstring(MANAGED)
        save(connection, call, [row], may_set_repository=True)
