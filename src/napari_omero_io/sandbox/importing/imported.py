"""An image as a file describes it: values, and a way to read its pixels.

Knows nothing of OMERO's model or of the sandbox's stores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from napari_omero_io.sandbox.errors import SandboxError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    import numpy as np

    from .plates import ImportedPlate

#: numpy's names of the pixel types that OMERO stores, with OMERO's names.
PIXEL_TYPES = {
    "int8": "int8",
    "uint8": "uint8",
    "int16": "int16",
    "uint16": "uint16",
    "int32": "int32",
    "uint32": "uint32",
    "float32": "float",
    "float64": "double",
}

#: The colours of a picture's three channels.
RGB = ((255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255))


class UnreadableFile(SandboxError):
    """The file is damaged, or of a form that is not known; the message names it."""


class UnknownForm(UnreadableFile):
    """The file is of a form that is not known."""


class MissingDecoder(UnreadableFile):
    """The file is compressed in a way for which a package is missing."""


@dataclass(frozen=True, slots=True)
class ImportedChannel:
    """What a file says of a channel.

    Attributes
    ----------
    color
        Red, green, blue, alpha, 0 to 255; None when the file does not say.
    emission
        Wavelength in nanometres.
    """

    name: str | None = None
    color: tuple[int, int, int, int] | None = None
    emission: float | None = None
    excitation: float | None = None
    fluor: str | None = None


class Position(NamedTuple):
    """A place along one axis; `unit` is OMERO's name of it."""

    value: float
    unit: str = "MICROMETER"


@dataclass(frozen=True, slots=True)
class ImportedPlane:
    """When and where one plane was taken; times are seconds."""

    z: int
    c: int
    t: int
    delta_t: float | None = None
    exposure: float | None = None
    position_x: Position | None = None
    position_y: Position | None = None
    position_z: Position | None = None


class PlaneSource(Protocol):
    """Reads pixels of one image of a file; may be used by one thread at a time."""

    def read(self, level: int, t: int, c: int, z: int) -> np.ndarray:
        """Return a plane, (Y, X), native byte order; level 0 is full size."""

    def read_region(
        self, level: int, t: int, c: int, z: int, y: slice, x: slice
    ) -> np.ndarray:
        """Return a part of a plane; of a tiled file only what is needed is read."""

    def close(self) -> None:
        """Close the file."""


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """One image of a file.

    Attributes
    ----------
    dtype
        numpy's name; one of `PIXEL_TYPES`.
    shape
        (T, C, Z, Y, X).
    levels
        (Y, X) of every resolution that the file holds, full size first.
    pixel_size
        Micrometres along X, Y, Z; None where the file does not say.
    time_increment
        Seconds between time points.
    is_rgb
        Whether the three channels are red, green and blue of one picture.
    key
        What the file calls the image, for the fields of its plates.
    """

    name: str
    dtype: str
    shape: tuple[int, int, int, int, int]
    channels: tuple[ImportedChannel, ...]
    source: PlaneSource
    levels: tuple[tuple[int, int], ...]
    pixel_size: tuple[float | None, float | None, float | None] = (None, None, None)
    time_increment: float | None = None
    acquired: datetime | None = None
    description: str | None = None
    significant_bits: int | None = None
    is_rgb: bool = False
    planes: tuple[ImportedPlane, ...] = ()
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What one file describes.

    Attributes
    ----------
    others
        Further files that belong to it.
    """

    images: tuple[ImportedImage, ...]
    plates: tuple[ImportedPlate, ...] = ()
    others: tuple[Path, ...] = ()

    def close(self) -> None:
        """Close what the images are read from."""
        for image in self.images:
            image.source.close()
