from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.client import rois
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
    made = rois._make_mask(mask)
    made.id = rois.omero.rtypes.rlong(7)
    read = rois._read_mask(made)
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
    assert rois._read_bits(data, count) == bits


@pytest.mark.parametrize(("width", "height"), [(0, 5), (5, 0), (None, 3)])
def test_a_mask_without_size_is_left_out(
    width: float | None, height: float | None
) -> None:
    made = rois._make_mask(MaskRecord(0, 0, 1, 1, b"\x80", None, None))
    made.id = rois.omero.rtypes.rlong(7)
    made.width = None if width is None else rois.omero.rtypes.rdouble(width)
    made.height = None if height is None else rois.omero.rtypes.rdouble(height)
    assert rois._read_mask(made) is None
