from __future__ import annotations

import threading

import numpy as np
import pytest

from napari_omero_io.arrays.disk import DiskCache
from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.geometry import Box
from napari_omero_io.arrays.memory import TileCache
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.arrays.views import Plane
from napari_omero_io.errors import PixelsUnavailable, SessionLost

from ...waiting import wait_until

PLANE = Plane(0, 0, 0)
WHOLE = Box(0, 900, 0, 900)


@pytest.fixture
def source(memory_source):
    # a plane of 4 x 4 cells
    return memory_source((1, 1, 1, 2048, 2048), tile=(512, 512))


@pytest.fixture
def fetcher():
    with Fetcher(threads=2) as fetcher:
        yield fetcher


@pytest.fixture
def keys(source, fetcher):
    image = RemoteImage(source, fetcher)
    grid = image.grids[0]
    return [image.key(0, PLANE, cell) for cell in grid.cells_in(grid.plane)]


def ignore(*_):
    pass


def columns(source):
    return [(call[4] // 512, call[5] // 512) for call in source.calls]


def test_exact_reads_come_in_order_and_are_true(source, fetcher, keys):
    got = list(fetcher.read(source, keys))
    assert [key for key, _ in got] == keys
    for key, tile in got:
        y, x = key.row * 512, key.column * 512
        expected = source.levels[0][0, 0, 0, y : y + 512, x : x + 512]
        assert np.array_equal(tile, expected)


def test_cached_cells_are_not_fetched_again(source, fetcher, keys):
    list(fetcher.read(source, keys[:3]))
    list(fetcher.read(source, keys[:4]))
    assert source.count() == 4


def test_what_was_read_is_in_the_cache_at_once(source, fetcher, keys):
    for key, _ in fetcher.read(source, keys):
        assert key in fetcher.cache


def test_a_read_may_leave_the_cache_alone(source, fetcher, keys):
    list(fetcher.read(source, keys, keep=False))
    assert len(fetcher.cache) == 0


def test_two_askers_share_one_fetch(source, fetcher, keys):
    source.gate.clear()
    results = []
    askers = [
        threading.Thread(
            target=lambda: results.append(next(fetcher.read(source, keys[:1]))[1])
        )
        for _ in range(4)
    ]
    for asker in askers:
        asker.start()
    source.gate.set()
    for asker in askers:
        asker.join(60)
    assert len(results) == 4
    assert source.count() == 1


def test_a_new_want_list_replaces_the_old(source, fetcher, keys):
    source.gate.clear()
    fetcher.want("layer", source, keys[:8], ignore, ignore)
    wait_until(lambda: source.open_readers == 2)  # two cells are under way
    fetcher.want("layer", source, keys[12:], ignore, ignore)
    source.gate.set()
    wait_until(lambda: fetcher.pending == 0)
    fetched = {(row, column) for column, row in columns(source)}
    assert {(3, n) for n in range(4)} <= fetched
    assert len(fetched) <= 6


def test_exact_reads_jump_the_queue(source, keys):
    with Fetcher(threads=1) as fetcher:
        source.gate.clear()
        fetcher.want("layer", source, keys[:8], ignore, ignore)
        wait_until(lambda: source.open_readers == 1)
        asker = threading.Thread(target=lambda: list(fetcher.read(source, keys[15:])))
        asker.start()
        wait_until(lambda: fetcher.pending == 9)
        source.gate.set()
        asker.join(60)
        wait_until(lambda: fetcher.pending == 0)
    # the first was under way already
    assert columns(source)[1] == (3, 3)


def test_layers_take_turns(source, keys):
    with Fetcher(threads=1) as fetcher:
        source.gate.clear()
        fetcher.want("first", source, keys[:1], ignore, ignore)
        wait_until(lambda: source.open_readers == 1)
        fetcher.want("one", source, keys[4:8], ignore, ignore)
        fetcher.want("two", source, keys[8:12], ignore, ignore)
        source.gate.set()
        wait_until(lambda: fetcher.pending == 0)
    rows = [row for _, row in columns(source)][1:]
    assert rows == [1, 2, 1, 2, 1, 2, 1, 2]


def test_a_failed_exact_read_raises_and_may_be_repeated(source, fetcher, keys):
    source.error = SessionLost("the session ended")
    with pytest.raises(SessionLost, match="the session ended"):
        list(fetcher.read(source, keys[:2]))
    source.error = None
    assert len(list(fetcher.read(source, keys[:2]))) == 2


def test_a_failed_wish_is_told_and_not_repeated_at_once(source, fetcher, keys):
    source.error = PixelsUnavailable("no pyramid yet", retry_after=3600)
    failures = []
    fetcher.want("layer", source, keys[:2], ignore, failures.append)
    wait_until(lambda: len(failures) == 2)
    calls = source.count()
    fetcher.want("layer", source, keys[:2], ignore, failures.append)
    assert fetcher.pending == 0
    fetcher.forget_failures()
    source.error = None
    arrived = []
    fetcher.want("layer", source, keys[:2], lambda: arrived.append(1), failures.append)
    wait_until(lambda: len(arrived) == 2)
    assert source.count() == calls + 2


def test_a_listener_that_fails_stops_nobody(source, fetcher, keys, caplog):
    def fail():
        raise RuntimeError("the window is gone")

    fetcher.want("layer", source, keys[:4], fail, ignore)
    wait_until(lambda: fetcher.pending == 0)
    assert len(list(fetcher.read(source, keys))) == 16
    assert "the window is gone" in caplog.text


def test_wrong_answers_are_not_shown(source, fetcher, keys):
    source.levels = [source.levels[0].astype("int32")]
    with pytest.raises(PixelsUnavailable, match="int32"):
        list(fetcher.read(source, keys[:1]))


def test_closing_ends_the_threads_and_gives_everything_back(source, keys):
    fetcher = Fetcher(threads=2)
    list(fetcher.read(source, keys))
    assert source.open_readers > 0
    fetcher.close()
    assert source.open_readers == 0
    with pytest.raises(PixelsUnavailable, match="closed"):
        list(fetcher.read(source, keys))


def test_closing_releases_who_waits(source, keys):
    fetcher = Fetcher(threads=1)
    source.gate.clear()
    outcome = []

    def ask():
        try:
            list(fetcher.read(source, keys[:3]))
        except PixelsUnavailable as error:
            outcome.append(error)

    asker = threading.Thread(target=ask)
    asker.start()
    wait_until(lambda: source.open_readers == 1 and fetcher.pending == 3)
    closer = threading.Thread(target=fetcher.close)
    closer.start()
    wait_until(lambda: fetcher.pending == 1)  # the one under way; the others are let go
    source.gate.set()
    asker.join(60)
    closer.join(60)
    assert len(outcome) == 1


def test_threads_hold_few_readers(memory_source):
    with Fetcher(TileCache(), threads=1) as fetcher:
        sources = [memory_source((1, 1, 1, 8, 8), pixels_id=n) for n in range(6)]
        for source in sources:
            image = RemoteImage(source, fetcher)
            list(fetcher.read(source, [image.key(0, PLANE, (0, 0))]))
        assert sum(source.open_readers for source in sources) == 3


def test_what_is_not_ready_comes_by_itself(source, fetcher, keys):
    source.error = PixelsUnavailable("The pyramid is being made.", retry_after=0.2)
    failures, arrived = [], threading.Event()

    def look():
        fetcher.want("layer", source, keys[:1], arrived.set, failures.append)

    def look_again():
        look() if keys[0] not in fetcher.cache else arrived.set()

    fetcher.want("layer", source, keys[:1], look_again, failures.append)
    wait_until(lambda: failures)
    source.error = None
    assert arrived.wait(60)
    assert keys[0] in fetcher.cache


def test_what_may_be_next_comes_last_and_is_not_told(source, fetcher, keys):
    source.gate.clear()
    told = []
    fetcher.want(
        "layer", source, keys[:4], lambda: told.append(1), told.append, later=keys[4:8]
    )
    assert fetcher.pending_of("layer") == 4
    source.gate.set()
    wait_until(lambda: fetcher.pending == 0)
    assert all(key in fetcher.cache for key in keys[:8])
    assert told == [1] * 4


def test_what_was_ahead_is_waited_for_when_it_comes_into_view(source, fetcher, keys):
    source.gate.clear()
    told = threading.Event()
    fetcher.want("layer", source, [], told.set, told.set, later=keys[:1])
    wait_until(lambda: source.open_readers == 1)
    assert fetcher.pending_of("layer") == 0
    fetcher.want("layer", source, keys[:1], told.set, told.set)
    wait_until(lambda: fetcher.pending_of("layer") == 1)
    source.gate.set()
    assert told.wait(60)
    assert keys[0] in fetcher.cache


def test_what_was_ahead_is_told_of_though_no_thread_was_free_to_see_it(source, keys):
    with Fetcher(threads=1) as fetcher:
        source.gate.clear()
        told = threading.Event()
        fetcher.want("layer", source, [], told.set, told.set, later=keys[:1])
        wait_until(lambda: source.open_readers == 1)
        fetcher.want("layer", source, keys[:1], told.set, told.set)
        source.gate.set()
        assert told.wait(60)


def test_what_came_since_the_layer_looked_is_told_once(source, fetcher, keys):
    list(fetcher.read(source, keys[:1]))
    told = []
    for _ in range(3):
        fetcher.want("layer", source, keys[:1], lambda: told.append(1), ignore)
    assert told == [1]


def test_only_who_wants_a_cell_is_told_that_it_came(source, fetcher, keys):
    source.gate.clear()
    told = []
    fetcher.want("one", source, keys[:1], lambda: told.append("one"), ignore)
    fetcher.want("two", source, keys[1:3], lambda: told.append("two"), ignore)
    source.gate.set()
    wait_until(lambda: fetcher.pending == 0)
    assert sorted(told) == ["one", "two", "two"]


@pytest.mark.parametrize("keep", [True, False])
def test_pixels_in_the_order_of_the_wire_are_true_and_kept_turned(
    memory_source, tmp_path, keep
):
    source = memory_source((1, 1, 1, 900, 900), version="1", tile=(512, 512))
    expected = source.levels[0][0, 0, 0]
    source.levels = [source.levels[0].astype(">u2")]
    disk = DiskCache(tmp_path)
    with Fetcher(threads=2, disk=disk) as fetcher:
        image = RemoteImage(source, fetcher)
        keys = [image.key(0, PLANE, cell) for cell in image.grids[0].cells_in(WHOLE)]
        pixels = np.empty((1, 1, 1, 900, 900), np.uint16)
        image.read_into(pixels, 0, tuple(map(range, pixels.shape)), keep)
        assert np.array_equal(pixels[0, 0, 0], expected)
        assert all((key in fetcher.cache) == keep for key in keys)
        if not keep:
            return
        kept = fetcher.cache.get(keys[0])
        assert kept.dtype.isnative
        assert np.array_equal(kept, expected[:512, :512])
    found = disk.get(keys[0], (512, 512), np.uint16)
    assert np.array_equal(found, expected[:512, :512])
