"""The window in which a user exports layers: choose, watch, read the result.

A view of two pages; the export itself runs elsewhere and goes on when the window is
closed.
"""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QDialog, QStackedLayout, QVBoxLayout, QWidget

from .save_choices import ChoicesPage
from .save_progress import ProgressPage


class SaveDialog(QDialog):
    """Choices first, progress and links afterwards; never modal.

    Signals
    -------
    preview_wanted(ExportChoice), export_requested(ExportChoice)
        See `ChoicesPage`.
    cancel_requested(), link_activated(link)
        See `ProgressPage`.
    """

    preview_wanted = Signal(object)
    export_requested = Signal(object)
    cancel_requested = Signal()
    link_activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export to OMERO")
        self.setModal(False)
        self.choices = ChoicesPage()
        self.progress = ProgressPage()
        self._pages = QStackedLayout()
        self._pages.addWidget(self.choices)
        self._pages.addWidget(self.progress)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.addLayout(self._pages)
        self.resize(460, 620)
        self._connect()

    def show_choices(self) -> None:
        """Let the user choose, unless an export is running."""
        if not self.progress.is_running:
            self._pages.setCurrentWidget(self.choices)
            self.choices.ask_again()

    def start_progress(self) -> None:
        """Show that an export has begun."""
        self.progress.start()
        self._pages.setCurrentWidget(self.progress)

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        self.choices.refresh_looks()
        self.progress.refresh_looks()

    def _connect(self) -> None:
        self.choices.preview_wanted.connect(self.preview_wanted)
        self.choices.export_requested.connect(self.export_requested)
        self.choices.close_requested.connect(self.close)
        self.progress.cancel_requested.connect(self.cancel_requested)
        self.progress.link_activated.connect(self.link_activated)
        self.progress.more_requested.connect(self.show_choices)
        self.progress.close_requested.connect(self.close)
