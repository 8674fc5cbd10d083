"""Histograms of planes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import select

from napari_omero_io.sandbox.errors import ApiUsage, Internal
from napari_omero_io.sandbox.store.pixels.types import Place, Region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.store.pixels.buffer import PixelBuffer

_BINS = 256


def read_global_ranges(
    connection: Connection, call: Call, pixels_id: int
) -> dict[int, tuple[float, float]]:
    """Return the known extremes of channels over all planes, by channel."""
    tables = call.core.database.tables
    channels, stats = tables["Channel"], tables["StatsInfo"]
    query = (
        select(channels.c.pixels_index, stats.c.globalMin, stats.c.globalMax)
        .select_from(channels.join(stats, channels.c.statsInfo_id == stats.c.id))
        .where(channels.c.pixels_id == pixels_id)
    )
    return {index: (low, high) for index, low, high in connection.execute(query)}


def plane_histogram(
    buffer: PixelBuffer,
    channels: Sequence[int],
    bin_count: int,
    ranges: Mapping[int, tuple[float, float]],
    plane: Any,
    limit: int,
) -> dict[int, list[int]]:
    """Count the values of one plane of some channels.

    Parameters
    ----------
    ranges
        Of channels whose range is not to be taken from the plane.
    plane
        An `omero.romio.PlaneDef` with section, time point and region, or None.
    limit
        The largest level of which no side is longer is used; the buffer stays there.
    """
    choose_level(buffer, limit)
    z, t = _index(plane, "z"), _index(plane, "t")
    region = _region(buffer, plane)
    bins = bin_count if bin_count > 0 else _BINS
    counted = {}
    for c in channels:
        if not 0 <= c < buffer.facts.size_c:
            raise Internal(
                " Wrapped Exception: (java.lang.IndexOutOfBoundsException):\n"
                f"Index: {c}, Size: {buffer.facts.size_c}"
            )
        place = Place(z, c, t)
        low, high = ranges.get(c, (0.0, 1.0))
        # OMERO takes a maximum of 1 for one that nobody has looked for.
        if high == 1.0:
            low, high = buffer.find_range(place)
        buffer.check_region(place, region)
        counted[c] = count_values(buffer.read(place, region), low, high, bins)
    return counted


def choose_level(buffer: PixelBuffer, limit: int) -> None:
    """Let a buffer read its largest level of which no side is longer than a limit.

    Raises
    ------
    ApiUsage
        There is none.
    """
    for level, size in enumerate(buffer.sizes):
        if max(size) <= limit:
            buffer.level = level
            return
    raise ApiUsage("All resolution levels larger than max plane size")


def count_values(pixels: NDArray[Any], low: float, high: float, bins: int) -> list[int]:
    """Count values in bins of equal width; those outside are left out."""
    values = pixels[(pixels >= low) & (pixels <= high)].astype(np.float64)
    width = (high - low) / bins
    index = np.full(values.shape, bins - 1)
    if width > 0:
        index = np.minimum(((values - low) / width).astype(np.int64), bins - 1)
    return [int(count) for count in np.bincount(index, minlength=bins)]


def _index(plane: Any, name: str) -> int:
    return max(0, getattr(plane, name)) if plane is not None else 0


def _region(buffer: PixelBuffer, plane: Any) -> Region:
    """Return the part of a plane that is meant; the whole where none is said."""
    asked = plane.region if plane is not None else None
    if asked is None:
        return Region(0, 0, *buffer.size)
    x, y = max(0, asked.x), max(0, asked.y)
    width = asked.width if asked.width > 0 else buffer.size.x - x
    height = asked.height if asked.height > 0 else buffer.size.y - y
    return Region(x, y, width, height)
