"""omero.grid.Table: one open table, by one client."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from omero.rtypes import unwrap

from napari_omero_io.sandbox import requests
from napari_omero_io.sandbox.errors import ApiUsage, Internal, NotAllowed
from napari_omero_io.sandbox.rules.membership import in_context
from napari_omero_io.sandbox.store.table_store import Current, open_storage

from .raw_file_store import RawFileStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call

log = logging.getLogger(__name__)


class Table:
    """Reads and writes one table.

    Parameters
    ----------
    file
        Its original file, loaded.
    is_writable
        Whether the caller may change the file, decided when it is opened.
    """

    def __init__(self, call: Call, file: Any, *, is_writable: bool) -> None:
        self._file = file
        self._is_writable = is_writable
        self._held = ExitStack()
        path = call.core.files.path(self._id)
        self._storage = self._held.enter_context(open_storage(path, self))
        # Later than the storage: it refuses who opened it before it was changed.
        self._opened = time.time()

    @property
    def _id(self) -> int:
        return int(self._file.id.val)

    @property
    def _opened_storage(self) -> Any:
        if self._storage is None:
            raise ApiUsage(f"The table in file {self._id} is closed.")
        return self._storage

    def getOriginalFile(self, _call: Call) -> Any:
        """Return the file as it was when the table was opened."""
        return self._file

    def getHeaders(self, call: Call) -> list[Any]:
        """Return the columns without values."""
        return list(self._opened_storage.cols(None, Current(call.context)))

    def getNumberOfRows(self, _call: Call) -> int:
        """Return how many rows there are."""
        return int(self._opened_storage.rows())

    def getWhereList(
        self,
        _call: Call,
        condition: str,
        variables: Any,
        start: int,
        stop: int,
        step: int,
    ) -> list[int]:
        """Return the numbers of the rows that meet a condition."""
        found: list[int] = self._opened_storage.getWhereList(
            self._opened,
            condition,
            unwrap(variables),
            None,
            start,
            stop or None,
            step or None,
        )
        return found

    def readCoordinates(self, call: Call, row_numbers: Sequence[int]) -> Any:
        """Read rows in the order in which they are named."""
        return self._opened_storage.readCoordinates(
            self._opened, row_numbers, Current(call.context)
        )

    def read(
        self, call: Call, column_numbers: Sequence[int], start: int, stop: int
    ) -> Any:
        """Read consecutive rows of some columns; 0 and 0 are all rows."""
        end = None if start == stop == 0 else stop
        return self._opened_storage.read(
            self._opened, column_numbers, start, end, Current(call.context)
        )

    def slice(
        self, call: Call, column_numbers: Sequence[int], row_numbers: Sequence[int]
    ) -> Any:
        """Read some rows of some columns; none named are all."""
        return self._opened_storage.slice(
            self._opened, column_numbers, row_numbers, Current(call.context)
        )

    def initialize(self, _call: Call, columns: Sequence[Any]) -> None:
        """Set the columns of a new table."""
        self._check_writable()
        self._opened_storage.initialize(columns)

    def addColumn(self, _call: Call, _column: Any) -> int:
        """Refuse, as OMERO.server does: the columns of a table never change."""
        self._check_writable()
        raise ApiUsage("NYI")

    def addData(self, _call: Call, columns: Sequence[Any]) -> None:
        """Append rows."""
        self._check_writable()
        self._opened_storage.append(columns)

    def update(self, _call: Call, data: Any) -> None:
        """Change rows."""
        self._check_writable()
        if data is not None:
            self._opened_storage.update(self._opened, data)

    def getMetadata(self, _call: Call, key: str) -> Any:
        """Return one of the values that are kept with the table, or None."""
        return self._opened_storage.get_meta_map().get(key)

    def getAllMetadata(self, _call: Call) -> dict[str, Any]:
        """Return the values that are kept with the table."""
        return dict(self._opened_storage.get_meta_map())

    def setMetadata(self, _call: Call, key: str, value: Any) -> None:
        """Keep a value with the table."""
        self._check_writable()
        self._opened_storage.add_meta_map({key: value})

    def setAllMetadata(self, _call: Call, values: dict[str, Any]) -> None:
        """Replace all values that clients keep with the table."""
        self._check_writable()
        self._opened_storage.add_meta_map(values, replace=True)

    def delete(self, call: Call) -> None:
        """Close the table and delete its file."""
        self._check_writable()
        self.close(call)
        request = omero.cmd.Delete2(targetObjects={"OriginalFile": [self._id]})
        handle = requests.submit(call, request)
        assert handle is not None, "Delete2 is supported"
        response = handle.getResponse(call)
        if isinstance(response, omero.cmd.ERR):
            raise Internal(str(response))

    def close(self, call: Call) -> None:
        """Let go of the storage; note size and time of what was written."""
        if self._storage is None:
            return
        is_modified = self._is_writable and self._storage.modified()
        self._storage = None
        self._held.close()
        if is_modified:
            self._note_size(call)

    def _note_size(self, call: Call) -> None:
        tables = call.core.database.tables
        group = {"omero.group": str(self._file.details.group.id.val)}
        with call.core.database.read() as connection:
            caller = in_context(connection, tables, call.caller, group)
        inside = replace(call, caller=caller, context={**call.context, **group})
        store = RawFileStore(call.core, None)
        store.setFileId(inside, self._id)
        # Nothing is written: the file counts as modified.
        store.write(inside, b"", call.core.files.size(self._id), 0)
        store.close(inside)

    def _check_writable(self) -> None:
        if not self._is_writable:
            raise NotAllowed(f"Current user cannot write to file {self._id}")
