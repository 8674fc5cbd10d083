"""Which patches one call to the server asks for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.client.patches import _begin, _decode, _join_channels
from napari_omero_io.records import PartRecord, Patch

PIXELS = np.random.default_rng(2).integers(0, 60_000, (1, 6, 2, 40, 50), "uint16")
PART = PartRecord(1, "one", 1, 0, "uint16", 1, 6, 2, 40, 50)


class Store:
    """A pixel store, as far as patches need one; it counts the calls."""

    def __init__(self):
        self.calls = 0

    def begin_getHypercube(self, offset, size, step):
        picks = [
            slice(first, first + length, apart)
            for first, length, apart in zip(offset, size, step, strict=True)
        ]
        for pick, length in zip(picks, (50, 40, 2, 6, 1), strict=True):
            assert 0 <= pick.start < pick.stop <= length
        self.calls += 1
        return PIXELS[tuple(reversed(picks))].astype(">u2").tobytes()

    def end_getHypercube(self, asked):
        return asked

    def begin_getPlane(self, z, c, t):
        self.calls += 1
        return PIXELS[t, c, z].astype(">u2").tobytes()

    def end_getPlane(self, asked):
        return asked

    def begin_getTile(self, z, c, t, x, y, w, h):
        self.calls += 1
        return PIXELS[t, c, z, y : y + h, x : x + w].astype(">u2").tobytes()

    def end_getTile(self, asked):
        return asked


@given(
    channels=st.lists(st.integers(0, 5), min_size=1, max_size=6),
    z=st.integers(0, 1),
    place=st.tuples(st.integers(0, 20), st.integers(0, 20)),
    size=st.tuples(st.integers(1, 8), st.integers(1, 8)),
    step=st.integers(1, 3),
)
def test_however_channels_are_joined_each_patch_gets_its_pixels(
    channels, z, place, size, step
):
    (x, y), (w, h) = place, size
    patches = [Patch(PART, z, c, 0, x, y, w, h, step) for c in channels]
    store, found = Store(), []
    for call in _join_channels(patches):
        found += zip(call, _decode(_begin(store, call)(), call), strict=True)
    assert [patch for patch, _ in found] == patches
    for patch, pixels in found:
        plane = PIXELS[0, patch.c, z]
        wanted = plane[y : y + h * step : step, x : x + w * step : step]
        np.testing.assert_array_equal(pixels, wanted)


def test_evenly_spaced_channels_are_one_call():
    for channels in ([0, 1, 2], [0, 2, 4], [3]):
        patches = [Patch(PART, 0, c, 0, 0, 0, 5, 5, 4) for c in channels]
        assert len(list(_join_channels(patches))) == 1
    other = replace(PART, image_id=2, pixels_id=2)
    patches = [
        Patch(part, 0, c, 0, 0, 0, 5, 5, 4) for part in (PART, other) for c in (0, 1)
    ]
    assert [len(call) for call in _join_channels(patches)] == [2, 2]
