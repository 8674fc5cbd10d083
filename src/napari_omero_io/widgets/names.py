"""Names from afar, shown so that they cannot pass for anything else.

A name may hold any character: ends of lines, which would spill over the next row, marks
of the direction of writing, with which ``gpj.exe`` reads ``exe.jpg``, and HTML.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from superqt import QElidingLabel

from .message import make_plain

if TYPE_CHECKING:
    from qtpy.QtWidgets import QWidget

_ENDS_OF_LINES = re.compile(r"\s*(?:\r\n|[\n\r\v\f\x85\u2028\u2029])\s*")
#: Control characters, and what overrides or isolates the direction of writing.
_HIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def write_line(name: str) -> str:
    """Give a name as one line, in which characters that hide others can be seen."""
    line = _ENDS_OF_LINES.sub(" ↵ ", name).replace("\t", " ")
    return _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", line)


class NameLabel(QElidingLabel):
    """One line of plain text, shortened to its room; the tooltip has all of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def show_name(self, name: str) -> None:
        """Show a name as it is."""
        self.setText(write_line(name))
        self.setToolTip(make_plain(name))
