"""The levels of one set of pixels as zarr arrays (T, C, Z, Y, X) in one folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import zarr
from zarr.codecs import BloscCodec

from napari_omero_io.sandbox.errors import ResourceFault

from .chunks import ChunkFiles
from .descriptor import Kind
from .mirror import MirroredLevels
from .tiff_series import TiffLevels

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .descriptor import Descriptor
    from .types import Place, Region, Size

_SOURCE = "source"
#: The imported file of which the pixels are a part.
ORIGINAL = "original"


class Levels(Protocol):
    """Pixels that can be read, level by level."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Of the levels, full size first."""

    def read(self, level: int, place: Place, region: Region) -> NDArray[Any]:
        """Return a rectangle of a level (0 is the full size), shape (height, width).

        The rectangle must lie within the level.
        """


class ArrayLevels:
    """Levels that are stored as arrays.

    Raises
    ------
    ResourceFault
        An array is missing or damaged.
    """

    def __init__(self, folder: Path, sizes: tuple[Size, ...], *, mode: str) -> None:
        self.sizes = sizes
        self._folder = folder
        try:
            self._chunks = [
                ChunkFiles.open(folder / str(level)) if mode == "r" else None
                for level in range(len(sizes))
            ]
            self._arrays: list[Any] = [
                zarr.open_array(folder / str(level), mode=mode)
                if known is None
                else None
                for level, known in enumerate(self._chunks)
            ]
        except (OSError, ValueError, KeyError) as error:
            raise ResourceFault(
                f"The pixels in {folder} cannot be opened: {error}"
            ) from error

    def read(self, level: int, place: Place, region: Region) -> NDArray[Any]:
        """Return a rectangle of a level (0 is the full size), shape (height, width).

        Raises
        ------
        ResourceFault
            The pixels were deleted since they were opened.
        """
        x, y, width, height = region
        chunks = self._chunks[level]
        found: NDArray[Any] = (
            self._arrays[level][
                place.t, place.c, place.z, y : y + height, x : x + width
            ]
            if chunks is None
            else chunks.read(place, region)
        )
        # Afterwards: zarr takes a chunk that is gone for one that was never written.
        if not self._folder.exists():
            raise ResourceFault(f"Cannot find path. Deleted? {self._folder}")
        return found

    def write(
        self, level: int, place: Place, x: int, y: int, pixels: NDArray[Any]
    ) -> None:
        """Write a rectangle of a level whose corner is at x, y.

        Raises
        ------
        ResourceFault
            The disk is full or fails.
        """
        height, width = pixels.shape
        try:
            self._arrays[level][
                place.t, place.c, place.z, y : y + height, x : x + width
            ] = pixels
        except OSError as error:
            raise ResourceFault(f"The pixels cannot be stored: {error}") from error


def create_arrays(
    folder: Path, descriptor: Descriptor, *, first_level: int = 0
) -> ArrayLevels:
    """Make the arrays that a descriptor speaks of, full of zeros.

    Parameters
    ----------
    first_level
        The levels before it are there already.

    Raises
    ------
    ResourceFault
        The disk is full or fails.
    """
    try:
        _create(folder, descriptor, first_level)
    except OSError as error:
        raise ResourceFault(f"The pixels cannot be stored: {error}") from error
    return ArrayLevels(folder, descriptor.sizes, mode="r+")


def _create(folder: Path, descriptor: Descriptor, first_level: int) -> None:
    shape = descriptor.shape
    for level, size in list(enumerate(descriptor.sizes))[first_level:]:
        zarr.create_array(
            folder / str(level),
            shape=(*shape[:3], size.y, size.x),
            chunks=(
                *(1, 1, 1),
                max(1, min(descriptor.tile.y, size.y)),
                max(1, min(descriptor.tile.x, size.x)),
            ),
            dtype=descriptor.type.dtype,
            compressors=_compressor(),
            fill_value=0,
            overwrite=True,
        )


def store_source(folder: Path, source: NDArray[Any]) -> None:
    """Store the image of which a mirrored slide is made, shape (C, Y, X)."""
    zarr.save_array(folder / _SOURCE, source)


def open_levels(folder: Path, descriptor: Descriptor) -> Levels:
    """Open finished pixels for reading.

    Raises
    ------
    ResourceFault
        They are missing or damaged.
    """
    if descriptor.kind is Kind.FILE:
        axes = dict(zip("TCZYX", descriptor.axes, strict=True))
        return TiffLevels(folder / ORIGINAL, descriptor.series, axes)
    if descriptor.kind is not Kind.MIRROR:
        return ArrayLevels(folder, descriptor.sizes, mode="r")
    try:
        source: Any = zarr.open_array(folder / _SOURCE, mode="r")[:]
        return MirroredLevels(source, descriptor.sizes)
    except (OSError, ValueError, KeyError) as error:
        raise ResourceFault(
            f"The pixels in {folder} cannot be opened: {error}"
        ) from error


def _compressor() -> BloscCodec:
    # Micrographs of 16 bits and of floats become as small as with zstd of level 1, give
    # or take a tenth, in a fifth of the time, and are there again in a third of it.
    return BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle")
