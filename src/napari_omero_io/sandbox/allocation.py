"""How this process gets memory from the system, and gives it back."""

from __future__ import annotations

import ctypes
import logging

log = logging.getLogger(__name__)

#: Of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
#: Blocks from this size on, in bytes, are the system's again when they are freed.
_LARGE = 8 << 20
#: So much of what is free is kept at the end of each arena, in bytes: the pixels that
#: are on their way, a few times over, since Ice copies them.
_KEPT = 16 << 20
_ARENAS = 4


def keep_little_memory() -> None:
    """Let what is freed return to the system, but for what the next plane takes.

    Left alone, glibc learns from the first large block that is freed to keep such
    blocks in its arenas, of which it makes eight for each core: sixteen threads that
    checked a password each held its 16 MB for ever.  Were everything given back, half
    of the time that a plane takes would go into clearing the memory for it anew.
    Does nothing where the C library is another.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError) as absent:
        log.debug("no mallopt: %s", absent)
        return
    mallopt(_M_MMAP_THRESHOLD, _LARGE)
    mallopt(_M_TRIM_THRESHOLD, _KEPT)
    mallopt(_M_ARENA_MAX, _ARENAS)
