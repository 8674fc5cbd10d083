"""An image on a server, at all its resolutions."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.arrays.geometry import Box, Cell, make_grids
from napari_omero_io.arrays.level import AXES, RemoteLevel
from napari_omero_io.arrays.memory import TileKey
from napari_omero_io.arrays.selection import overlap
from napari_omero_io.arrays.viewpoint import Viewpoint
from napari_omero_io.arrays.views import Plane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from napari_omero_io.arrays.fetch import Fetcher
    from napari_omero_io.arrays.geometry import Grid
    from napari_omero_io.arrays.source import TileSource
    from napari_omero_io.records import ImageRecord
    from napari_omero_io.refs import View


class RemoteImage:
    """One image of a server, at all its resolutions.

    Attributes
    ----------
    record
        Sizes, channels, units …
    source
        Where the pixels come from.
    fetcher
        Fetches them, for all images of a session.
    view
        How a link shows the image: `record` says what it does to channels and planes,
        the rest is for a viewer.
    """

    def __init__(
        self,
        source: TileSource,
        fetcher: Fetcher,
        record: ImageRecord | None = None,
        view: View | None = None,
    ) -> None:
        self.record: ImageRecord = source.record if record is None else record
        self.view = view
        self.source = source
        self.fetcher = fetcher
        self.grids: tuple[Grid, ...] = make_grids(self.record)
        self.dtype: np.dtype[Any] = np.dtype(self.record.dtype)
        self._identity = (
            f"{source.server}/pixels/{self.record.pixels_id}@{self.record.version}"
        )

    def __repr__(self) -> str:
        return f"<RemoteImage {self.record.id} “{self.record.name}” {self.shape}>"

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """(T, C, Z, Y, X) of the full size."""
        return self.record.shape

    def key(self, level: int, plane: Plane, cell: Cell) -> TileKey:
        """Return what a cell is called in the cache."""
        return TileKey(self._identity, level, *plane, *cell)

    @cached_property
    def levels(self) -> list[Any]:
        """The resolutions as dask arrays (T, C, Z, Y, X), full size first."""
        from napari_omero_io.arrays.lazy import make_dask_levels

        return make_dask_levels(self, self._identity)

    def channel_levels(self, channel: int) -> list[RemoteLevel]:
        """Return the resolutions of one channel for a layer.

        The axes are (T, Z, Y, X), without T or Z where its length is 1, unless the
        record says that they are kept.
        """
        return self._make_levels("TCZYX", channel)

    def rgb_levels(self) -> list[RemoteLevel]:
        """Return the resolutions of an RGB picture for one layer.

        The axes are (T, Z, Y, X, C), T and Z as in `channel_levels`.
        """
        return self._make_levels("TZYXC", range(3))

    def _make_levels(self, axes: str, channels: int | range) -> list[RemoteLevel]:
        viewpoint = Viewpoint(self)
        size_t, _, size_z, _, _ = self.shape
        picks = {
            "T": range(size_t) if self.record.has_time_axis else 0,
            "C": channels,
            "Z": range(size_z) if self.record.has_depth_axis else 0,
        }
        return [
            RemoteLevel(
                self,
                level,
                axes,
                tuple(
                    (picks | {"Y": range(grid.height), "X": range(grid.width)})[axis]
                    for axis in axes
                ),
                viewpoint,
            )
            for level, grid in enumerate(self.grids)
        ]

    def full_level(self, level: int) -> RemoteLevel:
        """Return one resolution with all axes (T, C, Z, Y, X), always exact."""
        size_t, size_c, size_z, _, _ = self.shape
        grid = self.grids[level]
        sizes = (size_t, size_c, size_z, grid.height, grid.width)
        return RemoteLevel(self, level, AXES, tuple(range(size) for size in sizes))

    def prefetch(self) -> None:
        """Fetch the coarsest view of the default plane of all active channels.

        Layers made afterwards show something at once.

        Raises
        ------
        OmeroIOError
            The pixels cannot be read.
        """
        record = self.record
        active = [c.index for c in record.channels if c.active or record.is_rgb]
        last = len(self.grids) - 1
        grid = self.grids[last]
        keys = (
            self.key(last, Plane(record.default_t, channel, record.default_z), cell)
            for channel in active
            for cell in grid.cells_in(grid.plane)
        )
        for _ in self.fetcher.read(self.source, keys):
            pass

    def read_into(
        self, out: NDArray[Any], level: int, picks: tuple[range, ...], keep: bool
    ) -> None:
        """Fill `out` (T, C, Z, Y, X) with the true pixels, waiting for them.

        Parameters
        ----------
        picks
            The indices of each axis of the level, rising.
        keep
            Whether the pixels go into the cache.
        """
        if out.size == 0:
            return
        parts = list(self._parts(level, picks[3], picks[4]))
        planes = list(product(*(enumerate(pick) for pick in picks[:3])))

        def keys() -> Iterator[TileKey]:
            for (_, t), (_, c), (_, z) in planes:
                for cell, _, _ in parts:
                    yield self.key(level, Plane(t, c, z), cell)

        tiles = self.fetcher.read(self.source, keys(), keep=keep)
        for (i, _), (j, _), (k, _) in planes:
            target = out[i, j, k]
            for _, place, taken in parts:
                target[place] = next(tiles)[1][taken]

    def _parts(
        self, level: int, rows: range, columns: range
    ) -> Iterator[tuple[Cell, tuple[slice, slice], tuple[slice, slice]]]:
        """Yield the cells that hold some pixels, where they go and which they are."""
        grid = self.grids[level]
        box = Box(rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
        for cell in grid.cells_in(box):
            own = grid.box_of(cell)
            to_y, from_y = overlap(rows, own.y0, own.y1)
            to_x, from_x = overlap(columns, own.x0, own.x1)
            if to_y.start < to_y.stop and to_x.start < to_x.stop:
                yield cell, (to_y, to_x), (from_y, from_x)

    def close(self) -> None:
        """Forget the pixels; layers that still show the image go on to work."""
        self.fetcher.cache.forget(self._identity)
        self.source.close()
