"""What was read lately, bounded in bytes, shared by all threads."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable


#: In bytes.  What is larger is a plane of an image without tiles: it is read and
#: unpacked in a millisecond, a third of what it takes to send it.
_TILE_MAX = 1 << 20


class TileCache:
    """Encoded tiles by set of pixels and place; the longest unused go first.

    Parameters
    ----------
    capacity
        In bytes.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._tiles: OrderedDict[tuple[int, Hashable], bytes] = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes that are kept now."""
        return self._used

    def get(self, pixels_id: int, key: Hashable) -> bytes | None:
        """Return a tile, or None when it is not kept."""
        with self._lock:
            found = self._tiles.get((pixels_id, key))
            if found is not None:
                self._tiles.move_to_end((pixels_id, key))
            return found

    def put(self, pixels_id: int, key: Hashable, tile: bytes) -> None:
        """Keep a tile, letting others go as needed; one that is too large is not."""
        if len(tile) > min(_TILE_MAX, self.capacity // 8):
            return
        with self._lock:
            before = self._tiles.pop((pixels_id, key), b"")
            self._tiles[pixels_id, key] = tile
            self._used += len(tile) - len(before)
            while self._used > self.capacity:
                _, gone = self._tiles.popitem(last=False)
                self._used -= len(gone)

    def discard(self, pixels_id: int) -> None:
        """Let go of everything of one set of pixels."""
        with self._lock:
            for key in [key for key in self._tiles if key[0] == pixels_id]:
                self._used -= len(self._tiles.pop(key))
