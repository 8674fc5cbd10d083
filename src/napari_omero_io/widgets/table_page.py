"""The page that shows a table: choose, filter, sort, go to an object, colour layers.

Emits what the user asks for and shows what it is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qtpy.QtCore import QLocale, QModelIndex, Qt, Signal
from qtpy.QtGui import QDoubleValidator
from qtpy.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from napari_omero_io.client.conditions import HELP

from .icons import load_icon, read_theme
from .message import MessageBar
from .table_model import TableModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.records import ColumnRecord, TableRecord

_COLORMAPS = ("viridis", "magma", "turbo", "gray", "bop blue", "PiYG")

#: Kinds of columns that layers can be coloured by.
_COLOURING = ("long", "double", "bool", "string", "image", "roi", "well", "plate")


@dataclass(frozen=True, slots=True)
class Colouring:
    """How layers are to be coloured.

    Attributes
    ----------
    limits
        Of numbers; None for the smallest and the largest.
    """

    column: str
    colormap: str = "viridis"
    limits: tuple[float | None, float | None] = (None, None)


class TablePage(QWidget):
    """A table, and what can be done with it.

    Signals
    -------
    table_chosen(record)
    filter_requested(condition)
        '' shows all rows.
    row_activated(row)
        Go to what a row of the view is about.
    colour_requested(Colouring)
    undo_requested()
        Colour the layers as they were before.
    """

    table_chosen = Signal(object)
    filter_requested = Signal(str)
    row_activated = Signal(int)
    colour_requested = Signal(object)
    undo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = TableModel(self)
        self._records: list[TableRecord] = []
        self._build()
        self._arrange()
        self._connect()
        self.refresh_looks()
        self.show_tables([])

    # -- what it is told ---------------------------------------------------------

    def show_tables(self, records: Sequence[TableRecord], about: str = "") -> None:
        """Offer tables, and ask for the first."""
        self._records = list(records)
        self.tables.blockSignals(True)
        self.tables.clear()
        for record in records:
            self.tables.addItem(f"{record.name}  ({record.parent_kind})")
        self.tables.blockSignals(False)
        self.show_table((), 0)
        for widget in (self.tables, self.filter, self.view):
            widget.setEnabled(bool(records))
        if records:
            self.message.say("")
            self.table_chosen.emit(records[0])
        elif about:
            self.message.say(f"There are no tables about {about}.")

    def show_table(self, columns: Sequence[ColumnRecord], row_count: int) -> None:
        """Show the rows of a table that was opened."""
        self.filter.clear()
        header = self.view.horizontalHeader()
        header.blockSignals(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.blockSignals(False)
        self.model.show_table(columns, row_count)
        self._total = row_count
        self.column.clear()
        names = [column.name for column in columns if column.kind in _COLOURING]
        self.column.addItems(names)
        self.colour.setEnabled(bool(names))
        if names:
            favourite = [c.name for c in columns if c.kind == "double"] or names
            self.column.setCurrentText(favourite[0])
        self.show_count()

    def show_count(self) -> None:
        """Say how many rows are shown, of how many."""
        shown = self.model.rowCount()
        all_of_them = f"{self._total:,} rows"
        if shown != self._total:
            all_of_them = f"{shown:,} of {all_of_them}"
        self.count.setText(all_of_them if self.model.columns else "")

    def say(self, text: str, tone: str = "plain") -> None:
        """Show one sentence, or none."""
        self.message.say(text, tone)  # type: ignore[arg-type]

    def offer_undo(self, is_possible: bool) -> None:
        """Say whether there is a colouring to take back."""
        self.undo.setEnabled(is_possible)

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        self.count.setStyleSheet(f"color: {theme.dim_text};")
        self.view.setStyleSheet(
            f"QTableView {{ background-color: {theme.panel}; border: none;"
            f" gridline-color: {theme.background}; }}"
            f" QTableView::item:selected {{ background-color: {theme.highlight};"
            f" color: {theme.text}; }}"
        )
        self._filter_icon.setIcon(load_icon("search", 16, theme.dim_text))
        self.message.refresh_looks()

    # -- inside ------------------------------------------------------------------

    def _build(self) -> None:
        self.tables = QComboBox()
        self.tables.setToolTip("Tables about the object, and what it belongs to")
        self.tables.setMinimumContentsLength(24)
        self.tables.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.filter = QLineEdit()
        self.filter.setPlaceholderText('Filter: (Area > 50) & (Class == "mitotic")')
        self.filter.setToolTip(f"Enter shows the rows that meet a condition.\n{HELP}")
        self.filter.setClearButtonEnabled(True)
        leading = QLineEdit.ActionPosition.LeadingPosition
        self._filter_icon = self.filter.addAction(load_icon("search", 16), leading)
        self.count = QLabel()
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setSortingEnabled(True)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setWordWrap(False)
        # each row asked for its height would cost seconds with a million of them
        rows = self.view.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.message = MessageBar()
        self.column = QComboBox()
        self.colormap = QComboBox()
        self.colormap.addItems(_COLORMAPS)
        self.colormap.setToolTip("For numbers; texts have a colour for each")
        self.low, self.high = QLineEdit(), QLineEdit()
        for field, name in ((self.low, "smallest"), (self.high, "largest")):
            field.setPlaceholderText(name)
            field.setToolTip(f"Empty takes the {name} value")
            field.setValidator(QDoubleValidator(self))
            field.setMaximumWidth(80)
        self.colour = QPushButton("Colour")
        self.colour.setToolTip("Colour labels, shapes and points by this column")
        self.undo = QPushButton("Undo")
        self.undo.setToolTip("Colour the layers as they were before")
        self.undo.setEnabled(False)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.tables)
        head.addWidget(self.filter, 1)
        head.addWidget(self.count)
        colours = QHBoxLayout()
        label = QLabel("Colour by")
        for widget in (label, self.column, self.colormap, self.low, self.high):
            colours.addWidget(widget)
        colours.addWidget(self.colour)
        colours.addWidget(self.undo)
        colours.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.message)
        layout.addLayout(colours)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(180)

    def _connect(self) -> None:
        self.tables.currentIndexChanged.connect(self._choose)
        self.filter.returnPressed.connect(self._submit_filter)
        self.filter.textChanged.connect(self._on_filter_text)
        self.view.clicked.connect(self._activate)
        self.view.activated.connect(self._activate)
        self.colour.clicked.connect(self._ask_colour)
        self.undo.clicked.connect(self.undo_requested)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._records):
            self.message.say("")
            self.table_chosen.emit(self._records[place])

    def _submit_filter(self) -> None:
        self.filter_requested.emit(self.filter.text().strip())

    def _on_filter_text(self, text: str) -> None:
        if not text and self.model.rowCount() != self._total:
            self.filter_requested.emit("")

    def _activate(self, index: QModelIndex) -> None:
        self.row_activated.emit(index.row())

    def _ask_colour(self) -> None:
        limits = (_read_number(self.low), _read_number(self.high))
        self.colour_requested.emit(
            Colouring(self.column.currentText(), self.colormap.currentText(), limits)
        )


def _read_number(field: QLineEdit) -> float | None:
    number, is_one = QLocale().toDouble(field.text())
    return number if is_one else None
