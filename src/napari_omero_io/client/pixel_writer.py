"""Writing the pixels of a new image, once and in the order that the server wants.

A store opened after the first write cannot write any more, so all planes go through
one.  On the wire pixels are big-endian.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.errors import SaveError
from napari_omero_io.records import PIXEL_TYPES

from .ice import Ice
from .images import SMALL_PLANE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .appearance import Window
    from .connection import Connection

logger = logging.getLogger(__name__)

#: Bytes sent in one call.  Servers take 256,000,000 as they are delivered.
MAX_SENT = 64_000_000

#: What a plain file is read and written in: bands of full rows of so many bytes.
_BAND = 1 << 20


class PixelWriter:
    """Writes planes through one store, as the server wants them.

    Large integer planes go as tiles, of which the server makes a pyramid: x fastest,
    then y, planes in order, all of one size but the last.  Before and between them the
    store may be asked for nothing but its tile size: any other question ends the
    writing.  Other planes go whole, or in bands of full rows when they are large.

    Parameters
    ----------
    pixels
        The image's Pixels with its type loaded.
    sent
        Told the bytes of each message that has arrived; may raise to stop.
    """

    def __init__(
        self,
        connection: Connection,
        pixels: Any,
        sent: Callable[[int], None] | None = None,
    ) -> None:
        self._shape = (pixels.sizeY.val, pixels.sizeX.val)
        self._dtype = np.dtype(PIXEL_TYPES[pixels.pixelsType.value.val])
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._ranges = [(np.inf, -np.inf)] * pixels.sizeC.val
        self._sent = sent
        context = connection.context(pixels.details.group.id.val)
        self._store = connection.open_pixel_store()
        try:
            self._store.setPixelsId(pixels.id.val, True, context)
            self._tile = self._choose_tile()
        except BaseException:
            self.abandon()
            raise

    def _choose_tile(self) -> tuple[int, int] | None:
        """Ask whether this becomes a pyramid, which depends on the server's settings.

        For a plain file it names bands of full rows of about 1 MiB.
        """
        size_y, size_x = self._shape
        if size_x * size_y <= SMALL_PLANE:
            return None
        width, height = self._store.getTileSize()
        band = min(size_y, _BAND // self._dtype.itemsize // size_x)
        return None if (width, height) == (size_x, band) else (width, height)

    def write(self, t: int, c: int, z: int, plane: NDArray[Any]) -> None:
        """Send one plane (Y, X)."""
        plane = np.asarray(plane)
        if plane.shape != self._shape or plane.dtype.newbyteorder("=") != self._dtype:
            raise SaveError(
                f"A plane of {plane.shape[::-1]} {plane.dtype} does not fit an image "
                f"of {self._shape[::-1]} {self._dtype}."
            )
        self._measure(c, plane)
        data = np.ascontiguousarray(plane, self._dtype.newbyteorder(">"))
        self._digest.update(data.data)
        if self._tile is None and data.nbytes <= MAX_SENT:
            self._store.setPlane(data.tobytes(), z, c, t)
            self._tell(data.nbytes)
            return
        width, height = self._tile or self._choose_band()
        for y in range(0, data.shape[0], height):
            for x in range(0, data.shape[1], width):
                tile = data[y : y + height, x : x + width]
                rows, columns = tile.shape
                self._store.setTile(tile.tobytes(), z, c, t, x, y, columns, rows)
                self._tell(tile.nbytes)

    @property
    def ranges(self) -> list[Window]:
        """Smallest and largest value of each channel; (0, 1) where there was none."""
        return [
            (float(low), float(high)) if low <= high else (0.0, 1.0)
            for low, high in self._ranges
        ]

    def verify(self) -> None:
        """Have the server save, and compare its checksum with ours.

        Raises
        ------
        SaveError
            It stored other pixels than were sent.
        """
        saved = self._store.save()
        if saved is None or self._tile is not None:
            return  # the checksum of a pyramid is not that of the planes
        if saved.sha1.val != self._digest.hexdigest():
            raise SaveError(
                "The server stored other pixels than were sent; the image is not kept."
            )

    def close(self) -> None:
        """Give the store back."""
        self._store.close()

    def abandon(self) -> None:
        """Give the store back after a failure, whose error matters more."""
        try:
            self._store.close()
        except Ice.Exception as error:
            logger.info("A pixel store was left open: %s", type(error).__name__)

    def _measure(self, c: int, plane: NDArray[Any]) -> None:
        numbers = plane if plane.dtype.kind in "iu" else plane[np.isfinite(plane)]
        if numbers.size:
            low, high = self._ranges[c]
            self._ranges[c] = (min(low, numbers.min()), max(high, numbers.max()))

    def _choose_band(self) -> tuple[int, int]:
        """Plain files take full rows only."""
        size_x = self._shape[1]
        return size_x, max(1, MAX_SENT // (size_x * self._dtype.itemsize))

    def _tell(self, size: int) -> None:
        if self._sent is not None:
            self._sent(size)
