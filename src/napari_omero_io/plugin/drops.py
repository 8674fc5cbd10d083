"""Links that are dropped on a viewer.

napari takes only drops that carry a list of addresses, and may ask which reader to
use.  This filter takes a drop before napari sees it, if all of it is links to an OMERO
server, also when it is plain text.  Everything else passes untouched.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from napari.qt import QtViewer
from qtpy.QtCore import QEvent, QObject, Qt
from qtpy.QtWidgets import QApplication, QWidget

from napari_omero_io.errors import BadReference
from napari_omero_io.refs import OmeroRef

if TYPE_CHECKING:
    from qtpy.QtCore import QMimeData

#: Texts such as ``314`` are references too, but a dropped number is just a number.
_LINK = re.compile(
    r"omero(\+\w+)?:|https?://|urn:lsid:|[a-z/]+:[\d\s,-]+$", re.IGNORECASE
)


class LinkDrops(QObject):
    """Takes links that are dropped on one viewer, and opens them in it."""

    def __init__(self, target: QtViewer) -> None:
        super().__init__(target)
        self._target = target
        target.installEventFilter(self)
        # before the first layer the welcome page lies over the viewer
        for child in target.findChildren(QWidget):
            if child.acceptDrops():
                child.installEventFilter(self)

    def eventFilter(self, target: QObject | None, event: QEvent | None) -> bool:
        """Qt asks here before it gives an event to the viewer."""
        if event is None or event.type() not in (
            QEvent.Type.DragEnter,
            QEvent.Type.DragMove,
            QEvent.Type.Drop,
        ):
            return False
        links = find_links(event.mimeData())
        if not links:
            return False
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        if event.type() == QEvent.Type.Drop:
            self._open("\n".join(links))
        return True

    def _open(self, text: str) -> None:
        from napari_omero_io.plugin.viewer import stage_of

        stage_of(self._target.viewer).links.open_text(text)


class _Watch(QObject):
    """Sees to it that every viewer takes links, also one that is opened later."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.focusWindowChanged.connect(self.look)

    def look(self) -> None:
        """Find the viewers that take no links yet."""
        for window in QApplication.topLevelWidgets():
            for target in window.findChildren(QtViewer):
                if target.findChild(LinkDrops) is None:
                    LinkDrops(target)


def accept_links() -> None:
    """Let all viewers take links from now on; safe to call again."""
    app = QApplication.instance()
    watch = app.findChild(_Watch) or _Watch(app)
    watch.look()


def find_links(data: QMimeData) -> list[str]:
    """Return the links of a drop; none if it holds anything else."""
    texts = [url.url() for url in data.urls()]
    if not texts:
        text = data.text().strip()
        texts = [line.strip() for line in text.splitlines() if line.strip()]
        if len(texts) > 1 and _is_link(text) and not all(map(_is_link, texts)):
            texts = [text]  # one link, of several lines
    return texts if texts and all(map(_is_link, texts)) else []


def _is_link(text: str) -> bool:
    if not _LINK.match(text):
        return False
    try:
        with warnings.catch_warnings():
            # a secret in the link is told when it is opened
            warnings.simplefilter("ignore")
            OmeroRef.parse_all(text)
    except BadReference:
        return False
    return True
