"""Regions on an image as napari Shapes and Points layers.

A shape that is on every plane is one shape in its layer, not one for each plane.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_omero_io.convert.axes import layer_axes, layer_shape
from napari_omero_io.convert.layers import origin
from napari_omero_io.convert.outlines import NAPARI_TYPES, make_vertices
from napari_omero_io.convert.regions import RegionsLeftOut
from napari_omero_io.convert.units import scale_and_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_omero_io.convert.colour import Color
    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.records import ImageRecord, RoiRecord, ShapeRecord

#: What OMERO's own programs draw where a shape has no colour of its own.
STROKE: Color = (255, 255, 0, 255)
NO_FILL: Color = (0, 0, 0, 0)
WIDTH = 1.0

#: Shapes of a layer above which their texts are switched off: napari needs seconds to
#: draw some thousands of texts, and a tenth of that again at every move.
MOST_TEXTS = 500

#: Steps of an axis that one step of a layer covers which is meant for all of them:
#: wherever the slider stands, it is nearest to the layer's first plane.
EVERY_PLANE = 1e6

_POINT_SIZE = 10.0
_NO_ID = -1


class _Item(NamedTuple):
    """One shape on its way into a layer."""

    roi: RoiRecord
    shape: ShapeRecord
    vertices: NDArray[Any]


def shape_layers(
    record: ImageRecord, server: str, rois: Sequence[RoiRecord]
) -> list[LayerData]:
    """Describe the shapes on an image as layers that know their objects.

    Points and texts become Points layers, the rest Shapes layers, one for each set of
    axes on which the shapes have a place of their own.  The features of a layer hold
    the ids of the region and the shape, and the version of the shape.

    Parameters
    ----------
    server
        As it stands in links.

    Warns
    -----
    RegionsLeftOut
        If shapes have no area to show, or lie outside of the image's planes.
    """
    groups: dict[tuple[bool, str], list[_Item]] = {}
    left_out = 0
    for roi in rois:
        for shape in roi.shapes:
            vertices = make_vertices(shape)
            if vertices is None or not _is_inside(shape, record):
                left_out += 1
                continue
            is_point = NAPARI_TYPES[shape.kind] == "point"
            key = (is_point, _own_axes(shape, record))
            groups.setdefault(key, []).append(_Item(roi, shape, vertices))
    if left_out:
        warnings.warn(
            f"{left_out} shapes of “{record.name}” are not shown: they have too few "
            "points, or lie on planes that the image does not have.",
            RegionsLeftOut,
            stacklevel=2,
        )
    return [
        _layer(record, server, is_point, own_axes, items)
        for (is_point, own_axes), items in groups.items()
    ]


def show_colors(shape: ShapeRecord) -> tuple[Color, Color, float]:
    """Return the fill, the stroke and the width that a shape is shown with."""
    stroke = STROKE if shape.stroke is None else shape.stroke
    is_point = NAPARI_TYPES[shape.kind] == "point"
    fill = shape.fill or (stroke if is_point else NO_FILL)
    return fill, stroke, WIDTH if shape.width is None else shape.width


def _is_inside(shape: ShapeRecord, record: ImageRecord) -> bool:
    return (shape.z is None or 0 <= shape.z < record.size_z) and (
        shape.t is None or 0 <= shape.t < record.size_t
    )


def _own_axes(shape: ShapeRecord, record: ImageRecord) -> str:
    """Return the axes of the image on which a shape is on one plane."""
    place = {"T": shape.t, "Z": shape.z}
    return "".join(axis for axis in layer_axes(record) if place.get(axis) is not None)


def _layer(
    record: ImageRecord, server: str, is_point: bool, own: str, items: list[_Item]
) -> LayerData:
    axes = layer_axes(record)
    # Axes before the first one that counts are left out: napari then shows the layer
    # on all of their planes.
    first = min((axes.index(axis) for axis in own), default=len(axes) - 2)
    shared = {axis for axis in axes[first:-2] if axis not in own}
    scale, units = scale_and_units(record)
    axes = axes[first:]
    count = len(items)
    has_text = any(item.shape.text for item in items)
    settings = {
        "name": _name(record, is_point, own),
        "ndim": len(axes),
        "scale": tuple(
            step * EVERY_PLANE if axis in shared else step
            for axis, step in zip(axes, scale[first:], strict=True)
        ),
        "units": units[first:],
        "axis_labels": tuple(axes),
        "opacity": 1.0,
        "features": _features(items),
        "feature_defaults": _defaults(),
        "text": {
            "string": "{text}",
            "size": 10,
            "color": "yellow",
            "visible": has_text and count <= MOST_TEXTS,
        },
        "metadata": {"omero": _origin(record, server, shared, items)},
        **(_points(items) if is_point else _shapes(items)),
    }
    data = [_place(item, axes, shared) for item in items]
    if is_point:
        return np.concatenate(data), settings, "points"
    return data, settings, "shapes"


def _origin(
    record: ImageRecord, server: str, shared: set[str], items: list[_Item]
) -> dict[str, Any]:
    return {
        **origin(record, server),
        "image_axes": layer_axes(record),
        "image_shape": list(layer_shape(record)),
        "every_plane_of": "".join(sorted(shared)),
        "shapes": {item.shape.id: item.shape.version for item in items},
    }


def _place(item: _Item, axes: str, shared: set[str]) -> NDArray[Any]:
    """Return the vertices with the planes they are on."""
    place = {"T": item.shape.t, "Z": item.shape.z}
    columns = [
        np.full(len(item.vertices), 0 if axis in shared else place[axis], np.float64)
        for axis in axes[:-2]
    ]
    return np.column_stack([*columns, item.vertices])


def _features(items: list[_Item]) -> dict[str, list[Any]]:
    shapes = [item.shape for item in items]
    return {
        "roi_id": [_id(item.roi.id) for item in items],
        "shape_id": [_id(shape.id) for shape in shapes],
        "version": [_id(shape.version) for shape in shapes],
        "kind": [shape.kind for shape in shapes],
        "text": [shape.text for shape in shapes],
        "roi_name": [item.roi.name for item in items],
    }


def _defaults() -> dict[str, list[Any]]:
    """Return the features of what the user draws: no object of the server's yet."""
    numbers = {name: [_NO_ID] for name in ("roi_id", "shape_id", "version")}
    return {**numbers, "kind": [""], "text": [""], "roi_name": [""]}


def _id(number: int | None) -> int:
    return _NO_ID if number is None else number


def _shapes(items: list[_Item]) -> dict[str, Any]:
    looks = [show_colors(item.shape) for item in items]
    return {
        "shape_type": [NAPARI_TYPES[item.shape.kind] for item in items],
        "face_color": _fractions([fill for fill, _, _ in looks]),
        "edge_color": _fractions([stroke for _, stroke, _ in looks]),
        "edge_width": [width for _, _, width in looks],
    }


def _points(items: list[_Item]) -> dict[str, Any]:
    looks = [show_colors(item.shape) for item in items]
    return {
        "size": _POINT_SIZE,
        "face_color": _fractions([fill for fill, _, _ in looks]),
        "border_color": _fractions([stroke for _, stroke, _ in looks]),
        "border_width": [width for _, _, width in looks],
        "border_width_is_relative": False,
    }


def _fractions(colors: list[Color]) -> NDArray[Any]:
    return np.asarray(colors, np.float64) / 255


def _name(record: ImageRecord, is_point: bool, own: str) -> str:
    kind = "Points" if is_point else "Shapes"
    missing = [axis for axis in layer_axes(record)[:-2] if axis not in own]
    words = {"T": "time point", "Z": "plane"}
    where = " and ".join(f"every {words[axis]}" for axis in missing)
    return f"{kind} on {where} ({record.name})" if where else f"{kind} ({record.name})"
