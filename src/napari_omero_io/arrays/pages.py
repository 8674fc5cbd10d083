"""Arrays that give their memory back to the system as soon as they are dropped.

Thousands of tiles of half a megabyte come and go.  Left to the C library they are cut
out of its heaps, which do not shrink: with tiles for 200 MB a process grew by 380.
"""

from __future__ import annotations

import math
import mmap
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


def allocate(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an array of zeros in pages of its own, if it is large enough."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if size < _SMALLEST:
        return np.zeros(shape, kind)
    try:
        memory = mmap.mmap(-1, size)
    except OSError:  # too many pieces, or no memory, of which numpy tells better
        return np.zeros(shape, kind)
    return np.frombuffer(memory, kind).reshape(shape)


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
        # private: after a fork, who writes to it writes to a copy
        memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
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
