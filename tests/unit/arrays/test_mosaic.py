"""Where wells and fields lie in a picture of a plate."""

from __future__ import annotations

import pytest

from napari_omero_io.arrays.mosaic import lay_out
from napari_omero_io.errors import CannotCombine
from napari_omero_io.records import FieldRecord, PartRecord, WellRecord

#: Pixels of a field, and micrometres of a pixel.
SIZE, PIXEL = 100, 0.5


def make_parts(count, dtype="uint8"):
    return {
        n: PartRecord(n, f"image {n}", n, 0, dtype, 1, 1, 1, SIZE, SIZE)
        for n in range(count)
    }


def make_wells(*wells):
    """Make wells of (row, column, [position of each field])."""
    numbers = iter(range(1000))
    made = []
    for number, (row, column, positions) in enumerate(wells):
        fields = tuple(
            FieldRecord(n, index, n, None, position)
            for index, (n, position) in enumerate(
                (next(numbers), position) for position in positions
            )
        )
        made.append((WellRecord(number, row, column, fields=fields), fields))
    return made


def places(mosaic):
    return [(p.y, p.x) for p in mosaic.placements]


def test_fields_lie_where_the_server_says():
    wells = make_wells((0, 0, [(0.0, 0.0), (45.0, 0.0), (0.0, 60.0)]))
    mosaic = lay_out(wells, make_parts(3), (PIXEL, PIXEL))
    assert mosaic.is_measured
    assert places(mosaic) == [(0, 0), (0, 90), (120, 0)]


def test_positions_may_count_from_anywhere_and_be_negative():
    wells = make_wells((3, 4, [(-20.0, 5.0), (30.0, -45.0)]))
    assert places(lay_out(wells, make_parts(2), (PIXEL, PIXEL))) == [(100, 0), (0, 100)]


def test_wells_lie_on_their_grid_with_those_that_are_missing_left_out():
    wells = make_wells((1, 1, [None]), (1, 3, [None]), (4, 1, [None]))
    mosaic = lay_out(wells, make_parts(3), None)
    pitch = mosaic.wells[1].x // 2
    assert pitch > SIZE
    assert places(mosaic) == [(0, 0), (0, 2 * pitch), (3 * pitch, 0)]
    assert not mosaic.is_measured


def test_positions_on_the_plate_are_the_same_as_positions_in_the_well():
    within = [(0.0, 0.0), (50.0, 0.0)]
    wells = make_wells((0, 0, within), (0, 1, within))
    plate = make_wells((0, 0, within), (0, 1, [(9000.0, 0.0), (9050.0, 0.0)]))
    parts = make_parts(4)
    assert places(lay_out(wells, parts, (PIXEL, PIXEL))) == places(
        lay_out(plate, parts, (PIXEL, PIXEL))
    )


def test_a_well_that_lacks_its_first_field_keeps_the_other_in_place():
    wells = make_wells((0, 0, [(0.0, 0.0), (50.0, 0.0)]), (1, 0, [(50.0, 0.0)]))
    mosaic = lay_out(wells, make_parts(3), (PIXEL, PIXEL))
    assert places(mosaic)[2] == (mosaic.wells[1].y, 100)


@pytest.mark.parametrize(
    "positions",
    [
        [None, None, None, None],
        [(0.0, 0.0)] * 4,
        [(0.0, 0.0), (50.0, 0.0), (0.0, 50.0), None],
        [(0.0, 0.0), (5e7, 0.0), (0.0, 5e7), (1.0, 1.0)],
        [(0.0, 0.0), (float("nan"), 0.0), (0.0, 50.0), (50.0, 50.0)],
    ],
    ids=["missing", "all the same", "one missing", "in another unit", "not a number"],
)
def test_fields_without_true_positions_lie_side_by_side(positions):
    mosaic = lay_out(make_wells((0, 0, positions)), make_parts(4), (PIXEL, PIXEL))
    assert not mosaic.is_measured
    assert places(mosaic) == [(0, 0), (0, 100), (100, 0), (100, 100)]


def test_wells_without_images_are_no_picture():
    with pytest.raises(CannotCombine, match="no images"):
        lay_out(make_wells((0, 0, [])), {}, None)


def test_pixels_of_different_types_are_no_picture():
    parts = make_parts(1) | {1: make_parts(2, "uint16")[1]}
    with pytest.raises(CannotCombine, match=r"uint8.*uint16"):
        lay_out(make_wells((0, 0, [None]), (0, 1, [None])), parts, None)


def test_images_of_different_sizes_leave_the_rest_empty():
    parts = make_parts(2)
    parts[0] = PartRecord(0, "small", 0, 0, "uint8", 1, 1, 1, 30, 40)
    mosaic = lay_out(make_wells((0, 0, [None]), (0, 1, [None])), parts, None)
    assert {(w.height, w.width) for w in mosaic.wells} == {(SIZE, SIZE)}
