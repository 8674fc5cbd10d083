"""Chunks that are read straight from their files are what zarr reads."""

from __future__ import annotations

import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_omero_io.sandbox.errors import ResourceFault
from napari_omero_io.sandbox.store.pixels.arrays import ArrayLevels, create_arrays
from napari_omero_io.sandbox.store.pixels.chunks import ChunkFiles
from napari_omero_io.sandbox.store.pixels.descriptor import Descriptor, Kind
from napari_omero_io.sandbox.store.pixels.types import Place, Region, Size, pixel_type

SIZE = Size(50, 37)
#: Width and height of a chunk.
TILE = Size(16, 11)


@pytest.fixture(scope="module", params=["uint8", "int16", "float", "double"])
def stored(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    kind = pixel_type(request.param)
    shape = (2, 2, 1, SIZE.y, SIZE.x)
    levels = create_arrays(
        folder, Descriptor(Kind.IMPORTED, kind, shape, (SIZE,), TILE)
    )
    pixels = np.random.default_rng(3).integers(-99, 99, shape).astype(kind.dtype)
    pixels[1, 1, 0, 20:] = 0
    for t, c in np.ndindex(2, 2):
        if (t, c) != (1, 0):  # which is never written
            levels.write(0, Place(0, c, t), 0, 0, pixels[t, c, 0])
    pixels[1, 0] = 0
    return folder, pixels


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_rectangle_of_any_plane(stored, data):
    folder, pixels = stored
    t, c = data.draw(st.tuples(st.integers(0, 1), st.integers(0, 1)))
    x, y = data.draw(st.tuples(st.integers(0, SIZE.x - 1), st.integers(0, SIZE.y - 1)))
    width = data.draw(st.integers(1, SIZE.x - x))
    height = data.draw(st.integers(1, SIZE.y - y))
    chunks = ChunkFiles.open(folder / "0")
    assert chunks is not None
    found = chunks.read(Place(0, c, t), Region(x, y, width, height))
    np.testing.assert_array_equal(found, pixels[t, c, 0, y : y + height, x : x + width])


def test_other_arrays_are_left_to_zarr(tmp_path):
    pixels = np.arange(24, dtype="uint16").reshape(1, 1, 1, 4, 6)
    zarr.save_array(tmp_path / "0", pixels)
    assert ChunkFiles.open(tmp_path / "0") is None
    levels = ArrayLevels(tmp_path, (Size(6, 4),), mode="r")
    found = levels.read(0, Place(0, 0, 0), Region(1, 1, 4, 2))
    np.testing.assert_array_equal(found, pixels[0, 0, 0, 1:3, 1:5])


def test_a_damaged_chunk_is_told(tmp_path):
    kind = pixel_type("uint8")
    descriptor = Descriptor(Kind.IMPORTED, kind, (1, 1, 1, 8, 8), (Size(8, 8),), TILE)
    levels = create_arrays(tmp_path, descriptor)
    levels.write(0, Place(0, 0, 0), 0, 0, np.ones((8, 8), "uint8"))
    chunk = tmp_path / "0" / "c" / "0" / "0" / "0" / "0" / "0"
    for content in (b"", b"no chunk at all, but long enough", chunk.read_bytes()[:-9]):
        chunk.write_bytes(content)
        with pytest.raises(ResourceFault, match="damaged"):
            ArrayLevels(tmp_path, (Size(8, 8),), mode="r").read(
                0, Place(0, 0, 0), Region(0, 0, 8, 8)
            )
