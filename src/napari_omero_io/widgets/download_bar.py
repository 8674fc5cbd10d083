"""How far a download is, and a button to stop it."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from .names import NameLabel, write_line

#: Steps of the bar: Qt's numbers end at two thousand millions, files do not.
_STEPS = 1000


class DownloadBar(QWidget):
    """Shown while files are fetched.

    Signals
    -------
    stop_requested()
        The user does not want to wait any longer.
    """

    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = NameLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(8)
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("What has arrived is kept, and the next download goes on")
        self.stop.clicked.connect(self._on_stop)
        left = QVBoxLayout()
        left.setSpacing(2)
        left.addWidget(self.text)
        left.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(left, 1)
        layout.addWidget(self.stop)
        self.hide()

    def begin(self, name: str) -> None:
        """Show that something is about to be fetched."""
        self.text.setText(f"Looking for the files of {write_line(name)}…")
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        self.show()

    def show_progress(self, done: int, total: int, name: str) -> None:
        """Show how many bytes are here, and which file is being fetched."""
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(done * _STEPS // max(1, total))
        self.text.setText(
            f"{done / 1e6:,.0f} of {total / 1e6:,.0f} MB  ·  {write_line(name)}"
        )

    def end(self) -> None:
        """Show nothing any more."""
        self.hide()

    def _on_stop(self) -> None:
        self.stop.setEnabled(False)
        self.text.setText("Stopping…")
        self.stop_requested.emit()
