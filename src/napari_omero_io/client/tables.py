"""OMERO.tables: which there are about an object, their columns and rows.

Rows are counted from 0.  A table may have any number of them, so whoever asks for more
than fits into a message gets them by several calls.
"""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from napari_omero_io.errors import ServerRefused
from napari_omero_io.records import ColumnRecord, MaskRecord, TableMask, TableRecord

from .browse import TYPES
from .conditions import explain_refusal, prepare_condition
from .ice import Ice, omero
from .table_queries import find_queries
from .translate import translated
from .wire import make_parameters, read_text, unbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from .connection import Connection

T = TypeVar("T")

MIMETYPE = "OMERO.tables"

#: Values in one answer: some megabytes, which Ice unpacks without holding up others
#: for more than a moment.
_VALUES = 100_000

#: What a condition ends in that PyTables cannot evaluate; some of its errors pass
#: through OMERO unseen, such as that of comparing a number with a text.
_MISUNDERSTOOD = (
    omero.ApiUsageException,
    omero.InternalException,
    Ice.UnknownException,
)

#: Kind of column and numpy's type, by OMERO's class.
_KINDS: dict[str, tuple[str, Any]] = {
    "LongColumn": ("long", np.int64),
    "DoubleColumn": ("double", np.float64),
    "BoolColumn": ("bool", np.bool_),
    "StringColumn": ("string", np.object_),
    "FloatArrayColumn": ("float array", np.float32),
    "DoubleArrayColumn": ("double array", np.float64),
    "LongArrayColumn": ("long array", np.int64),
    "MaskColumn": ("mask", np.object_),
    **{
        f"{name}Column": (name.lower(), np.int64)
        for name in ("Image", "Roi", "Well", "Plate", "Dataset", "File")
    },
}


def find_tables(connection: Connection, kind: str, object_id: int) -> list[TableRecord]:
    """Find the tables attached to an object, or to what it belongs to.

    One round trip.  An image belongs to its regions, datasets, projects, wells, plates
    and screens.

    Parameters
    ----------
    kind
        Such as ``image``, ``dataset``, ``plate``, ``roi``.
    """
    query, context = connection.service("query"), connection.context()
    wanted = make_parameters(id=object_id, mimetype=MIMETYPE)
    with translated(f"look for the tables of {kind} {object_id}"):
        asked = [
            (parent.lower(), query.begin_projection(text, wanted, _ctx=context))
            for parent, text in find_queries(TYPES[kind]).items()
        ]
        rows = [(kind, row) for kind, one in asked for row in query.end_projection(one)]
    found: dict[int, TableRecord] = {}
    for parent, (parent_id, namespace, file_id, name) in rows:
        record = TableRecord(
            int(unbox(file_id)),
            read_text(name),
            parent,
            int(unbox(parent_id)),
            read_text(namespace),
        )
        found.setdefault(record.id, record)
    return list(found.values())


class TableReader:
    """One table that is open; a context manager, usable from any thread.

    Outlives the loss of the connection.

    Parameters
    ----------
    file_id
        Of the table's file.

    Attributes
    ----------
    columns
        In their order.
    row_count
        When it was opened.

    Raises
    ------
    OmeroIOError
        There is no such table, or the server has none at all.
    """

    def __init__(self, connection: Connection, file_id: int) -> None:
        self.id = file_id
        self._connection = connection
        self._lock = threading.Lock()
        self._table: Any = None
        with translated(f"open table {file_id}"):
            headers, rows = connection.outlive(self._open, lambda: None)
        self.columns = tuple(_read_header(header) for header in headers)
        self.row_count = int(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]

    def read(
        self,
        columns: Sequence[str] | None = None,
        start: int = 0,
        stop: int | None = None,
    ) -> dict[str, NDArray[Any]]:
        """Read consecutive rows: an array of each column, by its name.

        Arrays in a cell give an array of two dimensions; texts and masks
        (`TableMask`) an array of objects.

        Parameters
        ----------
        columns
            None for all of them.
        start, stop
            The first row, and the one after the last; None for the end.
        """
        numbers = self._find_columns(columns)
        end = self.row_count if stop is None else min(stop, self.row_count)
        step = self._rows_at_once(numbers)
        parts = [
            self._ask(partial(_read, numbers, first, min(first + step, end))).columns
            for first in range(start, end, step)
        ]
        return self._join(numbers, parts)

    def read_rows(
        self, rows: Sequence[int] | NDArray[Any], columns: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Read some rows, in the order in which they are named."""
        numbers = self._find_columns(columns)
        step = self._rows_at_once(numbers)
        wanted = [int(row) for row in rows]
        parts = [
            self._ask(partial(_slice, numbers, wanted[first : first + step])).columns
            for first in range(0, len(wanted), step)
        ]
        return self._join(numbers, parts)

    def find_rows(self, condition: str) -> NDArray[np.int64]:
        """Give the numbers of the rows that meet a condition, in order.

        Parameters
        ----------
        condition
            As `conditions.HELP` says.

        Raises
        ------
        ServerRefused
            It is not understood; the message says what to write.
        """
        try:
            prepared, variables = prepare_condition(condition, self.names)
        except ValueError as error:
            raise ServerRefused(str(error)) from error
        boxed = {key: omero.rtypes.rstring(name) for key, name in variables.items()}
        if not self.row_count:
            return np.zeros(0, np.int64)
        try:
            found = self._connection.outlive(
                lambda: self._table.getWhereList(prepared, boxed, 0, self.row_count, 1),
                self._reopen,
            )
        except _MISUNDERSTOOD as error:
            raise ServerRefused(explain_refusal(condition)) from error
        except (Ice.Exception, omero.ClientError):
            with translated(f"search table {self.id}"):
                raise
        return np.asarray(found, np.int64)

    def close(self) -> None:
        """Let the server close it; harmless when repeated."""
        with self._lock:
            table, self._table = self._table, None
        if table is not None:
            _close(table)

    # -- inside ----------------------------------------------------------------------

    def _open(self) -> tuple[Any, int]:
        table = self._connection.open_table(self.id)
        if table is None:
            raise ServerRefused("This server has no tables. Ask its administrator.")
        with self._lock:
            self._table = table
        return table.getHeaders(), table.getNumberOfRows()

    def _reopen(self) -> None:
        self._open()

    def _ask(self, work: Callable[[Any], T]) -> T:
        with translated(f"read table {self.id}"):
            return self._connection.outlive(lambda: work(self._table), self._reopen)

    def _find_columns(self, names: Sequence[str] | None) -> list[int]:
        if names is None:
            return list(range(len(self.columns)))
        known = self.names
        missing = [name for name in names if name not in known]
        if missing:
            raise KeyError(f"There is no column “{missing[0]}”; there are {known}.")
        return [known.index(name) for name in names]

    def _rows_at_once(self, numbers: Sequence[int]) -> int:
        width = sum(max(1, self.columns[number].size) for number in numbers)
        return max(1, _VALUES // max(1, width))

    def _join(
        self, numbers: Sequence[int], parts: Sequence[Any]
    ) -> dict[str, NDArray[Any]]:
        return {
            self.columns[number].name: _join_values(
                self.columns[number], [part[place] for part in parts]
            )
            for place, number in enumerate(numbers)
        }


def read_table(
    connection: Connection,
    file_id: int,
    columns: Sequence[str] | None = None,
    condition: str = "",
) -> dict[str, NDArray[Any]]:
    """Read a table, or the rows that meet a condition: see `TableReader`."""
    with TableReader(connection, file_id) as table:
        if condition:
            return table.read_rows(table.find_rows(condition), columns)
        return table.read(columns)


def _read(columns: list[int], start: int, stop: int, table: Any) -> Any:
    return table.read(columns, start, stop)


def _slice(columns: list[int], rows: list[int], table: Any) -> Any:
    return table.slice(columns, rows)


def _read_header(header: Any) -> ColumnRecord:
    name = type(header).__name__.removesuffix("I")
    kind = _KINDS.get(name, (name.lower(), np.object_))[0]
    size = getattr(header, "size", 1)
    return ColumnRecord(header.name, kind, header.description or "", int(size))


_DTYPES = dict(_KINDS.values())


def _join_values(column: ColumnRecord, parts: Sequence[Any]) -> NDArray[Any]:
    if column.kind == "mask":
        masks = [mask for part in parts for mask in _read_masks(part)]
        return _as_objects(masks)
    values = [value for part in parts for value in part.values or ()]
    if column.kind.endswith("array"):
        shape = (len(values), column.size)
        return np.asarray(values, _DTYPES[column.kind]).reshape(shape)
    if column.kind == "string":
        return _as_objects(values)
    return np.asarray(values, _DTYPES.get(column.kind, np.object_))


def _as_objects(values: Sequence[Any]) -> NDArray[Any]:
    made = np.empty(len(values), np.object_)
    made[:] = values
    return made


def _read_masks(column: Any) -> Iterator[TableMask]:
    planes = zip(column.imageId, column.theZ, column.theT, strict=True)
    boxes = zip(column.x, column.y, column.w, column.h, column.bytes, strict=True)
    for (image_id, z, t), (x, y, w, h, content) in zip(planes, boxes, strict=True):
        bits = bytes(byte & 255 for byte in content)
        mask = MaskRecord(int(x), int(y), int(w), int(h), bits, _plane(z), _plane(t))
        yield TableMask(int(image_id), mask)


def _plane(number: int) -> int | None:
    return None if number < 0 else int(number)


def _close(table: Any) -> None:
    try:
        table.begin_close()
    except (Ice.Exception, omero.ClientError):
        # The session is lost, and the table with it.
        return
