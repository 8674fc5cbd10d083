"""Pictures as files: JPEG, and the picture that stands for one not ready."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

DEFAULT_QUALITY = 0.85


def encode_jpeg(picture: np.ndarray, quality: float = DEFAULT_QUALITY) -> bytes:
    """Return a picture, (Y, X, 3) of uint8, as baseline JPEG.

    Parameters
    ----------
    quality
        0 to 1.
    """
    buffer = io.BytesIO()
    percent = max(1, min(100, round(quality * 100)))
    Image.fromarray(picture).save(buffer, "JPEG", quality=percent)
    return buffer.getvalue()


def scale(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a picture of another size, without interpolation."""
    rows = (np.arange(height) * (picture.shape[0] / height)).astype(np.intp)
    columns = (np.arange(width) * (picture.shape[1] / width)).astype(np.intp)
    scaled: np.ndarray = picture[rows][:, columns]
    return scaled


def draw_clock(width: int, height: int) -> np.ndarray:
    """Draw what is shown in place of pixels that are not ready."""
    image = Image.new("RGB", (width, height), (60, 60, 60))
    draw = ImageDraw.Draw(image)
    radius = min(width, height) // 3
    x, y = width // 2, height // 2
    line = max(1, radius // 8)
    light = (200, 200, 200)
    box = (x - radius, y - radius, x + radius, y + radius)
    draw.ellipse(box, outline=light, width=line)
    draw.line((x, y, x, y - radius * 3 // 4), fill=light, width=line)
    draw.line((x, y, x + radius // 2, y), fill=light, width=line)
    return np.asarray(image)
