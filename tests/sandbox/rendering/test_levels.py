"""From values to levels and colours, against formulas written out here."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_omero_io.sandbox.rendering.composition import compose, pack
from napari_omero_io.sandbox.rendering.lookup_tables import LookupTables, parse_table
from napari_omero_io.sandbox.rendering.quantisation import quantise
from napari_omero_io.sandbox.rendering.settings import (
    ChannelSettings,
    Family,
    Model,
    RenderingSettings,
)

RED, GREEN, WHITE = (255, 0, 0, 255), (0, 255, 0, 255), (255, 255, 255, 255)
PLAIN = ChannelSettings(active=True, window=(0.0, 255.0), color=WHITE)


def linear(value: float, start: float, end: float) -> int:
    if value <= start:
        return 0
    if value >= end:
        return 255
    return int(255 * (value - start) / (end - start) + 0.5)


@pytest.mark.parametrize(
    "dtype",
    ["int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64"],
)
@settings(max_examples=25)
@given(data=st.data())
def test_the_line_between_the_ends_of_the_window(dtype, data):
    kind = np.dtype(dtype)
    if kind.kind == "f":
        low, high = -1e6, 1e6
    else:
        low, high = np.iinfo(kind).min, np.iinfo(kind).max
    start = data.draw(st.floats(low, high - 1))
    end = data.draw(st.floats(start + 1, high + 1))
    number = st.integers(int(low), int(high))
    values = np.array(data.draw(st.lists(number, min_size=1, max_size=20)), kind)
    found = quantise(values, replace(PLAIN, window=(start, end)))
    assert found.dtype == np.uint8
    expected = [linear(float(value), start, end) for value in values]
    np.testing.assert_allclose(found.astype(int), expected, atol=1)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16"])
def test_a_table_gives_what_the_formula_gives(dtype):
    info = np.iinfo(dtype)
    every = np.arange(info.min, info.max + 1).astype(dtype)
    window = (info.min / 3, info.max / 2)
    channel = replace(PLAIN, window=window)
    plane = np.resize(every, (300, 300))
    by_table = quantise(plane, channel)
    one_by_one = quantise(plane.astype(np.float64), channel)
    np.testing.assert_array_equal(by_table, one_by_one)


def test_levels_grow_with_values_in_every_family():
    values = np.arange(256, dtype=np.uint8)
    for family in Family:
        levels = quantise(values, replace(PLAIN, family=family, coefficient=1.3))
        assert (levels[0], levels[-1]) == (0, 255)
        assert (np.diff(levels.astype(int)) >= 0).all()


def test_the_formulas_of_the_families():
    values = np.array([0, 51, 128, 204, 255], np.uint8)

    def levels(family, coefficient):
        channel = replace(PLAIN, family=family, coefficient=coefficient)
        return quantise(values, channel).astype(int)

    squared = [255 * (v / 255) ** 2 for v in values.astype(float)]
    np.testing.assert_allclose(levels(Family.POLYNOMIAL, 2.0), squared, atol=1)
    logs = [255 * math.log(max(v, 1)) / math.log(255) for v in values.astype(float)]
    np.testing.assert_allclose(levels(Family.LOGARITHMIC, 1.0), logs, atol=1)
    powers = [
        255 * math.exp(v**0.5 - 255**0.5) * (1 - math.exp(-(v**0.5)))
        for v in values.astype(float)
    ]
    np.testing.assert_allclose(levels(Family.EXPONENTIAL, 0.5), powers, atol=1)


def test_reversed_levels_are_counted_from_the_top():
    values = np.arange(256, dtype=np.uint8)
    plain = quantise(values, PLAIN).astype(int)
    turned = quantise(values, replace(PLAIN, inverted=True)).astype(int)
    np.testing.assert_array_equal(plain + turned, 255)
    within = quantise(values, replace(PLAIN, inverted=True), (50, 100))
    assert (within[0], within[-1]) == (100, 50)


def test_steps_and_noise():
    values = np.arange(256, dtype=np.uint8)
    assert set(quantise(values, PLAIN, steps=3)) == {0, 85, 170, 255}
    assert set(quantise(values, PLAIN, (10, 20), steps=1)) == {10, 20}
    quiet = quantise(values, replace(PLAIN, noise_reduction=True))
    assert set(quiet[:25]) == {0}
    assert set(quiet[231:]) == {255}
    np.testing.assert_array_equal(quiet[30:220], values[30:220])


def test_a_window_without_width_has_two_sides():
    levels = quantise(np.array([4, 5, 6], np.uint8), replace(PLAIN, window=(5.0, 5.0)))
    assert list(levels) == [0, 0, 255]


def test_what_is_no_number_is_dark():
    levels = quantise(np.array([np.nan, np.inf, -np.inf]), PLAIN)
    assert list(levels) == [0, 255, 0]


def settings_of(*channels, model=Model.RGB):
    return RenderingSettings(
        pixels_id=1, channels=tuple(channels), model=model, default_z=0
    )


def paint(settings, *planes):
    shown = {index: planes[index] for index in settings.shown_channels()}
    return compose(shown, settings, LookupTables(), planes[0].shape)


def test_channels_are_added_and_cut_at_white():
    one = np.array([[0, 100, 255]], np.uint8)
    two = np.array([[255, 200, 255]], np.uint8)
    picture = paint(
        settings_of(replace(PLAIN, color=(255, 10, 0, 255)), PLAIN), one, two
    )
    expected = [[255] * 3, [255, 200 + 1000 // 255, 200], [255] * 3]
    np.testing.assert_array_equal(picture[0], expected)


def test_alpha_dims_as_soon_as_one_channel_has_it():
    plane = np.array([[255]], np.uint8)
    half = replace(PLAIN, color=(255, 0, 0, 128))
    opaque = replace(PLAIN, color=GREEN)
    picture = paint(settings_of(half, opaque), plane, plane)
    np.testing.assert_array_equal(picture[0, 0], [128, 255, 0])


def test_grey_shows_the_first_active_channel_only():
    one, two = np.array([[10]], np.uint8), np.array([[20]], np.uint8)
    hidden = replace(PLAIN, active=False)
    grey = settings_of(hidden, replace(PLAIN, color=RED), model=Model.GREYSCALE)
    np.testing.assert_array_equal(paint(grey, one, two)[0, 0], [20, 20, 20])
    nothing = settings_of(hidden, hidden)
    np.testing.assert_array_equal(paint(nothing, one, two)[0, 0], [0, 0, 0])


def test_tables_replace_the_colour_and_unknown_ones_are_ignored():
    plane = np.array([[0, 128, 255]], np.uint8)
    cool = paint(settings_of(replace(PLAIN, lookup_table="cool.lut")), plane)
    np.testing.assert_array_equal(
        cool[0], [[0, 255, 255], [128, 127, 255], [255, 0, 255]]
    )
    unknown = replace(PLAIN, color=RED, lookup_table="nowhere.lut")
    assert list(paint(settings_of(unknown), plane)[0, 1]) == [128, 0, 0]


@given(st.binary(min_size=768, max_size=768))
def test_tables_of_three_forms_are_the_same(content):
    table = parse_table(content)
    assert table.shape == (256, 3)
    assert table.T.tobytes() == content
    if not content.startswith(b"ICOL"):
        same = parse_table(b"ICOL" + bytes(28) + content)
        np.testing.assert_array_equal(same, table)
    for row in ("{0} {1} {2}", "{3} {0} {1} {2}"):
        text = "\n".join(row.format(*rgb, i) for i, rgb in enumerate(table))
        np.testing.assert_array_equal(parse_table(text.encode()), table)


@pytest.mark.parametrize(
    "content", [b"", b"a b c", bytes(100), b"1 2 3\n" * 255, b"1 2 300\n" * 256]
)
def test_what_is_no_table(content):
    assert parse_table(content) is None


def test_every_table_of_ours_runs_over_all_levels():
    tables = LookupTables()
    assert "grays.lut" in tables.names()
    for name in tables.names():
        assert tables.get(name).shape == (256, 3)
        assert tables.get(name.upper()) is not None


def test_packed_numbers_are_alpha_red_green_blue():
    packed = pack(np.array([[[1, 2, 3]]], np.uint8), 255)
    assert packed[0, 0] == -(2**32) + 0xFF010203
    assert packed.dtype == np.int32
    assert pack(np.array([[[1, 2, 3]]], np.uint8), 0)[0, 0] == 0x010203
