"""The other things to do with what is selected: one stack, a mosaic, the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QMenu, QToolButton, QWidget

from .icons import load_icon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qtpy.QtCore import QPoint

    from napari_omero_io.records import ObjectRecord

#: Kinds of rows that are a plate or a part of one.
PLATE_KINDS = ("plate", "run", "well")
#: Kinds that have files of their own, or hold images that do.
_WITH_FILES = ("image", "dataset", "plate", "run", "well", "project", "screen")


class OpenWays(QToolButton):
    """A button with a menu; the same menu comes with a right click on a row.

    Signals
    -------
    arranged(arrangement)
        Open what is selected ``apart``, as a ``stack``, or as a ``mosaic``.
    download_requested()
        Fetch the original files of what is selected.
    """

    arranged = Signal(str)
    download_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip("Other ways to open, and the original files")
        self.setAccessibleName("Other ways to open")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.choices = QMenu(self)
        self.choices.setToolTipsVisible(True)
        add = self.choices.addAction
        self.apart = add("Open as separate layers")
        self.stack = add("Open as one stack")
        self.stack.setToolTip("Images of the same size behind each other")
        self.mosaic = add("Open as a mosaic")
        self.mosaic.setToolTip("Wells where they are on the plate")
        self.choices.addSeparator()
        self.download = add("Download original files…")
        for action, arrangement in (
            (self.apart, "apart"),
            (self.stack, "stack"),
            (self.mosaic, "mosaic"),
        ):
            action.triggered.connect(
                lambda _=False, chosen=arrangement: self.arranged.emit(chosen)
            )
        self.download.triggered.connect(lambda: self.download_requested.emit())
        self.setMenu(self.choices)
        self.refresh_looks()
        self.show_for([])

    def show_for(self, records: Sequence[ObjectRecord]) -> None:
        """Offer what can be done with these rows."""
        kind = records[0].kind if records else ""
        is_several = len(records) > 1 or kind not in ("image", "")
        self.setEnabled(bool(records))
        self.apart.setEnabled(bool(records))
        self.stack.setEnabled(is_several)
        self.mosaic.setVisible(kind in PLATE_KINDS)
        self.download.setEnabled(kind in _WITH_FILES)

    def pop_up(self, place: QPoint) -> None:
        """Show the menu somewhere on the screen."""
        if self.isEnabled():
            self.choices.popup(place)

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        self.setIcon(load_icon("more", 16))
