"""What ImageJ writes into its TIFF files."""

from __future__ import annotations

from typing import Any

from .facts import MICROMETRES, SECONDS, Facts, to_positive
from .imported import ImportedChannel
from .resolution import pixels_per_unit


def read_imagej(file: Any) -> Facts:
    """Read channel names and colours, pixel sizes and the frame interval.

    Parameters
    ----------
    file
        A `tifffile.TiffFile` in ImageJ's dialect.
    """
    said: dict[str, Any] = file.imagej_metadata or {}
    page = file.pages[0]
    factor = MICROMETRES.get(str(said.get("unit", "")))
    x = _size(pixels_per_unit(page, "XResolution"), factor)
    y = _size(pixels_per_unit(page, "YResolution"), factor)
    spacing = to_positive(_number(said.get("spacing")))
    interval = to_positive(_number(said.get("finterval")))
    seconds = SECONDS.get(str(said.get("tunit", "sec")), 1.0)
    return Facts(
        channels=_read_channels(said),
        pixel_size=(x, y, spacing * factor if spacing and factor else None),
        time_increment=interval * seconds if interval else None,
    )


def _size(pixels: float | None, factor: float | None) -> float | None:
    return to_positive(factor / pixels) if pixels and factor else None


def _read_channels(said: dict[str, Any]) -> tuple[ImportedChannel, ...]:
    count = int(said.get("channels", 1))
    labels = said.get("Labels") or []
    labels = [labels] if isinstance(labels, str) else labels
    tables = said.get("LUTs") or []
    # One label a plane, channels fastest: with channels only, they name the channels.
    named = labels if len(labels) == count else []
    composite = said.get("mode") in ("composite", "color") and count > 1
    channels = []
    for index in range(count):
        color = None
        if composite and index < len(tables):
            red, green, blue = (int(band[-1]) for band in tables[index])
            color = (red, green, blue, 255)
        name = str(named[index]) if index < len(named) and named[index] else None
        channels.append(ImportedChannel(name=name, color=color))
    return tuple(channels)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
