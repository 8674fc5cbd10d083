"""Thumbnails: small JPEG pictures, kept in memory by what they show."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import ApiUsage

from .painter import paint_small
from .pictures import draw_clock, encode_jpeg, scale

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.store.pixels.types import Size

    from .settings import RenderingSettings
    from .subject import Subject

#: Width and height when a client does not say.
DEFAULT_SIDE = 48

_KEPT = 4096


class _Drawn:
    """Thumbnails that were drawn, the last used ones."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()

    def get(self, key: tuple[object, ...]) -> bytes | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], thumbnail: bytes) -> None:
        with self._lock:
            self._kept[key] = thumbnail
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


_drawn = _Drawn(_KEPT)


def draw_thumbnail(
    call: Call,
    subject: Subject,
    settings: RenderingSettings,
    size: tuple[int, int],
    plane: tuple[int, int] | None = None,
) -> bytes:
    """Return a JPEG of the default plane, or of another.

    Parameters
    ----------
    size
        Width and height.
    plane
        Section and time point; None for those of the settings.

    Raises
    ------
    Concurrent
        The pixels are not ready.
    """
    if min(size) < 1:
        raise ApiUsage(f"A thumbnail of {size[0]} x {size[1]} has no pixels.")
    z, t = plane or (settings.default_z, settings.default_t)
    # Two sandboxes in one process, as tests have them, know pixels by the same ids.
    key = (call.core.pixels.folder, subject.facts, settings, size, z, t)
    found = _drawn.get(key)
    if found is not None:
        return found
    buffer = call.core.pixels.open(subject.facts)
    try:
        picture = paint_small(buffer, settings, z, t, max(size))
    finally:
        buffer.close()
    thumbnail = encode_jpeg(scale(picture, *size))
    _drawn.put(key, thumbnail)
    return thumbnail


def draw_placeholder(size: tuple[int, int]) -> bytes:
    """Return what is shown while pixels are not ready."""
    return encode_jpeg(draw_clock(*size))


def fit_longest(full: Size, longest: int) -> tuple[int, int]:
    """Return width and height with a given longer side, in the image's proportions."""
    if full.x >= full.y:
        return longest, int(longest * full.y / full.x)
    return int(longest * full.x / full.y), longest
