"""RawPixelsStore: digests, rights, conflicts, and looks at values."""

from __future__ import annotations

import hashlib

import numpy as np
import omero.api
import omero.model
import omero.romio
import pytest
from omero.model.enums import UnitsLength

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import (
    ApiUsage,
    Internal,
    Invalid,
    Locked,
    NotAllowed,
    StaleObject,
)
from napari_omero_io.sandbox.services.pixels import PixelsService
from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore
from napari_omero_io.sandbox.store.saving import save


def read_pixels(call, pixels_id):
    with call.core.database.read() as connection:
        text = "select p from Pixels p where p.id = :id"
        (found,) = hql.find(connection, call, text, {"id": pixels_id})
    return found


def test_nothing_works_before_pixels_are_chosen(core, call):
    store = RawPixelsStore(core, None)
    for ask in (
        lambda: store.getPlane(call, 0, 0, 0),
        lambda: store.setPlane(call, b"", 0, 0, 0),
        lambda: store.getByteWidth(call),
        lambda: store.save(call),
    ):
        with pytest.raises(ApiUsage, match="not been properly initialized"):
            ask()
    store.close(call)


def test_unknown_and_unseen_pixels(stocked, create, open_store):
    with pytest.raises(Invalid, match="Cannot read pixels id=99"):
        open_store(99)
    _, hidden = create(by=stocked.call("mia", "secret"))
    with pytest.raises(Invalid, match=f"Cannot read pixels id={hidden}"):
        open_store(hidden, stocked.call("ned", "secret"))
    with pytest.raises(Invalid):
        open_store(hidden, stocked.call("mia", "lab"))
    assert open_store(hidden, stocked.call("mia", -1)).getPixelsId(None) == hidden


def test_closing_stores_the_digest(call, create, open_store):
    _, pixels_id = create(z=2, c=2)
    planes = np.arange(4 * 128, dtype=">u2").reshape(2, 2, 8, 16)
    assert read_pixels(call, pixels_id).sha1.val == "Pending..."
    store = open_store(pixels_id)
    for c, z in np.ndindex(2, 2):
        store.setPlane(call, planes[c, z].tobytes(), z, c, 0)
    store.close(call)
    expected = hashlib.sha1(planes.tobytes())
    assert read_pixels(call, pixels_id).sha1.val == expected.hexdigest()
    reader = open_store(pixels_id)
    assert reader.calculateMessageDigest(call) == expected.digest()
    assert reader.save(call) is None
    sizes = [
        reader.getByteWidth(call),
        reader.getRowSize(call),
        reader.getPlaneSize(call),
        reader.getStackSize(call),
        reader.getTimepointSize(call),
        reader.getTotalSize(call),
    ]
    assert sizes == [2, 32, 256, 512, 1024, 1024]
    assert reader.getRowOffset(call, 3, 1, 1, 0) == 3 * 256 + 3 * 32
    assert (reader.isSigned(call), reader.isFloat(call)) == (False, False)
    assert reader.getTileSize(call) == [16, 8]


def test_two_stores_that_write_together_both_close(call, create, open_store):
    _, pixels_id = create(z=2)
    planes = np.arange(256, dtype=">u2").reshape(2, 8, 16)
    stores = [open_store(pixels_id) for _ in range(2)]
    for z, store in enumerate(stores):
        store.setPlane(call, planes[z].tobytes(), z, 0, 0)
    for store in stores:
        store.close(call)
    digest = hashlib.sha1(planes.tobytes()).hexdigest()
    assert read_pixels(call, pixels_id).sha1.val == digest


def test_metadata_that_changed_meanwhile_are_a_conflict(call, create, open_store):
    _, pixels_id = create()
    store = open_store(pixels_id)
    store.setPlane(call, bytes(256), 0, 0, 0)
    pixels = read_pixels(call, pixels_id)
    pixels.physicalSizeX = omero.model.LengthI(0.5, UnitsLength.MICROMETER)
    with call.core.database.write() as connection:
        save(connection, call, [pixels])
    with pytest.raises(StaleObject):
        store.close(call)
    # The pixels are stored all the same, and the metadata are as they were changed.
    assert open_store(pixels_id).getPlane(call, 0, 0, 0) == bytes(256)
    assert read_pixels(call, pixels_id).physicalSizeX.getValue() == 0.5


def test_rights_are_asked_for_when_the_bytes_are_there(stocked, create, open_store):
    _, pixels_id = create()
    ned = stocked.call("ned")
    store = open_store(pixels_id, ned)
    store.setPlane(ned, bytes(256), 0, 0, 0)
    with pytest.raises(NotAllowed):
        store.close(ned)
    with pytest.raises(ApiUsage, match="not permitted"):
        open_store(pixels_id).setPlane(None, bytes(256), 0, 0, 0)


def test_choosing_other_pixels_closes_the_first(call, create, open_store):
    (_, first), (_, second) = create(), create()
    store = open_store(first)
    store.setPlane(call, bytes([1]) * 256, 0, 0, 0)
    store.setPixelsId(call, first, True)
    store.setPixelsId(call, second, True)
    assert read_pixels(call, first).sha1.val != "Pending..."
    assert store.getPlane(call, 0, 0, 0) == bytes(256)


def test_a_store_that_could_not_open_may_try_again(call, create, open_store):
    _, pixels_id = create(4000, 3000, "uint8")
    writer = open_store(pixels_id)
    assert writer.requiresPixelsPyramid(call)
    store = RawPixelsStore(call.core, None)
    with pytest.raises(Locked, match="Already locked!"):
        store.setPixelsId(call, pixels_id, True)
    with pytest.raises(ApiUsage, match="initialized"):
        store.getByteWidth(call)
    writer.setTile(call, bytes(65536), 0, 0, 0, 0, 0, 256, 256)
    writer.close(call)
    store.setPixelsId(call, pixels_id, True)
    assert store.getResolutionLevels(call) == 6
    assert store.getResolutionLevel(call) == 5
    levels = store.getResolutionDescriptions(call)
    assert (levels[0].sizeX, levels[-1].sizeX) == (4000, 125)
    store.setResolutionLevel(call, 0)
    assert store.getRowSize(call) == 125


def test_getters_end_the_writing_of_big_pixels(call, create, open_store):
    _, pixels_id = create(4000, 3000, "uint8")
    store = open_store(pixels_id)
    assert store.getTileSize(call) == [256, 256]
    store.setTile(call, bytes(65536), 0, 0, 0, 0, 0, 256, 256)
    assert store.getByteWidth(call) == 1
    with pytest.raises(ApiUsage, match="In read-only mode!"):
        store.setTile(call, bytes(65536), 0, 0, 0, 256, 0, 256, 256)
    store.close(call)
    assert read_pixels(call, pixels_id).sha1.val != "Pending..."


def test_floats_need_no_pyramid(create, open_store, call):
    _, pixels_id = create(4000, 3000, "float")
    store = open_store(pixels_id)
    assert not store.requiresPixelsPyramid(call)
    assert store.getTileSize(call) == [4000, 65]
    assert store.getResolutionLevels(call) == 1


def test_extremes_are_those_of_the_middle_plane(call, create, open_store):
    _, pixels_id = create(4, 2, "int16", z=4, c=2)
    store = open_store(pixels_id)
    values = np.arange(-30, 34, dtype=">i2").reshape(2, 4, 2, 4)
    store.setTimepoint(call, values.tobytes(), 0)
    assert store.findMinMax(call, [1, 0]) == {1: [10.0, 17.0], 0: [-22.0, -15.0]}
    with pytest.raises(ApiUsage, match="sizeC"):
        store.findMinMax(call, [2])
    _, big = create(4000, 3000, "uint8")
    store = open_store(big)
    store.setTile(call, bytes(65536), 0, 0, 0, 0, 0, 256, 256)
    assert store.findMinMax(call, [0]) == {}


def test_histograms(core, call, create, open_store):
    _, pixels_id = create(8, 8, "uint8")
    store = open_store(pixels_id)
    store.setPlane(call, bytes(range(64)), 0, 0, 0)
    counts = store.getHistogram(call, [0], 4, True, None)
    assert counts == {0: [16, 16, 16, 16]}
    PixelsService(core, None).setChannelGlobalMinMax(call, pixels_id, 0, 0.0, 255.0)
    assert store.getHistogram(call, [0], 0, True, None)[0] == [1] * 64 + [0] * 192
    assert store.getHistogram(call, [0], 4, False, None)[0] == [16] * 4
    plane = omero.romio.PlaneDef(region=omero.romio.RegionDef(0, 0, 8, 2))
    assert store.getHistogram(call, [0], 4, False, plane)[0] == [16, 0, 0, 0]
    with pytest.raises(Internal):
        store.getHistogram(call, [1], 4, False, None)


def test_no_histogram_of_long_sides(call, create, open_store):
    _, pixels_id = create(4000, 10, "uint8")
    with pytest.raises(ApiUsage, match="All resolution levels larger"):
        open_store(pixels_id).getHistogram(call, [0], 4, False, None)
