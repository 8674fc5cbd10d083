"""Which pixels lie in a shape, by OMERO.server's rules.

The server walks the bounding box of an area from its origin, which may be a fraction,
in steps of one pixel, and asks whether a tiny square at each place touches the area.
Lines are sampled every tenth of a pixel.  A mask counts as its whole rectangle, and
transforms are not applied.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import omero.model

from napari_omero_io.sandbox.errors import ApiUsage

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The side of the square that touches an area or does not.
_SIDE = 0.001
_SAMPLES_PER_PIXEL = 10
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
#: More than the largest image: a shape with more is a mistake.
_MOST_POINTS = 100_000_000


def points_of(shape: Any) -> NDArray[np.int64]:
    """Return the pixels that lie in a shape.

    Returns
    -------
    Of shape (N, 2): X and Y, row by row; they may lie outside the image.

    Raises
    ------
    ApiUsage
        The shape is a path, has no place, or is larger than any image.
    """
    if isinstance(shape, (omero.model.Rectangle, omero.model.Mask)):
        x, y, width, height = _numbers(shape, "x", "y", "width", "height")
        return _truncate(_grid(x, y, width, height))
    if isinstance(shape, omero.model.Ellipse):
        return _in_ellipse(*_numbers(shape, "x", "y", "radiusX", "radiusY"))
    if isinstance(shape, omero.model.Polygon):
        return _in_polygon(_corners(shape))
    if isinstance(shape, omero.model.Polyline):
        return _on_line(_corners(shape))
    if isinstance(shape, omero.model.Line):
        ends = np.array(_numbers(shape, "x1", "y1", "x2", "y2")).reshape(2, 2)
        return _on_line(ends)
    if isinstance(shape, (omero.model.Point, omero.model.Label)):
        return np.floor([_numbers(shape, "x", "y")]).astype(np.int64)
    raise ApiUsage(f"{_name(shape)} has no points that could be told.")


def _name(shape: Any) -> str:
    id_ = shape._id.getValue() if shape._id is not None else "new"
    return f"{type(shape).__name__.removesuffix('I')}:{id_}"


def _numbers(shape: Any, *names: str) -> list[float]:
    values = [getattr(shape, f"_{name}") for name in names]
    if any(value is None for value in values):
        raise ApiUsage(f"{_name(shape)} needs {', '.join(names)} to be measured.")
    return [float(value.getValue()) for value in values]


def _corners(shape: Any) -> NDArray[np.float64]:
    text = shape._points.getValue() if shape._points is not None else ""
    # old clients wrote the same corners up to four times: points[…] points1[…] …
    found = re.search(r"points\[([^\]]*)\]", text)
    numbers = [float(one) for one in _NUMBER.findall(found.group(1) if found else text)]
    if len(numbers) < 4 or len(numbers) % 2:
        raise ApiUsage(f"{_name(shape)} has no points that can be read.")
    return np.array(numbers).reshape(-1, 2)


def _grid(x: float, y: float, width: float, height: float) -> NDArray[np.float64]:
    """Return the places that are looked at in a box, row by row."""
    columns, rows = max(0, int(np.ceil(width))), max(0, int(np.ceil(height)))
    if columns * rows > _MOST_POINTS:
        raise ApiUsage(f"A shape of {columns} x {rows} pixels is too large.")
    grid = np.mgrid[0:rows, 0:columns].reshape(2, -1).T[:, ::-1]
    places: NDArray[np.float64] = grid + np.array([x, y])
    return places


def _truncate(places: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.trunc(places).astype(np.int64)


def _in_ellipse(
    x: float, y: float, radius_x: float, radius_y: float
) -> NDArray[np.int64]:
    places = _grid(x - radius_x, y - radius_y, 2 * radius_x, 2 * radius_y)
    if not (radius_x > 0 and radius_y > 0):
        return _truncate(places)[:0]
    centre = np.array([x, y])
    nearest = np.clip(centre, places, places + _SIDE)
    distance = (nearest - centre) / (radius_x, radius_y)
    return _truncate(places[(distance**2).sum(axis=1) < 1])


def _in_polygon(corners: NDArray[np.float64]) -> NDArray[np.int64]:
    low, high = corners.min(axis=0), corners.max(axis=0)
    places = _grid(*low, *(high - low))
    offsets = ((0, 0), (_SIDE, 0), (0, _SIDE), (_SIDE, _SIDE))
    inside = np.zeros(len(places), dtype=bool)
    for offset in offsets:
        inside |= _winding(places + offset, corners) != 0
    return _truncate(places[inside])


def _winding(
    places: NDArray[np.float64], corners: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return how often a polygon goes round each place."""
    turns = np.zeros(len(places), dtype=np.int64)
    px, py = places.T
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        side = (x1 - x0) * (py - y0) - (px - x0) * (y1 - y0)
        turns += (y0 <= py) & (py < y1) & (side > 0)
        turns -= (y1 <= py) & (py < y0) & (side < 0)
    return turns


def _on_line(corners: NDArray[np.float64]) -> NDArray[np.int64]:
    samples = []
    for start, end in pairwise(corners):
        length = float(np.hypot(*(end - start)))
        count = int(length * _SAMPLES_PER_PIXEL)
        if count > _MOST_POINTS:
            raise ApiUsage("A line is too long to be measured.")
        along = np.arange(count + 1)[:, None] / max(1, length * _SAMPLES_PER_PIXEL)
        samples.append(start + along * (end - start))
    floored = np.floor(np.concatenate(samples)).astype(np.int64)
    _, first = np.unique(floored, axis=0, return_index=True)
    ordered: NDArray[np.int64] = floored[np.sort(first)]
    return ordered
