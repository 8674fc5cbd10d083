from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.client import rois, shapes
from napari_omero_io.client.ice import omero
from napari_omero_io.records import MaskRecord, RoiRecord

colors = st.tuples(*[st.integers(0, 255)] * 4)
planes = st.none() | st.integers(0, 99)


@st.composite
def masks(draw: st.DrawFn) -> MaskRecord:
    width, height = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    pixels = draw(
        st.lists(st.booleans(), min_size=width * height, max_size=width * height)
    )
    return MaskRecord(
        x=draw(st.integers(0, 10**6)),
        y=draw(st.integers(0, 10**6)),
        width=width,
        height=height,
        bits=np.packbits(pixels).tobytes(),
        z=draw(planes),
        t=draw(planes),
        text=draw(st.text(max_size=9)),
        color=draw(colors),
    )


@given(masks())
def test_masks_survive_omeros_form(mask: MaskRecord) -> None:
    made = shapes.make_mask(mask)
    made.id = omero.rtypes.rlong(7)
    read = shapes.read_mask(made)
    assert read is not None
    assert read.id == 7
    for name in ("x", "y", "width", "height", "bits", "z", "t", "text", "color"):
        assert getattr(read, name) == getattr(mask, name)


def test_a_region_belongs_to_its_image() -> None:
    mask = MaskRecord(0, 0, 1, 1, b"\x80", None, None)
    made = rois._make_roi(5, RoiRecord((mask, mask), name="cell"))
    assert (made.image.id.val, made.image.loaded) == (5, False)
    assert (made.name.val, made.sizeOfShapes()) == ("cell", 2)


@pytest.mark.parametrize(
    ("data", "count", "bits"),
    [
        (b"\xaa\x80", 9, b"\xaa\x80"),
        (b"\x01\x00\x01\x00\x01\x00\x01\x00\x01", 9, b"\xaa\x80"),  # a byte per pixel
        (b"\x01\x00", 2, b"\x80"),
        (b"\xaa", 9, b"\xaa\x00"),  # too short
        (b"\xaa\x80\x00", 9, b"\xaa\x80"),  # too long
    ],
)
def test_reads_what_older_programs_wrote(data: bytes, count: int, bits: bytes) -> None:
    assert shapes._read_bits(data, count) == bits


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (None, 3)])
def test_a_mask_without_size_is_left_out(
    width: float | None, height: float | None
) -> None:
    made = shapes.make_mask(MaskRecord(0, 0, 1, 1, b"\x80", None, None))
    made.id = omero.rtypes.rlong(7)
    made.width = None if width is None else omero.rtypes.rdouble(width)
    made.height = None if height is None else omero.rtypes.rdouble(height)
    assert shapes.read_mask(made) is None


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("10,20 50,150", (10, 20, 50, 150)),
        ("10,20, 50,150", (10, 20, 50, 150)),
        (" -1.5,+2e1\t.5 ,3. ", (-1.5, 20, 0.5, 3)),
        ("1,2 3", (1, 2)),
        ("points[1,2 3,4] points1[5,6] points2[7,8] mask[0,0]", (1, 2, 3, 4)),
        ("", ()),
    ],
)
def test_points_are_read_however_they_are_written(
    text: str, points: tuple[float, ...]
) -> None:
    assert shapes.read_points(text) == points


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("M 1 2 L 3 4 5 6 Z", ("path", (1, 2, 3, 4, 5, 6))),
        ("m1,2l2,2,2,2", ("open path", (1, 2, 3, 4, 5, 6))),
        ("M1e1 2 H 5 v-2.5 z", ("path", (10, 2, 5, 2, 5, -0.5))),
        ("M 1 1 C 2 2 3 3 4 4", None),
        ("M 1 1 L 2 2 Z M 5 5 L 6 6", None),
    ],
)
def test_paths_of_straight_lines(
    text: str, found: tuple[str, tuple[float, ...]] | None
) -> None:
    assert shapes.read_path(text) == found
