"""How pixels become colours: rendering settings as plain values."""

from __future__ import annotations

from dataclasses import dataclass, replace

from napari_omero_io.sandbox.errors import ApiUsage

GREY = "greyscale"
RGB = "rgb"

#: Red, green, blue, alpha, each 0..255.
Color = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """How one channel is rendered.

    Attributes
    ----------
    start, end
        The window: values up to `start` are darkest, from `end` on brightest.
    family
        ``linear``, ``polynomial``, ``exponential`` or ``logarithmic``.
    coefficient
        Exponent of the polynomial and the exponential family.
    has_noise_reduction
        The lowest and the highest tenth of the window are flattened.
    lookup_table
        Name of a table, which counts more than the colour; an unknown one is ignored.
    is_reversed
        Bright is dark.
    """

    start: float
    end: float
    color: Color
    is_active: bool
    family: str = "linear"
    coefficient: float = 1.0
    has_noise_reduction: bool = False
    lookup_table: str | None = None
    is_reversed: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """How a set of pixels is rendered.

    Attributes
    ----------
    z, t
        The plane that is shown first.
    model
        `RGB` adds the active channels; `GREY` shows the first of them.
    darkest, brightest
        Levels of the two ends of the window.
    bit_resolution
        Number of steps between them.
    """

    z: int
    t: int
    model: str
    channels: tuple[ChannelSettings, ...]
    darkest: int = 0
    brightest: int = 255
    bit_resolution: int = 255

    def channel(self, index: int) -> ChannelSettings:
        """Return the settings of a channel.

        Raises
        ------
        ApiUsage
            There is no such channel.
        """
        if not 0 <= index < len(self.channels):
            raise ApiUsage(f"There is no channel {index}.")
        return self.channels[index]

    def with_channel(self, index: int, channel: ChannelSettings) -> Settings:
        """Return settings with another channel in the place of one."""
        self.channel(index)
        changed = (*self.channels[:index], channel, *self.channels[index + 1 :])
        return replace(self, channels=changed)
