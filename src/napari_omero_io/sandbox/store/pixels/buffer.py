"""One opened set of pixels, as one client's store sees it: what all kinds share.

Everything that is read here leaves as bytes, most significant byte first.  The kinds
differ in what they let a client do and in how they refuse; the classes that extend
`PixelBuffer` say so.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.sandbox.errors import ApiUsage, Internal

from .types import Place, Region, Size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from .arrays import Levels
    from .cache import TileCache
    from .types import PixelsFacts

#: What a Java array, and so an answer of the server, can hold.
_MAX_BYTES = 2**31 - 1
#: What is read of a plane at a time where all of it is looked at: full rows, a
#: multiple of the tiles in which they are stored.
_BAND_BYTES = 32_000_000
_BAND_ROWS = 512
#: X, Y, Z, C, T.
_DIMENSIONS = 5


class PixelBuffer(ABC):
    """An opened set of pixels.

    Attributes
    ----------
    level
        The level that is read: 0 is the full size.
    """

    def __init__(self, facts: PixelsFacts, levels: Levels, cache: TileCache) -> None:
        self.facts = facts
        self.level = 0
        self._levels = levels
        self._cache = cache

    # What the kinds decide.

    @abstractmethod
    def tile_size(self) -> Size:
        """Return what clients are told to read and write in one piece."""

    @abstractmethod
    def refuse_writing(self, *, by_tile: bool) -> None:
        """Raise what a client gets that wants to write."""

    @abstractmethod
    def refuse_place(self, message: str) -> None:
        """Raise what a client gets that reads outside the image."""

    def reading(self) -> PixelBuffer:
        """Return the buffer to read from; ends writing where it excludes reading."""
        return self

    def close(self) -> None:  # noqa: B027 - those who only read have nothing to do
        """Give the pixels back, and make visible what was written."""

    # Levels.

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Of the levels, full size first."""
        return self._levels.sizes

    @property
    def size(self) -> Size:
        """Of the level that is read."""
        return self._levels.sizes[self.level]

    def resolution_levels(self) -> int:
        """Return how many levels there are."""
        return len(self._levels.sizes)

    def resolution_level(self) -> int:
        """Return the level that is read, as clients count: 0 is the smallest."""
        return self.resolution_levels() - 1 - self.level

    def set_resolution_level(self, resolution_level: int) -> None:
        """Choose the level that is read, as clients count: 0 is the smallest."""
        count = self.resolution_levels()
        if not 0 <= resolution_level < count:
            raise Internal(f"Resolution level {resolution_level} is not in 0..{count}.")
        self.level = count - 1 - resolution_level

    def resolution_descriptions(self) -> tuple[Size, ...]:
        """Return the sizes of the levels, full size first."""
        return self._levels.sizes

    # Reading.

    def read(self, place: Place, region: Region) -> NDArray[Any]:
        """Return pixels of the level that is read, shape (height, width).

        The rectangle must lie within the level.
        """
        return self._levels.read(self.level, place, region)

    def read_plane(self, place: Place) -> NDArray[Any]:
        """Return a plane of the level that is read, shape (height, width)."""
        return self.read(place, Region(0, 0, *self.size))

    def bands(self, place: Place) -> Iterator[NDArray[Any]]:
        """Give a plane of the level that is read, some full rows at a time."""
        step = _BAND_ROWS * max(1, _BAND_BYTES // (_BAND_ROWS * self.row_bytes))
        for y in range(0, self.size.y, step):
            height = min(step, self.size.y - y)
            yield self.read(place, Region(0, y, self.size.x, height))

    def find_range(self, place: Place) -> tuple[float, float]:
        """Return the extremes of a plane; what is no number does not count."""
        self.check_place(place)
        low, high = np.inf, -np.inf
        for band in self.bands(place):
            numbers = band[~np.isnan(band)] if self.facts.type.is_float else band
            if numbers.size:
                low = min(low, float(numbers.min()))
                high = max(high, float(numbers.max()))
        return (low, high) if low <= high else (0.0, 0.0)

    def digest(self) -> hashlib._Hash:
        """Return the SHA-1 of all full planes in the order T, C, Z."""
        digest = hashlib.sha1(usedforsecurity=False)
        level, self.level = self.level, 0
        try:
            for place in map(self.facts.place, range(self.facts.planes)):
                for band in self.bands(place):
                    digest.update(self._encode(band))
        finally:
            self.level = level
        return digest

    def tile(self, place: Place, region: Region) -> bytes:
        """Return a rectangle; one that reaches over the edge is refused."""
        key = (self.level, place, region)
        if self.is_final:
            found = self._cache.get(self.facts.id, key)
            if found is not None:
                return found
        self.check_region(place, region)
        _check_length(region.width * region.height * self.facts.type.bytes)
        tile = self._encode(self.read(place, region))
        if self.is_final:
            self._cache.put(self.facts.id, key, tile)
        return tile

    @property
    def is_writable(self) -> bool:
        """Whether pixels may be written through this buffer."""
        return False

    @property
    def is_final(self) -> bool:
        """Nobody will write these pixels any more."""
        return True

    def plane(self, place: Place) -> bytes:
        """Return a plane, rows from top to bottom."""
        return self.tile(place, Region(0, 0, *self.size))

    def row(self, place: Place, y: int) -> bytes:
        """Return one row."""
        return self.tile(place, Region(0, y, self.size.x, 1))

    def column(self, place: Place, x: int) -> bytes:
        """Return one column."""
        return self.tile(place, Region(x, 0, 1, self.size.y))

    def stack(self, c: int, t: int) -> bytes:
        """Return all sections of a channel at a time point."""
        self.check_place(Place(0, c, t))
        _check_length(self.plane_bytes * self.facts.size_z)
        return b"".join(self.plane(Place(z, c, t)) for z in range(self.facts.size_z))

    def timepoint(self, t: int) -> bytes:
        """Return all channels of a time point, each with all sections."""
        self.check_place(Place(0, 0, t))
        _check_length(self.plane_bytes * self.facts.size_z * self.facts.size_c)
        return b"".join(self.stack(c, t) for c in range(self.facts.size_c))

    def plane_region(self, _place: Place, _count: int, _offset: int) -> bytes:
        """Return pixels of a plane from an index on."""
        raise Internal("Not yet supported, raise ticket to implement if required")

    def region(self, _size: int, _offset: int) -> bytes:
        """Return bytes of all pixels from an offset on."""
        raise Internal("Not yet supported, raise ticket to implement if required")

    def hypercube(
        self, offset: Sequence[int], size: Sequence[int], step: Sequence[int]
    ) -> bytes:
        """Return every n-th pixel of a block; three lists in the order X, Y, Z, C, T.

        Returns
        -------
        Pixels of shape (T, C, Z, Y, X).
        """
        x, y, z, c, t = self._check_hypercube(offset, size, step)
        _check_length(
            self.facts.type.bytes * len(x) * len(y) * len(z) * len(c) * len(t)
        )
        region = Region(x.start, y.start, x.stop - x.start, y.stop - y.start)
        planes = (Place(k, j, i) for i in t for j in c for k in z)
        return b"".join(
            self._encode(self.read(place, region)[:: y.step, :: x.step])
            for place in planes
        )

    # Sizes of what is read, in bytes.

    @property
    def row_bytes(self) -> int:
        """Bytes of a row of the level that is read."""
        return self.size.x * self.facts.type.bytes

    @property
    def plane_bytes(self) -> int:
        """Bytes of a plane of the level that is read."""
        return self.row_bytes * self.size.y

    def plane_offset(self, place: Place) -> int:
        """Return the bytes before a plane, in the order X, Y, Z, C, T."""
        self.check_place(place)
        return self.facts.index(place) * self.plane_bytes

    # Writing.

    def set_tile(self, _buf: bytes, _place: Place, _region: Region) -> None:
        """Write a rectangle."""
        self.refuse_writing(by_tile=True)

    def set_plane(self, _buf: bytes, _place: Place) -> None:
        """Write a plane."""
        self.refuse_writing(by_tile=False)

    def set_row(self, _buf: bytes, _place: Place, _y: int) -> None:
        """Write a row."""
        self.refuse_writing(by_tile=False)

    def set_stack(self, _buf: bytes, _c: int, _t: int) -> None:
        """Write all sections of a channel at a time point."""
        self.refuse_writing(by_tile=False)

    def set_timepoint(self, _buf: bytes, _t: int) -> None:
        """Write all planes of a time point."""
        self.refuse_writing(by_tile=False)

    def set_region(self, _buf: bytes, _size: int, _offset: int) -> None:
        """Write bytes from an offset on."""
        self.refuse_writing(by_tile=False)

    # Checks.

    def check_place(self, place: Place, x: int = 0, y: int = 0) -> None:
        """Refuse a pixel that is not in the image."""
        limits = {
            "X": (x, self.size.x),
            "Y": (y, self.size.y),
            "Z": (place.z, self.facts.size_z),
            "C": (place.c, self.facts.size_c),
            "T": (place.t, self.facts.size_t),
        }
        for name, (value, limit) in limits.items():
            if not 0 <= value < limit:
                self.refuse_place(
                    f"{name} '{value}' greater than size{name} '{limit}'."
                )

    def check_region(self, place: Place, region: Region) -> None:
        """Refuse a rectangle that is empty or not within the image."""
        x, y, width, height = region
        if width * height < 0:
            raise Internal(
                " Wrapped Exception: (java.lang.NegativeArraySizeException):\n"
                f"{width * height * self.facts.type.bytes}"
            )
        self.check_place(place, x, y)
        self.check_place(place, x + width - 1, y + height - 1)
        if width < 1 or height < 1:
            self.refuse_place(f"A tile of {width} x {height} pixels is empty.")

    def _check_hypercube(
        self, offset: Sequence[int], size: Sequence[int], step: Sequence[int]
    ) -> list[range]:
        given = (offset, size, step)
        if any(len(numbers) != _DIMENSIONS for numbers in given):
            raise Internal(
                "Offset, size and step need five numbers each: X, Y, Z, C, T."
            )
        facts = self.facts
        limits = (*self.size, facts.size_z, facts.size_c, facts.size_t)
        ranges = []
        for name, start, extent, stride, limit in zip(
            "XYZCT", *given, limits, strict=True
        ):
            if start < 0 or extent < 1 or stride < 1 or start + extent > limit:
                raise Internal(
                    f"{name}: {extent} pixels from {start} in steps of {stride} are "
                    f"not within size{name} '{limit}'."
                )
            ranges.append(range(start, start + extent, stride))
        return ranges

    def _encode(self, pixels: NDArray[Any]) -> bytes:
        return np.ascontiguousarray(pixels, self.facts.type.wire).tobytes()


def _check_length(length: int) -> None:
    if length > _MAX_BYTES:
        raise ApiUsage(f"Converting Long {length} to Integer is an overflow.")
