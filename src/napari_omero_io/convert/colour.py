"""Colours: four bytes here, one signed integer in OMERO's shapes, maps in napari."""

from __future__ import annotations

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


def channel_colormap(channel: ChannelRecord) -> str | NDArray[Any]:
    """Return what napari takes as the colormap of a channel.

    Returns
    -------
    str or ndarray
        ``#rrggbb`` goes from black to the colour; an array (2, 4) of fractions holds
        the colours of the smallest and the largest value.
    """
    red, green, blue, _ = channel.color
    if not channel.inverted:
        return f"#{red:02x}{green:02x}{blue:02x}"
    # OMERO's reversed intensity: the smallest value is the brightest
    ends = [(red, green, blue, 255), (0, 0, 0, 255)]
    return np.array(ends, dtype=np.float64) / 255
