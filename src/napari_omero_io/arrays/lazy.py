"""The levels of an image as dask arrays, for computing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_omero_io.arrays.geometry import Grid
    from napari_omero_io.arrays.remote import RemoteImage

#: Chunks of about this size keep graphs small and still fit many times into memory.
_CHUNK_BYTES = 16 << 20


def make_dask_levels(image: RemoteImage, name: str, together: int = 1) -> list[Any]:
    """Return dask arrays (T, C, Z, Y, X), full size first, with exact pixels.

    Making and slicing them costs nothing that grows with the number of tiles: a
    chunk is many cells, and the graph stays symbolic until it is computed.  Small
    planes that follow each other are one chunk: dask computes no more chunks at once
    than there are processors, which would wait for a distant server after each plane.
    A slice of a level reads no other planes all the same.  What is read and not
    computed with bypasses dask: see `dask_level`.

    Parameters
    ----------
    name
        Tells the pixels apart from all others, for dask's names.
    together
        Channels that are fetched together, and are one chunk.
    """
    import dask.array as da

    from napari_omero_io.arrays.dask_level import DaskLevel

    made = []
    for number, grid in enumerate(image.grids):
        level = image.full_level(number)
        array = da.from_array(
            level,
            chunks=_chunk_shape(image, grid, together),
            name=f"omero-{name}-level-{number}",
            inline_array=True,
        )
        made.append(DaskLevel(array, level))
    return made


def _chunk_shape(
    image: RemoteImage, grid: Grid, together: int
) -> tuple[int, int, int, int, int]:
    """Return (T, C, Z, Y, X) of a chunk: whole cells, of all planes in it the same."""
    size_t, _, size_z, _, _ = image.shape
    height, width = _chunk_area(grid, image.dtype.itemsize)
    planes = _CHUNK_BYTES // (height * width * image.dtype.itemsize * together)
    depth = max(1, min(size_z, planes))
    steps = max(1, min(size_t, planes // size_z))
    return steps, together, depth, height, width


def _chunk_area(grid: Grid, itemsize: int) -> tuple[int, int]:
    """Return height and width of whole cells that make a chunk, roughly square."""
    cell = grid.cell_height * grid.cell_width * itemsize
    cells = max(1, _CHUNK_BYTES // cell)
    across = max(1, int(cells**0.5))
    width = min(grid.width, across * grid.cell_width)
    across = -(-width // grid.cell_width)
    height = min(grid.height, max(1, cells // across) * grid.cell_height)
    return height, width
