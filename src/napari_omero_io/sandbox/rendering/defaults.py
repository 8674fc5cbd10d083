"""The settings of an image that nobody has set.

The rules are OMERO.server's: the middle section, colours by wavelength, three
active channels, grey for a single channel and for eight or more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .settings import ChannelSettings, Model, RenderingSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BLUE = (0, 0, 255, 255)
_GREEN = (0, 255, 0, 255)
_RED = (255, 0, 0, 255)
_WHITE = (255, 255, 255, 255)
_IN_TURN = (_RED, _GREEN, _BLUE)
_ACTIVE = 3
_MAX_COLOR_CHANNELS = 7


@dataclass(frozen=True, slots=True)
class ChannelFacts:
    """What the metadata say of a channel.

    Attributes
    ----------
    color
        None unless red, green, blue and alpha are all set.
    wavelength
        Of the light, the number without its unit: that is what OMERO goes by.
    is_emission
        Whether the wavelength is that of the emission.
    extremes
        Smallest and largest value, None where nobody has looked.
    """

    color: tuple[int, int, int, int] | None = None
    wavelength: float | None = None
    is_emission: bool = False
    lookup_table: str = ""
    extremes: tuple[float, float] | None = None


def choose_settings(
    pixels_id: int,
    size_z: int,
    channels: Sequence[ChannelFacts],
    type_range: tuple[float, float],
    look: Callable[[], Sequence[tuple[float, float] | None]],
) -> RenderingSettings:
    """Return the default settings.

    Parameters
    ----------
    type_range
        Smallest and largest value of the pixel type.
    look
        Returns the extremes of each channel's middle plane; called only where the
        first channel does not know its own.
    """
    colors = choose_colors(channels)
    windows = choose_windows(channels, type_range, look)
    return RenderingSettings(
        pixels_id=pixels_id,
        channels=tuple(
            ChannelSettings(
                active=index < _ACTIVE,
                window=window,
                color=color,
                lookup_table=channel.lookup_table,
            )
            for index, (channel, color, window) in enumerate(
                zip(channels, colors, windows, strict=True)
            )
        ),
        model=Model.RGB
        if 1 < len(channels) <= _MAX_COLOR_CHANNELS
        else Model.GREYSCALE,
        default_z=size_z // 2,
    )


def choose_colors(
    channels: Sequence[ChannelFacts],
) -> list[tuple[int, int, int, int]]:
    """Return the colour of each channel."""
    plain = [channel for channel in channels if channel.color is None]
    with_emission = [channel.is_emission for channel in plain]
    is_mixed = any(with_emission) and not all(with_emission)
    colors = []
    for index, channel in enumerate(channels):
        if channel.color is not None:
            colors.append(channel.color)
        elif is_mixed and not channel.is_emission:
            colors.append(_WHITE)
        elif channel.wavelength is not None:
            colors.append(_color_of_light(channel.wavelength))
        else:
            colors.append(_IN_TURN[index % len(_IN_TURN)])
    return colors


def choose_windows(
    channels: Sequence[ChannelFacts],
    type_range: tuple[float, float],
    look: Callable[[], Sequence[tuple[float, float] | None]],
) -> list[tuple[float, float]]:
    """Return the window of each channel."""
    found: Sequence[tuple[float, float] | None]
    if channels and channels[0].extremes is not None:
        found = [channel.extremes for channel in channels]
    else:
        found = look() or [None] * len(channels)
    return [
        extremes if extremes and extremes[0] < extremes[1] else type_range
        for extremes in found
    ]


def _color_of_light(nanometres: float) -> tuple[int, int, int, int]:
    if nanometres < 500:
        return _BLUE
    return _GREEN if nanometres < 560 else _RED
