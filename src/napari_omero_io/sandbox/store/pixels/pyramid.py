"""Smaller versions of big planes, by averaging areas, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .types import Region, Size

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

#: OMERO's own pyramids have this many levels, each half of the one before.
GENERATED_LEVELS = 6
#: Pixels of the target that are made at a time, in each direction.
_STEP = 1024


class Readable(Protocol):
    """One plane of one level, from which rectangles are read."""

    def __call__(self, region: Region) -> NDArray[Any]:
        """Return the pixels of a rectangle, shape (height, width)."""


def generated_sizes(full: Size) -> tuple[Size, ...]:
    """Return the levels of a pyramid as OMERO generates it, full size first.

    Lengths are rounded, not always upwards: a client must ask, not compute.
    """
    return tuple(
        Size(_rounded(full.x, 2**level), _rounded(full.y, 2**level))
        for level in range(GENERATED_LEVELS)
    )


def halved_sizes(full: Size, smallest: int) -> tuple[Size, ...]:
    """Return levels of half the size each, until both sides fit into `smallest`."""
    sizes = [full]
    while max(sizes[-1]) > smallest:
        last = sizes[-1]
        sizes.append(Size(-(-last.x // 2), -(-last.y // 2)))
    return tuple(sizes)


def _rounded(length: int, factor: int) -> int:
    return max(1, (2 * length + factor) // (2 * factor))


def halve(pixels: NDArray[Any]) -> NDArray[Any]:
    """Average areas of 2 × 2 pixels; at an odd edge of those that are there.

    Integers are rounded, halves upwards; the type stays.
    """
    height, width = pixels.shape
    if height % 2 or width % 2:
        pixels = np.pad(pixels, ((0, height % 2), (0, width % 2)), mode="edge")
    is_float = pixels.dtype.kind == "f"
    total: NDArray[Any] = pixels[0::2, 0::2].astype(
        np.float64 if is_float else np.int64
    )
    total += pixels[1::2, 0::2]
    total += pixels[0::2, 1::2]
    total += pixels[1::2, 1::2]
    mean = total / 4 if is_float else (total + 2) >> 2
    return mean.astype(pixels.dtype)


def halve_plane(
    read: Readable,
    source: Size,
    target: Size,
    write: Callable[[int, int, NDArray[Any]], None],
) -> None:
    """Make one level of a plane from the level above it, piece by piece.

    Parameters
    ----------
    read
        Gives rectangles of the level above.
    target
        Half of `source`, rounded up or down.
    write
        Takes x, y and pixels of the new level.
    """
    for y in range(0, target.y, _STEP):
        for x in range(0, target.x, _STEP):
            width = min(2 * _STEP, source.x - 2 * x)
            height = min(2 * _STEP, source.y - 2 * y)
            piece = halve(read(Region(2 * x, 2 * y, width, height)))
            write(x, y, piece[: target.y - y, : target.x - x])
