"""Arrays in pages of their own, which the next ones are given when they are dropped.

Thousands of tiles of half a megabyte come and go.  Left to the C library they are cut
out of its heaps, which do not shrink: with tiles for 200 MB a process grew by 380.

What the system gives is touched page by page, which takes it thirty times as long as
writing the pixels does.  A few pieces of memory that nobody uses are therefore kept.
"""

from __future__ import annotations

import math
import mmap
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

#: Bytes below which an array is too small for pages of its own: a process may have
#: some 65,000 pieces of memory on Linux.
_SMALLEST = 128 << 10
#: Bytes from which numpy asks Linux for huge pages.
_HUGE = 4 << 20
#: Bytes that may be kept for the next ones.
_SPARE_BYTES = 24 << 20
#: A piece is used again for what takes at least one part in so many of it.
_WASTE = 4


class _Spares:
    """Pieces of memory that nobody uses.  Safe to use from any thread.

    They are given back when an array is dropped, which may be at any time, in the
    middle of `take` as well: so that waits for nobody.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taking = threading.Lock()
        self._pieces: list[mmap.mmap] = []

    def give(self, piece: mmap.mmap) -> None:
        """Keep a piece for later, if there are not enough of them."""
        if sum(map(len, self._pieces.copy())) + len(piece) <= self._limit:
            self._pieces.append(piece)

    def take(self, size: int) -> mmap.mmap | None:
        """Return the smallest piece that is large enough but not much too large."""
        with self._taking:
            fitting = [
                piece
                for piece in self._pieces.copy()
                if size <= len(piece) <= size * _WASTE
            ]
            if not fitting:
                return None
            piece = min(fitting, key=len)
            self._pieces.remove(piece)
            return piece


_spares = _Spares(_SPARE_BYTES)


def allocate(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array of whatever content, in pages of its own if it is large."""
    kind = np.dtype(dtype)
    count = math.prod(shape)
    size = count * kind.itemsize
    if size < _SMALLEST:
        return np.empty(shape, kind)
    piece = _spares.take(size)
    if piece is None:
        try:
            piece = _map(size)
        except OSError:  # too many pieces, or no memory, of which numpy tells better
            return np.empty(shape, kind)
    whole = np.frombuffer(piece, kind, count)
    # All views are of this array: it ends with the last of them.
    weakref.finalize(whole, _spares.give, piece).atexit = False
    return whole.reshape(shape)


def make_room(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array that is about to be filled from the first to the last pixel.

    numpy puts large arrays on huge pages.  A huge page is cleared at its first touch,
    all of it, and in a virtual machine whose host takes freed memory back it has to
    come from the host again: for 2 GB that took a second of the processor in one run
    and six in the next, against two with ordinary pages every time, which the system
    has at hand.  That time is lacking to those who receive the pixels.
    """
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < _HUGE or not hasattr(mmap, "MADV_NOHUGEPAGE"):
        return np.empty(shape, kind)
    try:
        memory = _map(size)
    except OSError:  # of which numpy tells better
        return np.empty(shape, kind)
    with suppress(OSError):  # Linux without huge pages does not know the word
        memory.madvise(mmap.MADV_NOHUGEPAGE)
    return np.frombuffer(memory, kind).reshape(shape)


def settle(tile: NDArray[Any]) -> NDArray[Any]:
    """Return pixels that may be kept: in pages of their own and the native byte order.

    What can be written to is taken for its owner's; what came from the wire or from a
    file is read-only, and is copied.
    """
    if tile.flags.writeable and tile.dtype.isnative:
        return tile
    kept = allocate(tile.shape, tile.dtype.newbyteorder("="))
    kept[...] = tile
    return kept


def _map(size: int) -> mmap.mmap:
    """Ask the system for memory."""
    if not hasattr(mmap, "MAP_PRIVATE"):  # Windows
        return mmap.mmap(-1, size)
    # Private: after a fork, who writes to it writes to a copy.  Shared pages, which
    # are Python's default, also take half as long again.
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
