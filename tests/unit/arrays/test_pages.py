"""Arrays in memory of their own."""

from __future__ import annotations

import numpy as np
import pytest

from napari_omero_io.arrays import pages
from napari_omero_io.arrays.pages import allocate, settle


@pytest.mark.parametrize("shape", [(3, 5), (700, 300), (0, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float64"])
def test_they_are_empty_and_can_be_written(shape, dtype):
    array = allocate(shape, dtype)
    assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
    assert not array.any()
    array[...] = 7
    assert (array == 7).all()


def test_large_ones_are_not_the_c_library_s(monkeypatch):
    asked = []
    plain = pages.mmap.mmap
    monkeypatch.setattr(pages.mmap, "mmap", lambda *a: asked.append(a) or plain(*a))
    allocate((10, 10), "uint8")
    assert not asked
    allocate((512, 512), "uint16")
    assert asked == [(-1, 512 * 512 * 2)]


def test_without_more_pieces_there_is_still_memory(monkeypatch):
    def refuse(*_):
        raise OSError("too many")

    monkeypatch.setattr(pages.mmap, "mmap", refuse)
    assert allocate((512, 512), "uint16").shape == (512, 512)


@pytest.mark.parametrize("dtype", [">u2", "<u2", ">f4", "u1"])
def test_what_came_from_the_wire_is_kept_as_it_is_here(dtype):
    sent = np.arange(512 * 300).astype(dtype).tobytes()
    tile = np.frombuffer(sent, dtype).reshape(512, 300)
    kept = settle(tile)
    assert kept.dtype.isnative
    assert kept.flags.writeable
    np.testing.assert_array_equal(kept, tile)
    assert settle(kept) is kept
