"""Script files: where they lie, what type they are, what is in them."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import omero.model
from omero.rtypes import rlong, rstring, rtime

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.rules.membership import in_context
from napari_omero_io.sandbox.store.repositories import SCRIPTS
from napari_omero_io.sandbox.store.saving import save

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call

#: Types of files that can be run.
RUNNABLE = ("text/x-python", "text/x-jython", "text/x-matlab")
LOOKUP_TABLE = "text/x-lut"
#: Of a script that cannot be run, because its parameters cannot be read.
INERT = "text/plain"

_BY_SUFFIX = {
    ".py": "text/x-python",
    ".jy": "text/x-jython",
    ".m": "text/x-matlab",
    ".lut": LOOKUP_TABLE,
}
_FILE = "select f from OriginalFile f left outer join fetch f.hasher where f.id = :id"


def mimetype_of(name: str) -> str:
    """Return the type of a file by the end of its name."""
    return _BY_SUFFIX.get(PurePosixPath(name).suffix.lower(), INERT)


def split_path(path: str) -> tuple[str, str]:
    """Split a path into the folder, between slashes, and the name of the file.

    Raises
    ------
    ApiUsage
        There is no name, or the path leads upwards.
    """
    parts = [part for part in path.replace("\\", "/").split("/") if part != ""]
    if not parts or "\0" in path or any(part in (".", "..") for part in parts):
        raise ApiUsage(f"Not the path of a script: {path!r}")
    return "/".join(["", *parts[:-1], ""]), parts[-1]


def is_official(file: Any) -> bool:
    """Tell whether a script belongs to the server, not to one of its users."""
    return file._repo is not None and file._repo.val == SCRIPTS


def everywhere(call: Call) -> Call:
    """Return the same call over all groups that the caller may read."""
    tables = call.core.database.tables
    with call.core.database.read() as connection:
        caller = in_context(connection, tables, call.caller, {"omero.group": "-1"})
    return replace(call, caller=caller)


def within(call: Call, group_id: int) -> Call:
    """Return the same call in one group."""
    context = {"omero.group": str(group_id)}
    tables = call.core.database.tables
    with call.core.database.read() as connection:
        caller = in_context(connection, tables, call.caller, context)
    return replace(call, caller=caller, context={**call.context, **context})


def find_file(call: Call, file_id: int) -> Any:
    """Return a file that the caller may read, whatever its group, or None."""
    with call.core.database.read() as connection:
        found = hql.find(connection, everywhere(call), _FILE, {"id": file_id})
    return found[0] if found else None


def read_text(call: Call, file: Any) -> str:
    """Return the text of a script."""
    content = call.core.files.path(int(file.id.val)).read_bytes()
    return content.decode("utf-8", errors="replace")


def build_file(path: str, *, official: bool = False) -> Any:
    """Return a new original file for a path, without content."""
    file = omero.model.OriginalFileI()
    folder, name = split_path(path)
    file.path, file.name = rstring(folder), rstring(name)
    file.mimetype = rstring(mimetype_of(name))
    file.ctime = rtime(_now())
    if official:
        file.repo = rstring(SCRIPTS)
    return file


def save_file(connection: Connection, call: Call, file: Any, content: bytes) -> Any:
    """Save a file with its content, its size and its digest; return it.

    The content takes its place at once: who reads sees the old one or the new one.
    """
    file.size, file.mtime = rlong(len(content)), rtime(_now())
    file.hash = rstring(digest(content))
    file.hasher = omero.model.ChecksumAlgorithmI()
    file.hasher.value = rstring("SHA1-160")
    (saved,) = save(connection, call, [file], may_set_repository=True)
    call.core.files.put(int(saved.id.val), content)
    return saved


def digest(content: bytes) -> str:
    """Return the SHA-1 of a content, as OMERO keeps it."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def _now() -> int:
    return time.time_ns() // 1_000_000
