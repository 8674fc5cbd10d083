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
from qtpy.QtCore import QEvent, QObject, Qt, Signal
from qtpy.QtWidgets import QWidget

from napari_omero_io.errors import BadReference
from napari_omero_io.refs import OmeroRef

if TYPE_CHECKING:
    from qtpy.QtCore import QMimeData

#: Texts such as ``314`` are references too, but a dropped number is just a number.
_LINK = re.compile(r"(omero(\+\w+)?|https?)://", re.IGNORECASE)


class LinkDrops(QObject):
    """Takes links that are dropped on a window.

    Signals
    -------
    dropped(text)
        One link a line.
    """

    dropped = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        for viewer in window.findChildren(QtViewer):
            viewer.installEventFilter(self)
            # before the first layer the welcome page lies over the viewer
            for child in viewer.findChildren(QWidget):
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
            self.dropped.emit("\n".join(links))
        return True


def find_links(data: QMimeData) -> list[str]:
    """Return the links of a drop; none if it holds anything else."""
    texts = [url.url() for url in data.urls()]
    if not texts:
        texts = [line.strip() for line in data.text().splitlines() if line.strip()]
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
