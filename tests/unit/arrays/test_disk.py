"""Tiles on the disk: found again, never wrong, never too many."""

from __future__ import annotations

import multiprocessing
import os
import stat
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, integer_dtypes

from napari_omero_io.arrays.disk import DiskCache
from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.memory import TileKey
from napari_omero_io.arrays.remote import RemoteImage

KEY = TileKey("here/pixels/7@abc-3", 0, 0, 0, 0, 0, 0)
TILE = np.arange(12, dtype=np.uint16).reshape(3, 4)


@pytest.fixture
def disk(tmp_path):
    return DiskCache(tmp_path / "tiles")


def the_file(disk):
    (path,) = disk.folder.glob("??/*")
    return path


@settings(max_examples=40)
@given(
    arrays(integer_dtypes(endianness="="), array_shapes(min_dims=2, max_dims=2)),
    st.text(max_size=30),
)
def test_what_was_kept_is_found_again(tmp_path, tile, server):
    key = KEY._replace(image=server)
    DiskCache(tmp_path).put(key, tile)
    found = DiskCache(tmp_path).get(key, tile.shape, tile.dtype)
    np.testing.assert_array_equal(found, tile)
    assert found.dtype == tile.dtype
    assert DiskCache(tmp_path).get(key._replace(z=1), tile.shape, tile.dtype) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: data[:-3] + b"?" + data[-2:],
        lambda data: b"\x89PNG" + data[4:],
        lambda data: data[:8] + b"\xff" * 8 + data[16:],
    ],
)
def test_a_damaged_file_is_dropped(disk, damage):
    disk.put(KEY, TILE)
    path = the_file(disk)
    path.write_bytes(damage(path.read_bytes()))
    assert disk.get(KEY, TILE.shape, TILE.dtype) is None
    assert not path.exists()
    disk.put(KEY, TILE)
    np.testing.assert_array_equal(disk.get(KEY, TILE.shape, TILE.dtype), TILE)


def test_a_tile_under_another_name_or_of_another_shape_is_dropped(disk):
    disk.put(KEY, TILE)
    data = the_file(disk).read_bytes()
    other = KEY._replace(c=1)
    disk.put(other, TILE)
    disk._path(other).write_bytes(data)
    assert disk.get(other, TILE.shape, TILE.dtype) is None
    assert disk.get(KEY, (3, 5), TILE.dtype) is None


def test_the_least_recently_used_go_first(disk):
    disk.limit = 10 * 200
    tile = np.zeros((10, 16), np.uint8)
    for z in range(9):
        disk.put(KEY._replace(z=z), tile)
        os.utime(disk._path(KEY._replace(z=z)), (1000 + z, 1000 + z))
    assert disk.get(KEY, tile.shape, tile.dtype) is not None
    for z in range(9, 30):
        disk.put(KEY._replace(z=z), tile)
        assert disk.size <= disk.limit + 250
    assert disk.get(KEY._replace(z=1), tile.shape, tile.dtype) is None
    assert disk.get(KEY._replace(z=29), tile.shape, tile.dtype) is not None


def test_the_folder_is_private_and_may_be_deleted(disk):
    disk.put(KEY, TILE)
    path = the_file(disk)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.unlink()
    path.parent.rmdir()
    disk.folder.rmdir()
    assert disk.get(KEY, TILE.shape, TILE.dtype) is None
    disk.put(KEY, TILE)
    assert disk.get(KEY, TILE.shape, TILE.dtype) is not None
    disk.clear()
    assert disk.size == 0


def test_a_disk_that_takes_nothing_is_no_reason_to_fail(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    disk = DiskCache(tmp_path / "file")
    disk.put(KEY, TILE)
    disk.put(KEY, TILE)
    assert caplog.text.count("cannot be kept") == 1
    assert disk.get(KEY, TILE.shape, TILE.dtype) is None


def write_and_read(folder, start):
    disk = DiskCache(folder, limit=20_000)
    for number in range(60):
        z = (start + number) % 60
        tile = np.full((10, 20), z, np.uint16)
        disk.put(KEY._replace(z=z), tile)
        found = disk.get(KEY._replace(z=59 - z), tile.shape, tile.dtype)
        if found is not None and not (found == 59 - z).all():
            return False
    return True


def test_processes_share_a_folder(disk):
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    others = [
        context.Process(target=write_and_read, args=(disk.folder, start))
        for start in (0, 30)
    ]
    for each in others:
        each.start()
    assert write_and_read(disk.folder, 15)
    for each in others:
        each.join(60)
    assert [each.exitcode for each in others] == [0, 0]


def read_again(memory_source, disk, version, **more):
    """Read an image in a new run of the program; return what the server was asked."""
    source = memory_source((1, 2, 1, 90, 110), **more)
    source.record = replace(source.record, version=version)
    with Fetcher(threads=2, disk=disk) as fetcher:
        image = RemoteImage(source, fetcher)
        planes = [np.asarray(image.channel_levels(c)[0]) for c in range(2)]
        full = np.asarray(image.levels[0])
    np.testing.assert_array_equal(planes, source.levels[0][0, :, 0])
    np.testing.assert_array_equal(full, source.levels[0])
    return len(source.calls)


def test_the_next_run_asks_the_server_nothing(memory_source, disk):
    assert read_again(memory_source, disk, "abc-3") > 0
    assert read_again(memory_source, disk, "abc-3") == 0
    assert read_again(memory_source, disk, "def-4") > 0
    assert read_again(memory_source, disk, "abc-3", server="there") > 0


def test_pixels_of_unknown_version_are_not_kept(memory_source, disk):
    assert read_again(memory_source, disk, "") > 0
    assert disk.size == 0
