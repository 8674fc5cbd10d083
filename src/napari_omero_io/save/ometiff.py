"""Writing an image as a pyramidal OME-TIFF, plane by plane, for import.

Full size comes first, in tiles; every smaller level holds each second pixel of the
level before it, in both directions, averaged.  One plane is in memory at a time.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .images import PlannedImage

#: Both sides of a tile.
TILE = 512
#: Below this length of the longer side there are no smaller levels.
_SMALLEST = 1024


def write_ometiff(
    path: Path, image: PlannedImage, written: Callable[[int], None] | None = None
) -> None:
    """Write all planes of an image, exactly, and smaller levels of them.

    Parameters
    ----------
    written
        Told the bytes of each plane of the full size as it is read; may raise to stop,
        and then the file is not complete.
    """
    t, c, z, y, x = image.sizes
    levels = count_levels(y, x)
    dtype = image.read_plane(0, 0, 0).dtype
    shared: dict[str, Any] = {
        "dtype": dtype,
        "tile": (TILE, TILE),
        "compression": "zlib",
        "photometric": "minisblack",
    }
    with tifffile.TiffWriter(path, bigtiff=True, ome=True) as tiff:
        for level in range(levels):
            size_y, size_x = _shrink(y, level), _shrink(x, level)
            told = written if level == 0 else None
            first = {"subifds": levels - 1, "metadata": describe(image)}
            tiff.write(
                _read_tiles(image, level, told),
                shape=(t, c, z, size_y, size_x),
                **shared,
                **(first if level == 0 else {"subfiletype": 1, "metadata": None}),
            )


def count_levels(size_y: int, size_x: int) -> int:
    """Say how many levels an image of a size has, the full size among them."""
    levels = 1
    while max(_shrink(size_y, levels - 1), _shrink(size_x, levels - 1)) > _SMALLEST:
        levels += 1
    return levels


def describe(image: PlannedImage) -> dict[str, Any]:
    """Say in tifffile's words what OME-XML is to say of an image."""
    described: dict[str, Any] = {
        "axes": "TCZYX",
        "Name": image.name,
        "Channel": {
            "Name": [channel.name for channel in image.channels],
            "Color": [_pack(channel.color) for channel in image.channels],
        },
    }
    for axis in "XYZ":
        if image.pixel_sizes.get(axis):
            described[f"PhysicalSize{axis}"] = image.pixel_sizes[axis]
            described[f"PhysicalSize{axis}Unit"] = "µm"
    if image.pixel_sizes.get("T"):
        described["TimeIncrement"] = image.pixel_sizes["T"]
        described["TimeIncrementUnit"] = "s"
    return described


def halve(plane: np.ndarray) -> np.ndarray:
    """Average areas of 2 x 2 pixels; at an odd edge of those that are there."""
    y, x = plane.shape
    plane = np.pad(plane, ((0, y % 2), (0, x % 2)), mode="edge")
    is_float = plane.dtype.kind == "f"
    total: Any = plane[0::2, 0::2].astype(np.float64 if is_float else np.int64)
    for part in (plane[1::2, 0::2], plane[0::2, 1::2], plane[1::2, 1::2]):
        total += part
    mean: np.ndarray = total / 4 if is_float else (total + 2) >> 2
    return mean.astype(plane.dtype)


def _read_tiles(
    image: PlannedImage, level: int, told: Callable[[int], None] | None
) -> Iterator[np.ndarray]:
    """Give the tiles of all planes: x fastest, then y; short ones are filled up."""
    t_size, c_size, z_size, _, _ = image.sizes
    for t, c, z in np.ndindex(t_size, c_size, z_size):
        plane = image.read_plane(t, c, z)
        if told is not None:
            told(plane.nbytes)
        for _ in range(level):
            plane = halve(plane)
        height, width = plane.shape
        for y, x in itertools.product(range(0, height, TILE), range(0, width, TILE)):
            yield plane[y : y + TILE, x : x + TILE]


def _shrink(length: int, level: int) -> int:
    return -(-length // (1 << level))


def _pack(color: tuple[int, int, int, int]) -> int:
    """Give a colour as the signed number that OME-XML holds."""
    number = int.from_bytes(bytes(color), "big")
    return number - (1 << 32) if number >= 1 << 31 else number
