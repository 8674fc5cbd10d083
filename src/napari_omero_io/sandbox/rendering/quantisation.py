"""From pixel values to grey levels, 0 to 255."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .settings import Family

if TYPE_CHECKING:
    from .settings import ChannelSettings

#: Types whose every value has an entry in a table.
_TABLED = {"int8", "uint8", "int16", "uint16"}

#: The part of the window, at both ends, that noise reduction flattens.
_DECILE = 0.1


def quantise(
    values: np.ndarray,
    channel: ChannelSettings,
    interval: tuple[int, int] = (0, 255),
    steps: int = 255,
) -> np.ndarray:
    """Return the level of each value, uint8 of the same shape.

    With the linear family ``round(255 * (v - start) / (end - start))``, clipped to
    the window; other families bend that line.  A reversed channel is counted from
    the top.

    Parameters
    ----------
    interval
        Lowest and highest level.
    steps
        Into how many steps the interval is divided.
    """
    dtype = values.dtype.newbyteorder("=")
    native = values.astype(dtype, copy=False)
    if dtype.name not in _TABLED or native.size < np.iinfo(dtype).max:
        return _levels(native, channel, interval, steps)
    info = np.iinfo(dtype)
    every = np.arange(info.min, info.max + 1)
    table = _levels(every, channel, interval, steps)
    # Viewed as unsigned, negative values come after the positive ones.
    table = np.roll(table, info.min)
    unsigned = native.view(np.dtype(f"u{dtype.itemsize}"))
    found: np.ndarray = table[unsigned]
    return found


def _levels(
    values: np.ndarray,
    channel: ChannelSettings,
    interval: tuple[int, int],
    steps: int,
) -> np.ndarray:
    start, end = channel.window
    span = end - start
    scaled = values.astype(np.float64)
    scaled -= start
    if span > 0:
        scaled /= span
    else:
        scaled = np.where(scaled > 0, 1.0, 0.0)
    np.clip(scaled, 0.0, 1.0, out=scaled)
    np.nan_to_num(scaled, copy=False)
    if channel.noise_reduction:
        scaled[scaled <= _DECILE] = 0.0
        scaled[scaled >= 1.0 - _DECILE] = 1.0
    bent = _bend(scaled, channel.family, channel.coefficient)
    bent = np.floor(bent * steps + 0.5) / steps
    low, high = interval
    levels = np.floor(low + bent * (high - low) + 0.5)
    if channel.inverted:
        levels = low + high - levels
    return levels.astype(np.uint8)


def _bend(scaled: np.ndarray, family: Family, coefficient: float) -> np.ndarray:
    """Apply a family to levels and stretch the result to 0..1 again."""
    if family is Family.LINEAR or (family is Family.POLYNOMIAL and coefficient == 1.0):
        return scaled
    levels = scaled * 255.0
    if family is Family.POLYNOMIAL:
        bent = scaled**coefficient
        return np.asarray(bent)
    if family is Family.EXPONENTIAL:
        # exp(v^k) overflows for any useful k; its ratio to the maximum does not.
        power, top = levels**coefficient, 255.0**coefficient
        bottom = np.exp(-top)
        return np.asarray((np.exp(power - top) - bottom) / (1.0 - bottom))
    return np.asarray(np.log(np.maximum(levels, 1.0)) / np.log(255.0))
