"""Pixels are written once, big-endian, within bounds."""

from __future__ import annotations

import hashlib

import numpy as np
import omero.all
import pytest


def test_planes_from_two_stores_then_no_more(services, create_image) -> None:
    pixels = create_image(16, 16, "uint16", z=2)
    planes = np.arange(512, dtype=">u2").reshape(2, 16, 16)
    stores = [services.createRawPixelsStore() for _ in planes]
    for store in stores:
        store.setPixelsId(pixels, True)
    for z, (store, plane) in enumerate(zip(stores, planes, strict=True)):
        store.setPlane(plane.tobytes(), z, 0, 0)
    for store in stores:
        store.close()

    late = services.createRawPixelsStore()
    late.setPixelsId(pixels, True)
    with pytest.raises(omero.ApiUsageException, match="Write-method not permitted"):
        late.setPlane(planes[0].tobytes(), 0, 0, 0)
    assert late.getPlane(1, 0, 0) == planes[1].tobytes()
    late.close()
    found = services.getQueryService().get("Pixels", pixels)
    assert found.sha1.val == hashlib.sha1(planes.tobytes()).hexdigest()


def test_a_plane_of_the_wrong_length(services, create_image) -> None:
    store = services.createRawPixelsStore()
    store.setPixelsId(create_image(8, 8, "uint8"), True)
    with pytest.raises(omero.ResourceError, match="BufferUnderflowException"):
        store.setPlane(bytes(63), 0, 0, 0)
    with pytest.raises(omero.ResourceError, match="BufferOverflowException"):
        store.setPlane(bytes(65), 0, 0, 0)
    store.close()


def test_square_tiles_are_refused_on_a_small_image(services, create_image) -> None:
    store = services.createRawPixelsStore()
    store.setPixelsId(create_image(64, 64, "uint8"), True)
    with pytest.raises(omero.InternalException, match="full row writes"):
        store.setTile(bytes(32 * 32), 0, 0, 0, 0, 0, 32, 32)
    store.close()


def test_a_tile_is_not_clipped(services, create_image) -> None:
    store = services.createRawPixelsStore()
    store.setPixelsId(create_image(16, 8, "uint8"), True)
    store.setPlane(bytes(range(128)), 0, 0, 0)
    assert store.getTile(0, 0, 0, 14, 0, 2, 1) == bytes([14, 15])
    with pytest.raises(omero.ApiUsageException, match="greater than sizeX '16'"):
        store.getTile(0, 0, 0, 15, 0, 2, 1)
    with pytest.raises(omero.InternalException):
        store.getHypercube([15, 0, 0, 0, 0], [2, 1, 1, 1, 1], [1, 1, 1, 1, 1])
    store.close()


def test_hypercube_order(services, create_image) -> None:
    pixels = create_image(4, 3, "uint8", z=2, c=2, t=2)
    values = np.arange(96, dtype="u1").reshape(2, 2, 2, 3, 4)  # T, C, Z, Y, X
    store = services.createRawPixelsStore()
    store.setPixelsId(pixels, True)
    for t, c, z in np.ndindex(2, 2, 2):
        store.setPlane(values[t, c, z].tobytes(), z, c, t)
    got = store.getHypercube([1, 0, 0, 0, 0], [3, 3, 2, 2, 2], [2, 1, 1, 1, 1])
    assert got == values[:, :, :, :, 1:4:2].tobytes()
    store.close()


def test_no_resolution_levels_on_a_small_image(services, create_image) -> None:
    store = services.createRawPixelsStore()
    store.setPixelsId(create_image(16, 16, "uint8"), True)
    assert store.getResolutionLevels() == 1
    with pytest.raises(omero.InternalException):
        store.setResolutionLevel(0)
    store.close()


def test_big_images_take_ordered_tiles_and_get_a_pyramid(
    services, create_image
) -> None:
    pixels = create_image(4000, 3000, "uint8")
    store = services.createRawPixelsStore()
    store.setPixelsId(pixels, True)
    assert store.requiresPixelsPyramid()
    width, height = store.getTileSize()
    other = services.createRawPixelsStore()
    with pytest.raises(omero.LockTimeout):
        other.setPixelsId(pixels, True)
    other.close()
    for y in range(0, 3000, height):
        for x in range(0, 4000, width):
            w, h = min(width, 4000 - x), min(height, 3000 - y)
            store.setTile(bytes([x // width]) * (w * h), 0, 0, 0, x, y, w, h)
    store.close()

    store = services.createRawPixelsStore()
    store.setPixelsId(pixels, True)
    sizes = [(d.sizeX, d.sizeY) for d in store.getResolutionDescriptions()]
    assert sizes[0] == (4000, 3000)
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == store.getResolutionLevels() == 6
    assert store.getResolutionLevel() == 5
    assert set(store.getTile(0, 0, 0, 512, 256, 256, 256)) == {2}
    store.setResolutionLevel(0)
    x, y = sizes[-1]
    assert len(store.getTile(0, 0, 0, 0, 0, x, y)) == x * y
    store.close()


def test_big_float_images_have_one_level(services, create_image) -> None:
    store = services.createRawPixelsStore()
    store.setPixelsId(create_image(4000, 3000, "float"), True)
    assert not store.requiresPixelsPyramid()
    store.setPlane(bytes(4 * 4000 * 3000), 0, 0, 0)
    assert store.getResolutionLevels() == 1
    store.close()


def test_pixels_that_were_never_written(services, create_image) -> None:
    pixels = create_image(16, 16, "uint8")
    engine = services.createRenderingEngine()
    engine.lookupPixels(pixels)
    with pytest.raises(omero.LockTimeout):
        engine.resetDefaultSettings(True)
        engine.lookupRenderingDef(pixels)
        engine.load()
    engine.close()


@pytest.mark.parametrize(
    ("channels", "model", "active"),
    [(1, "greyscale", 1), (2, "rgb", 2), (7, "rgb", 3), (8, "greyscale", 3)],
)
def test_default_settings(services, create_image, channels, model, active) -> None:
    pixels = create_image(4, 4, "uint8", c=channels)
    store = services.createRawPixelsStore()
    store.setPixelsId(pixels, True)
    for c in range(channels):
        store.setPlane(bytes(range(c, c + 16)), 0, c, 0)
    store.close()
    engine = services.createRenderingEngine()
    engine.lookupPixels(pixels)
    assert not engine.lookupRenderingDef(pixels)
    engine.resetDefaultSettings(True)
    assert engine.lookupRenderingDef(pixels)
    engine.load()
    assert engine.getModel().value.val == model
    assert [engine.isActive(c) for c in range(channels)].count(True) == active
    assert engine.getChannelWindowStart(0) == 0
    assert engine.getChannelWindowEnd(0) == 15
    engine.close()
