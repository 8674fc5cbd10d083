"""Big pixels that clients write through the API, tile by tile, in order, once.

As on OMERO.server: one store at a time; tiles of one size in a fixed order; whatever
else a client asks for ends the writing, for good.  Then the smaller levels are made.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np

from napari_omero_io.sandbox.errors import ApiUsage, Internal, ResourceFault

from .arrays import create_arrays
from .buffer import PixelBuffer
from .descriptor import Descriptor, Kind, write_descriptor
from .pyramid import generated_sizes, halve_plane
from .raw import check_exact
from .types import Place, Region, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from .arrays import ArrayLevels, Levels
    from .cache import TileCache
    from .types import PixelsFacts

#: The tiles of a generated pyramid.
TILE = Size(256, 256)


class GeneratedBuffer(PixelBuffer):
    """A pyramid that the server made, for reading."""

    def tile_size(self) -> Size:
        """Return the size of the pyramid's tiles."""
        return TILE

    def refuse_place(self, message: str) -> None:
        """Raise what a client gets that reads outside the image."""
        raise ApiUsage(message)

    def refuse_writing(self, *, by_tile: bool) -> None:
        """Raise what a client gets that wants to write."""
        if by_tile:
            raise ApiUsage("In read-only mode!")
        raise Internal("Non-tile based writing unsupported.")

    def stack(self, c: int, t: int) -> bytes:
        """Refuse, as pyramids do."""
        raise Internal("Not supported.")

    def timepoint(self, t: int) -> bytes:
        """Refuse, as pyramids do."""
        raise Internal("Not supported.")

    def region(self, size: int, offset: int) -> bytes:
        """Refuse, as pyramids do."""
        raise Internal("Not supported.")

    def plane_region(self, place: Place, count: int, offset: int) -> bytes:
        """Refuse: the server's own code does not end here."""
        raise Internal(" Wrapped Exception: (java.lang.StackOverflowError):\nnull")

    def hypercube(
        self, offset: Sequence[int], size: Sequence[int], step: Sequence[int]
    ) -> bytes:
        """Refuse, as pyramids do."""
        raise Internal("Not yet implemented.")


class PyramidWriter(PixelBuffer):
    """A pyramid while its one store writes it.

    Parameters
    ----------
    release
        Told when the writing has ended.
    reopen
        Opens the finished pyramid for reading.
    """

    def __init__(
        self,
        facts: PixelsFacts,
        folder: Path,
        cache: TileCache,
        release: Callable[[int], None],
        reopen: Callable[[PixelsFacts], PixelBuffer],
    ) -> None:
        self._folder = folder
        sizes = generated_sizes(facts.size)
        self._descriptor = Descriptor(
            Kind.GENERATED, facts.type, facts.shape, sizes, TILE
        )
        # What a server left here that was killed is nobody's.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._arrays = create_arrays(folder, self._descriptor)
        super().__init__(facts, self._arrays, cache)
        self._release = release
        self._reopen = reopen
        self._index = 0
        self._corner = (0, 0)
        self._nominal: Size | None = None
        self._has_tiles = False
        self._is_open = True

    @property
    def is_writable(self) -> bool:
        """Whether pixels may be written through this buffer."""
        return True

    def tile_size(self) -> Size:
        """Return the size of the tiles that should be written."""
        return TILE

    def reading(self) -> PixelBuffer:
        """End the writing and open what there is."""
        self.close()
        return self._reopen(self.facts)

    def close(self) -> None:
        """Make the smaller levels, and make the pixels visible.

        Without a single tile the pixels are spoilt for ever.
        """
        if not self._is_open:
            return
        self._is_open = False
        try:
            if self._has_tiles:
                build_levels(self._arrays, self.facts)
                write_descriptor(self._folder, self._descriptor)
            else:
                self._write_broken()
        finally:
            self._release(self.facts.id)

    def abandon(self) -> None:
        """Stop without making anything visible: the pixels were deleted."""
        self._is_open = False

    def set_tile(self, buf: bytes, place: Place, region: Region) -> None:
        """Write the next tile."""
        if not self._is_open:
            raise ResourceFault(f"Cannot find path. Deleted? {self._folder}")
        self.check_region(place, region)
        self._check_order(place, region)
        check_exact(buf, region.width * region.height * self.facts.type.bytes)
        pixels = np.frombuffer(buf, self.facts.type.wire).astype(self.facts.type.dtype)
        pixels = pixels.reshape(region.height, region.width)
        self._arrays.write(0, place, region.x, region.y, pixels)
        self._has_tiles = True
        self._advance(region)

    def refuse_place(self, message: str) -> None:
        """Raise what a client gets that writes outside the image."""
        raise ApiUsage(message)

    def refuse_writing(self, *, by_tile: bool) -> None:
        """Raise what a client gets that writes anything but tiles."""
        raise Internal("Non-tile based writing unsupported.")

    def resolution_levels(self) -> int:
        """Refuse until the writing has ended."""
        raise ApiUsage("In write mode!")

    def set_resolution_level(self, resolution_level: int) -> None:
        """Refuse until the writing has ended."""
        raise ApiUsage("In write mode!")

    def resolution_descriptions(self) -> tuple[Size, ...]:
        """Refuse until the writing has ended."""
        raise ApiUsage("In write mode!")

    def _check_order(self, place: Place, region: Region) -> None:
        """Refuse any tile but the next one."""
        facts = self.facts
        if self._index == facts.planes:
            raise Internal("All tiles of these pixels were written.")
        # The first tile of a plane decides the size of all its tiles.
        nominal = self._nominal or Size(region.width, region.height)
        x, y = self._corner
        width, height = (
            min(nominal.x, facts.size_x - x),
            min(nominal.y, facts.size_y - y),
        )
        expected = (facts.place(self._index), Region(x, y, width, height))
        if expected != (place, region):
            raise Internal(
                "Tiles of a big image must be written in order: the next is "
                f"{expected}, not {(place, region)}."
            )

    def _advance(self, region: Region) -> None:
        """Note that a tile was written."""
        nominal = self._nominal or Size(region.width, region.height)
        x, y = self._corner
        if x + nominal.x < self.facts.size_x:
            self._corner, self._nominal = (x + nominal.x, y), nominal
        elif y + nominal.y < self.facts.size_y:
            self._corner, self._nominal = (0, y + nominal.y), nominal
        else:
            self._corner, self._nominal = (0, 0), None
            self._index += 1

    def _write_broken(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        facts = self.facts
        broken = Descriptor(Kind.BROKEN, facts.type, facts.shape, (facts.size,), TILE)
        write_descriptor(self._folder, broken)


def build_levels(arrays: ArrayLevels, facts: PixelsFacts) -> None:
    """Make the smaller levels of every plane from the full size."""
    for place in map(facts.place, range(facts.planes)):
        for level in range(1, len(arrays.sizes)):
            _build_level(arrays, arrays, level, place)


def _build_level(source: Levels, arrays: ArrayLevels, level: int, place: Place) -> None:
    halve_plane(
        lambda region: source.read(level - 1, place, region),
        source.sizes[level - 1],
        arrays.sizes[level],
        lambda x, y, pixels: arrays.write(level, place, x, y, pixels),
    )
