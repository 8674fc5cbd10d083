"""How an image is shown: OMERO's rendering settings ⇄ our channel records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_omero_io.records import ChannelRecord

from .ice import omero
from .wire import read_length, read_text, refer, unbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

Color = tuple[int, int, int, int]
Window = tuple[float, float]

WHITE: Color = (255, 255, 255, 255)
RED: Color = (255, 0, 0, 255)
GREEN: Color = (0, 255, 0, 255)
BLUE: Color = (0, 0, 255, 255)
_CYCLE = (RED, GREEN, BLUE)

#: Channels that OMERO switches on where nobody has chosen.
_ACTIVE = 3


def read_channels(
    pixels: Any,
    settings: Any,
    dtype: np.dtype[Any],
    measured: Mapping[int, Window] | None = None,
) -> tuple[ChannelRecord, ...]:
    """Read channels as the settings show them, or as OMERO would where there are none.

    Parameters
    ----------
    pixels
        A Pixels whose channels, their logical channels and statistics are loaded.
    settings
        A RenderingDef with its model and bindings loaded, or None.
    measured
        Smallest and largest value of channels, for those without statistics.
    """
    channels = pixels.copyChannels()
    bindings = settings.copyWaveRendering() if settings is not None else []
    is_grey = _is_grey(settings, len(channels))
    records = []
    for index, channel in enumerate(channels):
        limits = _read_statistics(channel) or (measured or {}).get(index)
        if limits is None:
            limits = type_range(dtype, unbox(pixels.significantBits))
        binding = bindings[index] if index < len(bindings) else None
        if binding is None:
            record = _default_channel(index, channel, limits)
        else:
            record = _read_binding(index, channel, binding, limits)
        records.append(record)
    if is_grey and len(records) == 1:
        # OMERO shows a lone channel in grey whatever its colour.
        return (replace(records[0], color=WHITE),)
    if is_grey:
        first = next((each.index for each in records if each.active), 0)
        # It shows one channel, and that in grey.
        return tuple(
            replace(each, active=True, color=WHITE)
            if each.index == first
            else replace(each, active=False)
            for each in records
        )
    return tuple(records)


def read_is_rgb(pixels: Any, channels: Sequence[ChannelRecord], dtype: str) -> bool:
    """Whether three channels are one picture: said by the file, or plain to see."""
    if dtype != "uint8" or len(channels) != 3:
        return False
    meanings = [
        read_text(interpretation.value)
        for channel in pixels.copyChannels()
        if (interpretation := channel.logicalChannel.photometricInterpretation)
    ]
    if len(meanings) == 3 and set(meanings) <= {"RGB", "ARGB"}:
        return True
    if len(meanings) == 3 and set(meanings) == {"Monochrome"}:
        return False
    return all(
        each.color[:3] == pure[:3] and each.window == (0, 255) and each.active
        for each, pure in zip(channels, _CYCLE, strict=True)
    )


def needs_measuring(pixels: Any, settings: Any, dtype: np.dtype[Any]) -> bool:
    """Whether nobody knows what values to show; the range of 8 bits will do."""
    return (
        settings is None
        and dtype.itemsize > 1
        and any(_read_statistics(each) is None for each in pixels.copyChannels())
    )


def type_range(dtype: np.dtype[Any], significant_bits: int | None = None) -> Window:
    """Give the range of values that a pixel type can hold; (0, 1) for floats."""
    if dtype.kind == "f":
        return (0.0, 1.0)
    bits = min(significant_bits or 64, dtype.itemsize * 8)
    if dtype.kind == "u":
        return (0.0, float(2**bits - 1))
    return (float(-(2 ** (bits - 1))), float(2 ** (bits - 1) - 1))


def make_settings(
    pixels_id: int, shape: tuple[int, ...], looks: Sequence[tuple[Color, Window]]
) -> Any:
    """Make a RenderingDef that shows every channel in its colour and window.

    Parameters
    ----------
    shape
        (T, C, Z, Y, X).
    """
    settings = omero.model.RenderingDefI()
    settings.pixels = refer("Pixels", pixels_id)
    settings.defaultZ = omero.rtypes.rint(shape[2] // 2)
    settings.defaultT = omero.rtypes.rint(0)
    is_grey = len(looks) == 1 and looks[0][0] == WHITE
    settings.model = name_enumeration(
        "RenderingModel", "greyscale" if is_grey else "rgb"
    )
    settings.quantization = make_quantization()
    for color, window in looks:
        settings.addChannelBinding(_make_binding(color, window))
    return settings


def make_quantization() -> Any:
    """Make the QuantumDef of 256 steps that OMERO begins with."""
    quantization = omero.model.QuantumDefI()
    quantization.cdStart = omero.rtypes.rint(0)
    quantization.cdEnd = omero.rtypes.rint(255)
    quantization.bitResolution = omero.rtypes.rint(255)
    return quantization


def _make_binding(color: Color, window: Window) -> Any:
    binding = omero.model.ChannelBindingI()
    binding.family = name_enumeration("Family", "linear")
    binding.coefficient = omero.rtypes.rdouble(1.0)
    binding.inputStart = omero.rtypes.rdouble(window[0])
    binding.inputEnd = omero.rtypes.rdouble(window[1])
    binding.active = omero.rtypes.rbool(True)
    binding.noiseReduction = omero.rtypes.rbool(False)
    set_color(binding, color)
    return binding


def set_color(target: Any, color: Color) -> None:
    """Set the four parts of a colour on a Channel or ChannelBinding."""
    for name, value in zip(("red", "green", "blue", "alpha"), color, strict=True):
        setattr(target, name, omero.rtypes.rint(value))


def name_enumeration(class_name: str, value: str) -> Any:
    """Name an enumeration by its value; the server finds the row."""
    enumeration = getattr(omero.model, f"{class_name}I")()
    enumeration.value = omero.rtypes.rstring(value)
    return enumeration


def _is_grey(settings: Any, count: int) -> bool:
    if settings is None:
        return not 1 < count < 8
    return read_text(settings.model.value) == "greyscale"


def _read_statistics(channel: Any) -> Window | None:
    stats = channel.statsInfo
    if stats is None:
        return None
    low, high = float(stats.globalMin.val), float(stats.globalMax.val)
    return (low, high) if low < high else None


def _default_channel(index: int, channel: Any, limits: Window) -> ChannelRecord:
    return ChannelRecord(
        index=index,
        name=_read_name(index, channel),
        color=_default_color(index, channel),
        window=limits,
        limits=limits,
        active=index < _ACTIVE,
        lookup_table=read_text(channel.lookupTable),
    )


def _read_binding(
    index: int, channel: Any, binding: Any, limits: Window
) -> ChannelRecord:
    window = (float(binding.inputStart.val), float(binding.inputEnd.val))
    if not window[0] < window[1]:
        window = limits
    return ChannelRecord(
        index=index,
        name=_read_name(index, channel),
        color=_read_color(binding) or _default_color(index, channel),
        window=window,
        limits=(min(limits[0], window[0]), max(limits[1], window[1])),
        active=bool(binding.active.val),
        inverted=_is_inverted(binding),
        lookup_table=read_text(binding.lookupTable),
        family=_read_family(binding),
        coefficient=unbox(binding.coefficient) or 1.0,
    )


def _is_inverted(binding: Any) -> bool:
    return any(
        isinstance(step, omero.model.ReverseIntensityContext)
        and bool(unbox(step.reverse))
        for step in binding.copySpatialDomainEnhancement()
    )


def _read_family(binding: Any) -> str:
    family = binding.family
    if family is None or not family.isLoaded():
        return "linear"
    return read_text(family.value) or "linear"


def _read_name(index: int, channel: Any) -> str:
    """Name a channel as OMERO's clients do: by name, wavelength, or number."""
    logical = channel.logicalChannel
    if name := read_text(logical.name):
        return name
    wavelength = read_length(logical.emissionWave)
    if wavelength is not None:
        return f"{round(wavelength * 1000)} nm"
    return f"Channel {index}"


def _read_color(holder: Any) -> Color | None:
    parts = [unbox(getattr(holder, n)) for n in ("red", "green", "blue", "alpha")]
    if any(part is None for part in parts):
        return None
    red, green, blue, alpha = parts
    return (red, green, blue, alpha)


def _default_color(index: int, channel: Any) -> Color:
    """Choose as OMERO does: the channel's own, by wavelength, or by number."""
    own = _read_color(channel)
    if own is not None:
        return own
    wave = channel.logicalChannel.emissionWave
    if wave is not None and wave.getValue():
        nanometres = wave.getValue()  # OMERO ignores the unit here
        return BLUE if nanometres < 500 else GREEN if nanometres < 560 else RED
    return _CYCLE[index % 3]
