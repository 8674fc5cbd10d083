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
    chunk is many cells, and the graph stays symbolic until it is computed.

    Parameters
    ----------
    name
        Tells the pixels apart from all others, for dask's names.
    together
        Channels that are fetched together, and are one chunk.
    """
    import dask.array as da

    return [
        da.from_array(
            image.full_level(level),
            chunks=(1, together, 1, *_chunk_shape(grid, image.dtype.itemsize)),
            name=f"omero-{name}-level-{level}",
            inline_array=True,
        )
        for level, grid in enumerate(image.grids)
    ]


def _chunk_shape(grid: Grid, itemsize: int) -> tuple[int, int]:
    """Return height and width of a chunk made of whole cells, roughly square."""
    cell = grid.cell_height * grid.cell_width * itemsize
    cells = max(1, _CHUNK_BYTES // cell)
    across = max(1, int(cells**0.5))
    width = min(grid.width, across * grid.cell_width)
    across = -(-width // grid.cell_width)
    height = min(grid.height, max(1, cells // across) * grid.cell_height)
    return height, width
