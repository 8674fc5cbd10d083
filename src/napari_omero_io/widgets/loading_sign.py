"""A sign in the corner of the canvas that says when what is seen is not final."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QEvent, QObject, QPoint, Qt
from qtpy.QtWidgets import QLabel, QWidget

from .icons import read_theme

if TYPE_CHECKING:
    from qtpy.QtGui import QShowEvent

#: Device-independent pixels from the edges of the canvas.
_MARGIN = 8


class LoadingSign(QLabel):
    """A few words at the upper right of a widget; the mouse goes through them.

    Parameters
    ----------
    canvas
        In whose corner they stand, also when its size changes.
    """

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Whether the pixels in view are there")
        self.hide()
        canvas.installEventFilter(self)

    def say(self, text: str) -> None:
        """Show these words; '' for none."""
        if text != self.text():
            self.setText(text)
            self._settle()
        self.setVisible(bool(text))

    def showEvent(self, event: QShowEvent | None) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        self.setStyleSheet(
            f"LoadingSign {{ background-color: {theme.panel}; color: {theme.text};"
            " border-radius: 4px; padding: 3px 8px; }"
        )
        self._settle()
        super().showEvent(event)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Stay in the corner."""
        if (
            watched is self.parentWidget()
            and event is not None
            and event.type() == QEvent.Type.Resize
        ):
            self._settle()
        return False

    def _settle(self) -> None:
        canvas = self.parentWidget()
        if canvas is not None:
            self.adjustSize()
            left = canvas.width() - self.width() - _MARGIN
            self.move(QPoint(max(0, left), _MARGIN))
            self.raise_()
