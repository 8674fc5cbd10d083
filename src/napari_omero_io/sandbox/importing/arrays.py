"""Images that are in memory already, described like those of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .imported import ImportedChannel, ImportedImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np


class ArraySource:
    """Planes of an array, (T, C, Z, Y, X)."""

    def __init__(self, pixels: np.ndarray) -> None:
        self._pixels = pixels

    def read(self, level: int, t: int, c: int, z: int) -> np.ndarray:
        """Return a plane, (Y, X)."""
        return self.read_region(level, t, c, z, slice(None), slice(None))

    def read_region(
        self, level: int, t: int, c: int, z: int, y: slice, x: slice
    ) -> np.ndarray:
        """Return a part of a plane."""
        part: np.ndarray = self._pixels[t, c, z, y, x]
        return part

    def close(self) -> None:
        """Nothing is held open."""


def describe_array(
    name: str,
    pixels: np.ndarray,
    channels: Sequence[ImportedChannel],
    *,
    pixel_size: tuple[float | None, float | None, float | None] = (None, None, None),
    time_increment: float | None = None,
    description: str | None = None,
    is_rgb: bool = False,
) -> ImportedImage:
    """Describe an array, (T, C, Z, Y, X), as an image to be stored."""
    t, c, z, y, x = pixels.shape
    return ImportedImage(
        name=name,
        dtype=pixels.dtype.name,
        shape=(t, c, z, y, x),
        channels=tuple(channels),
        source=ArraySource(pixels),
        levels=((y, x),),
        pixel_size=pixel_size,
        time_increment=time_increment,
        description=description,
        is_rgb=is_rgb,
    )
