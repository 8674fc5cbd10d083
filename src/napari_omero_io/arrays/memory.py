"""Tiles in memory, bounded in bytes; the least recently used go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Leaves room for tiles under way below the 300 MB that the plugin may take.
DEFAULT_LIMIT = 192 << 20


class TileKey(NamedTuple):
    """What a cached array shows: one cell of one plane of one level.

    `image` tells images of all servers apart; `level` 0 is the full size.
    """

    image: str
    level: int
    t: int
    c: int
    z: int
    row: int
    column: int


class TileCache:
    """A dictionary of tiles that forgets.  Safe to use from any thread.

    Parameters
    ----------
    limit
        Largest sum of the tiles' sizes, in bytes.  A single tile above it is kept
        until the next one comes, so that whoever fetched it can show it.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self._tiles: OrderedDict[TileKey, NDArray[Any]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, key: TileKey) -> NDArray[Any] | None:
        """Return a tile, read-only, or None; the tile counts as just used."""
        with self._lock:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
            return tile

    def put(self, key: TileKey, tile: NDArray[Any]) -> None:
        """Keep a tile, and forget others if the limit asks for it."""
        tile.flags.writeable = False
        with self._lock:
            old = self._tiles.pop(key, None)
            if old is not None:
                self._size -= old.nbytes
            self._tiles[key] = tile
            self._size += tile.nbytes
            self._shrink()

    def resize(self, limit: int) -> None:
        """Take another limit from now on."""
        with self._lock:
            self.limit = limit
            self._shrink()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._tiles.clear()
            self._size = 0

    def _shrink(self) -> None:
        while self._size > self.limit and len(self._tiles) > 1:
            self._size -= self._tiles.popitem(last=False)[1].nbytes

    def forget(self, image: str) -> None:
        """Drop all tiles of an image."""
        with self._lock:
            for key in [key for key in self._tiles if key.image == image]:
                self._size -= self._tiles.pop(key).nbytes

    @property
    def size(self) -> int:
        """Bytes in use."""
        with self._lock:
            return self._size

    def __contains__(self, key: object) -> bool:
        with self._lock:
            return key in self._tiles

    def __len__(self) -> int:
        with self._lock:
            return len(self._tiles)
