from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.convert.axes import default_position, layer_axes, layer_shape
from napari_omero_io.convert.colour import (
    channel_colormap,
    color_to_int,
    int_to_color,
)
from napari_omero_io.convert.layers import image_layers, window, window_range
from napari_omero_io.convert.units import scale_and_units

byte = st.integers(0, 255)


@pytest.fixture
def open_image(memory_source):
    fetcher = Fetcher(threads=1)

    def make(shape, **options):
        return RemoteImage(memory_source(shape, **options), fetcher)

    yield make
    fetcher.close()


@given(st.tuples(byte, byte, byte, byte))
def test_colours_survive(color):
    value = color_to_int(color)
    assert -(1 << 31) <= value < 1 << 31
    assert int_to_color(value) == color


@pytest.mark.parametrize(
    ("color", "value"),
    [
        ((255, 0, 0, 255), -16776961),
        ((0, 255, 0, 128), 16711808),
        ((255, 255, 255, 255), -1),
        ((1, 2, 3, 4), 16909060),
    ],
)
def test_colours_are_omeros(color, value):
    assert color_to_int(color) == value


def test_one_layer_for_each_channel(open_image):
    image = open_image((3, 2, 4, 600, 700), count=2, server="here:4064", group_id=5)
    first, second = image_layers(image)
    data, settings, kind = second
    assert kind == "image"
    assert [level.shape for level in data] == [(3, 4, 600, 700), (3, 4, 300, 350)]
    assert settings["multiscale"] is True
    assert settings["name"] == "channel 1 (memory)"
    assert settings["colormap"] == "#00ff00"
    assert settings["contrast_limits"] == (0.0, 200.0)
    assert settings["axis_labels"] == ("T", "Z", "Y", "X")
    assert settings["scale"] == (30.0, 2.0, 0.5, 0.5)
    assert settings["units"] == ("second", "micrometer", "micrometer", "micrometer")
    assert settings["blending"] == "additive"
    assert settings["visible"] is True
    omero = settings["metadata"]["omero"]
    assert omero["server"] == "here:4064"
    assert (omero["image_id"], omero["pixels_id"], omero["group_id"]) == (7, 70, 5)
    assert (omero["channel"], omero["channel_name"]) == (1, "channel 1")
    assert first[1]["metadata"]["omero"]["channel"] == 0


def test_single_images_have_no_axes_of_length_one(open_image):
    ((data, settings, _),) = image_layers(open_image((1, 1, 1, 60, 70)))
    assert data.shape == (60, 70)
    assert settings["multiscale"] is False
    assert settings["name"] == "memory"
    assert settings["axis_labels"] == ("Y", "X")
    assert len(settings["scale"]) == len(settings["units"]) == 2


def test_rgb_is_one_layer(open_image):
    image = open_image((1, 3, 2, 600, 700), dtype="uint8", count=2, is_rgb=True)
    ((data, settings, _),) = image_layers(image)
    assert [level.shape for level in data] == [(2, 600, 700, 3), (2, 300, 350, 3)]
    assert settings["rgb"] is True
    assert settings["axis_labels"] == ("Z", "Y", "X")
    assert "contrast_limits" not in settings
    assert "channel" not in settings["metadata"]["omero"]
    expected = np.moveaxis(image.source.levels[0][0], 0, -1)
    assert np.array_equal(data[0], expected)


def test_inactive_channels_are_hidden(open_image):
    image = open_image((1, 2, 1, 6, 7))
    channels = image.record.channels
    hidden = replace(channels[1], active=False)
    image.record = replace(image.record, channels=(channels[0], hidden))
    assert [layer[1]["visible"] for layer in image_layers(image)] == [True, False]


def test_unknown_sizes_are_said_to_be_unknown(memory_source):
    record = replace(
        memory_source((2, 1, 2, 6, 7)).record,
        pixel_size_z=None,
        time_increment=0.0,
        pixel_size_x=float("nan"),
    )
    assert scale_and_units(record) == (
        (1.0, 1.0, 0.5, 1.0),
        ("pixel", "pixel", "micrometer", "pixel"),
    )


def test_axes(memory_source):
    record = replace(memory_source((2, 3, 5, 6, 7)).record, default_z=2, default_t=1)
    assert (layer_axes(record), layer_shape(record)) == ("TZYX", (2, 5, 6, 7))
    assert default_position(record) == {"T": 1, "Z": 2}
    flat = replace(record, size_t=1, size_z=1)
    assert (layer_axes(flat), default_position(flat)) == ("YX", {})


@pytest.mark.parametrize(
    ("shown", "limits", "expected", "offered"),
    [
        ((10, 20), (0, 255), (10, 20), (0, 255)),
        ((10, 300), (0, 255), (10, 300), (0, 300)),
        ((5, 5), (0, 255), (0, 255), (0, 255)),
        ((5, 5), (5, 5), (5, 6), (5, 6)),
    ],
)
def test_windows_that_napari_accepts(memory_source, shown, limits, expected, offered):
    (channel,) = memory_source((1, 1, 1, 6, 7)).record.channels
    channel = replace(channel, window=shown, limits=limits)
    assert window(channel) == expected
    assert window_range(channel) == offered


def test_reversed_colours(memory_source):
    (channel,) = memory_source((1, 1, 1, 6, 7)).record.channels
    ends = channel_colormap(replace(channel, inverted=True))
    assert ends.tolist() == [[1, 0, 0, 1], [0, 0, 0, 1]]
