"""Rendered pictures: packed on their way, colours for whoever reads them."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.picture import PictureImage
from napari_omero_io.convert.layers import image_layers

SHAPE = (2, 3, 4, 40, 50)
COLORS = np.random.default_rng(1).integers(0, 256, SHAPE).astype(np.uint8)


def pack(colors):
    """Put red, green and blue into one number; T, 1, Z, Y, X."""
    red, green, blue = np.moveaxis(colors.astype(np.uint32), 1, 0)
    return (red | green << 8 | blue << 16)[:, None]


@pytest.fixture(scope="module")
def image(memory_source):
    source = memory_source((2, 1, 4, 40, 50), dtype="uint32", count=2)
    source.levels = [pack(COLORS[..., ::step, ::step]) for step in (1, 2)]
    source.shown = replace(source.record, name="cells")
    source.looks = "red"
    with Fetcher(threads=1) as fetcher:
        yield PictureImage(source, fetcher)


def picks(length):
    return st.integers(-length, length - 1) | st.slices(length)


@given(key=st.tuples(picks(2), picks(4), picks(40), picks(50), picks(3)))
def test_a_layer_reads_colours_as_numpy_would(image, key):
    wanted = np.moveaxis(COLORS, 1, -1)
    part = image.picture_levels()[0][key]
    assert np.array_equal(part, wanted[key])
    assert np.shape(part) == wanted[key].shape


@given(key=st.tuples(picks(2), picks(3), picks(4), picks(40), picks(50)))
def test_arrays_have_colours_for_channels(image, key):
    assert image.shape == SHAPE
    assert np.array_equal(image.full_level(0)[key], COLORS[key])


def test_dask_arrays_fetch_the_colours_together(image):
    before = image.source.count()
    full = image.levels[0]
    assert (full.shape, full.dtype) == (SHAPE, np.uint8)
    assert np.array_equal(full[0, :, 1].compute(), COLORS[0, :, 1])
    assert image.source.count() - before <= 6  # cells of one plane


def test_a_picture_is_one_layer(image):
    ((levels, settings, kind),) = image_layers(image)
    assert (kind, settings["rgb"], settings["name"]) == (
        "image",
        True,
        "memory (rendered)",
    )
    assert [level.shape for level in levels] == [(2, 4, 40, 50, 3), (2, 4, 20, 25, 3)]
    assert levels[0].axes == "TZYXC"
    assert levels[0].channel is None
    assert levels[0].chunks[-1] == 3
    assert settings["metadata"]["omero"]["rendered"]


def test_other_colours_are_other_pixels(image, memory_source):
    other = memory_source((2, 1, 4, 40, 50), dtype="uint32", count=2)
    other.shown, other.looks = other.record, "blue"
    twin = PictureImage(other, image.fetcher)
    keys = {each.key(0, (0, 0, 0), (0, 0)) for each in (image, twin)}
    assert len(keys) == 2


def test_a_copied_layer_shows_the_same_picture(image):
    level = image.picture_levels()[0]
    assert copy.deepcopy(level) is level
