"""The pixel stores that one fetching thread holds open."""

from __future__ import annotations

import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from napari_omero_io.arrays.channels import read_cells
from napari_omero_io.arrays.geometry import Cell, make_grids
from napari_omero_io.errors import OmeroIOError, PixelsUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from napari_omero_io.arrays.disk import DiskCache
    from napari_omero_io.arrays.memory import TileKey
    from napari_omero_io.arrays.source import TileReader, TileSource

#: Open pixel stores per thread: enough to compare a few images.
_LIMIT = 3

logger = logging.getLogger(__name__)


def recall(
    disk: DiskCache | None, source: TileSource, key: TileKey
) -> NDArray[Any] | None:
    """Return a cell that was kept on the disk, or None."""
    if disk is None:
        return None
    shape = make_grids(source.record)[key.level].box_of(Cell(key.row, key.column)).shape
    return disk.get(key, shape, source.record.dtype)


def make_native(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return a pixel type in this machine's byte order."""
    return dtype.newbyteorder("=")


class Readers:
    """The open readers of one thread; the least recently used is closed first."""

    def __init__(self) -> None:
        self._open: OrderedDict[int, tuple[TileSource, TileReader]] = OrderedDict()

    def read(self, source: TileSource, keys: Sequence[TileKey]) -> list[NDArray[Any]]:
        """Fetch one cell, or that of several channels, in their order on the wire."""
        first, record = keys[0], source.record
        box = make_grids(record)[first.level].box_of(Cell(first.row, first.column))
        height, width = box.shape
        place = (box.x0, box.y0, width, height)
        tiles = read_cells(self._reader_of(source), keys, place)
        for tile in tiles:
            if tile.shape != box.shape or make_native(tile.dtype) != record.dtype:
                raise PixelsUnavailable(
                    f"The server sent {tile.shape} {tile.dtype} for a tile of "
                    f"{box.shape} {record.dtype} of “{record.name}”."
                )
        return tiles

    def _reader_of(self, source: TileSource) -> TileReader:
        known = self._open.get(id(source))
        if known is None:
            while len(self._open) >= _LIMIT:
                _close(self._open.popitem(last=False)[1][1])
            known = self._open[id(source)] = (source, source.open_reader())
        self._open.move_to_end(id(source))
        return known[1]

    def discard(self, source: TileSource) -> None:
        """Close the reader of a source, after a failure that may have spoilt it."""
        known = self._open.pop(id(source), None)
        if known is not None:
            _close(known[1])

    def close(self) -> None:
        """Close all readers."""
        for _, reader in self._open.values():
            _close(reader)
        self._open.clear()

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _close(reader: TileReader) -> None:
    try:
        reader.close()
    except OmeroIOError as error:
        # The server frees what belongs to a session that it ended itself.
        logger.info("A pixel store could not be closed: %s", error)
