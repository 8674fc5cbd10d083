"""Which resolution is shown."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.geometry import Grid, map_indices
from napari_omero_io.arrays.quality import (
    Quality,
    choose_level,
    choose_volume_level,
)
from napari_omero_io.arrays.remote import RemoteImage

FOURS = tuple(Grid(4096 // 4**k, 4096 // 4**k, 512, 512) for k in range(4))
TWOS = tuple(Grid(4096 // 2**k, 4096 // 2**k, 512, 512) for k in range(4))


@pytest.mark.parametrize(
    ("grids", "density", "levels"),
    [
        # fast, balanced, exact
        (FOURS, 1.0, (1, 1, 1)),
        (FOURS, 1.5, (2, 1, 1)),
        (FOURS, 3.0, (2, 2, 1)),
        (FOURS, 30.0, (3, 3, 1)),
        (TWOS, 1.9, (2, 1, 1)),
        (TWOS, 2.1, (3, 2, 1)),
        (FOURS, 0.1, (1, 1, 1)),
    ],
)
def test_a_coarser_level_is_shown_where_it_is_good_enough(grids, density, levels):
    chosen = tuple(choose_level(grids, 1, density, quality) for quality in Quality)
    assert chosen == levels


@pytest.mark.parametrize(
    ("sections", "budget", "level"),
    [
        (1, 1 << 30, 1),  # 4096 pixels are too many for a texture
        (16, 1 << 30, 1),
        (64, 1 << 26, 2),
        (10_000, 1 << 20, 3),
    ],
)
def test_a_volume_is_as_fine_as_memory_allows(sections, budget, level):
    assert choose_volume_level(FOURS, sections, 2, budget) == level


@pytest.fixture
def image(memory_source):
    with Fetcher(threads=1) as fetcher:
        source = memory_source((1, 1, 1, 700, 900), count=3, factor=4, tile=(64, 64))
        yield RemoteImage(source, fetcher)


def peek(image, levels):
    """Ask as napari's slicer does."""
    code = "import numpy as np\nshown = np.asarray(part)"
    part = levels[0][100:300, 200:] if len(levels) > 1 else levels[0]
    space = {"__name__": "napari.layers.test._slice", "part": part}
    exec(compile(code, "slicer", "exec"), space)
    return space["shown"]


def test_a_coarser_level_is_shown_in_the_size_that_was_asked_for(image):
    levels = image.channel_levels(0)
    viewpoint = levels[0].viewpoint
    arrived = threading.Event()
    viewpoint.listen("test", arrived.set, lambda error: None)
    viewpoint.choose_level = lambda level: level + 1
    peek(image, levels)
    while viewpoint.pending:
        arrived.wait(60)
    shown = peek(image, levels)
    assert viewpoint.chosen == (0, 1)
    assert {call[0] for call in image.source.calls} == {1, 2}
    coarse = image.source.levels[1][0, 0, 0]
    rows = map_indices(100, 300, 700, coarse.shape[0])
    columns = map_indices(200, 900, 900, coarse.shape[1])
    assert np.array_equal(shown, coarse[rows][:, columns])
    # whoever computes gets the true pixels
    assert np.array_equal(levels[0], image.source.levels[0][0, 0, 0])


def test_looking_at_the_thumbnail_leaves_what_the_view_wants(image):
    levels = image.channel_levels(0)
    viewpoint = levels[0].viewpoint
    arrived = threading.Event()
    viewpoint.listen("test", arrived.set, lambda error: None)
    image.source.gate.clear()
    peek(image, levels)
    wanted = viewpoint.pending
    peek(image, levels[2:])
    assert viewpoint.pending >= wanted
    # a view that is itself of the last level wants nothing of others
    peek(image, levels[2:])
    assert viewpoint.pending < wanted
    image.source.gate.set()


def test_what_is_found_in_memory_is_counted(image):
    level = image.channel_levels(0)[1]
    np.asarray(level)
    fetched = image.fetcher.from_server
    assert image.fetcher.from_memory == 0
    np.asarray(level)
    assert image.fetcher.from_memory == fetched
    assert image.fetcher.from_server == fetched
