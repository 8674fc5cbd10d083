"""The types of pixels that OMERO knows, and what one set of pixels is.  Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from napari_omero_io.sandbox.errors import Internal


class Size(NamedTuple):
    """Width and height of one resolution level, in pixels."""

    x: int
    y: int


class Region(NamedTuple):
    """A rectangle of a plane, in pixels of the level it is read from."""

    x: int
    y: int
    width: int
    height: int


class Place(NamedTuple):
    """Which plane: section, channel, time point."""

    z: int
    c: int
    t: int


@dataclass(frozen=True, slots=True)
class PixelType:
    """One type of pixels.

    Attributes
    ----------
    name
        As OMERO's enumeration has it: ``float`` has 32 bits.
    dtype
        In the machine's byte order.
    """

    name: str
    dtype: np.dtype[Any]

    @property
    def wire(self) -> np.dtype[Any]:
        """The type as it travels: most significant byte first, both ways."""
        return self.dtype.newbyteorder(">")

    @property
    def bytes(self) -> int:
        """Bytes of one pixel."""
        return self.dtype.itemsize

    @property
    def is_signed(self) -> bool:
        """Negative values exist; floats are signed."""
        return self.dtype.kind != "u"

    @property
    def is_float(self) -> bool:
        """Fractions exist."""
        return self.dtype.kind == "f"

    def range(self, significant_bits: int | None = None) -> tuple[float, float]:
        """Return the smallest and the largest value for display.

        Parameters
        ----------
        significant_bits
            What the camera delivered, where it is known.

        Returns
        -------
        Of floats the range of 32-bit integers, which OMERO takes for want of a better
        one.
        """
        if self.is_float:
            return float(-(2**31)), float(2**31 - 1)
        bits = significant_bits or 8 * self.bytes
        if self.is_signed:
            return float(-(2 ** (bits - 1))), float(2 ** (bits - 1) - 1)
        return 0.0, float(2**bits - 1)


PIXEL_TYPES = {
    name: PixelType(name, np.dtype(code))
    for name, code in {
        "int8": "i1",
        "int16": "i2",
        "int32": "i4",
        "uint8": "u1",
        "uint16": "u2",
        "uint32": "u4",
        "float": "f4",
        "double": "f8",
    }.items()
}


def pixel_type(name: str) -> PixelType:
    """Return a type by the name of OMERO's enumeration.

    Raises
    ------
    Internal
        ``bit`` and the complex types: the enumeration has them, no server reads them.
    """
    try:
        return PIXEL_TYPES[name]
    except KeyError:
        raise Internal(f"Pixels of type {name} cannot be read or written.") from None


def pixel_type_of(dtype: np.dtype[Any]) -> PixelType | None:
    """Return the type that holds values of a numpy type exactly, or None."""
    native = dtype.newbyteorder("=")
    return next((one for one in PIXEL_TYPES.values() if one.dtype == native), None)


@dataclass(frozen=True, slots=True)
class PixelsFacts:
    """What the store must know of one set of pixels.

    Attributes
    ----------
    needs_pyramid
        A plane has more pixels than OMERO handles in one piece, and they are no floats.
    """

    id: int
    type: PixelType
    size_x: int
    size_y: int
    size_z: int
    size_c: int
    size_t: int
    needs_pyramid: bool = False

    @property
    def size(self) -> Size:
        """Of a full plane."""
        return Size(self.size_x, self.size_y)

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """T, C, Z, Y, X."""
        return (self.size_t, self.size_c, self.size_z, self.size_y, self.size_x)

    @property
    def planes(self) -> int:
        """How many planes there are."""
        return self.size_z * self.size_c * self.size_t

    def place(self, index: int) -> Place:
        """Return which plane lies at an index in a file: sections first."""
        rest, z = divmod(index, self.size_z)
        t, c = divmod(rest, self.size_c)
        return Place(z, c, t)

    def index(self, place: Place) -> int:
        """Return where a plane lies in a file: sections first."""
        return (place.t * self.size_c + place.c) * self.size_z + place.z

    @property
    def row_bytes(self) -> int:
        """Bytes of a full row."""
        return self.size_x * self.type.bytes

    @property
    def plane_bytes(self) -> int:
        """Bytes of a full plane."""
        return self.row_bytes * self.size_y

    @property
    def total_bytes(self) -> int:
        """Bytes of all planes."""
        return self.plane_bytes * self.planes


#: Rows of one tile of an image without tiles come to about so many bytes.
_BAND_BYTES = 1_048_576


def band_size(facts: PixelsFacts) -> Size:
    """Return the tile of an image without tiles: full rows of about 1 MiB.

    The height is 0 when one row is longer than that.
    """
    rows = _BAND_BYTES // facts.type.bytes // facts.size_x
    return Size(facts.size_x, min(facts.size_y, rows))
