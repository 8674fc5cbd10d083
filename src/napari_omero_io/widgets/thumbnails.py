"""Thumbnails for the rows that are on the screen, in batches.

Decides which pictures to ask for and turns their bytes into icons; neither the tree
nor the server is known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Signal
from qtpy.QtGui import QIcon, QImage, QPainter

from .icons import make_square

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Longest side of a thumbnail in the tree, in device-independent pixels.
THUMBNAIL_SIZE = 32

#: Thumbnails asked for at once: enough for a screenful, little enough to be quick.
_BATCH = 24

#: Milliseconds of rest after scrolling before anything is asked for.
_REST = 120


class ThumbnailQueue(QObject):
    """Asks for the thumbnails that the user can see, one batch at a time.

    Parameters
    ----------
    size
        Longest side of the icons.
    batch
        How many are asked for at once.

    Signals
    -------
    batch_wanted(image_ids)
        Read these; the answer is one call of `accept` or `give_up`.
    icons_ready(icons)
        A mapping of image id to `QIcon`.
    """

    batch_wanted = Signal(list)
    icons_ready = Signal(dict)

    def __init__(
        self,
        parent: QObject | None = None,
        size: int = THUMBNAIL_SIZE,
        batch: int = _BATCH,
    ) -> None:
        super().__init__(parent)
        self._size = size
        self._batch = batch
        self._visible: list[int] = []
        self._known: set[int] = set()
        self._in_flight: list[int] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST)
        self._timer.timeout.connect(self._ask)

    def show_only(self, image_ids: Sequence[int]) -> None:
        """Say which images are on the screen now; others are no longer wanted."""
        self._visible = list(image_ids)
        if self._missing():
            self._timer.start()

    def accept(self, pictures: Mapping[int, bytes]) -> None:
        """Take the answer to the last batch: JPEG or PNG bytes by image id.

        An image without an answer keeps its plain icon and is not asked for again.
        """
        icons = {}
        for image_id, data in pictures.items():
            image = QImage.fromData(data)
            if not image.isNull():
                icons[image_id] = _square_icon(image, self._size)
        self._known.update(self._in_flight)
        self._in_flight = []
        if icons:
            self.icons_ready.emit(icons)
        if self._missing():
            self._timer.start(0)

    def give_up(self) -> None:
        """Take note that the last batch could not be read; it is asked for later."""
        self._in_flight = []

    def ask_again(self) -> None:
        """Ask for what is on the screen and could not be read."""
        if self._missing():
            self._timer.start()

    def clear(self) -> None:
        """Forget everything, for another server or after a refresh."""
        self._timer.stop()
        self._visible = []
        self._known.clear()
        self._in_flight = []

    def _missing(self) -> list[int]:
        return [i for i in self._visible if i not in self._known]

    def _ask(self) -> None:
        if self._in_flight:
            return
        self._in_flight = self._missing()[: self._batch]
        if self._in_flight:
            self.batch_wanted.emit(list(self._in_flight))


def _square_icon(image: QImage, size: int) -> QIcon:
    """Centre a picture of any shape in a transparent square."""
    pixmap = make_square(size)
    scaled = image.scaled(
        pixmap.size(),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
    scaled.setDevicePixelRatio(pixmap.devicePixelRatio())
    place = QRectF(scaled.rect())
    place.setSize(place.size() / scaled.devicePixelRatio())
    place.moveCenter(QPointF(size / 2, size / 2))
    painter = QPainter(pixmap)
    painter.drawImage(place.topLeft(), scaled)
    painter.end()
    icon = QIcon(pixmap)
    # The same picture when the row is selected: no tint over pixels.
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
