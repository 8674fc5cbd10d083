"""How this process gets memory from the system, and gives it back."""

from __future__ import annotations

import ctypes
import logging

log = logging.getLogger(__name__)

#: Of glibc's malloc.h.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
#: Blocks from this size on, in bytes, are the system's again when they are freed.
_LARGE = 1 << 20
_ARENAS = 4


def give_large_blocks_back() -> None:
    """Let freed blocks of a megabyte and more return to the system at once.

    Left alone, glibc learns from the first large block that is freed to keep such
    blocks in its arenas, of which it makes eight for each core: sixteen threads that
    checked a password each held its 16 MB for ever, and tiles and planes likewise.
    Does nothing where the C library is another.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError) as absent:
        log.debug("no mallopt: %s", absent)
        return
    mallopt(_M_MMAP_THRESHOLD, _LARGE)
    mallopt(_M_ARENA_MAX, _ARENAS)
