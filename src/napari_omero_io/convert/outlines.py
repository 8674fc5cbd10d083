"""The outline of one shape: OMERO's numbers ⇄ napari's vertices.

OMERO counts from the corner of the first pixel, napari from its centre: half a pixel
lies between them.  Vertices are (y, x).  A transform of OMERO's is worked into the
vertices; a turned rectangle or ellipse is given a transform again on the way back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.records import ShapeRecord

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: napari's name of each kind.
NAPARI_TYPES = {
    "rectangle": "rectangle",
    "ellipse": "ellipse",
    "line": "line",
    "polygon": "polygon",
    "path": "polygon",
    "polyline": "path",
    "open path": "path",
    "point": "point",
    "label": "point",
}
#: The kind that each of napari's types becomes, unless it was another of that type.
KINDS = {
    "rectangle": "rectangle",
    "ellipse": "ellipse",
    "line": "line",
    "polygon": "polygon",
    "path": "polyline",
    "point": "point",
}
_BOXED = ("rectangle", "ellipse")
_FEWEST = {"polygon": 3, "path": 2, "line": 2, "point": 1}
_HALF = 0.5
#: napari keeps vertices as 32-bit floats.
_RELATIVE, _ABSOLUTE = 1e-6, 1e-3


def make_vertices(shape: ShapeRecord) -> NDArray[Any] | None:
    """Return the vertices of a shape, (N, 2) of y and x; None if it has too few.

    Rectangles and ellipses have the four corners of their box.
    """
    numbers = np.asarray(shape.geometry, np.float64)
    if shape.kind in _BOXED:
        x, y, width, height = numbers
        if shape.kind == "ellipse":
            x, y, width, height = x - width, y - height, 2 * width, 2 * height
        points = np.array(
            [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        )
    else:
        points = numbers.reshape(-1, 2)
        if len(points) < _FEWEST[NAPARI_TYPES[shape.kind]]:
            return None
    if shape.transform is not None:
        a00, a10, a01, a11, a02, a12 = shape.transform
        points = points @ np.array([(a00, a10), (a01, a11)]) + (a02, a12)
    return points[:, ::-1] - _HALF


def read_vertices(kind: str, vertices: NDArray[Any]) -> ShapeRecord:
    """Return a shape with these vertices, without colours, text or planes.

    Parameters
    ----------
    kind
        A key of `NAPARI_TYPES`.
    vertices
        (N, 2) of y and x; four for rectangles and ellipses.
    """
    points = np.asarray(vertices, np.float64)[:, ::-1] + _HALF
    if kind not in _BOXED:
        return ShapeRecord(kind, tuple(points.ravel().tolist()))
    (x, y, width, height), transform = _read_box(points)
    if kind == "ellipse":
        width, height = width / 2, height / 2
        x, y = x + width, y + height
    return ShapeRecord(kind, (x, y, width, height), transform=transform)


def keep_outline(new: ShapeRecord, old: ShapeRecord) -> ShapeRecord:
    """Return the new shape with the exact numbers of the old one where they agree.

    Agreeing is to be shown in the same place, as far as napari's precision goes; the
    old transform and kind of storage are kept.
    """
    same_type = NAPARI_TYPES[new.kind] == NAPARI_TYPES[old.kind]
    if not same_type:
        return new
    ours, theirs = make_vertices(new), make_vertices(old)
    if ours is None or theirs is None or ours.shape != theirs.shape:
        return new
    if NAPARI_TYPES[new.kind] in _BOXED:
        is_same = any(_is_close(ours, turned) for turned in _box_orders(theirs))
    else:
        is_same = _is_close(ours, theirs)
    if not is_same:
        return new
    return replace(new, kind=old.kind, geometry=old.geometry, transform=old.transform)


def _is_close(one: NDArray[Any], other: NDArray[Any]) -> bool:
    return bool(np.allclose(one, other, rtol=_RELATIVE, atol=_ABSOLUTE))


def _box_orders(corners: NDArray[Any]) -> list[NDArray[Any]]:
    """Return a box's corners begun at each of them, in both directions."""
    return [
        np.roll(way, shift, axis=0)
        for way in (corners, corners[::-1])
        for shift in range(4)
    ]


def _read_box(
    corners: NDArray[Any],
) -> tuple[
    tuple[float, float, float, float],
    tuple[float, float, float, float, float, float] | None,
]:
    """Return x, y, width, height of a box of four corners (x, y), and what turns it.

    The box is turned about its own centre, so that programs that do not know
    transforms show it in the right place.
    """
    along, across = corners[1] - corners[0], corners[3] - corners[0]
    width, height = float(np.hypot(*along)), float(np.hypot(*across))
    size = max(width, height, 1e-12)
    if _is_straight(along, across, size) or _is_straight(across, along, size):
        x, y = corners.min(axis=0).tolist()
        right, bottom = corners.max(axis=0).tolist()
        return (x, y, right - x, bottom - y), None
    first = along / width if width else np.array((across[1], -across[0])) / height
    second = across / height if height else np.array((-along[1], along[0])) / width
    x, y = centre = (corners[0] + corners[2]) / 2
    moved = centre - np.array((first, second)).T @ centre
    matrix = (*first.tolist(), *second.tolist(), *moved.tolist())
    box = (float(x) - width / 2, float(y) - height / 2, width, height)
    a00, a10, a01, a11, a02, a12 = matrix
    return box, (a00, a10, a01, a11, a02, a12)


def _is_straight(horizontal: NDArray[Any], vertical: NDArray[Any], size: float) -> bool:
    return bool(abs(horizontal[1]) <= 1e-6 * size and abs(vertical[0]) <= 1e-6 * size)
