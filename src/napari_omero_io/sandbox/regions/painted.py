"""A picture in which every colour marks a region, taken apart into masks."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from napari_omero_io.sandbox.errors import ApiUsage


@dataclass(frozen=True, slots=True)
class Painted:
    """What has one colour.

    Attributes
    ----------
    color
        Red, green, blue, alpha in a signed integer, red in the highest bits.
    bits
        One bit a pixel, row by row, the highest first, rows not padded.
    """

    x: int
    y: int
    width: int
    height: int
    color: int
    bits: bytes


def read_painted(content: bytes) -> list[Painted]:
    """Return what is painted in the colours of a picture; black is nothing.

    Raises
    ------
    ApiUsage
        The content is no picture.
    """
    try:
        with Image.open(io.BytesIO(content)) as picture:
            pixels = np.asarray(picture.convert("RGB"), dtype=np.int64)
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise ApiUsage(f"The picture cannot be read: {error}") from error
    colors = (pixels[..., 0] << 16) | (pixels[..., 1] << 8) | pixels[..., 2]
    found = []
    for color in np.unique(colors):
        if color == 0:
            continue
        rows, columns = np.nonzero(colors == color)
        top, left = int(rows.min()), int(columns.min())
        height, width = int(rows.max()) + 1 - top, int(columns.max()) + 1 - left
        inside = colors[top : top + height, left : left + width] == color
        rgba = (int(color) << 8) | 0xFF
        signed = rgba - 2**32 if rgba >= 2**31 else rgba
        bits = np.packbits(inside.ravel()).tobytes()
        found.append(Painted(left, top, width, height, signed, bits))
    return found
