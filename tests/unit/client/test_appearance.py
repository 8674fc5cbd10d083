"""How OMERO's rendering settings become channel records."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from napari_omero_io.client import appearance
from napari_omero_io.client.ice import omero

RED, GREEN, BLUE = appearance.RED, appearance.GREEN, appearance.BLUE
GREY = (255, 255, 255, 255)

rint, rstring = omero.rtypes.rint, omero.rtypes.rstring
rdouble, rbool = omero.rtypes.rdouble, omero.rtypes.rbool
U8, U16, F32 = np.dtype("uint8"), np.dtype("uint16"), np.dtype("float32")


def make_channel(
    name: str = "",
    color: tuple[int, int, int, int] | None = None,
    stats: tuple[float, float] | None = None,
    wavelength: float | None = None,
    meaning: str | None = None,
) -> Any:
    channel, logical = omero.model.ChannelI(), omero.model.LogicalChannelI()
    channel.logicalChannel = logical
    if name:
        logical.name = rstring(name)
    if color:
        appearance.set_color(channel, color)
    if stats:
        channel.statsInfo = omero.model.StatsInfoI()
        channel.statsInfo.globalMin = rdouble(stats[0])
        channel.statsInfo.globalMax = rdouble(stats[1])
    if wavelength:
        unit = omero.model.enums.UnitsLength.NANOMETER
        logical.emissionWave = omero.model.LengthI(wavelength, unit)
    if meaning:
        logical.photometricInterpretation = omero.model.PhotometricInterpretationI()
        logical.photometricInterpretation.value = rstring(meaning)
    return channel


def make_pixels(*channels: Any, bits: int | None = None) -> Any:
    pixels = omero.model.PixelsI()
    for channel in channels:
        pixels.addChannel(channel)
    if bits:
        pixels.significantBits = rint(bits)
    return pixels


def make_settings(model: str, *bindings: dict[str, Any]) -> Any:
    settings = omero.model.RenderingDefI()
    settings.model = omero.model.RenderingModelI()
    settings.model.value = rstring(model)
    for wanted in bindings:
        binding = omero.model.ChannelBindingI()
        appearance.set_color(binding, wanted.get("color", RED))
        low, high = wanted.get("window", (0, 255))
        binding.inputStart, binding.inputEnd = rdouble(low), rdouble(high)
        binding.active = rbool(wanted.get("active", True))
        if "lut" in wanted:
            binding.lookupTable = rstring(wanted["lut"])
        if wanted.get("inverted"):
            step = omero.model.ReverseIntensityContextI()
            step.reverse = rbool(True)
            binding.addCodomainMapContext(step)
        settings.addChannelBinding(binding)
    return settings


def test_settings_beat_everything_else() -> None:
    pixels = make_pixels(
        make_channel("DAPI", BLUE, (10, 900)), make_channel("Actin", GREEN, (5, 700))
    )
    settings = make_settings(
        "rgb",
        {"color": RED, "window": (20, 500)},
        {"window": (0, 800), "active": False, "lut": "cool.lut", "inverted": True},
    )
    first, second = appearance.read_channels(pixels, settings, U16)
    assert (first.name, first.color, first.active) == ("DAPI", RED, True)
    assert (first.window, first.limits) == ((20, 500), (10, 900))
    assert not first.inverted
    assert (second.active, second.inverted) == (False, True)
    assert second.lookup_table == "cool.lut"
    assert second.limits == (0, 800)


def test_without_settings_it_looks_as_omero_would_draw_it() -> None:
    pixels = make_pixels(
        make_channel("a", (1, 2, 3, 4), (0, 100)),
        make_channel(wavelength=461),
        make_channel(wavelength=520),
        make_channel(wavelength=600),
        make_channel(),
    )
    channels = appearance.read_channels(pixels, None, U8)
    assert [each.color for each in channels] == [(1, 2, 3, 4), BLUE, GREEN, RED, GREEN]
    assert [each.name for each in channels] == [
        *("a", "461 nm", "520 nm", "600 nm", "Channel 4")
    ]
    assert [each.active for each in channels] == [True, True, True, False, False]
    assert [each.window for each in channels] == [(0, 100), *[(0, 255)] * 4]


@pytest.mark.parametrize("settings", [None, make_settings("greyscale", {"color": RED})])
def test_a_lone_channel_is_grey(settings: Any) -> None:
    (channel,) = appearance.read_channels(make_pixels(make_channel()), settings, U8)
    assert channel.color == GREY


def test_a_lone_channel_has_the_colour_somebody_gave_it() -> None:
    settings = make_settings("rgb", {"color": GREEN})
    (channel,) = appearance.read_channels(make_pixels(make_channel()), settings, U8)
    assert channel.color == GREEN


def test_in_grey_only_the_first_active_channel_shows() -> None:
    pixels = make_pixels(*[make_channel() for _ in range(3)])
    bindings = [{"active": False}, {"color": GREEN}, {"color": BLUE}]
    channels = appearance.read_channels(
        pixels, make_settings("greyscale", *bindings), U8
    )
    assert [each.active for each in channels] == [False, True, False]
    assert [each.color for each in channels[1:]] == [GREY, BLUE]


def test_an_empty_window_is_replaced() -> None:
    pixels = make_pixels(make_channel(stats=(3, 9)))
    settings = make_settings("rgb", {"window": (7, 7)})
    (channel,) = appearance.read_channels(pixels, settings, U8)
    assert channel.window == (3, 9)


def test_values_that_were_measured_stand_in_for_statistics() -> None:
    pixels = make_pixels(make_channel(), make_channel(stats=(5, 5)))
    assert appearance.needs_measuring(pixels, None, F32)
    channels = appearance.read_channels(pixels, None, F32, {0: (-2, 4), 1: (1, 2)})
    assert [each.window for each in channels] == [(-2, 4), (1, 2)]


@pytest.mark.parametrize(
    ("pixels", "settings", "dtype"),
    [
        (make_pixels(make_channel()), None, U8),
        (make_pixels(make_channel(stats=(1, 2))), None, U16),
        (make_pixels(make_channel()), make_settings("rgb", {}), U16),
    ],
)
def test_measuring_is_saved_where_possible(
    pixels: Any, settings: Any, dtype: np.dtype[Any]
) -> None:
    assert not appearance.needs_measuring(pixels, settings, dtype)


@pytest.mark.parametrize(
    ("dtype", "bits", "expected"),
    [
        ("uint8", None, (0, 255)),
        ("uint16", None, (0, 65535)),
        ("uint16", 12, (0, 4095)),
        ("int8", None, (-128, 127)),
        ("int16", None, (-32768, 32767)),
        ("uint32", None, (0, 2**32 - 1)),
        ("float32", None, (0, 1)),
    ],
)
def test_ranges_of_types(
    dtype: str, bits: int | None, expected: tuple[float, float]
) -> None:
    assert appearance.type_range(np.dtype(dtype), bits) == expected


PURE = [{"color": RED}, {"color": GREEN}, {"color": BLUE}]


@pytest.mark.parametrize(
    ("bindings", "meaning", "dtype", "expected"),
    [
        (PURE, None, "uint8", True),
        (PURE, None, "uint16", False),
        ([*PURE[:2], {"color": RED}], None, "uint8", False),
        ([*PURE[:2], {"color": BLUE, "window": (0, 200)}], None, "uint8", False),
        ([*PURE[:2], {"color": BLUE, "active": False}], None, "uint8", False),
        ([{"color": RED, "window": (3, 9)}] * 3, "RGB", "uint8", True),
        ([{"color": RED, "window": (3, 9)}] * 3, "Monochrome", "uint8", False),
        (PURE, "Monochrome", "uint8", False),  # so full a range, and no picture
        (PURE[:2], "RGB", "uint8", False),
    ],
)
def test_when_channels_are_one_picture(
    bindings: list[dict[str, Any]], meaning: str | None, dtype: str, expected: bool
) -> None:
    pixels = make_pixels(*[make_channel(meaning=meaning) for _ in bindings])
    settings = make_settings("rgb", *bindings)
    channels = appearance.read_channels(pixels, settings, np.dtype(dtype))
    assert appearance.read_is_rgb(pixels, channels, dtype) is expected


@pytest.mark.parametrize(
    ("looks", "model"),
    [
        ([(GREY, (0.0, 9.0))], "greyscale"),
        ([(GREEN, (0.0, 9.0))], "rgb"),
        ([(GREEN, (0.0, 9.0)), (BLUE, (1.0, 5.0))], "rgb"),
    ],
)
def test_the_settings_we_make_are_read_back(
    looks: list[tuple[appearance.Color, appearance.Window]], model: str
) -> None:
    settings = appearance.make_settings(5, (2, len(looks), 7, 4, 4), looks)
    assert settings.model.value.val == model
    assert (settings.defaultZ.val, settings.defaultT.val) == (3, 0)
    pixels = make_pixels(*[make_channel() for _ in looks])
    channels = appearance.read_channels(pixels, settings, U8)
    assert [(each.color, each.window) for each in channels] == looks
