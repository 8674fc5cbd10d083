"""Colours: four bytes here, one signed integer in OMERO's shapes, maps in napari."""

from __future__ import annotations

import warnings
from string import hexdigits
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_omero_io.records import ChannelRecord

#: Red, green, blue, alpha; 0 to 255.
Color: TypeAlias = tuple[int, int, int, int]


def color_to_int(color: Color) -> int:
    """Return a colour as OMERO's shapes keep it: RGBA in one signed 32-bit integer."""
    red, green, blue, alpha = color
    value = red << 24 | green << 16 | blue << 8 | alpha
    return value - (1 << 32) if value >= 1 << 31 else value


def int_to_color(value: int) -> Color:
    """Return the four bytes of a shape's colour."""
    bits = value & 0xFFFFFFFF
    return (bits >> 24, bits >> 16 & 255, bits >> 8 & 255, bits & 255)


def read_hex(text: str) -> Color | None:
    """Read the colour of a link: 3, 4, 6 or 8 hexadecimal digits; None if it is none.

    OMERO.web writes six, and reads the others.
    """
    if len(text) not in (3, 4, 6, 8) or not all(c in hexdigits for c in text):
        return None
    digits = text if len(text) > 4 else "".join(2 * digit for digit in text)
    red, green, blue, *alpha = bytes.fromhex(digits)
    return (red, green, blue, alpha[0] if alpha else 255)


#: Tables that go by the same name in matplotlib, and so in napari.
_SHARED = ("viridis", "magma", "inferno", "plasma", "turbo", "cividis")
_LEVELS = 256


class LookupTableMissing(UserWarning):
    """A channel is shown in its colour, since its lookup table could not be read."""


def channel_gamma(channel: ChannelRecord) -> float:
    """Return napari's gamma: what OMERO calls the coefficient of a polynomial."""
    is_bent = channel.family == "polynomial" and channel.coefficient > 0
    return float(channel.coefficient) if is_bent else 1.0


def channel_colormap(channel: ChannelRecord) -> str | NDArray[Any]:
    """Return what napari takes as the colormap of a channel.

    Lookup tables, OMERO's reversed intensity and its exponential and logarithmic
    families are worked into the colours.

    Returns
    -------
    str or ndarray
        ``#rrggbb`` goes from black to the colour, other texts are names of napari's;
        an array (N, 4) of fractions holds the colours from the smallest value to the
        largest.

    Warns
    -----
    LookupTableMissing
        Once for each table that neither the server nor napari has.
    """
    colors: NDArray[Any]
    name = channel.lookup_table.removesuffix(".lut").lower()
    is_plain = channel.family in ("linear", "polynomial") and not channel.inverted
    if channel.lookup_colors:
        table = np.frombuffer(channel.lookup_colors, np.uint8).reshape(-1, 3) / 255
        colors = np.column_stack([table, np.ones(len(table))])
    else:
        if name in _SHARED and is_plain:
            return name
        if name:
            _warn_missing(channel.lookup_table)
        red, green, blue, _ = channel.color
        if is_plain:
            return f"#{red:02x}{green:02x}{blue:02x}"
        ends = np.array([(0, 0, 0, 255), (red, green, blue, 255)], np.float64) / 255
        colors = ends
    return _reorder(colors, channel)


def _warn_missing(name: str) -> None:
    warnings.warn(
        f"The lookup table “{name}” could not be read from the server; its channels "
        "are shown in their colours.",
        LookupTableMissing,
        stacklevel=3,
    )


def _reorder(colors: NDArray[Any], channel: ChannelRecord) -> NDArray[Any]:
    """Return the colours of the values, from the smallest to the largest.

    OMERO bends a value's level first, and reverses it then.
    """
    if channel.family in ("linear", "polynomial"):
        return colors[::-1] if channel.inverted else colors
    levels = _bend(channel)
    if channel.inverted:
        levels = 1 - levels
    places = np.linspace(0, 1, len(colors))
    columns = [np.interp(levels, places, column) for column in colors.T]
    return np.column_stack(columns)


def _bend(channel: ChannelRecord) -> NDArray[Any]:
    """Return the levels, 0 to 1, that OMERO shows 256 steps of a window with."""
    steps = np.arange(_LEVELS, dtype=np.float64)
    if channel.family == "logarithmic":
        return np.asarray(np.log(np.maximum(steps, 1.0)) / np.log(_LEVELS - 1))
    # exp(v^k) overflows for any useful k; its ratio to the largest does not
    power, top = steps**channel.coefficient, (_LEVELS - 1.0) ** channel.coefficient
    bottom = np.exp(-top)
    return np.asarray((np.exp(power - top) - bottom) / (1.0 - bottom))
