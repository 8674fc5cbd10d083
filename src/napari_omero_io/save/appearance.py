"""How a layer looks, in OMERO's words: colour, window, pixel size.

Layers arrive as napari hands them to writers: a colormap may be a name, ``#rrggbb``,
a table of colours, the state of a colormap or the colormap itself.  Nothing here
imports napari.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Color = tuple[int, int, int, int]

WHITE: Color = (255, 255, 255, 255)
RED: Color = (255, 0, 0, 255)
GREEN: Color = (0, 255, 0, 255)
BLUE: Color = (0, 0, 255, 255)

#: Channels of one grey layer, which would all be white.
CYCLE = (RED, GREEN, BLUE, (255, 0, 255, 255), (0, 255, 255, 255), (255, 255, 0, 255))

#: The colormaps of napari that are one colour and go by a name.
_NAMED = {
    "gray": WHITE,
    "grey": WHITE,
    "red": RED,
    "green": GREEN,
    "blue": BLUE,
    "magenta": (255, 0, 255, 255),
    "cyan": (0, 255, 255, 255),
    "yellow": (255, 255, 0, 255),
}

#: Masks are shown half transparent, as OMERO's own clients make them.
MASK_ALPHA = 128

#: For labels whose layer does not say.
_MASK_COLOR: Color = (255, 255, 0, MASK_ALPHA)


def read_color(colormap: Any) -> Color:
    """Give the colour that a colormap ends in; a channel of OMERO has one.

    White for colormaps that are known by name only.  A colormap that ends in black,
    such as ``gray_r``, is named by the colour it begins with.
    """
    if isinstance(colormap, str):
        return _read_text(colormap)
    colors = _colors_of(colormap)
    if colors is None:
        return WHITE
    last = _as_bytes(colors[-1])
    return last if any(last[:3]) else _as_bytes(colors[0])


def is_one_color(colormap: Any) -> bool:
    """Whether a colormap is a ramp from black to one colour: nothing is lost."""
    if isinstance(colormap, str):
        return colormap.startswith("#") or colormap in _NAMED
    colors = _colors_of(colormap)
    return (
        colors is not None
        and len(colors) == 2
        and not any(_as_bytes(colors[0])[:3])
        and any(_as_bytes(colors[1])[:3])
    )


def read_label_colors(colormap: Any, labels: Iterable[int]) -> dict[int, Color]:
    """Give the colour of each label, half transparent."""
    numbers = list(labels)
    if not hasattr(colormap, "map") or not numbers:
        return dict.fromkeys(numbers, _MASK_COLOR)
    mapped = np.asarray(colormap.map(np.asarray(numbers)))
    return {
        number: (*_as_bytes(color)[:3], MASK_ALPHA)
        for number, color in zip(numbers, mapped, strict=True)
    }


def read_window(limits: Sequence[float] | None) -> tuple[float, float] | None:
    """Give the contrast limits as OMERO's window; None where there are none."""
    if limits is None or len(limits) != 2:
        return None
    low, high = float(limits[0]), float(limits[1])
    return (low, high) if np.isfinite([low, high]).all() and low < high else None


def convert_unit(unit: Any, wanted: str) -> float | None:
    """Say how many `wanted` (``micrometer``, ``second``) one `unit` is.

    None where the unit is of another kind, such as pixels, or unknown.
    """
    if unit is None:
        return None
    registry = pint.get_application_registry()
    try:
        one = registry.Quantity(1.0, str(unit))
        return float(one.to(wanted).magnitude)
    except pint.errors.PintError:
        return None


def _read_text(name: str) -> Color:
    if name.startswith("#") and len(name) in (7, 9):
        try:
            channels = bytes.fromhex(name[1:7])
        except ValueError:
            return WHITE
        return (channels[0], channels[1], channels[2], 255)
    return _NAMED.get(name.lower(), WHITE)


def _colors_of(colormap: Any) -> np.ndarray | None:
    if isinstance(colormap, tuple) and len(colormap) == 2:
        colormap = colormap[1]
    if isinstance(colormap, Mapping):
        colormap = colormap.get("colors")
    colors = getattr(colormap, "colors", colormap)
    if colors is None:
        return None
    table = np.asarray(colors, dtype=float)
    is_table = table.ndim == 2 and table.shape[0] > 0 and table.shape[1] in (3, 4)
    return table if is_table else None


def _as_bytes(color: Sequence[float] | np.ndarray) -> Color:
    red, green, blue = (
        round(float(np.clip(part, 0, 1)) * 255) for part in list(color)[:3]
    )
    return (red, green, blue, 255)
