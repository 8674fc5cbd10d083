"""A slide of any size from one small image, mirrored to both sides for ever.

Nothing but the small image is stored.  A level of the slide is again periodic: its
smallest repeating piece is the average of the pattern over areas of 2ᵏ × 2ᵏ pixels,
no larger than twice the image in each direction, whatever the size of the slide.
"""

from __future__ import annotations

import threading
from math import gcd
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from .types import Place, Region, Size


class MirroredLevels:
    """The levels of a mirrored slide.

    Parameters
    ----------
    source
        Unsigned integers, shape (channels, height, width).
    sizes
        Of the levels, full size first, each half of the one before, rounded up.
    """

    def __init__(self, source: NDArray[Any], sizes: Sequence[Size]) -> None:
        if source.ndim != 3 or source.dtype.kind != "u" or 0 in source.shape:
            raise ValueError(
                "A mirrored slide needs unsigned integers of shape (C, Y, X), not "
                f"{source.dtype} of shape {source.shape}."
            )
        self.sizes = tuple(sizes)
        self._pattern = np.concatenate([source, source[:, ::-1]], axis=1)
        self._pattern = np.concatenate(
            [self._pattern, self._pattern[:, :, ::-1]], axis=2
        )
        self._levels: dict[int, NDArray[Any]] = {0: self._pattern}
        self._lock = threading.Lock()

    def read(self, level: int, place: Place, region: Region) -> NDArray[Any]:
        """Return a rectangle of a level (0 is the full size), shape (height, width)."""
        pattern = self._level(level)[place.c]
        rows = np.arange(region.y, region.y + region.height) % pattern.shape[0]
        columns = np.arange(region.x, region.x + region.width) % pattern.shape[1]
        found: NDArray[Any] = pattern[rows[:, None], columns]
        return found

    def _level(self, level: int) -> NDArray[Any]:
        with self._lock:
            found = self._levels.get(level)
            if found is None:
                found = self._levels[level] = average_periodic(self._pattern, 2**level)
            return found


def average_periodic(pattern: NDArray[Any], factor: int) -> NDArray[Any]:
    """Average a pattern that repeats for ever over areas of factor × factor.

    Parameters
    ----------
    pattern
        One period, unsigned integers of at most 16 bits, shape (C, Y, X).

    Returns
    -------
    One period of the averaged pattern, rounded, halves upwards.
    """
    return np.stack([_average_channel(channel, factor) for channel in pattern])


def _average_channel(pattern: NDArray[Any], factor: int) -> NDArray[Any]:
    sums = _sum_periodic(pattern.astype(np.int64), factor, axis=0)
    sums = _sum_periodic(sums, factor, axis=1)
    area = factor * factor
    return ((2 * sums + area) // (2 * area)).astype(pattern.dtype)


def _sum_periodic(values: NDArray[Any], factor: int, axis: int) -> NDArray[Any]:
    """Sum runs of `factor` values along an axis that repeats for ever."""
    period = values.shape[axis]
    count = period // gcd(period, factor)
    running = np.cumsum(values, axis=axis)
    zero = np.zeros_like(np.take(running, [0], axis=axis))
    before = np.concatenate([zero, running], axis=axis)
    whole = np.take(running, [-1], axis=axis)
    borders = np.arange(count + 1) * factor
    turns = (borders // period).reshape([-1 if n == axis else 1 for n in range(2)])
    totals = turns * whole + np.take(before, borders % period, axis=axis)
    return np.diff(totals, axis=axis)
