"""Which regions are in view."""

from __future__ import annotations

import pytest

from napari_omero_io.convert.boxes import is_in_box
from napari_omero_io.records import MaskRecord, RoiRecord, ShapeRecord

#: Left, top, right, bottom.
VIEW = (100.0, 50.0, 200.0, 80.0)


def shape(kind, *geometry, **more):
    return RoiRecord((), shapes=(ShapeRecord(kind, geometry, **more),))


@pytest.mark.parametrize(
    ("roi", "is_in"),
    [
        (shape("rectangle", 90, 40, 20, 20), True),
        (shape("rectangle", 10, 60, 20, 10), False),
        (shape("rectangle", 110, 10, 20, 20), False),
        (shape("rectangle", 0, 0, 1000, 1000), True),
        (shape("ellipse", 95, 65, 10, 2), True),
        (shape("ellipse", 80, 65, 10, 2), False),
        (shape("point", 150, 60), True),
        (shape("point", 60, 150), False),
        (shape("point", 10, 60, transform=(1, 0, 0, 1, 140, 0)), True),
        (RoiRecord((MaskRecord(99, 49, 2, 2, b"", 0, 0),)), True),
        (RoiRecord((MaskRecord(201, 49, 2, 2, b"", 0, 0),)), False),
        (RoiRecord(()), False),
        (shape("polygon"), False),
    ],
)
def test_regions_are_in_view_when_any_part_may_be(roi, is_in):
    assert is_in_box(roi, VIEW) == is_in
