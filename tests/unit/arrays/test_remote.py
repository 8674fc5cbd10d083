from __future__ import annotations

import copy
import threading
import time
from dataclasses import replace

import dask
import dask.callbacks
import dask.config
import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.geometry import Box, Cell, cover, map_indices
from napari_omero_io.arrays.memory import TileCache
from napari_omero_io.arrays.pages import allocate
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.arrays.views import Plane
from napari_omero_io.errors import PixelsUnavailable, SessionLost
from napari_omero_io.records import LevelRecord

from ...waiting import wait_until

SHAPE = (2, 3, 4, 1100, 1300)

# What napari's slicer does, from a module of that name.
SLICER = {"__name__": "napari.layers._scalar_field._slice", "np": np}
exec("def look(part): return np.asarray(part)", SLICER)
look = SLICER["look"]


@pytest.fixture(scope="module")
def fetcher():
    with Fetcher(threads=3) as fetcher:
        yield fetcher


@pytest.fixture(scope="module")
def source(memory_source):
    return memory_source(SHAPE, count=3, tile=(256, 256))


@pytest.fixture(scope="module")
def image(source, fetcher):
    return RemoteImage(source, fetcher)


@pytest.fixture
def fresh(memory_source):
    """Make an image with nothing in memory, and a listener on its first channel."""
    fetchers = []

    def make(shape=(1, 1, 5, 1100, 1300), limit=192 << 20, **options):
        options = {"count": 3, "tile": (256, 256)} | options
        fetcher = Fetcher(TileCache(limit), threads=2)
        fetchers.append(fetcher)
        image = RemoteImage(memory_source(shape, **options), fetcher)
        levels = image.channel_levels(0)
        arrived, failed = [], []
        levels[0].viewpoint.listen(
            "test", lambda: arrived.append(time.monotonic()), failed.append
        )
        return image, levels, arrived, failed

    yield make
    for fetcher in fetchers:
        fetcher.close()


# -- exact -------------------------------------------------------------------------


def test_levels_have_the_layers_shape(image):
    levels = image.channel_levels(1)
    assert [level.shape for level in levels] == [
        (2, 4, 1100, 1300),
        (2, 4, 550, 650),
        (2, 4, 275, 325),
    ]
    assert levels[0].dtype == np.uint16
    assert (levels[0].ndim, levels[0].size, len(levels[0])) == (4, 11440000, 2)
    assert levels[0].chunks == (1, 1, 240, 240)
    assert image.rgb_levels()[2].shape == (2, 4, 275, 325, 3)


def test_axes_of_length_one_are_left_out(memory_source, fetcher):
    image = RemoteImage(memory_source((1, 2, 1, 30, 40), pixels_id=71), fetcher)
    (level,) = image.channel_levels(1)
    assert level.shape == (30, 40)
    assert np.array_equal(level, image.source.levels[0][0, 1, 0])


@pytest.mark.parametrize("channel", [0, 2])
@pytest.mark.parametrize("level", [0, 1, 2])
def test_numpy_gets_the_true_pixels(image, source, channel, level):
    part = image.channel_levels(channel)[level][1, 2:4]
    assert np.array_equal(part, source.levels[level][1, channel, 2:4])


@given(key=hnp.basic_indices((2, 4, 275, 325)))
def test_any_slice_is_true(image, source, key):
    expected = source.levels[2][:, 1][key]
    got = image.channel_levels(1)[2][key]
    assert np.shape(got) == expected.shape
    assert np.array_equal(np.asarray(got), expected)


@given(key=hnp.integer_array_indices((2, 4, 275, 325)))
def test_any_fancy_index_is_true(image, source, key):
    got = image.channel_levels(1)[2][key]
    assert np.array_equal(got, source.levels[2][:, 1][key])


def test_rgb_has_its_colours_last(image, source):
    level = image.rgb_levels()[1]
    expected = np.moveaxis(source.levels[1], 1, -1)
    assert np.array_equal(
        level[1, 0, 100:200, 5:600:7], expected[1, 0, 100:200, 5:600:7]
    )
    assert np.array_equal(level[0, 3, 10, 20], expected[0, 3, 10, 20])


def test_steps_need_no_memory_for_what_they_skip(image, source):
    part = image.channel_levels(0)[0][0, 0, ::-500, 3::400]
    assert part.shape == (3, 4)
    assert np.array_equal(part, source.levels[0][0, 0, 0, ::-500, 3::400])


def test_one_pixel_is_a_scalar(image, source):
    value = image.channel_levels(0)[0][np.int64(1), 2, -1, np.int64(7)]
    assert np.ndim(value) == 0
    assert value == source.levels[0][1, 0, 2, -1, 7]


def test_types_and_copies(image, source):
    level = image.channel_levels(0)[2][0, 0]
    assert np.asarray(level, dtype=float).dtype == float
    assert level.astype("uint8").dtype == np.uint8
    with pytest.raises(ValueError, match="copy"):
        np.array(level, copy=False)
    assert copy.deepcopy(level) is level
    writable = np.asarray(level)
    writable[0, 0] = 0  # the caller's own
    assert np.array_equal(level, source.levels[2][0, 0, 0])


def test_dask_gets_the_true_pixels(image, source):
    assert [level.shape for level in image.levels] == [
        (2, 3, 4, 1100, 1300),
        (2, 3, 4, 550, 650),
        (2, 3, 4, 275, 325),
    ]
    part = image.levels[0][1, ::2, 1:3, 500:700, 600:1200]
    assert np.array_equal(
        part.compute(), source.levels[0][1, ::2, 1:3, 500:700, 600:1200]
    )
    assert image.levels[2].sum().compute() == source.levels[2].sum()


def test_dask_leaves_the_screens_memory_alone(fresh):
    image, _, _, _ = fresh()
    image.levels[0].sum().compute()
    assert len(image.fetcher.cache) == 0


def test_big_reads_leave_the_screens_memory_alone(fresh):
    image, levels, _, _ = fresh(limit=4 << 20)
    levels[2].read()
    kept = len(image.fetcher.cache)
    assert kept == 5
    levels[0].read()
    assert len(image.fetcher.cache) == kept


def test_planes_without_tiles_are_read_once(fresh):
    image, (level,), _, _ = fresh(count=1, is_tiled=False)
    assert np.asarray(level[2, 10:20, 10:20]).shape == (10, 10)
    assert np.asarray(level[2, 700:, 700:]).shape == (400, 600)
    assert image.source.calls == [(0, 2, 0, 0, 0, 0, 1300, 1100)]


def test_a_failed_read_raises(fresh):
    image, levels, _, _ = fresh()
    image.source.error = SessionLost("gone")
    with pytest.raises(SessionLost, match="gone"):
        np.asarray(levels[0][0, :10, :10])
    with pytest.raises(SessionLost, match="gone"):
        image.levels[2][0, 0, 0].compute()


def test_prefetch_brings_the_coarsest_view_of_what_is_active(fresh):
    image, _, _, _ = fresh((1, 2, 5, 1100, 1300), default_z=3)
    image.prefetch()
    assert sorted(call[:4] for call in image.source.calls) == [
        (2, 3, 0, 0),
        (2, 3, 1, 0),
    ]


def test_no_cost_grows_with_the_number_of_tiles(memory_source, fetcher):
    """A picture of a million million pixels opens like any other."""
    huge = np.broadcast_to(np.uint8(3), (1, 1, 1, 1 << 20, 1 << 20))
    source = memory_source((1, 1, 1, 8, 8), "uint8", pixels_id=99)
    source.levels = [huge, huge[..., ::1024, ::1024]]
    source.record = replace(
        source.record,
        size_x=1 << 20,
        size_y=1 << 20,
        levels=(LevelRecord(1 << 20, 1 << 20, 1), LevelRecord(1024, 1024, 0)),
        tile=(256, 256),
    )
    image = RemoteImage(source, fetcher)
    part = image.channel_levels(0)[0][500_000:500_100, -100:]
    assert int(np.asarray(part).sum()) == 30_000
    assert int(image.levels[0][0, 0, 0, :10, :10].sum().compute()) == 300
    assert source.count() <= 3


# -- at once -----------------------------------------------------------------------


def test_the_slicer_never_waits(fresh):
    image, levels, arrived, _ = fresh()
    image.source.gate.clear()
    seen = look(levels[0][2, 100:900, 100:900])
    assert seen.shape == (800, 800)
    assert not seen.any()
    image.source.gate.set()
    wait_until(lambda: image.fetcher.pending == 0)
    assert arrived
    assert np.array_equal(
        look(levels[0][2, 100:900, 100:900]),
        image.source.levels[0][0, 0, 2, 100:900, 100:900],
    )


def test_without_a_listener_even_the_slicer_gets_true_pixels(image, source):
    level = image.channel_levels(0)[2]
    assert np.array_equal(look(level[0, 1]), source.levels[2][0, 0, 1])


def test_nobody_else_ever_gets_a_placeholder(fresh):
    image, levels, _, _ = fresh()
    image.prefetch()
    image.source.gate.clear()
    look(levels[0][0])
    timer = threading.Timer(0.1, image.source.gate.set)
    timer.start()
    assert np.array_equal(levels[0][0], image.source.levels[0][0, 0, 0])


def test_a_coarser_level_stands_in(fresh):
    image, levels, _, _ = fresh()
    image.prefetch()
    image.source.gate.clear()
    seen = look(levels[0][0])
    coarse = image.source.levels[2][0, 0, 0]
    assert seen[0, 0] == coarse[0, 0]
    assert seen[1099, 1299] == coarse[274, 324]
    assert np.array_equal(seen[::4, ::4], coarse)
    image.source.gate.set()


def test_what_nothing_is_known_of_is_black(fresh):
    image, levels, _, _ = fresh()
    image.source.gate.clear()
    allocate((1100, 1300), np.uint16).fill(77)  # is used again
    assert not look(levels[0][0]).any()


@pytest.mark.parametrize("seed", range(4))
def test_each_cell_shows_the_best_that_is_there(fresh, seed):
    image, levels, _, _ = fresh((1, 1, 1, 1100, 1300), count=4)
    image.source.gate.clear()
    grids, truth = image.grids, [level[0, 0, 0] for level in image.source.levels]
    missing = [(n, cell) for n, g in enumerate(grids) for cell in g.cells_in(g.plane)]
    np.random.default_rng(seed).shuffle(missing)
    there = set()

    def best(box):
        for number, grid in enumerate(grids):
            area = cover(box, grids[0], grid)
            if all((number, cell) in there for cell in grid.cells_in(area)):
                rows = map_indices(box.y0, box.y1, grids[0].height, grid.height)
                columns = map_indices(box.x0, box.x1, grids[0].width, grid.width)
                return truth[number][np.ix_(rows, columns)]
        return np.zeros(box.shape)

    view = Box(100, 1000, 300, 1290)
    for number, (row, column) in missing:
        cell = Cell(row, column)
        own = grids[number].box_of(cell).within(grids[number].plane)
        key = image.key(number, Plane(0, 0, 0), cell)
        image.fetcher.cache.put(key, truth[number][own].copy())
        there.add((number, cell))
        seen = look(levels[0][100:1000, 300:1290])
        for each in grids[0].cells_in(view):
            part = grids[0].box_of(each).intersect(view)
            assert np.array_equal(seen[part.within(view)], best(part))


def test_colours_lie_side_by_side(memory_source):
    """So graphics cards want them: to turn them round takes longer than all else."""
    image = RemoteImage(memory_source((1, 3, 1, 600, 700)), Fetcher(threads=1))
    (level,) = image.rgb_levels()
    level.viewpoint.listen("layer", lambda: None, lambda _: None)
    assert look(level).flags.c_contiguous
    wait_until(lambda: image.fetcher.pending == 0)
    colours = image.source.levels[0][0, :, 0]
    assert np.array_equal(look(level), np.moveaxis(colours, 0, -1))
    image.fetcher.close()


def test_the_plane_before_stands_in_until_the_first_cell_is_there(fresh):
    image, levels, _, _ = fresh()
    levels[2][0].read()
    before = look(levels[2][0]).copy()
    image.source.gate.clear()
    assert np.array_equal(look(levels[2][4]), before)
    image.source.gate.set()


def test_coarse_cells_come_before_fine_ones_and_the_middle_first(fresh):
    image, levels, _, _ = fresh((1, 1, 1, 4096, 4096), count=4)
    with Fetcher(threads=1) as single:
        image.fetcher = single
        look(levels[0])
        wait_until(lambda: single.pending == 0)
    calls = image.source.calls
    order = [call[0] for call in calls]
    assert order == sorted(order, reverse=True)
    fine = [call for call in calls if call[0] == 0]
    assert len(fine) == 64
    distances = [
        (x + 256 - 2048) ** 2 + (y + 256 - 2048) ** 2 for *_, x, y, _, _ in fine
    ]
    assert distances == sorted(distances)


def test_a_stale_view_costs_nothing(fresh):
    image, levels, _, _ = fresh((1, 1, 1, 8192, 8192), dtype="uint8", count=2)
    image.prefetch()
    image.source.gate.clear()
    look(levels[0][:4096, :4096])
    wait_until(lambda: image.source.open_readers == 2)
    before = image.source.count()
    look(levels[0][8000:, 8000:])
    image.source.gate.set()
    wait_until(lambda: image.fetcher.pending == 0)
    # two that were under way, one in view, and the three around it
    assert image.source.count() - before <= 2 + 1 + 3


def test_a_volume_larger_than_memory_is_completed(fresh):
    image, levels, _, _ = fresh((1, 1, 20, 300, 300), limit=500_000, count=1)

    def is_complete():
        seen = look(levels[0])
        return image.fetcher.pending == 0 and np.array_equal(
            seen, image.source.levels[0][0, 0]
        )

    wait_until(is_complete)
    assert image.fetcher.cache.size <= 500_000


def test_what_failed_shows_the_coarser_level_and_is_told(fresh):
    image, levels, _, failed = fresh()
    image.prefetch()
    image.source.error = PixelsUnavailable("no such plane")
    look(levels[0][0, :10, :10])
    wait_until(lambda: image.fetcher.pending == 0 and failed)
    calls = image.source.count()
    seen = look(levels[0][0, :10, :10])
    assert seen[0, 0] == image.source.levels[2][0, 0, 0, 0, 0]
    assert image.fetcher.pending == 0
    assert image.source.count() == calls


def test_an_immense_view_is_refused(memory_source, fetcher):
    source = memory_source((1, 1, 1, 8, 8), pixels_id=98)
    source.record = replace(source.record, levels=(LevelRecord(90_000, 90_000, 0),))
    (level,) = RemoteImage(source, fetcher).channel_levels(0)
    level.viewpoint.listen("test", lambda: None, lambda error: None)
    with pytest.raises(PixelsUnavailable, match=r"16\.2 GB"):
        look(level)
    assert not source.calls


def test_leaving_forgets_what_was_wanted(fresh):
    image, levels, _, _ = fresh()
    image.source.gate.clear()
    look(levels[0][0])
    levels[0].viewpoint.ignore("test")
    image.source.gate.set()
    wait_until(lambda: image.fetcher.pending == 0)
    assert image.source.count() <= 2


def test_an_image_that_is_open_twice_is_fetched_once_and_seen_twice(memory_source):
    with Fetcher(threads=1) as fetcher:
        told = []
        sources = [memory_source((1, 1, 1, 600, 600), tile=(256, 256)) for _ in "ab"]
        for source in sources:
            (level,) = RemoteImage(source, fetcher).channel_levels(0)
            level.viewpoint.listen(
                "test", lambda source=source: told.append(source), told.append
            )
            source.gate.clear()
            look(level)
        for source in sources:
            source.gate.set()
        wait_until(lambda: fetcher.pending == 0)
        assert sum(source.count() for source in sources) == 1
        assert {id(source) for source in told} == {id(source) for source in sources}


# -- dask --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "chunk"),
    [
        ((2, 3, 20, 1024, 1024), (1, 1, 8, 1024, 1024)),
        ((9, 2, 1, 2048, 1024), (4, 1, 1, 2048, 1024)),
        ((9, 2, 3, 1024, 1024), (2, 1, 3, 1024, 1024)),
        ((2, 1, 2, 4096, 4096), (1, 1, 1, 4096, 4096)),
    ],
)
def test_small_planes_are_computed_together(source, fetcher, shape, chunk):
    names = ("size_t", "size_c", "size_z", "size_y", "size_x")
    record = replace(
        source.record,
        **dict(zip(names, shape, strict=True)),
        levels=(LevelRecord(shape[4], shape[3], 0),),
        is_tiled=False,
    )
    image = RemoteImage(source, fetcher, record)
    assert image.levels[0].chunksize == chunk


def test_a_slice_reads_no_other_planes(fresh):
    image, *_ = fresh((2, 2, 9, 16, 16), count=1, is_tiled=False)
    image.levels[0][1, 0, 5].compute()
    assert {call[1:4] for call in image.source.calls} == {(5, 0, 1)}
    image.levels[0][:, 1, 2:4, ::2].compute()
    assert image.source.count() == 1 + 4


def refuse(*_, **__):
    raise AssertionError("dask computes")


def test_what_is_only_read_is_not_computed(image, source):
    level, pixels = image.levels[1], source.levels[1]
    with dask.config.set(scheduler=refuse):
        np.testing.assert_array_equal(np.asarray(level), pixels)
        np.testing.assert_array_equal(level.compute(), pixels)
        part = level[1, :, -1, ::-2, 5:9]
        np.testing.assert_array_equal(part.compute(), pixels[1, :, -1, ::-2, 5:9])
        np.testing.assert_array_equal(np.asarray(part[2]), pixels[1, 2, -1, ::-2, 5:9])
        with pytest.raises(AssertionError, match="dask computes"):
            (level + 1).compute()


def test_dask_computes_what_it_is_told_to(image, source):
    level, pixels = image.levels[2], source.levels[2]
    ran = []
    with dask.callbacks.Callback(pretask=lambda *task: ran.append(task)):
        np.testing.assert_array_equal(level.compute(), pixels)
    assert ran
    found = dask.compute(level[0], level[..., [3, 1]], level.max(), level[1, 2, 3, 4])
    wanted = (pixels[0], pixels[..., [3, 1]], pixels.max(), pixels[1, 2, 3, 4])
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)
    assert level[1, 2, 3, 4, 5].compute() == pixels[1, 2, 3, 4, 5]
    np.testing.assert_array_equal(
        level.compute(scheduler="synchronous"), np.asarray(level)
    )
