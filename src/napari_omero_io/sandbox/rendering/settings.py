"""How an image is shown, as frozen values; no pixels, no objects of OMERO."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from napari_omero_io.sandbox.errors import ApiUsage, Invalid

#: What quantisation may count to.
BIT_RESOLUTIONS = (1, 3, 7, 15, 31, 63, 127, 255)


class Family(StrEnum):
    """How values within the window spread over the grey levels."""

    LINEAR = "linear"
    POLYNOMIAL = "polynomial"
    EXPONENTIAL = "exponential"
    LOGARITHMIC = "logarithmic"


class Model(StrEnum):
    """Whether channels are added in colour, or the first is shown in grey."""

    RGB = "rgb"
    GREYSCALE = "greyscale"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """How one channel is shown.

    Attributes
    ----------
    window
        Values shown as the lowest and as the highest level.
    color
        Red, green, blue, alpha; 0 to 255.
    lookup_table
        File name of a table that replaces the colour; '' for none.
    """

    active: bool
    window: tuple[float, float]
    color: tuple[int, int, int, int]
    family: Family = Family.LINEAR
    coefficient: float = 1.0
    noise_reduction: bool = False
    lookup_table: str = ""
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class RenderingSettings:
    """How an image is shown.

    Attributes
    ----------
    id
        Of the stored settings; None while they are not stored.
    interval
        Lowest and highest level that is made.
    """

    pixels_id: int
    channels: tuple[ChannelSettings, ...]
    model: Model
    default_z: int
    default_t: int = 0
    interval: tuple[int, int] = (0, 255)
    bit_resolution: int = 255
    id: int | None = None
    owner_id: int | None = None

    def channel(self, index: int) -> ChannelSettings:
        """Return a channel; refuse one that does not exist."""
        self._check(index)
        return self.channels[index]

    def with_channel(self, index: int, **changes: object) -> RenderingSettings:
        """Return the settings with one channel changed."""
        self._check(index)
        channels = list(self.channels)
        channels[index] = replace(channels[index], **changes)  # type: ignore[arg-type]
        return replace(self, channels=tuple(channels))

    def with_interval(self, start: int, end: int) -> RenderingSettings:
        """Return the settings with another interval of levels."""
        if not 0 <= start <= end <= 255:
            raise ApiUsage(f"The codomain interval {start} to {end} is not in 0..255.")
        return replace(self, interval=(start, end))

    def with_bit_resolution(self, bit_resolution: int) -> RenderingSettings:
        """Return the settings with another number of levels."""
        if bit_resolution not in BIT_RESOLUTIONS:
            raise Invalid(f"{bit_resolution} is no bit resolution: {BIT_RESOLUTIONS}.")
        return replace(self, bit_resolution=bit_resolution)

    def shown_channels(self) -> list[int]:
        """Return the channels that a picture is made of."""
        active = [i for i, channel in enumerate(self.channels) if channel.active]
        return active if self.model is Model.RGB else active[:1]

    def _check(self, index: int) -> None:
        if not 0 <= index < len(self.channels):
            raise ApiUsage(f"There is no channel {index}: {len(self.channels)} exist.")
