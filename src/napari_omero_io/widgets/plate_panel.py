"""A plate in the dock: run, field, wells, and a button to open them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .icons import load_icon, read_theme
from .names import NameLabel, write_line
from .thumbnails import ThumbnailQueue
from .well_grid import PICTURE_SIZE, WellGrid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qtpy.QtGui import QCloseEvent

    from napari_omero_io.records import PlateRecord, RunChoice, WellRecord

#: Pictures that are asked for at once.
_BATCH = 48


class PlatePanel(QWidget):
    """The wells of the plate or run that is selected; hidden when there is none.

    Signals
    -------
    pictures_wanted(image_ids)
        Answer with `accept_pictures`, also when there are none.
    mosaic_wanted(wells, field)
        Open these wells as one picture, all of them where the list is empty; `field`
        is the number of the one field that is wanted, -1 for all.
    """

    pictures_wanted = Signal(list)
    mosaic_wanted = Signal(list, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plate: PlateRecord | None = None
        self.grid = WellGrid()
        #: Where it is at home, while it is in a window of its own.
        self._home: tuple[QSplitter, int] | None = None
        self._queue = ThumbnailQueue(self, PICTURE_SIZE, _BATCH)
        self._build()
        self._arrange()
        self._connect()
        self.refresh_looks()
        self.hide()

    # -- what it is told -------------------------------------------------------------

    def show_plate(self, plate: PlateRecord, run_id: int | None = None) -> None:
        """Show a plate, and of its runs the one of that id, or the first."""
        is_same = self.plate is not None and self.plate.id == plate.id
        self.plate = plate
        if not is_same:
            self._queue.clear()
            self.grid.wells.icons.clear()
        ids = [run.id for run in plate.runs]
        self.run.blockSignals(True)
        self.run.clear()
        for run in plate.runs:
            self.run.addItem(run.name, run.id)
        self.run.setCurrentIndex(ids.index(run_id) if run_id in ids else 0)
        self.run.blockSignals(False)
        self.run.setVisible(len(ids) > 1)
        self.all_runs.setVisible(len(ids) > 1)
        self._name.show_name(plate.name)
        self.setWindowTitle(write_line(plate.name))
        self._show_run()
        self.show()

    def clear(self) -> None:
        """Show nothing, and forget the plate."""
        self.plate = None
        self._queue.clear()
        self.grid.wells.icons.clear()
        self.grid.show_plate(None, None)
        self.hide()

    def select_well(self, well_id: int) -> bool:
        """Select a well; False when it is none of this plate."""
        if self.plate is None or well_id not in {well.id for well in self.plate.wells}:
            return False
        self.grid.select([well_id])
        return True

    def toggle_window(self) -> None:
        """Go into a window of its own, or back."""
        if self._home is not None:
            splitter, place = self._home
            self._home = None
            self.layout().setContentsMargins(0, 0, 0, 0)
            self.setWindowFlags(Qt.WindowType.Widget)
            splitter.insertWidget(place, self)
        else:
            splitter = self.parentWidget()
            if not isinstance(splitter, QSplitter):
                return
            self._home = splitter, splitter.indexOf(self)
            self.setParent(splitter.window(), Qt.WindowType.Window)
            self.setWindowTitle(self._name.text())
            self.layout().setContentsMargins(8, 8, 8, 8)
            self.resize(900, 680)
        self.show()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Go back into the dock, where the window is closed."""
        if self._home is not None and event is not None:
            event.ignore()
            self.toggle_window()

    def accept_pictures(self, pictures: Mapping[int, bytes]) -> None:
        """Take the pictures that were asked for last."""
        self._queue.accept(pictures)

    @property
    def run_choice(self) -> RunChoice:
        """The runs whose fields are to be opened."""
        is_wanted = self.all_runs.isVisibleTo(self) and self.all_runs.isChecked()
        return "all" if is_wanted else self.run_id

    @property
    def run_id(self) -> int | None:
        """The run that is shown; None where the plate has none."""
        return self.grid.wells.run_id

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        self._count.setStyleSheet(f"color: {theme.dim_text};")
        self.open.setStyleSheet(theme.primary_button)
        self.enlarge.setIcon(load_icon("enlarge", 16))
        self.grid.refresh_looks()

    # -- inside ----------------------------------------------------------------------

    def _build(self) -> None:
        self._name = NameLabel()
        self._name.setStyleSheet("font-weight: bold;")
        self._count = QLabel()
        self.enlarge = QToolButton()
        self.enlarge.setAutoRaise(True)
        self.enlarge.setToolTip("Show the plate in a window of its own, or back here")
        self.enlarge.setAccessibleName("Enlarge")
        self.run = QComboBox()
        self.run.setToolTip("The run whose fields are shown")
        self.run.setAccessibleName("Run")
        self.run.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.field = QSlider(Qt.Orientation.Horizontal)
        self.field.setPageStep(1)
        self.field.setToolTip("The field that is shown of each well")
        self.field.setAccessibleName("Field")
        self._field_name = QLabel()
        self.all_runs = QCheckBox("All runs")
        self.all_runs.setToolTip(
            "Open the wells as all runs saw them, with a slider from run to run"
        )
        self.open = QPushButton()
        self.open.setToolTip(
            "Open the selected wells, or all, as one picture with every field in its "
            "place (Enter, or double-click on a well)"
        )
        self.open_field = QPushButton()
        self.open_field.setToolTip("Open only the field that is shown of each well")

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._name, 1)
        head.addWidget(self._count)
        head.addWidget(self.enlarge)
        fields = QHBoxLayout()
        fields.addWidget(self._field_name)
        fields.addWidget(self.field, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.open, 1)
        buttons.addWidget(self.open_field)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        runs = QHBoxLayout()
        runs.addWidget(self.run, 1)
        runs.addWidget(self.all_runs)
        layout.addLayout(runs)
        layout.addWidget(self.grid, 1)
        layout.addLayout(fields)
        layout.addLayout(buttons)
        self.setMinimumHeight(10 * self.fontMetrics().lineSpacing())

    def _connect(self) -> None:
        self.enlarge.clicked.connect(self.toggle_window)
        self.run.currentIndexChanged.connect(lambda _: self._show_run())
        self.field.valueChanged.connect(self._show_field)
        self.grid.images_visible.connect(self._queue.show_only)
        self._queue.batch_wanted.connect(self.pictures_wanted)
        self._queue.icons_ready.connect(self.grid.wells.add_icons)
        self.grid.selection_moved.connect(lambda _: self._say_what_opens())
        self.grid.chosen.connect(lambda wells: self.mosaic_wanted.emit(wells, -1))
        self.open.clicked.connect(lambda: self._open(-1))
        self.open_field.clicked.connect(lambda: self._open(self.field.value()))

    def _show_run(self) -> None:
        self.grid.show_plate(self.plate, self.run.currentData())
        count = self.grid.wells.field_count
        self.field.blockSignals(True)
        self.field.setRange(0, max(0, count - 1))
        self.field.setValue(0)
        self.field.blockSignals(False)
        for widget in (self.field, self._field_name, self.open_field):
            widget.setVisible(count > 1)
        self._show_field(0)
        self._say_what_opens()

    def _show_field(self, number: int) -> None:
        count = self.field.maximum() + 1
        self._field_name.setText(f"Field {number + 1} of {count}")
        self.open_field.setText(f"Only field {number + 1}")
        self.grid.wells.show_field(number)

    def _say_what_opens(self) -> None:
        wells = self._wells()
        selected = len(self.grid.selected_wells())
        total = len(self._filled())
        self._count.setText(
            f"{selected} of {total} wells" if selected else f"{total} wells"
        )
        self.open.setText(
            f"Open well {self._name_of(wells[0])}"
            if selected == 1
            else f"Open {selected} wells as one"
            if selected
            else "Open plate as one"
            if total
            else "No images in this run"
            if self.run.count() > 1
            else "No images in this plate"
        )
        self.open.setEnabled(bool(total))
        self.open_field.setEnabled(bool(total))

    def _name_of(self, well: WellRecord) -> str:
        return self.plate.well_name(well) if self.plate is not None else ""

    def _filled(self) -> Sequence[WellRecord]:
        """Return the wells that have an image in this run."""
        if self.plate is None:
            return ()
        return [well for well in self.plate.wells if well.fields_of(self.run_id)]

    def _wells(self) -> list[WellRecord]:
        return self.grid.selected_wells()

    def _open(self, field: int) -> None:
        self.mosaic_wanted.emit(self._wells(), field)
