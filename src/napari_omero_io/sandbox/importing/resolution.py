"""The pixel size in the tags of a plain TIFF page."""

from __future__ import annotations

from typing import Any

from .facts import Facts, to_positive

#: TIFF's ResolutionUnit: 2 is the inch, 3 the centimetre; 1 means a ratio only.
_MICROMETRES_PER_UNIT = {2: 25400.0, 3: 10000.0}

#: Writers put 72 or 96 dots per inch where they know nothing: no pixel size.
_SCREEN_DPI = (1, 72, 96, 100, 150, 300, 600)


def read_resolution(page: Any) -> Facts:
    """Read the pixel size of a page, micrometres.

    A unit of inches with a customary number of dots describes paper, not a sample,
    and is left out.
    """
    unit = page.tags.get("ResolutionUnit")
    factor = _MICROMETRES_PER_UNIT.get(int(unit.value)) if unit else None
    if factor is None:
        return Facts()
    x, y = (pixels_per_unit(page, name) for name in ("XResolution", "YResolution"))
    if int(unit.value) == 2 and x in _SCREEN_DPI:
        return Facts()
    size_x = to_positive(factor / x) if x else None
    size_y = to_positive(factor / y) if y else None
    return Facts(pixel_size=(size_x, size_y, None))


def pixels_per_unit(page: Any, name: str) -> float | None:
    """Return a resolution tag as a number; None where it is missing or senseless."""
    tag = page.tags.get(name)
    if tag is None:
        return None
    value = tag.value
    numerator, denominator = value if isinstance(value, tuple) else (value, 1)
    return numerator / denominator if numerator and denominator else None
