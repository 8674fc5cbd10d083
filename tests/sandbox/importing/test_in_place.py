"""Files with tiles and smaller levels: read where they are."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tifffile

from napari_omero_io.sandbox.importing.storing import import_file
from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore


def write_pyramid(path, pixels, tile=(64, 64), **options):
    with tifffile.TiffWriter(path, bigtiff=True) as tiff:
        shared = {"tile": tile, "compression": "zlib", **options}
        tiff.write(pixels, subifds=2, metadata={"axes": "CYX"}, **shared)
        for factor in (2, 4):
            tiff.write(pixels[:, ::factor, ::factor], subfiletype=1, **shared)


@pytest.fixture
def slide(tmp_path):
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 60000, (2, 300, 450)).astype("uint16")
    write_pyramid(tmp_path / "slide.ome.tif", pixels)
    return tmp_path / "slide.ome.tif", pixels


def read(store, call, level, c, region, dtype=">u2"):
    store.setResolutionLevel(call, level)
    x, y, width, height = region
    found = store.getTile(call, 0, c, 0, x, y, width, height)
    return np.frombuffer(found, dtype).reshape(height, width)


def test_every_level_is_read_from_the_file(stocked, slide):
    path, pixels = slide
    call = stocked.call("mia")
    (stored,) = import_file(call, path)
    folder = stocked.core.pixels.path(stored.pixels_id)
    assert json.loads((folder / "pixels.json").read_text())["kind"] == "file"
    assert {one.name for one in folder.iterdir()} == {"pixels.json", "original"}
    store = RawPixelsStore(stocked.core, None)
    store.setPixelsId(call, stored.pixels_id, True)
    assert store.getResolutionLevels(call) == 3
    assert store.getTileSize(call) == [64, 64]
    for level, factor in ((2, 1), (1, 2), (0, 4)):
        expected = pixels[:, ::factor, ::factor]
        height, width = expected.shape[1:]
        for c in (0, 1):
            found = read(store, call, level, c, (0, 0, width, height))
            np.testing.assert_array_equal(found, expected[c])
    part = read(store, call, 2, 1, (50, 60, 100, 70))
    np.testing.assert_array_equal(part, pixels[1, 60:130, 50:150])
    store.close(call)


def test_the_file_has_two_names_and_one_content(stocked, slide):
    path, _ = slide
    (stored,) = import_file(stocked.call("mia"), path)
    original = stocked.core.pixels.path(stored.pixels_id) / "original"
    assert original.stat().st_nlink == 2
    stocked.core.files.delete(
        [int(one.name) for one in stocked.core.files.folder.iterdir()]
    )
    assert original.read_bytes() == path.read_bytes()


def test_a_copy_does_not_need_the_first(stocked, slide):
    path, pixels = slide
    call = stocked.call("mia")
    (stored,) = import_file(call, path)
    (other,) = import_file(call, path)
    stocked.core.pixels.copy(stored.pixels_id, other.pixels_id)
    stocked.core.pixels.delete([stored.pixels_id])
    store = RawPixelsStore(stocked.core, None)
    store.setPixelsId(call, other.pixels_id, True)
    found = read(store, call, 2, 0, (0, 0, 450, 300))
    np.testing.assert_array_equal(found, pixels[0])
    store.close(call)


def test_colours_of_one_picture(stocked, tmp_path):
    rng = np.random.default_rng(6)
    pixels = rng.integers(0, 255, (200, 300, 3)).astype("uint8")
    path = tmp_path / "rgb.ome.tif"
    with tifffile.TiffWriter(path) as tiff:
        shared = {"tile": (64, 64), "photometric": "rgb"}
        tiff.write(pixels, subifds=1, metadata={"axes": "YXS"}, **shared)
        tiff.write(pixels[::2, ::2], subfiletype=1, **shared)
    call = stocked.call("mia")
    (stored,) = import_file(call, path)
    store = RawPixelsStore(stocked.core, None)
    store.setPixelsId(call, stored.pixels_id, True)
    for c in range(3):
        found = read(store, call, 1, c, (0, 0, 300, 200), "u1")
        np.testing.assert_array_equal(found, pixels[..., c])
    store.close(call)
