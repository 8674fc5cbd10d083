"""The wells of a plate as a table: a picture of one field in each.

Shows what it is given and says which pictures can be seen; it knows no server.
Selecting is Qt's own: click, drag a box, Ctrl, Shift, arrows, headers, Ctrl+A.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from qtpy.QtGui import QColor, QPainter, QPen
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QTableView,
    QWidget,
)

from .icons import read_theme
from .message import make_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qtpy.QtGui import QIcon, QKeyEvent, QResizeEvent, QWheelEvent
    from qtpy.QtWidgets import QStyleOptionViewItem

    from napari_omero_io.records import FieldRecord, PlateRecord, WellRecord

#: Side of a cell in device-independent pixels: the least, the most, and what one turn
#: of the wheel makes of it.
LEAST, MOST, _ZOOM = 14, 160, 1.2
#: Longest side of the pictures that are asked for.
PICTURE_SIZE = 96
#: A name is written into a cell that has no picture from this side on.
_NAMED = 30
#: Milliseconds without movement after which the visible wells are looked at.
_REST = 60

_EMPTY = QModelIndex()


class WellModel(QAbstractTableModel):
    """One field of each well of a plate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plate: PlateRecord | None = None
        self.icons: dict[int, QIcon] = {}
        self._wells: dict[tuple[int, int], WellRecord] = {}
        self._run_id: int | None = None
        self._field = 0
        self._size = (0, 0)

    def show_plate(self, plate: PlateRecord | None, run_id: int | None) -> None:
        """Show the first field of a plate's run; None empties the table."""
        self.beginResetModel()
        self.plate, self._run_id, self._field = plate, run_id, 0
        wells = () if plate is None else plate.wells
        self._wells = {(well.row, well.column): well for well in wells}
        # from A1 on, as on the plate, though wells may be missing there
        self._size = (
            max((well.row + 1 for well in wells), default=0),
            max((well.column + 1 for well in wells), default=0),
        )
        self.endResetModel()

    def show_field(self, number: int) -> None:
        """Show another field of each well, counted from 0."""
        self._field = number
        self._repaint()

    def add_icons(self, icons: Mapping[int, QIcon]) -> None:
        """Take pictures, by the ids of their images."""
        self.icons.update(icons)
        self._repaint()

    @property
    def run_id(self) -> int | None:
        """The run that is shown; None where the plate has none."""
        return self._run_id

    @property
    def field_count(self) -> int:
        """The most fields that a well has in this run."""
        return max(
            (len(well.fields_of(self._run_id)) for well in self._wells.values()),
            default=0,
        )

    def well_at(self, index: QModelIndex) -> WellRecord | None:
        """Return the well of a cell; None where the plate has none."""
        return self._wells.get((index.row(), index.column()))

    def field_at(self, index: QModelIndex) -> FieldRecord | None:
        """Return the field that a cell shows; None where there is none."""
        well = self.well_at(index)
        if well is None:
            return None
        fields = well.fields_of(self._run_id)
        return fields[self._field] if self._field < len(fields) else None

    # -- what Qt asks ----------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = _EMPTY) -> int:
        """Rows from the first to the last that has a well."""
        return 0 if parent.isValid() else self._size[0]

    def columnCount(self, parent: QModelIndex = _EMPTY) -> int:
        """Columns from the first to the last that has a well."""
        return 0 if parent.isValid() else self._size[1]

    def can_open(self, index: QModelIndex) -> bool:
        """Whether there is a well that has an image in this run.

        Not a matter of flags: Qt ends no box on a cell that cannot be selected, and
        plates have holes.
        """
        well = self.well_at(index)
        return well is not None and bool(well.fields_of(self._run_id))

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Answer with the name of a well, or what there is to say about it."""
        well = self.well_at(index)
        if well is None or self.plate is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.plate.well_name(well)
        if role == Qt.ItemDataRole.ToolTipRole:
            return make_plain(self._describe(well))
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Name rows and columns as the plate does."""
        if role != Qt.ItemDataRole.DisplayRole or self.plate is None:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self.plate.column_name(section)
        return self.plate.row_name(section)

    # -- inside ----------------------------------------------------------------------

    def _describe(self, well: WellRecord) -> str:
        assert self.plate is not None
        count = len(well.fields_of(self._run_id))
        fields = {0: "no image", 1: "1 field"}.get(count, f"{count} fields")
        words = [self.plate.well_name(well), well.kind, well.status, fields]
        return "  ·  ".join(word for word in words if word)

    def _repaint(self) -> None:
        if all(self._size):
            last = self.index(self._size[0] - 1, self._size[1] - 1)
            self.dataChanged.emit(self.index(0, 0), last)


class WellDelegate(QStyledItemDelegate):
    """Paints a well: its picture, its colour, and whether it is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        #: Read once: a thousand cells are painted in a moment.
        self.theme = read_theme()

    def paint(
        self,
        painter: QPainter | None,
        option: QStyleOptionViewItem,
        index: QModelIndex,
    ) -> None:
        """Paint one cell; a well that is missing leaves it empty."""
        model = index.model()
        if painter is None or not isinstance(model, WellModel):
            return
        well, field = model.well_at(index), model.field_at(index)
        if well is None:
            return
        theme = self.theme
        place = option.rect.adjusted(1, 1, -1, -1)
        icon = None if field is None else model.icons.get(field.image_id)
        painter.save()
        if icon is not None:
            painter.fillRect(place, Qt.GlobalColor.black)
            icon.paint(painter, place)
        elif field is not None:
            painter.fillRect(place, QColor(theme.border))
            self._write_name(painter, place, index, theme.text)
        else:
            painter.setPen(QPen(QColor(theme.border), 1, Qt.PenStyle.DotLine))
            painter.drawRect(place.adjusted(0, 0, -1, -1))
        if well.color is not None:
            painter.setPen(QPen(QColor(*well.color[:3]), 2))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_selected and model.can_open(index):
            painter.setPen(QPen(QColor(theme.accent), 3))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        elif option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.text), 1, Qt.PenStyle.DotLine))
            painter.drawRect(place.adjusted(0, 0, -1, -1))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Ask for nothing: the view sets all cells to one size."""
        return QSize(LEAST, LEAST)

    def _write_name(
        self, painter: QPainter, place: QRect, index: QModelIndex, color: str
    ) -> None:
        if place.width() >= _NAMED:
            painter.setPen(QColor(color))
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(index.data()))


class WellGrid(QTableView):
    """A plate to look at and to choose wells from.

    Signals
    -------
    chosen(wells)
        The user wants these opened: double-click, or Enter.
    selection_moved(wells)
        These are selected now.
    images_visible(image_ids)
        Pictures of these can be seen now.
    """

    chosen = Signal(list)
    selection_moved = Signal(list)
    images_visible = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wells = WellModel(self)
        self._side: int | None = None
        self._delegate = WellDelegate(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST)
        self._timer.timeout.connect(self._look)
        self.setModel(self.wells)
        self.setItemDelegate(self._delegate)
        self._set_up_looks()
        self._watch()
        self.refresh_looks()

    # -- what the panel calls --------------------------------------------------------

    def show_plate(self, plate: PlateRecord | None, run_id: int | None) -> None:
        """Show a plate's run in cells that fill the room there is."""
        self._side = None
        self.wells.show_plate(plate, run_id)
        self._resize_cells()

    def selected_wells(self) -> list[WellRecord]:
        """Return the wells that are selected, by rows."""
        found = [
            self.wells.well_at(each)
            for each in self.selectedIndexes()
            if self.wells.can_open(each)
        ]
        return sorted(
            (well for well in found if well is not None),
            key=lambda well: (well.row, well.column),
        )

    def select(self, well_ids: Sequence[int]) -> None:
        """Select these wells and nothing else."""
        selection = QItemSelection()
        for well in self.wells.plate.wells if self.wells.plate is not None else ():
            if well.id in well_ids:
                index = self.wells.index(well.row, well.column)
                selection.select(index, index)
        self.selectionModel().select(
            selection, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        if selection.indexes():
            self.scrollTo(selection.indexes()[0])

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        self._delegate.theme = theme
        self.setStyleSheet(
            f"QTableView {{ background-color: {theme.panel}; border: none; }}"
            f" QHeaderView::section {{ background-color: {theme.panel};"
            f" color: {theme.dim_text}; border: none; padding: 0px; }}"
            f" QTableCornerButton::section {{ background-color: {theme.panel};"
            " border: none; }"
        )
        self.viewport().update()

    # -- what Qt calls ---------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Open with Enter, zoom with + and -; everything else as in any table."""
        if event is None:
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(_ZOOM)
        elif event.key() == Qt.Key.Key_Minus:
            self._zoom(1 / _ZOOM)
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Zoom with Ctrl and the wheel."""
        if event is None:
            return
        turn = event.angleDelta().y()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and turn:
            self._zoom(_ZOOM if turn > 0 else 1 / _ZOOM)
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fill the new room, unless the user has zoomed."""
        super().resizeEvent(event)
        self._resize_cells()

    # -- inside ----------------------------------------------------------------------

    def _set_up_looks(self) -> None:
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setAccessibleName("Wells of the plate")
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setMinimumSectionSize(LEAST)
            header.setHighlightSections(False)
            header.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)

    def _watch(self) -> None:
        self.doubleClicked.connect(lambda _: self._choose())
        self.selectionModel().selectionChanged.connect(
            lambda *_: self.selection_moved.emit(self.selected_wells())
        )
        for signal in (
            self.verticalScrollBar().valueChanged,
            self.horizontalScrollBar().valueChanged,
            self.wells.modelReset,
            self.wells.dataChanged,
        ):
            signal.connect(lambda *_: self._timer.start())

    def _choose(self) -> None:
        wells = self.selected_wells()
        if wells:
            self.chosen.emit(wells)

    def _zoom(self, factor: float) -> None:
        side = self.horizontalHeader().defaultSectionSize()
        wanted = side * factor
        # at least one step, for small cells do not grow by a fifth of themselves
        step = max(side + 1, wanted) if factor > 1 else min(side - 1, wanted)
        self._side = int(min(MOST, max(LEAST, step)))
        self._resize_cells()

    def _resize_cells(self) -> None:
        side = self._side or self._fit()
        font = self.font()
        # so that the letters of a small cell stay apart
        font.setPixelSize(max(7, min(11, round(0.55 * side))))
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setFont(font)
            if header.defaultSectionSize() != side:
                header.setDefaultSectionSize(side)
        self._timer.start()

    def _fit(self) -> int:
        """Return the side with which all columns can be seen."""
        columns = self.wells.columnCount()
        if not columns:
            return LEAST
        room = self.width() - self.verticalHeader().sizeHint().width() - 6
        return int(max(LEAST, min(MOST // 2, room // columns)))

    def _look(self) -> None:
        """Say which pictures can be seen."""
        model, area = self.wells, self.viewport().rect()
        if not self.isVisible() or not model.rowCount() or not model.columnCount():
            return
        first = self.indexAt(area.topLeft())
        last_row = self.rowAt(area.bottom())
        last_column = self.columnAt(area.right())
        rows = range(
            max(0, first.row()),
            (last_row if last_row >= 0 else model.rowCount() - 1) + 1,
        )
        columns = range(
            max(0, first.column()),
            (last_column if last_column >= 0 else model.columnCount() - 1) + 1,
        )
        fields = (model.field_at(model.index(r, c)) for r in rows for c in columns)
        images = [each.image_id for each in fields if each is not None]
        self.images_visible.emit(images)
