"""Thumbnails: small JPEG pictures, kept on disk by what they show."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import threading
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import ApiUsage

from .painter import paint_small
from .pictures import draw_clock, encode_jpeg, scale

if TYPE_CHECKING:
    from pathlib import Path

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.store.pixels.types import Size

    from .settings import RenderingSettings
    from .subject import Subject

log = logging.getLogger(__name__)

_FOLDER = "thumbnails"
#: Width and height when a client does not say.
DEFAULT_SIDE = 48

#: Thumbnails that are kept of one image; each change of its settings makes new ones.
_MOST_KEPT = 64


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
    _refuse_empty(size)
    z, t = plane or (settings.default_z, settings.default_t)
    facts = subject.facts
    name = hashlib.sha1(repr((settings, size, z, t)).encode(), usedforsecurity=False)
    path = call.core.pixels.path(facts.id) / _FOLDER / f"{name.hexdigest()}.jpg"
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    buffer = call.core.pixels.open(facts)
    try:
        picture = paint_small(buffer, settings, z, t, max(size))
        is_final = buffer.is_final
    finally:
        buffer.close()
    thumbnail = encode_jpeg(scale(picture, *size))
    if is_final:
        _keep(path, thumbnail)
    return thumbnail


def _keep(path: Path, thumbnail: bytes) -> None:
    """Keep a thumbnail with the pixels, which it is deleted with."""
    draft = path.with_suffix(f".{threading.get_ident()}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        draft.write_bytes(thumbnail)
        draft.replace(path)
        kept = sorted(path.parent.glob("*.jpg"), key=lambda one: one.stat().st_mtime)
        for oldest in kept[:-_MOST_KEPT]:
            oldest.unlink(missing_ok=True)
    except OSError as error:
        # The disk is full, or the image is being deleted; the next one draws again.
        log.warning("A thumbnail was not kept: %s", error)


def draw_placeholder(size: tuple[int, int]) -> bytes:
    """Return what is shown while pixels are not ready.

    Raises
    ------
    ApiUsage
        One of its sides is zero, as that of a very long image can be.
    """
    _refuse_empty(size)
    return encode_jpeg(draw_clock(*size))


def _refuse_empty(size: tuple[int, int]) -> None:
    if min(size) < 1:
        raise ApiUsage(f"A thumbnail of {size[0]} x {size[1]} has no pixels.")


def fit_longest(full: Size, longest: int) -> tuple[int, int]:
    """Return width and height with a given longer side, in the image's proportions."""
    if full.x >= full.y:
        return longest, int(longest * full.y / full.x)
    return int(longest * full.x / full.y), longest
