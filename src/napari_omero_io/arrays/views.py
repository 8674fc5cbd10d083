"""What part of an image is in view, and what may be in view next.  Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from napari_omero_io.arrays.geometry import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_omero_io.arrays.geometry import Cell, Grid


class Plane(NamedTuple):
    """One plane of one channel."""

    t: int
    c: int
    z: int


class View(NamedTuple):
    """What a frame shows: some planes, and the same part of each."""

    level: int
    ts: range
    cs: range
    zs: range
    box: Box

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """(T, C, Z, Y, X)."""
        return (len(self.ts), len(self.cs), len(self.zs), *self.box.shape)

    def planes(self) -> Iterator[tuple[tuple[int, int, int], Plane]]:
        """Yield each plane with its place in the frame."""
        for i, t in enumerate(self.ts):
            for j, c in enumerate(self.cs):
                for k, z in enumerate(self.zs):
                    yield (i, j, k), Plane(t, c, z)


def planes_ahead(view: View, size_t: int, size_z: int) -> list[Plane]:
    """Return the planes one step away, those in the direction of reading first.

    None, where a view shows many planes at once.
    """
    if len(view.ts) != 1 or len(view.zs) != 1:
        return []
    t, z = view.ts[0], view.zs[0]
    steps = [(t, z + 1), (t + 1, z), (t, z - 1), (t - 1, z), (t, z + 2), (t + 2, z)]
    return [
        Plane(other_t, c, other_z)
        for other_t, other_z in steps
        if 0 <= other_t < size_t and 0 <= other_z < size_z
        for c in view.cs
    ]


def cells_around(view: View, grid: Grid) -> list[Cell]:
    """Return the cells that touch the view from outside, the nearest first."""
    wide = Box(
        max(0, view.box.y0 - grid.cell_height),
        min(grid.height, view.box.y1 + grid.cell_height),
        max(0, view.box.x0 - grid.cell_width),
        min(grid.width, view.box.x1 + grid.cell_width),
    )
    inside = set(grid.cells_in(view.box))
    around = (cell for cell in grid.cells_in(wide) if cell not in inside)
    return grid.centre_out(around, view.box)


def ahead(
    view: View, grids: Sequence[Grid], size_t: int, size_z: int
) -> Iterator[tuple[Plane, Cell]]:
    """Yield what is worth having before it is asked for, most likely first."""
    grid = grids[view.level]
    inside = grid.centre_out(grid.cells_in(view.box), view.box)
    for plane in planes_ahead(view, size_t, size_z):
        for cell in inside:
            yield plane, cell
    for cell in cells_around(view, grid):
        for _, plane in view.planes():
            yield plane, cell
