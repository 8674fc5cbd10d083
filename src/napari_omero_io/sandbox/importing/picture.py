"""PNG and JPEG files."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from .arrays import ArraySource
from .imported import RGB, ImportedChannel, ImportedImage, UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path

_DATE_TIME = 306
_EXIF = 0x8769
_DATE_TIME_ORIGINAL = 36867


def read_picture(path: Path) -> ImportedImage:
    """Describe a PNG or JPEG; colours become three channels, transparency is left out.

    Raises
    ------
    UnreadableFile
        The file is damaged.
    """
    try:
        with Image.open(path) as opened:
            opened.load()
            pixels = _decode(opened)
            acquired = _find_date(opened)
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,  # Pillow's word for a broken PNG
        ValueError,
        Image.DecompressionBombError,
    ) as error:
        raise UnreadableFile(f"{path.name} is damaged: {error}.") from error
    count, height, width = pixels.shape
    is_rgb = count == 3
    return ImportedImage(
        name=path.name,
        dtype=pixels.dtype.name,
        shape=(1, count, 1, height, width),
        channels=tuple(ImportedChannel(color=RGB[i]) for i in range(3))
        if is_rgb
        else (ImportedChannel(),),
        source=ArraySource(pixels[np.newaxis, :, np.newaxis]),
        levels=((height, width),),
        acquired=acquired,
        is_rgb=is_rgb,
    )


def _decode(opened: Image.Image) -> np.ndarray:
    """Return the pixels, (C, Y, X)."""
    if opened.mode in ("1", "L", "LA", "La"):
        return np.asarray(opened.convert("L"))[np.newaxis]
    if opened.mode in ("I;16", "I;16B", "I;16L"):
        return np.asarray(opened).astype(np.uint16)[np.newaxis]
    if opened.mode == "I":
        # Pillow reads 16-bit grey PNG as 32-bit whole numbers in older versions.
        values = np.asarray(opened)
        fits = values.min() >= 0 and values.max() <= np.iinfo(np.uint16).max
        return values.astype(np.uint16 if fits else np.int32)[np.newaxis]
    return np.moveaxis(np.asarray(opened.convert("RGB")), -1, 0).copy()


def _find_date(opened: Image.Image) -> datetime | None:
    exif = opened.getexif()
    said: Any = exif.get_ifd(_EXIF).get(_DATE_TIME_ORIGINAL) or exif.get(_DATE_TIME)
    try:
        return datetime.strptime(str(said), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
