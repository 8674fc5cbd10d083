"""Planes of one series of a TIFF file, read page by page and tile by tile."""

from __future__ import annotations

import threading
import weakref
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

from napari_omero_io.sandbox.errors import ResourceFault

from .types import Place, Region, Size

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    #: Which axes of the series make T, C, Z, Y and X.
    Axes = Mapping[str, tuple[int, ...]]


class TiffSeries:
    """One series; pages and tiles are read as they are asked for.

    Attributes
    ----------
    number
        Which series of the file it is.
    axes
        Which axes of the series make T, C, Z, Y and X.
    sizes
        (Y, X) of the levels, full size first.
    """

    def __init__(self, file: tifffile.TiffFile, number: int, axes: Axes) -> None:
        series = file.series[number]
        self.number = number
        self.axes = axes
        self._file = file
        self._levels = series.levels
        self._turn = threading.Lock()
        self._stores: dict[int, Any] = {}
        (y,), (x,) = axes["Y"], axes["X"]
        self.sizes = [(level.shape[y], level.shape[x]) for level in self._levels]

    @property
    def tile(self) -> tuple[int, int] | None:
        """(Y, X) of the tiles of the full size; None where it has none."""
        page = self._levels[0].keyframe
        return (page.tilelength, page.tilewidth) if page.is_tiled else None

    def read(self, level: int, t: int, c: int, z: int) -> NDArray[Any]:
        """Return a plane, (Y, X)."""
        return self.read_region(level, t, c, z, slice(None), slice(None))

    def read_region(
        self, level: int, t: int, c: int, z: int, y: slice, x: slice
    ) -> NDArray[Any]:
        """Return a part of a plane; of a tiled file only what is needed is read."""
        shape = self._levels[level].shape
        index: list[Any] = [0] * len(shape)
        for axis, value in (("T", t), ("C", c), ("Z", z)):
            places = self.axes[axis]
            inner = np.unravel_index(value, [shape[i] for i in places])
            for place, position in zip(places, inner, strict=True):
                index[place] = int(position)
        index[self.axes["Y"][0]] = y
        index[self.axes["X"][0]] = x
        with self._turn:
            plane = np.asarray(self._array(level)[tuple(index)])
        plane = plane.astype(np.uint8) if plane.dtype == np.bool_ else plane
        return plane.astype(plane.dtype.newbyteorder("="), copy=False)

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._file.close()

    def _array(self, level: int) -> Any:
        import zarr

        if level not in self._stores:
            store = self._levels[0].aszarr(level=level)
            self._stores[level] = zarr.open(store, mode="r")
        return self._stores[level]


class TiffLevels:
    """The levels of a series in an imported file, which stays as it is.

    Raises
    ------
    ResourceFault
        The file is missing or damaged.
    """

    def __init__(self, path: Path, series: int, axes: Axes) -> None:
        try:
            with ExitStack() as stack:
                file = stack.enter_context(tifffile.TiffFile(path))
                self._series = TiffSeries(file, series, axes)
                stack.pop_all()
        except (OSError, ValueError, IndexError) as error:
            raise ResourceFault(
                f"The pixels in {path} cannot be opened: {error}"
            ) from error
        self.sizes = tuple(Size(x, y) for y, x in self._series.sizes)
        # The store keeps few of them, and others may still be reading.
        weakref.finalize(self, file.close)

    def read(self, level: int, place: Place, region: Region) -> NDArray[Any]:
        """Return a rectangle of a level (0 is the full size), shape (height, width)."""
        x, y, width, height = region
        rows, columns = slice(y, y + height), slice(x, x + width)
        try:
            return self._series.read_region(
                level, place.t, place.c, place.z, rows, columns
            )
        except (OSError, ValueError) as error:
            raise ResourceFault(f"The pixels cannot be read: {error}") from error
