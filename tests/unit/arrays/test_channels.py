"""Cells of several channels that are fetched in one go."""

from __future__ import annotations

import numpy as np
import pytest

from napari_omero_io.arrays.disk import DiskCache
from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.geometry import Cell
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.arrays.views import Plane
from napari_omero_io.errors import PixelsUnavailable

from ...waiting import wait_until

CHANNELS = range(3)


@pytest.fixture
def source(memory_source):
    """Give a source of 2 x 2 cells in three channels that notes what is read."""
    source = memory_source((1, 3, 1, 1024, 1024), tile=(512, 512), version="1")
    source.joins_channels = True
    source.together = []
    open_reader = source.open_reader

    def open_joining_reader():
        reader = open_reader()

        def read_channels(level, z, channels, t, *place):
            source.together.append(list(channels))
            return [reader.read_tile(level, z, c, t, *place) for c in channels]

        reader.read_channels = read_channels
        return reader

    source.open_reader = open_joining_reader
    return source


def list_keys(image, channel):
    cells = [Cell(row, column) for row in range(2) for column in range(2)]
    return [image.key(0, Plane(0, channel, 0), cell) for cell in cells]


def ignore(*_):
    pass


def want(fetcher, source, channels, on_failure=ignore):
    """Let a layer for each channel want everything, all at the same time."""
    image = RemoteImage(source, fetcher)
    source.gate.clear()
    for channel in channels:
        keys = list_keys(image, channel)
        fetcher.want(channel, source, keys, ignore, on_failure)
    source.gate.set()
    return image


def check(fetcher, source, image, channels):
    for channel in channels:
        for key in list_keys(image, channel):
            y, x = 512 * key.row, 512 * key.column
            tile = source.levels[0][0, channel, 0, y : y + 512, x : x + 512]
            np.testing.assert_array_equal(fetcher.cache.get(key), tile)


def test_the_channels_that_are_wanted_come_together(source):
    with Fetcher(threads=1) as fetcher:
        image = want(fetcher, source, (0, 2))
        wait_until(lambda: fetcher.pending == 0)
        check(fetcher, source, image, (0, 2))
        # each cell of each channel once; the first may be asked for before the second
        # layer is
        assert source.count() == 8
        assert source.together.count([0, 2]) >= 3
        assert all(key not in fetcher.cache for key in list_keys(image, 1))


def test_other_sources_are_read_channel_by_channel(source):
    source.joins_channels = False
    with Fetcher(threads=1) as fetcher:
        image = want(fetcher, source, CHANNELS)
        wait_until(lambda: fetcher.pending == 0)
        check(fetcher, source, image, CHANNELS)
    assert source.together == []
    assert source.count() == 12


def test_a_failure_is_told_of_once_a_cell_and_all_is_asked_for_again(source):
    source.error = PixelsUnavailable("no pyramid yet", retry_after=3600)
    failures = []
    with Fetcher(threads=1) as fetcher:
        image = want(fetcher, source, CHANNELS, failures.append)
        wait_until(lambda: fetcher.pending == 0)
        calls = source.count()
        source.error = None
        fetcher.forget_failures()
        want(fetcher, source, CHANNELS)
        wait_until(lambda: fetcher.pending == 0)
        check(fetcher, source, image, CHANNELS)
        assert source.count() == calls + 12
    assert {str(error) for error in failures} == {"no pyramid yet"}


def test_what_the_disk_has_is_not_asked_for(source, tmp_path):
    for channels in ((0, 1), CHANNELS):
        with Fetcher(threads=1, disk=DiskCache(tmp_path)) as fetcher:
            image = want(fetcher, source, channels)
            wait_until(lambda: fetcher.pending == 0)
            check(fetcher, source, image, channels)
    # two channels the first time, and only the third the second time
    assert source.count() == 8 + 4


def test_an_exact_read_waits_for_what_is_coming(source):
    with Fetcher(threads=1) as fetcher:
        image = want(fetcher, source, CHANNELS)
        for channel in CHANNELS:
            found = np.asarray(image.channel_levels(channel)[0])
            np.testing.assert_array_equal(found, source.levels[0][0, channel, 0])
    assert source.count() == 12
