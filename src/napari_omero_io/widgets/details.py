"""What is known about the selected image, before a single pixel is read.

Shows a record; asks nobody for anything.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from .icons import load_icon, read_theme

if TYPE_CHECKING:
    from napari_omero_io.records import ChannelRecord, ImageRecord, ObjectRecord

#: More channels than this are counted, not named.
_NAMED_CHANNELS = 6

#: Lines of text that always have room.
_LINES = 9

#: Milliseconds for which the copy button shows that it worked.
_COPIED = 1500


class DetailsPanel(QWidget):
    """Name, sizes, channels, pixel size, owner and link of one object."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = ""
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(_COPIED)
        self._copied.timeout.connect(self._show_copy_icon)
        self._build()
        self.clear()
        self.refresh_looks()

    @property
    def link(self) -> str:
        """Canonical link of what is shown, '' when nothing is."""
        return self._link

    def clear(self) -> None:
        """Show nothing; the place stays, so that the rows above do not jump."""
        self._name.setText("")
        self._name.setToolTip("")
        self._show_facts({})
        self._show_link("")
        self._hint.setVisible(True)

    def show_object(self, record: ObjectRecord, link: str) -> None:
        """Show what the browser's row already knows."""
        self._hint.setVisible(False)
        self._name.setText(record.name)
        self._name.setToolTip(record.name)
        self._show_facts({"Owner": escape(record.owner)})
        self._show_link(link)

    def show_image(self, image: ImageRecord, link: str) -> None:
        """Show all there is to say about an image."""
        self._hint.setVisible(False)
        self._name.setText(image.name)
        self._name.setToolTip(image.description or image.name)
        facts = {
            "Size": describe_size(image),
            "Channels": _describe_channels(image.channels),
            "Pixel": describe_pixel_size(image),
            "Type": image.dtype,
            "Owner": escape(image.owner),
        }
        self._show_facts(facts)
        self._show_link(link)

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        self._show_copy_icon()
        self.setStyleSheet(
            f"DetailsPanel {{ background-color: {theme.panel}; border-radius: 4px; }}"
            f" QLabel#key {{ color: {theme.dim_text}; background-color: transparent; }}"
        )

    def _build(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._name = QElidingLabel()
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self._hint = QLabel("Select an image to see what it is.")
        self._hint.setObjectName("key")
        self._hint.setWordWrap(True)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(10)
        self._form.setVerticalSpacing(2)
        self._link_label = QElidingLabel()
        self._link_label.setElideMode(Qt.TextElideMode.ElideMiddle)
        self._link_label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self._copy = QToolButton()
        self._copy.setAutoRaise(True)
        self._copy.setToolTip("Copy the link")
        self._copy.setAccessibleName("Copy the link")
        self._copy.clicked.connect(self._copy_link)
        row = QHBoxLayout()
        row.addWidget(self._link_label, 1)
        row.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self._hint)
        layout.addWidget(self._name)
        layout.addLayout(self._form)
        layout.addStretch(1)
        layout.addLayout(row)
        self.setMinimumHeight(_LINES * self.fontMetrics().lineSpacing())

    def _show_facts(self, facts: dict[str, str]) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        for key, value in facts.items():
            if value:
                label = QLabel(key)
                label.setObjectName("key")
                text = QLabel(value)
                text.setWordWrap(True)
                self._form.addRow(label, text)

    def _show_link(self, link: str) -> None:
        self._link = link
        self._link_label.setText(link)
        self._link_label.setToolTip(link)
        self._copy.setVisible(bool(link))

    def _copy_link(self) -> None:
        QGuiApplication.clipboard().setText(self._link)
        self._copy.setIcon(load_icon("check", 16))
        self._copied.start()

    def _show_copy_icon(self) -> None:
        self._copy.setIcon(load_icon("copy", 16))


def describe_size(image: ImageRecord) -> str:
    """Say the extent of an image: ``1100 × 680, 31 Z, 3 channels, 48 T``."""
    parts = [f"{image.size_x} × {image.size_y}"]
    if image.size_z > 1:
        parts.append(f"{image.size_z} Z")
    if image.size_t > 1:
        parts.append(f"{image.size_t} T")
    if len(image.levels) > 1:
        parts.append(f"{len(image.levels)} resolutions")
    return ", ".join(parts)


def describe_pixel_size(image: ImageRecord) -> str:
    """Say the size of a pixel in micrometres, '' when the server does not know."""
    x, y, z = image.pixel_size_x, image.pixel_size_y, image.pixel_size_z
    if x is None or y is None:
        return ""
    sides = [x, y] if z is None else [x, y, z]
    return " × ".join(f"{side:.4g}" for side in sides) + " µm"


def _describe_channels(channels: tuple[ChannelRecord, ...]) -> str:
    if len(channels) > _NAMED_CHANNELS:
        return str(len(channels))
    names = []
    for channel in channels:
        red, green, blue = channel.color[:3]
        name = escape(channel.name or str(channel.index))
        names.append(
            f'<span style="color: rgb({red},{green},{blue})">●</span>&nbsp;{name}'
        )
    return "  ".join(names)
