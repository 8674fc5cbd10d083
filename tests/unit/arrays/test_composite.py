"""Many images as one: what is where, at every level."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_omero_io.arrays.composite import Caption, Placement, compose
from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.geometry import Cell, make_grids
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.arrays.stack import stack_parts
from napari_omero_io.errors import CannotCombine
from napari_omero_io.records import ImageRecord, LevelRecord, PartRecord


def make_part(number, shape=(1, 1, 1, 8, 12), dtype="uint8", name=None):
    t, c, z, y, x = shape
    return PartRecord(
        number, name or f"image {number}", number, 0, dtype, t, c, z, y, x, f"v{number}"
    )


def make_pixels(part):
    shape = (part.size_t, part.size_c, part.size_z, part.size_y, part.size_x)
    rng = np.random.default_rng(part.image_id)
    return rng.integers(1, 250, shape).astype(part.dtype)


class MemoryPatches:
    """Patches of arrays that are made of the number of their part."""

    server = "here:4064"

    def __init__(self):
        self.calls = []

    def open_reader(self):
        return self

    def read(self, patches):
        self.calls.append(list(patches))
        found = []
        for p in patches:
            plane = make_pixels(p.part)[p.t, p.c, p.z]
            last_y, last_x = p.y + (p.h - 1) * p.step, p.x + (p.w - 1) * p.step
            assert 0 <= p.y <= last_y < plane.shape[0]
            assert 0 <= p.x <= last_x < plane.shape[1]
            found.append(plane[p.y : last_y + 1 : p.step, p.x : last_x + 1 : p.step])
        return found

    def close(self):
        pass


def make_reference(part):
    return ImageRecord(
        *(part.image_id, part.name, part.pixels_id, part.dtype),
        *(part.size_t, part.size_c, part.size_z, part.size_y, part.size_x),
        channels=(),
        levels=(LevelRecord(part.size_x, part.size_y, 0),),
        tile=(part.size_x, part.size_y),
        is_tiled=False,
    )


def draw(placements, shape):
    """Paint the whole, the plain way."""
    whole = np.zeros(shape, placements[0].part.dtype)
    for p in placements:
        pixels = make_pixels(p.part)
        t, c, z, y, x = pixels.shape
        whole[p.t : p.t + t, :c, :z, p.y : p.y + y, p.x : p.x + x] = pixels
    return whole


_PLACEMENTS = st.lists(
    st.builds(
        lambda number, t, c, z, y, x, place: Placement(
            make_part(number, (t, c, z, y, x)), *place
        ),
        st.integers(1, 99),
        *(st.integers(1, 2) for _ in range(3)),
        *(st.integers(1, 40) for _ in range(2)),
        st.tuples(st.integers(0, 90), st.integers(0, 90), st.integers(0, 2)),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda placement: placement.part.image_id,
)


@pytest.fixture(autouse=True)
def _small_levels(monkeypatch):
    monkeypatch.setattr("napari_omero_io.arrays.composite._SMALLEST", 16)


@given(_PLACEMENTS)
@settings(max_examples=25)
def test_every_level_holds_every_so_manyth_pixel(placements):
    source = compose(
        "whole", placements, make_reference(placements[0].part), MemoryPatches()
    )
    whole = draw(placements, source.record.shape)
    reader = source.open_reader()
    for index, level in enumerate(source.record.levels):
        step = 1 << index
        for t, c, z in np.ndindex(whole.shape[:3]):
            tile = reader.read_tile(index, z, c, t, 0, 0, level.size_x, level.size_y)
            np.testing.assert_array_equal(tile, whole[t, c, z, ::step, ::step])


@given(_PLACEMENTS, st.data())
@settings(max_examples=25)
def test_a_tile_is_what_lies_there(placements, data):
    source = compose(
        "whole", placements, make_reference(placements[0].part), MemoryPatches()
    )
    index = data.draw(st.integers(0, len(source.record.levels) - 1))
    level = source.record.levels[index]
    x, y = (data.draw(st.integers(0, n - 1)) for n in (level.size_x, level.size_y))
    w = data.draw(st.integers(1, level.size_x - x))
    h = data.draw(st.integers(1, level.size_y - y))
    whole = draw(placements, source.record.shape)[0, 0, 0, :: 1 << index, :: 1 << index]
    tile = source.open_reader().read_tile(index, 0, 0, 0, x, y, w, h)
    np.testing.assert_array_equal(tile, whole[y : y + h, x : x + w])


@given(_PLACEMENTS, st.data())
@settings(max_examples=25, deadline=None)
def test_channels_that_are_read_together_are_what_they_are_alone(placements, data):
    reference = make_reference(placements[0].part)
    source = compose("whole", placements, reference, MemoryPatches())
    record, reader = source.record, source.open_reader()
    index = data.draw(st.integers(0, len(record.levels) - 1))
    channels = data.draw(st.permutations(range(record.size_c)))
    level = record.levels[index]
    place = (0, 0, 0, level.size_x, level.size_y)
    together = reader.read_channels(index, 0, channels, *place)
    for channel, tile in zip(channels, together, strict=True):
        alone = reader.read_tile(index, 0, channel, *place)
        np.testing.assert_array_equal(tile, alone)


@given(
    side=st.integers(20, 1500),
    across=st.integers(1, 24),
    down=st.integers(1, 16),
    fields=st.integers(1, 3),
)
@settings(max_examples=50, deadline=None)
def test_a_cell_of_a_coarse_level_is_made_of_few_parts(side, across, down, fields):
    part = make_part(1, (1, 1, 1, side, side))
    pitch = -(-(fields * side + 16) // 64) * 64
    placements = [
        Placement(part, row * pitch + y * side, column * pitch + x * side)
        for row, column in np.ndindex(down, across)
        for y, x in np.ndindex(fields, fields)
    ]
    patches = MemoryPatches()
    source = compose(
        "plate", placements, make_reference(part), patches, pitch=(pitch, pitch)
    )
    for index, grid in enumerate(make_grids(source.record)):
        cell = grid.box_of(Cell(0, 0))
        found = source.find_in(
            0,
            range(cell.y0 << index, cell.y1 << index),
            range(cell.x0 << index, cell.x1 << index),
        )
        assert len(found) <= 64
        assert cell.shape[0] <= 2048


def test_wells_are_not_cut_in_two_where_all_of_them_are_seen(monkeypatch):
    monkeypatch.setattr("napari_omero_io.arrays.composite._SMALLEST", 2048)
    part, pitch = make_part(1, (1, 1, 1, 1080, 1080)), 3456
    places = [
        (row * pitch + 1080 * y, column * pitch + 1080 * x)
        for row, column, y, x in np.ndindex(16, 24, 3, 3)
    ]
    placements = [Placement(part, y, x) for y, x in places]
    patches = MemoryPatches()
    reference = make_reference(part)
    source = compose("plate", placements, reference, patches, pitch=(pitch, pitch))
    last = len(source.record.levels) - 1
    grid = make_grids(source.record)[last]
    opened = [
        len(source.find_in(0, range(y0, y1), range(x0, x1)))
        for cell in grid.cells_in(grid.plane)
        for y0, y1, x0, x1 in [[edge << last for edge in grid.box_of(cell)]]
    ]
    assert len(opened) == 384
    assert sum(opened) == len(placements)


def test_the_whole_is_read_through_the_cache_like_any_image():
    placements = [Placement(make_part(1), 0, 0), Placement(make_part(2), 20, 30)]
    patches = MemoryPatches()
    source = compose("whole", placements, make_reference(placements[0].part), patches)
    with Fetcher() as fetcher:
        image = RemoteImage(source, fetcher)
        whole = draw(placements, image.shape)
        np.testing.assert_array_equal(image.levels[0].compute(), whole)
        np.testing.assert_array_equal(
            np.asarray(image.channel_levels(0)[0]), whole[:, 0, 0]
        )


def test_where_nothing_lies_nobody_is_asked():
    placements = [Placement(make_part(1), 0, 0), Placement(make_part(2), 0, 60)]
    patches = MemoryPatches()
    source = compose("whole", placements, make_reference(placements[0].part), patches)
    assert not source.open_reader().read_tile(0, 0, 0, 0, 20, 0, 30, 8).any()
    assert patches.calls == [[]]


def test_compositions_are_told_apart_by_what_they_are_made_of():
    part, other = make_part(1), make_part(2)
    reference = make_reference(part)

    def identify(*placements):
        record = compose("whole", placements, reference, MemoryPatches()).record
        return record.pixels_id, record.version

    same = identify(Placement(part), Placement(other, 9))
    assert same == identify(Placement(part), Placement(other, 9))
    assert same[0] < 0
    others = {
        identify(Placement(part), Placement(other, 10)),
        identify(Placement(other, 9), Placement(part)),
        identify(Placement(part)),
    }
    assert len(others | {same}) == 4
    unknown = Placement(PartRecord(3, "x", 3, 0, "uint8", 1, 1, 1, 4, 4))
    assert identify(unknown)[1] == ""


class PickledPatches(MemoryPatches):
    def __reduce__(self):
        return PickledPatches, ()


def test_a_composition_survives_a_pickle():
    placements = [Placement(make_part(1))]
    captions = [Caption("A1", "well", 5)]
    source = compose(
        "whole", placements, make_reference(make_part(1)), PickledPatches(), captions
    )
    again = pickle.loads(pickle.dumps(source))
    assert again == source
    assert hash(again) == hash(source)
    assert again.captions == source.captions


def test_images_of_a_stack_follow_each_other():
    parts = [make_part(n, (2, 1, 3, 8, 12)) for n in (5, 6, 7)]
    assert [p.t for p in stack_parts(parts)] == [0, 2, 4]


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (make_part(2, (1, 1, 1, 8, 13)), ["12 x 8", "13 x 8"]),
        (make_part(2, dtype="uint16"), ["uint8", "uint16"]),
        (make_part(2, (1, 2, 1, 8, 12)), ["1 channel", "2"]),
        (make_part(2, (1, 1, 4, 8, 12)), ["1 plane", "4"]),
        (make_part(2, (3, 1, 1, 8, 12)), ["1 time point", "3"]),
    ],
)
def test_images_that_differ_are_no_stack_and_it_says_in_what(other, words):
    with pytest.raises(CannotCombine) as caught:
        stack_parts([make_part(1), make_part(3), other])
    for word in ("“image 1”", "“image 2”", *words):
        assert word in str(caught.value)
    assert "image 3" not in str(caught.value)
