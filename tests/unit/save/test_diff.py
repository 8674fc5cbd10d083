"""What a layer and the server differ in."""

from __future__ import annotations

from dataclasses import replace

from napari_omero_io.convert.drawings import Drawing
from napari_omero_io.convert.shapes import NO_FILL, STROKE
from napari_omero_io.records import RoiRecord, ShapeRecord
from napari_omero_io.save.diff import diff_shapes

THERE = ShapeRecord("line", (1, 1, 5, 5), z=1, text="a", id=7, version=3)
#: As the layer shows it.
SHOWN = replace(THERE, fill=NO_FILL, stroke=STROKE, width=1.0)
MOVED = replace(SHOWN, geometry=(2, 1, 6, 5))
KNOWN = {7: 3}


def diff(*shapes, known=KNOWN, there=THERE, is_own=True, axes="TZ"):
    current = [RoiRecord((), id=1, shapes=(there,) if there else (), is_own=is_own)]
    return diff_shapes([Drawing(shape) for shape in shapes], known, current, axes)


def test_nothing_is_written_that_was_not_changed():
    assert diff(SHOWN).describe() == "1 unchanged"


def test_only_what_differs_is_written():
    (changed,) = diff(replace(SHOWN, text="b")).changed
    assert changed == replace(THERE, text="b")
    (changed,) = diff(MOVED).changed
    assert changed == replace(THERE, geometry=(2, 1, 6, 5))


def test_copies_are_new():
    changes = diff(SHOWN, MOVED)
    assert (changes.new, changes.changed, changes.unchanged) == ((1,), (), 1)


def test_what_is_not_in_the_layer_any_more_is_deleted():
    assert diff().deleted == (7,)
    assert diff(known={}).deleted == ()


def test_what_somebody_else_changed_is_left_alone():
    newer = replace(THERE, text="newer", version=4)
    assert diff(MOVED, there=newer).conflicting == (7,)
    assert diff(there=newer).conflicting == (7,)
    assert diff(MOVED, there=None).conflicting == (7,)
    assert diff(there=None).describe() == "nothing"


def test_regions_of_others_are_left_alone():
    assert diff(MOVED, is_own=False).foreign == (7,)
    assert diff(is_own=False).foreign == (7,)
    assert diff(SHOWN, is_own=False).unchanged == 1


def test_planes_count_only_where_the_layer_tells_them():
    moved = replace(SHOWN, z=None)
    assert diff(moved, axes="T").unchanged == 1
    assert diff(moved, axes="TZ").changed[0].z is None


def test_ids_of_other_images_mean_nothing():
    assert diff(replace(SHOWN, id=99)).new == (0,)
