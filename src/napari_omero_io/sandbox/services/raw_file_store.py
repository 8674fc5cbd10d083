"""RawFileStore: reading and writing the content of original files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omero.rtypes import rlong, rstring, rtime

from napari_omero_io.sandbox.errors import ApiUsage, Invalid, NotAllowed
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rules.caller import ALL_GROUPS
from napari_omero_io.sandbox.rules.membership import read_group_permissions
from napari_omero_io.sandbox.rules.permissions import facts_of, restrictions
from napari_omero_io.sandbox.store.checksums import digest_file
from napari_omero_io.sandbox.store.saving import save

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState

#: Bytes of one read from a file of a repository.
_REPOSITORY_READ = 64_000_000
#: Bytes of one read from any other file; no message may be longer.
_READ = 256_000_000
_QUERY = "select f from OriginalFile f left outer join fetch f.hasher where f.id = :id"


@dataclass(slots=True)
class _Open:
    """The file that a store has open."""

    row: Any
    is_writable: bool
    is_modified: bool = False

    @property
    def id(self) -> int:
        return int(self.row._id._val)

    @property
    def is_in_repository(self) -> bool:
        return self.row._repo is not None


class RawFileStore:
    """One file at a time, for one client."""

    def __init__(self, core: Core, _session: SessionState | None) -> None:
        self._core = core
        self._file: _Open | None = None

    def setFileId(self, call: Call, file_id: int) -> None:
        """Open a file; for writing, if the caller may."""
        if self._file is not None:
            if self._file.is_in_repository and self._file.id != file_id:
                raise ApiUsage(f"Cannot reset id to {file_id}")
            self.close(call)
        with self._core.database.read() as connection:
            found = find(connection, call, _QUERY, {"id": file_id})
            if not found:
                raise Invalid(f"Cannot read original file id={file_id}")
            (row,) = found
            self._file = _Open(row, _may_write(connection, call, row))

    def getFileId(self, _call: Call) -> Any:
        """Return the id of the open file, boxed; None if there is none."""
        return rlong(self._file.id) if self._file is not None else None

    def exists(self, _call: Call) -> bool:
        """Tell whether the file has content."""
        return self._core.files.exists(self._opened().id)

    def size(self, _call: Call) -> int:
        """Return the bytes of the file."""
        return self._core.files.size(self._opened().id)

    def read(self, _call: Call, position: int, length: int) -> bytes:
        """Return bytes from a position on, as many as asked for.

        Past the end of the file they are zeros; there is no other sign of the end.
        """
        file = self._opened()
        limit = _REPOSITORY_READ if file.is_in_repository else _READ
        if length > limit:
            raise ApiUsage(f"Too big: {length}")
        if position < 0 or length < 0:
            raise ApiUsage(f"Cannot read {length} bytes from {position} on.")
        found = self._core.files.read(file.id, position, length)
        return found.ljust(length, b"\0")

    def write(self, _call: Call, buf: bytes, position: int, length: int) -> None:
        """Write the first bytes of a buffer at a position."""
        file = self._writable()
        if position < 0 or not 0 <= length <= len(buf):
            raise ApiUsage(
                f"Cannot write {length} of {len(buf)} bytes from {position} on."
            )
        self._core.files.write(file.id, position, buf[:length])
        file.is_modified = True

    def truncate(self, _call: Call, length: int) -> bool:
        """Shorten the file; tell whether that was necessary."""
        file = self._writable()
        if length < 0:
            raise ApiUsage(f"A file cannot have {length} bytes.")
        is_shorter = self._core.files.truncate(file.id, length)
        file.is_modified = file.is_modified or is_shorter
        return is_shorter

    def save(self, call: Call) -> Any:
        """Store size, digest and time of what was written; return the row or None."""
        file = self._opened()
        if not file.is_writable or not self._core.files.exists(file.id):
            return None
        size = self._core.files.size(file.id)
        known = file.row._size
        if not file.is_modified and known is not None and known._val == size:
            return None
        file.row._size = rlong(size)
        file.row._mtime = rtime(time.time_ns() // 1_000_000)
        if file.row._hasher is not None:
            algorithm = file.row._hasher._value._val
            path = self._core.files.path(file.id)
            file.row._hash = rstring(digest_file(path, algorithm))
        with self._core.database.write() as connection:
            save(connection, call, [file.row])
            (file.row,) = find(connection, call, _QUERY, {"id": file.id})
        file.is_modified = False
        return file.row

    def close(self, call: Call) -> None:
        """Save what was written."""
        if self._file is None:
            return
        try:
            self.save(call)
        finally:
            self._file = None

    def _opened(self) -> _Open:
        if self._file is None:
            raise ApiUsage("This RawFileStore has no file: set its id first.")
        return self._file

    def _writable(self) -> _Open:
        file = self._opened()
        if not file.is_writable:
            raise NotAllowed("File not writeable!")
        return file


def _may_write(connection: Connection, call: Call, row: Any) -> bool:
    if call.caller.group_id == ALL_GROUPS:
        return False
    tables = call.core.database.tables
    group_id = row._details._group._id._val
    permissions = read_group_permissions(connection, tables)
    found = restrictions(
        call.caller,
        row._details._owner._id._val,
        group_id,
        permissions[group_id],
        facts_of(call.core.model["OriginalFile"]),
    )
    return found is None or not found.edit
