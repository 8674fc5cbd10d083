"""The window in which one chooses how sharp images are, and what is kept of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
)
from superqt import QElidingLabel

from .icons import read_theme
from .message import MessageBar, explain
from .tasks import Tasks

if TYPE_CHECKING:
    from qtpy.QtGui import QHideEvent, QShowEvent
    from qtpy.QtWidgets import QWidget

    from napari_omero_io.arrays.caches import CacheReport

#: Milliseconds between two looks at the caches.
_BEAT = 1000
_MEGABYTE = 1 << 20
#: What each quality means to whoever looks.
_QUALITIES = {
    "fast": ("Fast", "A little blurred; a quarter of the pixels, or less."),
    "balanced": ("Balanced", "Blurred only where nobody sees it."),
    "exact": ("Exact", "The finest resolution that the screen can show."),
}


class Viewing(Protocol):
    """What the panel shows and changes; `measure_disk` and `clear` may take long."""

    quality: str
    rendered: bool
    keep_axes: bool
    limits: tuple[int, int]

    @property
    def folder(self) -> str:
        """Where pixels are kept on the disk."""

    def report(self) -> CacheReport:
        """Say what the caches hold and have saved."""

    def measure_disk(self) -> int:
        """Count the bytes on the disk."""

    def clear(self) -> None:
        """Forget all pixels."""


class ViewingPanel(QDialog):
    """Quality, how images open, and the caches with their limits."""

    def __init__(self, viewing: Viewing, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle("OMERO: quality and cache")
        self._viewing = viewing
        self._tasks = Tasks()
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self._show_report)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(self._build_quality())
        layout.addWidget(self._build_opening())
        layout.addWidget(self._build_cache())
        self.message = MessageBar()
        layout.addWidget(self.message)
        layout.addStretch(1)
        self.destroyed.connect(self._tasks.cancel_all)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Read everything anew."""
        self._show_choices()
        self._show_report()
        self._measure()
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Look no more."""
        self._timer.stop()
        super().hideEvent(event)

    def _build_quality(self) -> QWidget:
        box = QGroupBox("Sharpness of large images")
        layout = QVBoxLayout(box)
        self.qualities: dict[str, QRadioButton] = {}
        group = QButtonGroup(self)
        for name, (title, what) in _QUALITIES.items():
            button = self.qualities[name] = QRadioButton(f"{title}: {what}")
            button.clicked.connect(lambda _, name=name: self._choose_quality(name))
            group.addButton(button)
            layout.addWidget(button)
        note = QLabel("Saving and computing always take the true pixels.")
        note.setStyleSheet(f"color: {read_theme().dim_text};")
        layout.addWidget(note)
        return box

    def _build_opening(self) -> QWidget:
        box = QGroupBox("Images that are opened from now on")
        layout = QVBoxLayout(box)
        self.rendered = QCheckBox("As the server renders them")
        self.rendered.setToolTip(
            "For slow lines: compressed pictures in colour instead of the pixels.\n"
            "“Switch OMERO image between pixels and rendered picture”, in the menu of\n"
            "a layer, gets the pixels when they are needed."
        )
        self.rendered.clicked.connect(self._choose_rendered)
        layout.addWidget(self.rendered)
        self.keep_axes = QCheckBox("With all axes, also those of one step")
        self.keep_axes.setToolTip(
            "Layers always have axes for time and depth (TZYX), also where there is\n"
            "one time point or one section.  Otherwise these axes are left out."
        )
        self.keep_axes.clicked.connect(self._choose_axes)
        layout.addWidget(self.keep_axes)
        return box

    def _build_cache(self) -> QWidget:
        box = QGroupBox("Pixels kept on this computer")
        grid = QGridLayout(box)
        self.memory_limit = _limit_box(16, 1 << 20)
        self.disk_limit = _limit_box(0, 1 << 24)
        self.disk_limit.setSpecialValueText("nothing")
        self.memory_limit.editingFinished.connect(self._choose_limits)
        self.disk_limit.editingFinished.connect(self._choose_limits)
        self.memory, self.disk, self.hits = QLabel(), QLabel(), QLabel()
        for row, (name, used, limit) in enumerate(
            (
                ("In memory", self.memory, self.memory_limit),
                ("On the disk", self.disk, self.disk_limit),
            )
        ):
            grid.addWidget(QLabel(name), row, 0)
            grid.addWidget(used, row, 1)
            grid.addWidget(QLabel("at most"), row, 2)
            grid.addWidget(limit, row, 3)
        grid.addWidget(QLabel("Hit rate"), 2, 0)
        grid.addWidget(self.hits, 2, 1, 1, 3)
        self._folder = QElidingLabel()
        self._folder.setElideMode(Qt.TextElideMode.ElideMiddle)
        grid.addWidget(QLabel("Folder"), 3, 0)
        grid.addWidget(self._folder, 3, 1, 1, 3)
        self.clear = QPushButton("Clear")
        self.clear.setToolTip("Forget all pixels, in memory and on the disk")
        self.clear.clicked.connect(self._clear)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.clear)
        grid.addLayout(row, 4, 0, 1, 4)
        grid.setColumnStretch(1, 1)
        return box

    def _show_choices(self) -> None:
        self.message.say("")
        self.qualities[self._viewing.quality].setChecked(True)
        self.rendered.setChecked(self._viewing.rendered)
        self.keep_axes.setChecked(self._viewing.keep_axes)
        memory, disk = self._viewing.limits
        self.memory_limit.setValue(memory // _MEGABYTE)
        self.disk_limit.setValue(disk // _MEGABYTE)
        self._folder.setText(self._viewing.folder)
        self._folder.setToolTip(self._viewing.folder)

    def _show_report(self) -> None:
        report = self._viewing.report()
        self.memory.setText(write_size(report.memory))
        if report.hit_rate is None:
            self.hits.setText("nothing was asked for yet")
            return
        self.hits.setText(
            f"{report.hit_rate:.0%}  ({report.from_memory:,} from memory, "
            f"{report.from_disk:,} from disk, {report.from_server:,} from the server)"
        )

    def _measure(self) -> None:
        def show(size: int) -> None:
            self.clear.setEnabled(True)
            self.disk.setText(write_size(size))

        if not self.disk.text():
            self.disk.setText("…")
        self._tasks.run(self._viewing.measure_disk, show, self._fail)

    def _clear(self) -> None:
        def cleared(_: object) -> None:
            self._show_report()
            self._measure()

        self.clear.setEnabled(False)
        self._tasks.run(self._viewing.clear, cleared, self._fail)

    def _fail(self, error: Exception) -> None:
        self.clear.setEnabled(True)
        self.message.say(explain(error), "error")

    def _choose_quality(self, name: str) -> None:
        self._viewing.quality = name

    def _choose_rendered(self, chosen: bool) -> None:
        self._viewing.rendered = chosen

    def _choose_axes(self, chosen: bool) -> None:
        self._viewing.keep_axes = chosen

    def _choose_limits(self) -> None:
        limits = (
            self.memory_limit.value() * _MEGABYTE,
            self.disk_limit.value() * _MEGABYTE,
        )
        if limits != self._viewing.limits:
            self._viewing.limits = limits
            self._show_report()
            self._measure()


def write_size(count: int) -> str:
    """Write a number of bytes for people."""
    if count < _MEGABYTE:
        return f"{count / 1024:.0f} kB" if count else "nothing"
    if count < 1024 * _MEGABYTE:
        return f"{count / _MEGABYTE:.0f} MB"
    return f"{count / _MEGABYTE / 1024:.1f} GB"


def _limit_box(least: int, most: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(least, most)
    box.setSuffix(" MB")
    box.setSingleStep(64)
    box.setGroupSeparatorShown(True)
    return box
