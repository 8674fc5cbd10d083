"""The settings of images that nobody has set."""

from __future__ import annotations

import pytest

from napari_omero_io.sandbox.rendering.defaults import ChannelFacts, choose_settings
from napari_omero_io.sandbox.rendering.settings import Model
from napari_omero_io.sandbox.store.pixels.types import pixel_type

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
WHITE = (255, 255, 255, 255)


def choose(*channels, size_z=1, look=list, type_range=(0.0, 255.0)):
    return choose_settings(1, size_z, channels, type_range, look)


def lit(wavelength):
    return ChannelFacts(wavelength=wavelength, is_emission=True)


@pytest.mark.parametrize(
    ("count", "model", "active"),
    [
        (1, Model.GREYSCALE, 1),
        (2, Model.RGB, 2),
        (7, Model.RGB, 3),
        (8, Model.GREYSCALE, 3),
    ],
)
def test_models_and_active_channels(count, model, active):
    made = choose(*[ChannelFacts()] * count)
    assert made.model is model
    assert [channel.active for channel in made.channels] == [True] * active + [
        False
    ] * (count - active)


@pytest.mark.parametrize(("size", "middle"), [(1, 0), (2, 1), (5, 2)])
def test_the_middle_section_is_shown(size, middle):
    made = choose(ChannelFacts(), size_z=size)
    assert (made.default_z, made.default_t) == (middle, 0)
    assert (made.interval, made.bit_resolution) == ((0, 255), 255)


def test_colours():
    def colours(*channels):
        return [channel.color for channel in choose(*channels).channels]

    assert colours(*[ChannelFacts()] * 4) == [RED, GREEN, BLUE, RED]
    assert colours(lit(461), lit(499.9), lit(500), lit(559), lit(560)) == [
        BLUE,
        BLUE,
        GREEN,
        GREEN,
        RED,
    ]
    pink = (255, 0, 128, 255)
    assert colours(ChannelFacts(color=pink), lit(520)) == [pink, GREEN]
    assert colours(ChannelFacts(), lit(520), ChannelFacts(wavelength=488)) == [
        WHITE,
        GREEN,
        WHITE,
    ]
    assert colours(ChannelFacts(wavelength=488), ChannelFacts()) == [BLUE, GREEN]


def test_windows():
    def windows(*channels, look=list):
        return [channel.window for channel in choose(*channels, look=look).channels]

    known, unknown = ChannelFacts(extremes=(3.0, 9.0)), ChannelFacts()

    def refuse():
        raise AssertionError("looked at the pixels without need")

    assert windows(known, unknown, look=refuse) == [(3.0, 9.0), (0.0, 255.0)]
    assert windows(unknown, known, look=lambda: [(1.0, 2.0), (5.0, 5.0)]) == [
        (1.0, 2.0),
        (0.0, 255.0),
    ]
    assert windows(unknown) == [(0.0, 255.0)]


def test_ranges_of_types():
    assert pixel_type("uint16").range() == (0.0, 65535.0)
    assert pixel_type("uint16").range(12) == (0.0, 4095.0)
    assert pixel_type("int16").range() == (-32768.0, 32767.0)
    assert pixel_type("int16").range(12) == (-2048.0, 2047.0)
    assert pixel_type("double").range() == pixel_type("float").range(8)
