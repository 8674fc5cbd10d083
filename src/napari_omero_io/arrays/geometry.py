"""Which cells of a level cover which part of a plane.  Pure arithmetic.

A *cell* is what is fetched and cached at once: some of the server's tiles that lie
together, or a whole plane.  Nothing here costs more for an image of more tiles:
work is in proportion to the cells that are asked for.

All boxes are half open, in pixels of their level, rows before columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from napari_omero_io.records import ImageRecord

#: Tiles are joined into cells until an edge has this length …
_CELL_EDGE = 512
#: … or a cell this many bytes.  One call then costs little more than its latency.
_CELL_BYTES = 1 << 20
#: A plane that has to be read whole is cut into bands above this size, for memory.
_PLANE_BYTES = 64 << 20
#: A missing cell is first shown from a level at least this many times coarser.
_PREVIEW_FACTOR = 4


class Box(NamedTuple):
    """A rectangle of pixels: rows `y0` to `y1`, columns `x0` to `x1`, ends excluded."""

    y0: int
    y1: int
    x0: int
    x1: int

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return (self.y1 - self.y0, self.x1 - self.x0)

    def intersect(self, other: Box) -> Box:
        """Return what both cover; empty (but never negative) where they are apart."""
        y0, x0 = max(self.y0, other.y0), max(self.x0, other.x0)
        return Box(
            y0, max(y0, min(self.y1, other.y1)), x0, max(x0, min(self.x1, other.x1))
        )

    def within(self, origin: Box) -> tuple[slice, slice]:
        """Return the slices of this box in an array that covers `origin`."""
        return (
            slice(self.y0 - origin.y0, self.y1 - origin.y0),
            slice(self.x0 - origin.x0, self.x1 - origin.x0),
        )


class Cell(NamedTuple):
    """The place of a cell in the grid of its level."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Grid:
    """How the planes of one level are divided into cells.

    The last cell of a row or column may be smaller than the others.
    """

    height: int
    width: int
    cell_height: int
    cell_width: int

    @property
    def plane(self) -> Box:
        """The whole plane."""
        return Box(0, self.height, 0, self.width)

    def box_of(self, cell: Cell) -> Box:
        """Return the pixels of a cell."""
        y0, x0 = cell.row * self.cell_height, cell.column * self.cell_width
        return Box(
            y0,
            min(y0 + self.cell_height, self.height),
            x0,
            min(x0 + self.cell_width, self.width),
        )

    def cells_in(self, box: Box) -> Iterator[Cell]:
        """Yield the cells that hold a pixel of `box`, row by row."""
        if box.y1 <= box.y0 or box.x1 <= box.x0:
            return
        for row in range(box.y0 // self.cell_height, _ceil(box.y1, self.cell_height)):
            for column in range(
                box.x0 // self.cell_width, _ceil(box.x1, self.cell_width)
            ):
                yield Cell(row, column)

    def centre_out(self, cells: Iterable[Cell], box: Box) -> list[Cell]:
        """Sort cells by their distance from the middle of `box`."""
        middle_y, middle_x = (box.y0 + box.y1) / 2, (box.x0 + box.x1) / 2

        def distance(cell: Cell) -> float:
            own = self.box_of(cell)
            dy = (own.y0 + own.y1) / 2 - middle_y
            dx = (own.x0 + own.x1) / 2 - middle_x
            return dy * dy + dx * dx

        return sorted(cells, key=distance)


def make_grids(record: ImageRecord) -> tuple[Grid, ...]:
    """Return the grid of each level of an image, full size first."""
    itemsize = np.dtype(record.dtype).itemsize
    grids = []
    for level in record.levels:
        if level.cell is not None:
            width, height = level.cell
        elif record.is_tiled:
            height, width = join_tiles(record.tile, itemsize)
            if level.size_y * level.size_x * itemsize <= _CELL_BYTES:
                height, width = level.size_y, level.size_x
        else:
            width = level.size_x
            height = max(1, min(level.size_y, _PLANE_BYTES // (width * itemsize)))
        grids.append(
            Grid(
                level.size_y,
                level.size_x,
                min(height, level.size_y),
                min(width, level.size_x),
            )
        )
    return tuple(grids)


def join_tiles(tile: tuple[int, int], itemsize: int) -> tuple[int, int]:
    """Return height and width of a cell made of tiles (width, height)."""
    tile_width, tile_height = max(1, tile[0]), max(1, tile[1])
    width = tile_width * max(1, _CELL_EDGE // tile_width)
    band = width * tile_height * itemsize
    rows = max(1, min(_CELL_EDGE // tile_height, _CELL_BYTES // band))
    return tile_height * rows, width


def map_indices(start: int, stop: int, size: int, coarse: int) -> NDArray[np.intp]:
    """Return for each index of an axis the nearest index of a coarser level.

    Parameters
    ----------
    start, stop
        Indices of the finer level, `stop` excluded.
    size, coarse
        Lengths of the axis in the finer and in the coarser level.
    """
    centres = (np.arange(start, stop) + 0.5) * (coarse / size)
    return np.minimum(centres.astype(np.intp), coarse - 1)


def cover(box: Box, fine: Grid, coarse: Grid) -> Box:
    """Return the part of a coarser level that shows the same as `box`."""
    return Box(
        *_cover(box.y0, box.y1, fine.height, coarse.height),
        *_cover(box.x0, box.x1, fine.width, coarse.width),
    )


def _cover(start: int, stop: int, size: int, coarse: int) -> tuple[int, int]:
    # as `map_indices`, without arrays: it is done for every cell of a view
    first = min(int((start + 0.5) * (coarse / size)), coarse - 1)
    last = min(int((stop - 1 + 0.5) * (coarse / size)), coarse - 1)
    return first, last + 1


def preview_levels(grids: Sequence[Grid], level: int) -> list[int]:
    """Return the levels to fetch before `level`, coarsest first.

    The coarsest of all, which is small and soon there, and one in between that
    costs at most a sixteenth of the level itself.
    """
    last = len(grids) - 1
    if level >= last:
        return []
    between = next(
        (
            index
            for index in range(level + 1, last)
            if grids[index].width * _PREVIEW_FACTOR <= grids[level].width
        ),
        last,
    )
    return sorted({last, between}, reverse=True)


def _ceil(value: int, step: int) -> int:
    return -(-value // step)
