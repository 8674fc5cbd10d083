"""What is known about the selected object, before a single pixel is read.

Shows a record; asks nobody for anything.
"""

from __future__ import annotations

from html import escape
from math import ceil
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt, QTimer, QUrl
from qtpy.QtGui import QDesktopServices, QGuiApplication, QPixmap, QTextOption
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from superqt import QElidingLabel

from .facts_text import describe_annotations, describe_facts
from .icons import load_icon, read_theme
from .names import NameLabel

if TYPE_CHECKING:
    from qtpy.QtGui import QResizeEvent

    from napari_omero_io.client.facts import Details

#: Longest side of the preview, in device-independent pixels.
PREVIEW_SIZE = 112

#: Lines of text that always have room.
_LINES = 11

#: Milliseconds for which the copy button shows that it worked.
_COPIED = 1500


class DetailsPanel(QWidget):
    """Preview, facts, annotations and link of one object."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = ""
        self._web = ""
        self._details: Details | None = None
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(_COPIED)
        self._copied.timeout.connect(self._show_copy_icon)
        self._build()
        self._arrange()
        self.clear()
        self.refresh_looks()

    @property
    def link(self) -> str:
        """Canonical link of what is shown, '' when nothing is."""
        return self._link

    def clear(self) -> None:
        """Show nothing; the place stays, so that the rows above do not jump."""
        self._details = None
        self._name.show_name("")
        self._text.clear()
        self.show_preview(b"")
        self._show_link("", "")
        self._hint.setVisible(True)

    def show_details(self, details: Details, link: str, web: str = "") -> None:
        """Show all there is to say about an object.

        Parameters
        ----------
        web
            Where OMERO.web shows it; '' where that is not known.
        """
        self._details = details
        self._hint.setVisible(False)
        self._name.show_name(details.name)
        self.show_preview(b"")
        self._show_text()
        self._show_link(link, web)

    def show_preview(self, picture: bytes) -> None:
        """Show a picture of the object; none for b''."""
        pixmap = QPixmap()
        pixmap.loadFromData(picture)
        self._preview.setVisible(not pixmap.isNull())
        if not pixmap.isNull():
            ratio = self.devicePixelRatioF()
            side = round(PREVIEW_SIZE * ratio)
            pixmap = pixmap.scaled(
                side,
                side,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            pixmap.setDevicePixelRatio(ratio)
            self._preview.setPixmap(pixmap)

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        self._show_copy_icon()
        self._show_text()
        self._open_web.setIcon(load_icon("web", 16))
        self._text.setStyleSheet("background: transparent; border: none; padding: 0px;")
        self.setStyleSheet(
            f"DetailsPanel {{ background-color: {theme.panel}; border-radius: 4px; }}"
            f" QLabel#key {{ color: {theme.dim_text}; }}"
            " QLabel, QScrollArea, QWidget#inside { background-color: transparent; }"
        )

    def _build(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._name = NameLabel()
        font = self._name.font()
        font.setBold(True)
        self._name.setFont(font)
        self._hint = QLabel("Select a row to see what it is.")
        self._hint.setObjectName("key")
        self._hint.setWordWrap(True)
        self._preview = QLabel()
        self._preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = _Prose()
        self._link_label = QElidingLabel()
        self._link_label.setElideMode(Qt.TextElideMode.ElideMiddle)
        self._copy = _tool_button("Copy the link")
        self._copy.clicked.connect(self._copy_link)
        self._open_web = _tool_button("Open in OMERO.web")
        self._open_web.clicked.connect(
            lambda: QDesktopServices.openUrl(QUrl(self._web))
        )

    def _arrange(self) -> None:
        inside = QWidget()
        inside.setObjectName("inside")
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 4, 0)
        inner.setSpacing(6)
        inner.addWidget(self._preview)
        inner.addWidget(self._text)
        inner.addStretch(1)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(inside)
        row = QHBoxLayout()
        row.addWidget(self._link_label, 1)
        row.addWidget(self._open_web)
        row.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        layout.addWidget(self._hint)
        layout.addWidget(self._name)
        layout.addWidget(self._area, 1)
        layout.addLayout(row)
        self.setMinimumHeight(_LINES * self.fontMetrics().lineSpacing())

    def _show_text(self) -> None:
        if self._details is not None:
            dim = read_theme().dim_text
            text = describe_facts(self._details, dim)
            self._text.setHtml(text + describe_annotations(self._details, dim))

    def _show_link(self, link: str, web: str) -> None:
        self._link = link
        self._web = web
        self._link_label.setText(link)
        self._link_label.setToolTip(escape(link))
        self._copy.setVisible(bool(link))
        self._open_web.setVisible(bool(web))

    def _copy_link(self) -> None:
        QGuiApplication.clipboard().setText(self._link)
        self._copy.setIcon(load_icon("check", 16))
        self._copied.start()

    def _show_copy_icon(self) -> None:
        self._copy.setIcon(load_icon("copy", 16))


class _Prose(QTextEdit):
    """Rich text as high as it is, whose longest words are broken.

    A label breaks lines between words only, and cuts a word that is longer than a line.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.textChanged.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Be as high as the text is at this width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(ceil(self.document().size().height()))


def _tool_button(name: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setToolTip(name)
    button.setAccessibleName(name)
    return button
