"""Pixels that were read from a file, and how they are put into the store."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Protocol

from napari_omero_io.sandbox.errors import Internal

from .arrays import ORIGINAL, create_arrays, store_source
from .buffer import PixelBuffer
from .descriptor import Descriptor, Kind, write_descriptor
from .generated import TILE, build_levels
from .pyramid import generated_sizes, halved_sizes
from .types import PixelsFacts, Place, Size, band_size

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from .arrays import Levels
    from .cache import TileCache
    from .tiff_series import TiffSeries

#: The tiles of files that have tiles.
_FILE_TILE = Size(512, 512)
#: Rows that are copied at a time.
_COPY_BYTES = 64_000_000


class ImportedBuffer(PixelBuffer):
    """Pixels of an imported file, for reading."""

    def __init__(
        self, facts: PixelsFacts, levels: Levels, cache: TileCache, tile: Size
    ) -> None:
        super().__init__(facts, levels, cache)
        self._tile = tile

    def tile_size(self) -> Size:
        """Return the tile of the file; full rows where it has none."""
        return self._tile

    def refuse_place(self, message: str) -> None:
        """Raise what a client gets that reads outside the image."""
        raise Internal(
            f" Wrapped Exception: (loci.formats.FormatException):\n{message}"
        )

    def refuse_writing(self, *, by_tile: bool) -> None:
        """Raise what a client gets that wants to write."""
        raise Internal("Cannot write to repository")


class Source(Protocol):
    """The pixels of a file."""

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Of the levels that the file has, full size first."""

    def read_rows(self, level: int, place: Place, rows: range) -> NDArray[Any]:
        """Return rows of a plane, shape (len(rows), width)."""


def store_source_pixels(folder: Path, facts: PixelsFacts, source: Source) -> None:
    """Store the pixels of a file and make them visible."""
    tile = band_size(facts)
    if len(source.sizes) > 1:
        tile = _FILE_TILE
    elif facts.needs_pyramid:
        tile = TILE
    step = max(1, tile.y)
    chunk = Size(tile.x, step)
    descriptor = Descriptor(Kind.IMPORTED, facts.type, facts.shape, source.sizes, chunk)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = create_arrays(folder, descriptor)
    rows = step * max(1, _COPY_BYTES // (step * facts.row_bytes))
    for level, size in enumerate(source.sizes):
        for place in map(facts.place, range(facts.planes)):
            for start in range(0, size.y, rows):
                part = range(start, min(start + rows, size.y))
                pixels = source.read_rows(level, place, part)
                arrays.write(level, place, 0, start, pixels)
    write_descriptor(folder, descriptor)


def store_in_place(
    folder: Path, facts: PixelsFacts, path: Path, series: TiffSeries
) -> None:
    """Make the pixels of a file with tiles and smaller levels visible, uncopied.

    The file gets a second name, so that it is there as long as its pixels are.
    """
    if series.tile is None:
        raise ValueError(f"{path.name} has no tiles")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, folder / ORIGINAL)
    except OSError:  # a file system without second names
        shutil.copyfile(path, folder / ORIGINAL)
    height, width = series.tile
    write_descriptor(
        folder,
        Descriptor(
            Kind.FILE,
            facts.type,
            facts.shape,
            tuple(Size(x, y) for y, x in series.sizes),
            Size(width, height),
            series.number,
            tuple(series.axes[axis] for axis in "TCZYX"),
        ),
    )


def store_mirrored(folder: Path, facts: PixelsFacts, source: NDArray[Any]) -> None:
    """Store a slide that is made of a small image, shape (C, Y, X)."""
    folder.mkdir(parents=True, exist_ok=True)
    store_source(folder, source)
    sizes = halved_sizes(facts.size, min(_FILE_TILE))
    write_descriptor(
        folder, Descriptor(Kind.MIRROR, facts.type, facts.shape, sizes, _FILE_TILE)
    )


def add_pyramid(folder: Path, facts: PixelsFacts) -> None:
    """Make the smaller levels of imported pixels of one level."""
    sizes = generated_sizes(facts.size)
    whole = Descriptor(Kind.GENERATED, facts.type, facts.shape, sizes, TILE)
    arrays = create_arrays(folder, whole, first_level=1)
    build_levels(arrays, facts)
    write_descriptor(folder, whole)
