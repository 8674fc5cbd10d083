"""Reading pixels: numpy arrays.

A store serves one thread.  On the wire pixels are big-endian whatever the machine, rows
from top to bottom.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.errors import PixelsUnavailable

from .images import open_image
from .stores import close_stores, open_stores
from .translate import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_omero_io.records import ImageRecord

    from .connection import Connection

#: Bytes of one answer.  Servers send at most 256,000,000 as they are delivered.
MAX_ANSWER = 64_000_000


class PixelReader:
    """Reads one image through one store; used by the one thread that made it.

    Parameters
    ----------
    store
        A RawPixelsStore that has the image's pixels already; None opens one.
    """

    def __init__(
        self, connection: Connection, image: ImageRecord, store: Any = None
    ) -> None:
        self._connection = connection
        self._generation = connection.generation
        self._image = image
        self._wire = np.dtype(image.dtype).newbyteorder(">")
        self._level = 0
        self._store = store if store is not None else _open(connection, image)

    def read_tile(
        self, level: int, z: int, c: int, t: int, x: int, y: int, w: int, h: int
    ) -> NDArray[Any]:
        """Read `h` rows of `w` pixels.

        Parameters
        ----------
        level
            Index into the image's levels; 0 is the full size.
        x, y, w, h
            In pixels of that level, inside of it.

        Returns
        -------
        ndarray
            (Y, X), read-only, in the byte order of the wire: whoever copies the
            pixels to their place turns them over on the way.

        Raises
        ------
        PixelsUnavailable
            They are not ready yet.
        """
        with translated(f"read pixels of image {self._image.id}"):
            return self._connection.outlive(
                lambda: self._read(level, z, c, t, x, y, w, h), self._reopen
            )

    def read_plane(self, z: int, c: int, t: int) -> NDArray[Any]:
        """Read a whole plane (Y, X) at full size."""
        size_x, size_y = self._image.size_x, self._image.size_y
        return self.read_tile(0, z, c, t, 0, 0, size_x, size_y)

    def close(self) -> None:
        """Give the store back to the server."""
        with translated(f"close image {self._image.id}"):
            self._store.close()

    def __enter__(self) -> PixelReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(
        self, level: int, z: int, c: int, t: int, x: int, y: int, w: int, h: int
    ) -> NDArray[Any]:
        if self._generation != self._connection.generation:
            self._reopen()
        self._go_to(level)
        # Rows are read in bands, so that no answer outgrows a message.
        rows = max(1, MAX_ANSWER // (w * self._wire.itemsize))
        if rows >= h:
            return self._decode(self._ask(level, z, c, t, x, y, w, h), h, w)
        tile = np.empty((h, w), self._wire)
        for top in range(0, h, rows):
            part = min(rows, h - top)
            band = self._ask(level, z, c, t, x, y + top, w, part)
            tile[top : top + part] = self._decode(band, part, w)
        return tile

    def _reopen(self) -> None:
        """Take another store, because the session of the last one is gone."""
        self._generation = self._connection.generation
        self._store, self._level = _open(self._connection, self._image), 0

    def _go_to(self, level: int) -> None:
        # A store of a single level refuses even level 0; a new store is at full size.
        if level != self._level:
            self._store.setResolutionLevel(self._image.levels[level].resolution)
            self._level = level

    def _ask(
        self, level: int, z: int, c: int, t: int, x: int, y: int, w: int, h: int
    ) -> bytes:
        # In two steps: where a call is one step, Ice copies its answer once more.
        store, whole = self._store, self._image.levels[level]
        if (x, y, w, h) == (0, 0, whole.size_x, whole.size_y):
            plane: bytes = store.end_getPlane(store.begin_getPlane(z, c, t))
            return plane
        tile: bytes = store.end_getTile(store.begin_getTile(z, c, t, x, y, w, h))
        return tile

    def _decode(self, data: bytes, rows: int, columns: int) -> NDArray[Any]:
        if len(data) != rows * columns * self._wire.itemsize:
            raise PixelsUnavailable(
                f"The server sent {len(data)} bytes for {columns} x {rows} pixels of "
                f"image {self._image.id}."
            )
        return np.frombuffer(data, self._wire).reshape(rows, columns)


def _open(connection: Connection, image: ImageRecord) -> Any:
    with translated(f"open the pixels of image {image.id}"):
        return open_stores(connection, image.pixels_id, image.group_id, 1)[0]


class PixelSource:
    """One image of a server as a source of pixels, for any number of threads.

    Parameters
    ----------
    stores
        RawPixelsStores at full resolution, which the first readers take over.

    Attributes
    ----------
    record
        What the image is like.
    """

    def __init__(
        self, connection: Connection, record: ImageRecord, stores: Sequence[Any] = ()
    ) -> None:
        self.record = record
        self._connection = connection
        self._spares = list(stores)
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by reference: see `tickets`."""
        from .tickets import Ticket, redeem

        connection = self._connection
        return redeem, (Ticket(connection.address, connection.key, self.record),)

    def __repr__(self) -> str:
        return f"<PixelSource image {self.record.id} at {self.server}>"

    @property
    def server(self) -> str:
        """The server as it stands in links."""
        return self._connection.server

    def open_reader(self) -> PixelReader:
        """Open a reader for the calling thread, which closes it."""
        with self._lock:
            store = self._spares.pop() if self._spares else None
        return PixelReader(self._connection, self.record, store)

    def close(self) -> None:
        """Close the stores that no reader has taken; readers close their own."""
        with self._lock:
            stores, self._spares = self._spares, []
        close_stores(stores)


def open_source(
    connection: Connection,
    image_id: int,
    readers: int = 1,
    settings_id: int | None = None,
) -> PixelSource:
    """Read what an image is like, and get ready to read its pixels.

    The first readers take over the stores that were opened meanwhile, which saves a
    distant server two round trips for each.

    Parameters
    ----------
    readers
        How many threads are going to read.
    settings_id
        The rendering settings to show it with, if not the user's.
    """
    record, stores = open_image(connection, image_id, readers, settings_id)
    return PixelSource(connection, record, stores)
