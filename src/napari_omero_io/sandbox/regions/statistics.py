"""What the pixels in shapes come to, channel by channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import omero
import omero.all
import omero.api

from napari_omero_io.sandbox.store.pixels.types import Place, Region

from .points import points_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from napari_omero_io.sandbox.store.pixels.buffer import PixelBuffer


@dataclass(frozen=True, slots=True)
class Measure:
    """What the pixels of one shape in one channel come to.

    Attributes
    ----------
    deviation
        Of a sample: divided by one less than the number of pixels.
    """

    count: int
    low: float
    high: float
    total: float
    mean: float
    deviation: float


def measure(values: NDArray[Any]) -> Measure:
    """Measure pixels; of none at all everything is 0."""
    if not values.size:
        return Measure(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    exact = values.astype(np.float64)
    deviation = float(exact.std(ddof=1)) if exact.size > 1 else 0.0
    return Measure(
        int(exact.size),
        float(exact.min()),
        float(exact.max()),
        float(exact.sum()),
        float(exact.mean()),
        deviation,
    )


def measure_shape(
    shape: Any,
    buffer: PixelBuffer,
    channels: Sequence[int],
    sections: Iterable[int],
    times: Iterable[int],
) -> list[Measure]:
    """Measure the pixels of a shape over some planes; those outside are skipped.

    Raises
    ------
    ApiUsage
        The shape has no points that could be told.
    """
    points = points_of(shape)
    limits = np.array(buffer.facts.size)
    points = points[((points >= 0) & (points < limits)).all(axis=1)]
    planes = [(z, t) for t in times for z in sections]
    return [_measure_channel(buffer, points, channel, planes) for channel in channels]


def as_stats(shape_id: int, ids: Sequence[int], measures: Sequence[Measure]) -> Any:
    """Return measures as the structure that travels."""
    return omero.api.ShapeStats(
        shapeId=shape_id,
        channelIds=list(ids),
        pointsCount=[one.count for one in measures],
        min=[one.low for one in measures],
        max=[one.high for one in measures],
        sum=[one.total for one in measures],
        mean=[one.mean for one in measures],
        stdDev=[one.deviation for one in measures],
    )


def _measure_channel(
    buffer: PixelBuffer,
    points: NDArray[np.int64],
    channel: int,
    planes: Sequence[tuple[int, int]],
) -> Measure:
    if not len(points):
        return measure(np.empty(0))
    (x, y), (right, bottom) = points.min(axis=0), points.max(axis=0) + 1
    region = Region(int(x), int(y), int(right - x), int(bottom - y))
    columns, rows = (points - (x, y)).T
    values = [
        buffer.read(Place(z, channel, t), region)[rows, columns] for z, t in planes
    ]
    return measure(np.concatenate(values))
