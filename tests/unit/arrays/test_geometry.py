from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.arrays.geometry import (
    Box,
    Cell,
    Grid,
    cover,
    make_grids,
    map_indices,
    preview_levels,
)
from napari_omero_io.records import LevelRecord

sizes = st.integers(1, 90)


@st.composite
def grids_and_boxes(draw):
    grid = Grid(draw(sizes), draw(sizes), draw(sizes), draw(sizes))
    y0, x0 = (
        draw(st.integers(0, grid.height - 1)),
        draw(st.integers(0, grid.width - 1)),
    )
    y1, x1 = (
        draw(st.integers(y0 + 1, grid.height)),
        draw(st.integers(x0 + 1, grid.width)),
    )
    return grid, Box(y0, y1, x0, x1)


@given(grids_and_boxes())
def test_cells_cover_a_box_exactly_once_and_none_is_idle(both):
    grid, box = both
    seen = np.zeros((grid.height, grid.width), int)
    for cell in grid.cells_in(box):
        part = grid.box_of(cell).intersect(box)
        assert part.y1 > part.y0
        assert part.x1 > part.x0
        seen[part.within(grid.plane)] += 1
    expected = np.zeros_like(seen)
    expected[box.within(grid.plane)] = 1
    assert np.array_equal(seen, expected)


@given(grids_and_boxes())
def test_centre_out_keeps_all_cells_and_begins_in_the_middle(both):
    grid, box = both
    cells = list(grid.cells_in(box))
    ordered = grid.centre_out(cells, box)
    assert sorted(ordered) == sorted(cells)

    def distance(cell):
        own = grid.box_of(cell)
        return (own.y0 + own.y1 - box.y0 - box.y1) ** 2 + (
            own.x0 + own.x1 - box.x0 - box.x1
        ) ** 2

    assert [distance(c) for c in ordered] == sorted(distance(c) for c in cells)


@given(grids_and_boxes(), st.integers(1, 9), st.integers(1, 9))
def test_the_coarser_cover_holds_every_index_that_is_looked_up(both, dy, dx):
    fine, box = both
    coarse = Grid(max(1, fine.height // dy), max(1, fine.width // dx), 16, 16)
    area = cover(box, fine, coarse)
    rows = map_indices(box.y0, box.y1, fine.height, coarse.height)
    columns = map_indices(box.x0, box.x1, fine.width, coarse.width)
    assert (rows.min(), rows.max() + 1) == (area.y0, area.y1)
    assert (columns.min(), columns.max() + 1) == (area.x0, area.x1)
    assert area == area.intersect(coarse.plane)


def test_tiles_are_joined_and_small_levels_are_one_cell(memory_source):
    record = replace(
        memory_source((1, 1, 1, 4, 4)).record,
        levels=(
            LevelRecord(50_000, 40_000, 2),
            LevelRecord(6_000, 5_000, 1),
            LevelRecord(700, 600, 0),
        ),
        tile=(256, 256),
    )
    big, middle, small = make_grids(record)
    assert (big.cell_height, big.cell_width) == (512, 512)
    assert (middle.cell_height, middle.cell_width) == (512, 512)
    assert list(small.cells_in(small.plane)) == [Cell(0, 0)]


@pytest.mark.parametrize("tile", [(256, 256), (1024, 1024), (50_000, 10), (64, 512)])
def test_cells_are_whole_tiles_of_moderate_size(memory_source, tile):
    record = replace(
        memory_source((1, 1, 1, 4, 4)).record,
        levels=(LevelRecord(50_000, 40_000, 0),),
        tile=tile,
    )
    (grid,) = make_grids(record)
    assert grid.cell_width % tile[0] == 0
    assert grid.cell_height % tile[1] == 0
    assert grid.cell_width * grid.cell_height * 2 <= max(1 << 20, tile[0] * tile[1] * 2)


def test_planes_without_tiles_are_read_whole_unless_they_are_huge(memory_source):
    record = replace(memory_source((1, 1, 1, 4, 4)).record, is_tiled=False)
    whole = replace(record, levels=(LevelRecord(3000, 2500, 0),))
    (grid,) = make_grids(whole)
    assert list(grid.cells_in(grid.plane)) == [Cell(0, 0)]
    huge = replace(record, levels=(LevelRecord(30_000, 25_000, 0),))
    (grid,) = make_grids(huge)
    assert grid.cell_width == 30_000
    assert grid.cell_width * grid.cell_height * 2 <= 64 << 20


def test_previews_are_few_and_coarsest_first():
    grids = [Grid(n, n, 512, 512) for n in (32768, 16384, 8192, 4096, 2048, 1024, 512)]
    assert preview_levels(grids, 0) == [6, 2]
    assert preview_levels(grids, 5) == [6]
    assert preview_levels(grids, 6) == []
