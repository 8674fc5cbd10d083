"""Images as parts of what is put together of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class PartRecord:
    """An image as far as it matters to what is put together of many images."""

    image_id: int
    name: str
    pixels_id: int
    group_id: int
    dtype: str
    size_t: int
    size_c: int
    size_z: int
    size_y: int
    size_x: int
    version: str = ""


class Patch(NamedTuple):
    """Some pixels of one plane of an image: every `step`-th of a rectangle.

    Attributes
    ----------
    x, y
        The first pixel, at full size.
    w, h
        How many pixels are wanted of each row, and how many rows.
    """

    part: PartRecord
    z: int
    c: int
    t: int
    x: int
    y: int
    w: int
    h: int
    step: int = 1
