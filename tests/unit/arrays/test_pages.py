"""Arrays in memory of their own."""

from __future__ import annotations

import mmap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from napari_omero_io.arrays import pages
from napari_omero_io.arrays.pages import allocate, make_room, settle


@pytest.mark.parametrize("shape", [(3, 5), (700, 300), (0, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float64"])
def test_they_can_be_written(shape, dtype):
    array = allocate(shape, dtype)
    assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
    array[...] = 7
    assert (array == 7).all()


def test_large_ones_are_not_the_c_library_s(monkeypatch):
    asked = []
    plain = pages.mmap.mmap
    monkeypatch.setattr(pages, "_spares", pages._Spares(0))
    monkeypatch.setattr(
        pages.mmap, "mmap", lambda *a, **n: asked.append(a) or plain(*a, **n)
    )
    allocate((10, 10), "uint8")
    assert not asked
    allocate((512, 512), "uint16")
    assert asked == [(-1, 512 * 512 * 2)]


@pytest.mark.parametrize("shape", [(512, 512), (2000, 2000)])
def test_memory_is_given_again_when_the_last_view_of_it_is_dropped(shape, monkeypatch):
    asked = []
    plain = pages._map
    monkeypatch.setattr(pages, "_spares", pages._Spares(24 << 20))
    monkeypatch.setattr(pages, "_map", lambda size: asked.append(size) or plain(size))
    array = allocate(shape, "uint16")
    array[...] = 7
    view = array[10:, ::2].T[::-1]
    del array
    other = allocate(shape, "uint16")
    assert len(asked) == 2
    assert not np.shares_memory(view, other)
    assert (view == 7).all()
    del view
    again = allocate(shape, "uint16")
    assert len(asked) == 2
    assert not np.shares_memory(again, other)


def test_little_is_kept_and_none_of_it_for_what_is_much_smaller():
    spares = pages._Spares(limit=1000)
    for size in (600, 300, 200):  # the last is too much
        spares.give(pages.mmap.mmap(-1, size))
    assert spares.take(100) is not None
    assert spares.take(100) is None
    assert spares.take(601) is None
    assert len(spares.take(250)) == 600


def test_threads_are_never_given_the_same_memory():
    def fill(number):
        for _ in range(200):
            array = allocate((300, 300), "uint16")
            array[...] = number
            time.sleep(0)
            if not (array == number).all():
                return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(fill, range(6)))


def test_without_more_pieces_there_is_still_memory(monkeypatch):
    def refuse(*_, **__):
        raise OSError("too many")

    monkeypatch.setattr(pages.mmap, "mmap", refuse)
    monkeypatch.setattr(pages, "_spares", pages._Spares(0))
    assert allocate((512, 512), "uint16").shape == (512, 512)


@pytest.mark.parametrize("shape", [(), (0, 4), (3, 5), (3, 1000, 1000)])
def test_room_is_there_to_be_written(shape):
    array = make_room(shape, "uint16")
    assert (array.shape, array.dtype) == (shape, np.dtype("uint16"))
    array[...] = 7
    assert (array == 7).all()


@pytest.mark.skipif(
    not hasattr(mmap, "MADV_NOHUGEPAGE"), reason="only Linux has huge pages to refuse"
)
def test_large_room_is_not_on_huge_pages():
    array = make_room((8, 1024, 1024), "uint16")
    start = array.__array_interface__["data"][0]
    assert "nh" in flags_of(start)


def flags_of(address):
    """Return what Linux says of the memory at an address."""
    is_here = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        first, *rest = line.split()
        if "-" in first:
            low, high = (int(part, 16) for part in first.split("-"))
            is_here = low <= address < high
        elif is_here and first == "VmFlags:":
            return rest
    return []


@pytest.mark.parametrize("dtype", [">u2", "<u2", ">f4", "u1"])
def test_what_came_from_the_wire_is_kept_as_it_is_here(dtype):
    sent = np.arange(512 * 300).astype(dtype).tobytes()
    tile = np.frombuffer(sent, dtype).reshape(512, 300)
    kept = settle(tile)
    assert kept.dtype.isnative
    assert kept.flags.writeable
    np.testing.assert_array_equal(kept, tile)
    assert settle(kept) is kept
