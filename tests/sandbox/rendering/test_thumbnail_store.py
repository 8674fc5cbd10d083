"""ThumbnailStore: sizes, sets, placeholders, what is kept."""

from __future__ import annotations

import io

import numpy as np
import pytest
from omero.rtypes import rint
from PIL import Image

from napari_omero_io.sandbox.errors import ApiUsage, Internal, ResourceFault
from napari_omero_io.sandbox.services.thumbnail_store import ThumbnailStore


def picture_of(jpeg):
    return Image.open(io.BytesIO(jpeg))


@pytest.fixture
def store(stocked):
    return ThumbnailStore(stocked.core, None)


@pytest.fixture
def ramp(create_with):
    """Make an image that grows brighter to the right, 60 x 30."""
    plane = np.tile(np.arange(0, 240, 4, dtype="uint8"), (30, 1))
    return create_with(plane[None, None, None])[1]


def test_the_order_of_calls(call, store, ramp):
    with pytest.raises(ApiUsage, match="Pixels not set"):
        store.getThumbnail(call, rint(9), rint(9))
    with pytest.raises(ResourceFault, match="Error retrieving Pixels id:99"):
        store.setPixelsId(call, 99)
    assert not store.setPixelsId(call, ramp)
    with pytest.raises(ApiUsage, match="No rendering def"):
        store.getRenderingDefId(call)
    with pytest.raises(Internal, match="rendering settings"):
        store.getThumbnail(call, rint(9), rint(9))
    store.resetDefaults(call)
    assert store.getRenderingDefId(call) > 0
    with pytest.raises(ApiUsage):
        store.resetDefaults(call)
    assert store.setPixelsId(call, ramp)


def test_sizes(call, store, ramp):
    store.setPixelsId(call, ramp)
    store.resetDefaults(call)
    for given, expected in (
        ((rint(20), rint(33)), (20, 33)),
        ((None, None), (48, 48)),
    ):
        assert picture_of(store.getThumbnail(call, *given)).size == expected
    by_side = store.getThumbnailByLongestSide(call, rint(40))
    assert picture_of(by_side).size == (40, 20)
    assert picture_of(by_side).format == "JPEG"
    levels = np.asarray(picture_of(by_side).convert("L"))[10].astype(int)
    assert levels[0] < 10
    assert levels[-1] > 240
    assert (np.diff(levels) > -8).all()
    with pytest.raises(ApiUsage, match="sizeX is negative"):
        store.getThumbnail(call, rint(-1), rint(5))
    with pytest.raises(ApiUsage, match="no pixels"):
        store.getThumbnailByLongestSide(call, rint(1))


def test_pixels_that_were_never_written_give_a_clock(call, store, create):
    _, pixels_id = create(30, 20)
    assert not store.setPixelsId(call, pixels_id)
    store.resetDefaults(call)
    assert store.isInProgress(call)
    clock = picture_of(store.getThumbnail(call, rint(30), rint(30)))
    assert clock.size == (30, 30)
    assert store.isInProgress(call)
    assert len(np.unique(np.asarray(clock))) > 2
    assert store.getThumbnailWithoutDefault(call, rint(30), rint(30)) == b""


def test_sets_make_settings_and_survive_bad_ids(stocked, call, store, ramp, create):
    _, unwritten = create(30, 20)
    got = store.getThumbnailByLongestSideSet(call, rint(24), [ramp, unwritten, 99])
    assert picture_of(got[ramp]).size == (24, 12)
    assert picture_of(got[unwritten]).size == (24, 16)
    assert not got.get(99)
    assert store.setPixelsId(call, ramp)
    exact = store.getThumbnailSet(call, rint(10), rint(11), [ramp])
    assert picture_of(exact[ramp]).size == (10, 11)


def test_of_others_images(stocked, store, ramp):
    ned = stocked.call("ned")
    got = store.getThumbnailByLongestSideSet(ned, rint(24), [ramp])
    assert picture_of(got[ramp]).size == (24, 12)
    lea = stocked.call("lea")
    fresh = ThumbnailStore(stocked.core, None)
    fresh.setPixelsId(lea, ramp)
    with pytest.raises(ResourceFault, match="has not viewed"):
        fresh.getThumbnail(lea, rint(9), rint(9))


def test_an_image_too_long_for_a_thumbnail_spoils_no_other(call, store, ramp, create):
    """Nor does one that is not written yet, which would get a clock."""
    _, line = create(6000, 1)
    got = store.getThumbnailByLongestSideSet(call, rint(96), [line, ramp])
    assert got[line] == b""
    assert picture_of(got[ramp]).size == (96, 48)


def test_thumbnails_are_kept_until_the_settings_change(
    stocked, call, store, ramp, load
):
    engine = load(ramp)
    store.setPixelsId(call, ramp)
    first = store.getThumbnail(call, rint(20), rint(10))
    folder = stocked.core.pixels.path(ramp) / "thumbnails"
    (kept,) = folder.iterdir()
    kept.write_bytes(b"kept")
    assert store.getThumbnail(call, rint(20), rint(10)) == b"kept"
    engine.addCodomainMapToChannel(call, _reverse(), 0)
    engine.saveCurrentSettings(call)
    store.setPixelsId(call, ramp)
    turned = store.getThumbnail(call, rint(20), rint(10))
    light, dark = (np.asarray(picture_of(one)).astype(int) for one in (first, turned))
    assert np.abs(light + dark - 255).max() < 12
    stocked.core.pixels.delete([ramp])
    assert not folder.exists()


def _reverse():
    import omero.romio

    return omero.romio.ReverseIntensityMapContext()


def test_another_plane(call, store, create_with):
    stack = np.zeros((2, 1, 3, 8, 8), "uint8")
    stack[1, 0, 2] = 200
    _, pixels_id = create_with(stack)
    store.setPixelsId(call, pixels_id)
    store.resetDefaults(call)
    dark = store.getThumbnailForSectionDirect(call, 0, 0, rint(8), rint(8))
    light = store.getThumbnailForSectionByLongestSideDirect(call, 2, 1, rint(8))
    assert np.asarray(picture_of(dark)).max() < 10
    assert np.asarray(picture_of(light)).min() > 190
    with pytest.raises(ApiUsage):
        store.getThumbnailForSectionDirect(call, 3, 0, rint(8), rint(8))
