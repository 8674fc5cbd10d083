"""One clear sentence to the user, in the place where it belongs."""

from __future__ import annotations

import logging
from html import escape
from typing import Literal

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy, QWidget

from napari_omero_io.errors import OmeroIOError

from .icons import read_theme

logger = logging.getLogger(__name__)

Tone = Literal["plain", "busy", "error", "warning"]


class MessageBar(QLabel):
    """A sentence with a mark of its tone at the left edge; hidden when empty."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._tone: Tone = "plain"
        self.say("")

    @property
    def tone(self) -> Tone:
        """How the sentence is meant."""
        return self._tone

    def say(self, text: str, tone: Tone = "plain") -> None:
        """Show a sentence, or nothing."""
        self._tone = tone
        self.setText(text)
        self.setVisible(bool(text))
        self.refresh_looks()

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        mark = {
            "plain": theme.highlight,
            "busy": theme.highlight,
            "error": theme.error,
            "warning": theme.warning,
        }[self._tone]
        self.setStyleSheet(
            f"MessageBar {{ background-color: {theme.panel}; color: {theme.text};"
            f" border-left: 3px solid {mark}; border-radius: 2px; padding: 6px 8px; }}"
        )


def make_plain(text: str) -> str:
    """Give a text in the form in which Qt shows it as it is, in tooltips and boxes.

    They guess whether a text is HTML, and names of images may be.
    """
    if "<" not in text:
        return text
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>")


def explain(error: Exception) -> str:
    """Say what went wrong in one sentence; what nobody foresaw goes to the log, too."""
    if isinstance(error, OmeroIOError):
        return str(error)
    logger.error("An error nobody foresaw", exc_info=error)
    return (
        f"Something went wrong that should not have: {type(error).__name__}: {error}. "
        "Please report it; the log has the details."
    )
