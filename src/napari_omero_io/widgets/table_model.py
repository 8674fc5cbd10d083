"""The rows of a table as Qt shows them: of any number, read when they come into view.

A row of the view is a row of the table in the order and choice that is shown.  Knows
nothing of servers: what is missing is asked for with a signal.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt, QTimer, Signal

from napari_omero_io.records import TableMask

from .message import make_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_omero_io.records import ColumnRecord

#: Rows that are read at once, and how many such blocks are kept.
BLOCK = 200
_KEPT = 50

_NUMBERS = ("long", "double", "image", "roi", "well", "plate", "dataset", "file")


class TableModel(QAbstractTableModel):
    """A table of which a few blocks of rows are there.

    Signals
    -------
    block_wanted(number)
        Read the rows that `rows_of` gives for it; answer with `accept`.
    sort_wanted(name, is_descending)
        Show the rows in the order of a column; answer with `show_rows`.
    """

    block_wanted = Signal(int)
    sort_wanted = Signal(str, bool)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.columns: tuple[ColumnRecord, ...] = ()
        self._count = 0
        self._rows: NDArray[np.int64] | None = None
        self._blocks: OrderedDict[int, Mapping[str, NDArray[Any]]] = OrderedDict()
        self._asked: set[int] = set()
        self._wanted: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)

    # -- what it is told -------------------------------------------------------------

    def show_table(self, columns: Sequence[ColumnRecord], row_count: int) -> None:
        """Show another table, in its own order."""
        self.beginResetModel()
        self.columns = tuple(columns)
        self._count = row_count
        self._rows = None
        self._forget()
        self.endResetModel()

    def show_rows(self, rows: NDArray[np.int64] | None, row_count: int) -> None:
        """Show some rows of the table, in an order; None for all in their own."""
        self.beginResetModel()
        self._rows = rows
        self._count = row_count if rows is None else len(rows)
        self._forget()
        self.endResetModel()

    def accept(self, block: int, values: Mapping[str, NDArray[Any]]) -> None:
        """Take the rows of a block that was asked for."""
        if block not in self._asked:
            return
        self._asked.discard(block)
        self._blocks[block] = values
        while len(self._blocks) > _KEPT:
            self._blocks.popitem(last=False)
        first = self.index(block * BLOCK, 0)
        last = min(self._count, (block + 1) * BLOCK) - 1
        self.dataChanged.emit(first, self.index(last, len(self.columns) - 1))

    def report_failure(self, block: int) -> None:
        """Note that a block could not be read; whoever looks again asks for it."""
        self._asked.discard(block)

    def rows_of(self, block: int) -> NDArray[np.int64]:
        """Give the numbers in the table of a block's rows."""
        first, last = block * BLOCK, min(self._count, (block + 1) * BLOCK)
        if self._rows is None:
            return np.arange(first, last)
        return self._rows[first:last]

    def values_at(self, row: int) -> dict[str, Any] | None:
        """Give the values in a row of the view, None while they are not there."""
        block = self._blocks.get(row // BLOCK)
        if block is None:
            return None
        return {name: values[row % BLOCK] for name, values in block.items()}

    # -- what Qt asks ----------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks how many rows there are."""
        return 0 if parent is not None and parent.isValid() else self._count

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks how many columns there are."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: QModelIndex, role: int = 0) -> Any:
        """Qt asks what to show in a cell."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole and column.kind in _NUMBERS:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        block = index.row() // BLOCK
        values = self._blocks.get(block)
        if values is None:
            self._want(block)
            return "…" if role == Qt.ItemDataRole.DisplayRole else None
        self._blocks.move_to_end(block)
        value = values[column.name][index.row() % BLOCK]
        if role == Qt.ItemDataRole.DisplayRole:
            return describe_value(value)
        return make_plain(describe_value(value)) if isinstance(value, str) else None

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:
        """Qt asks for the name of a column, or the number of a row in the table."""
        if orientation == Qt.Orientation.Vertical:
            if role == Qt.ItemDataRole.DisplayRole:
                return str(section if self._rows is None else self._rows[section])
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return make_plain(f"{column.name} ({column.kind}) {column.description}")
        return None

    def sort(self, column: int, order: Any = Qt.SortOrder.AscendingOrder) -> None:
        """Qt asks for another order of the rows."""
        if 0 <= column < len(self.columns):
            is_descending = order == Qt.SortOrder.DescendingOrder
            self.sort_wanted.emit(self.columns[column].name, is_descending)

    # -- inside ----------------------------------------------------------------------

    def _forget(self) -> None:
        self._blocks.clear()
        self._asked.clear()
        self._wanted.clear()

    def _want(self, block: int) -> None:
        if block not in self._asked:
            self._wanted.add(block)
            # later: Qt asks for each cell on its own, and scrolls past many blocks
            self._timer.start(30)

    def _ask(self) -> None:
        wanted, self._wanted = self._wanted, set()
        for block in sorted(wanted):
            self._asked.add(block)
            self.block_wanted.emit(block)


def describe_value(value: Any) -> str:
    """Give a value of a table as one line of text."""
    if isinstance(value, TableMask):
        return f"mask of {value.mask.width} × {value.mask.height} pixels"
    if isinstance(value, np.ndarray):
        shown = ", ".join(describe_value(one) for one in value[:20])
        return f"[{shown}{', …' if len(value) > 20 else ''}]"
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else f"{value:.6g}"
    text = str(value)
    # NUL ends texts in some fonts' shaping, and line ends would be cut off
    return "".join(each if each.isprintable() else " " for each in text[:4000])
