"""A Shapes layer painted as labels: for more shapes than napari can draw."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.convert.pointing import POINTED
from napari_omero_io.errors import CannotRepresent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_omero_io.convert.layers import LayerData

#: Shapes above which napari is slow at every step; painted, they cost nothing more.
MOST_SHAPES = 20_000

#: Pixels of the painted image; napari needs all of them in memory.
_LARGEST = 1 << 28
_CIRCLE = 32
#: Outlines that have no inside.
_OPEN = ("line", "path")


def is_large(layer: LayerData) -> bool:
    """Whether a layer has more shapes than napari draws without stopping."""
    data, _, kind = layer
    return kind == "shapes" and len(data) > MOST_SHAPES


def paint_shapes(layer: LayerData) -> LayerData:
    """Paint a layer of `convert.shapes.shape_layers` as a labels layer.

    The first shape is number 1, and so on; a later one covers an earlier one.  The
    features of a number are those of its shape.

    Raises
    ------
    CannotRepresent
        If the labels would not fit into memory.
    """
    data, settings, _ = layer
    omero = settings["metadata"]["omero"]
    axes = settings["axis_labels"]
    shared = [axes.index(letter) for letter in omero["every_plane_of"]]
    shape = list(omero["image_shape"])[-len(axes) :]
    for axis in shared:
        shape[axis] = 1
    if math.prod(shape) > _LARGEST:
        raise CannotRepresent(
            f"“{settings['name']}” cannot be painted as labels of "
            f"{' x '.join(map(str, shape))} pixels: they would not fit into memory. "
            "Show the shapes of one plane instead."
        )
    labels = np.zeros(shape, np.int32)
    for place, numbers in _by_plane(data).items():
        if all(0 <= index < size for index, size in zip(place, shape, strict=False)):
            _paint_plane(labels[place], data, settings["shape_type"], numbers)
    features = {"index": list(range(1, len(data) + 1)), **settings["features"]}
    painted = {
        "name": settings["name"],
        "scale": settings["scale"],
        "units": settings["units"],
        "axis_labels": axes,
        "features": features,
        "metadata": {"omero": _forget_shapes(omero)},
    }
    return _spread(labels, shared, omero["image_shape"]), painted, "labels"


def _forget_shapes(omero: dict[str, Any]) -> dict[str, Any]:
    """Leave out the shapes' own ids: labels are saved as regions of their own."""
    names = ("server", "image_id", "image_name", "pixels_id", "group_id")
    kept = {name: omero[name] for name in names if name in omero}
    if POINTED in omero:
        numbers = [place + 1 for place in omero[POINTED]["places"]]
        kept[POINTED] = {**omero[POINTED], "places": numbers}
    return kept


def _spread(
    labels: NDArray[Any], shared: Sequence[int], image_shape: Sequence[int]
) -> NDArray[Any]:
    """Show one plane on all of an axis, without copying it."""
    shape = list(labels.shape)
    for axis in shared:
        shape[axis] = image_shape[axis - len(shape)]
    return np.broadcast_to(labels, shape) if shared else labels


def _by_plane(data: Sequence[NDArray[Any]]) -> dict[tuple[int, ...], list[int]]:
    planes: dict[tuple[int, ...], list[int]] = {}
    for number, vertices in enumerate(data):
        place = tuple(round(index) for index in vertices[0, :-2].tolist())
        planes.setdefault(place, []).append(number)
    return planes


def _paint_plane(
    plane: NDArray[Any],
    data: Sequence[NDArray[Any]],
    kinds: Sequence[str],
    numbers: Sequence[int],
) -> None:
    from skimage import draw  # not at every start

    for number in numbers:
        points = data[number][:, -2:]
        if kinds[number] == "ellipse":
            points = _round(points)
        if kinds[number] in _OPEN:
            inside = _trace(points)
        else:
            # the pixels whose centres lie inside, which is where napari counts from
            inside = np.array(draw.polygon(points[:, 0], points[:, 1], plane.shape))
        if not inside.size:
            inside = np.rint(points.mean(axis=0)).astype(int)[:, np.newaxis]
        ys, xs = inside
        there = (ys >= 0) & (ys < plane.shape[0]) & (xs >= 0) & (xs < plane.shape[1])
        plane[ys[there], xs[there]] = number + 1


def _trace(points: NDArray[Any]) -> NDArray[Any]:
    """Return the pixels on the lines between points."""
    from skimage import draw

    places = np.rint(points).astype(int).tolist()
    lines = [draw.line(*one, *two) for one, two in pairwise(places)]
    return np.concatenate(lines, axis=1)


def _round(corners: NDArray[Any]) -> NDArray[Any]:
    """Return points on the ellipse in a box of four corners."""
    centre = (corners[0] + corners[2]) / 2
    along, across = (corners[1] - corners[0]) / 2, (corners[3] - corners[0]) / 2
    angles = np.linspace(0, 2 * np.pi, _CIRCLE, endpoint=False)
    return np.asarray(
        centre + np.outer(np.cos(angles), along) + np.outer(np.sin(angles), across)
    )
