"""The door to repositories, tables and processors."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.model
from omero.rtypes import rstring, rtime

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import Internal, Invalid, NotAllowed
from napari_omero_io.sandbox.store import table_store
from napari_omero_io.sandbox.store.repositories import MANAGED, ensure_repositories
from napari_omero_io.sandbox.store.rows import read_standing
from napari_omero_io.sandbox.store.saving import save

from .managed_repository import ManagedRepository
from .table import Table

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.errors import SandboxError

_TABLE = "OMERO.tables"
_FILE = "select f from OriginalFile f where f.id = :id"


class SharedResources:
    """`omero.grid.SharedResources`: lists repositories, opens tables."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._managed: Any = None

    def areTablesEnabled(self, _call: Call) -> bool:
        """Tell whether PyTables is there to write tables with."""
        return table_store.is_available()

    def newTable(self, call: Call, _repository_id: int, path: str) -> Any:
        """Make an original file for a table and open it.

        The number of the repository is ignored, as OMERO.server ignores it.
        """
        _check_enabled()
        file = omero.model.OriginalFileI()
        file.name, file.path = rstring(path), rstring(path)
        file.mimetype = rstring(_TABLE)
        now = rtime(time.time_ns() // 1_000_000)
        file.atime, file.mtime, file.ctime = now, now, now
        with call.core.database.write() as connection:
            (saved,) = save(connection, call, [file])
        return self.openTable(call, saved)

    def openTable(self, call: Call, file: Any) -> Any:
        """Open the table in an original file; what the caller may is decided now.

        Raises
        ------
        Invalid
            The file is not there, or is not a table.
        NotAllowed
            The caller may not read it.
        """
        _check_enabled()
        if file is None or file.id is None:
            raise Invalid("file must be a managed instance.")
        file_id = int(file.id.val)
        with call.core.database.read() as connection:
            found = hql.find(connection, call, _FILE, {"id": file_id})
            if not found:
                raise _unreadable(connection, call, file_id)
        is_writable = bool(found[0].details.permissions.canEdit())
        table = Table(call, found[0], is_writable=is_writable)
        if call.publish is None:
            raise Internal("A table is opened by a session.")
        try:
            return call.publish(omero.grid.Table, table)
        except BaseException:
            table.close(call)
            raise

    def repositories(self, call: Call) -> Any:
        """Describe the repositories.

        Only the managed one can be reached; the proxies of the others are null, as
        those of repositories that are not running.
        """
        ensure_repositories(call.core)
        with call.core.database.read() as connection:
            found = hql.find(
                connection,
                call,
                "select f from OriginalFile f where f.mimetype = 'Repository' "
                "order by f.id",
            )
        proxies = [
            self._managed_repository(call, one) if one.hash.val == MANAGED else None
            for one in found
        ]
        return omero.grid.RepositoryMap(descriptions=found, proxies=proxies)

    def _managed_repository(self, call: Call, description: Any) -> Any:
        if call.publish is None:
            return None
        with self._turn:
            if self._managed is None:
                self._managed = call.publish(
                    omero.grid.ManagedRepository, ManagedRepository(description)
                )
            return self._managed


def _unreadable(connection: Connection, call: Call, file_id: int) -> SandboxError:
    """Say why a file cannot be opened; a table, unlike a row, tells denial apart."""
    tables = call.core.database.tables
    if read_standing(connection, tables, "OriginalFile", [file_id]):
        return NotAllowed(f"Cannot read ome.model.core.OriginalFile:Id_{file_id}")
    return Invalid(
        "No row with the given identifier exists: "
        f"[ome.model.core.OriginalFile#{file_id}]"
    )


def _check_enabled() -> None:
    if not table_store.is_available():
        raise Internal(
            "null table as argument: tables need PyTables on the server, "
            'pip install "napari-omero-io[tables]".'
        )
