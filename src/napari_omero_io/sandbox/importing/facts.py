"""What the text inside an image file says of an image, whatever its dialect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from .imported import ImportedChannel, ImportedPlane


@dataclass(frozen=True, slots=True)
class Facts:
    """Names, sizes and times; the fields of `ImportedImage` of the same name.

    Attributes
    ----------
    has_planes
        Whether the text says where the pixels are.
    counts
        Numbers of planes along T, C and Z.
    """

    name: str | None = None
    channels: tuple[ImportedChannel, ...] = ()
    pixel_size: tuple[float | None, float | None, float | None] = (None, None, None)
    time_increment: float | None = None
    acquired: datetime | None = None
    description: str | None = None
    significant_bits: int | None = None
    planes: tuple[ImportedPlane, ...] = ()
    key: str | None = None
    has_planes: bool = True
    counts: Mapping[str, int] = field(default_factory=dict)


#: Micrometres in a unit of length, by the symbols and names that files use.
MICROMETRES = {
    "pm": 1e-6,
    "Å": 1e-4,
    "nm": 1e-3,
    "nanometer": 1e-3,
    "µm": 1.0,
    "μm": 1.0,
    "um": 1.0,
    "\\u00B5m": 1.0,
    "micron": 1.0,
    "microns": 1.0,
    "micrometer": 1.0,
    "micrometre": 1.0,
    "mm": 1e3,
    "millimeter": 1e3,
    "cm": 1e4,
    "centimeter": 1e4,
    "dm": 1e5,
    "m": 1e6,
    "meter": 1e6,
    "in": 25400.0,
    "inch": 25400.0,
    "thou": 25.4,
}

#: Seconds in a unit of time.
SECONDS = {
    "ns": 1e-9,
    "µs": 1e-6,
    "μs": 1e-6,
    "us": 1e-6,
    "ms": 1e-3,
    "msec": 1e-3,
    "s": 1.0,
    "sec": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "d": 86400.0,
}


def to_positive(value: float | None) -> float | None:
    """Return a length or time that means something, else None."""
    usable = value is not None and 0 < value < float("inf")
    return value if usable else None
