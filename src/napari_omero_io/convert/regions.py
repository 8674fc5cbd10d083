"""Masks on an image as napari labels layers."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

from napari_omero_io.convert.axes import layer_axes, layer_shape
from napari_omero_io.convert.layers import origin
from napari_omero_io.convert.masks import DEFAULT_COLOR, LabelImage, draw_regions
from napari_omero_io.convert.units import scale_and_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.convert.colour import Color
    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.records import ImageRecord, RoiRecord

#: Pixels of one label image; napari needs all of them in memory.
_LARGEST = 1 << 27


class RegionsLeftOut(UserWarning):
    """An image is too large for its regions to be shown as labels."""


def label_layers(
    record: ImageRecord, server: str, rois: Sequence[RoiRecord]
) -> list[LayerData]:
    """Describe the masks on an image as labels layers, ready to be edited.

    Labels that this program saved come back as the layers they were, and know their
    regions, so that saving them again replaces those.  Regions of other programs
    are layers of their own, and are never replaced.

    Parameters
    ----------
    server
        As it stands in links.

    Warns
    -----
    RegionsLeftOut
        If the labels would not fit into memory.
    """
    if not rois:
        return []
    shape = layer_shape(record)
    if math.prod(shape) > _LARGEST:
        warnings.warn(
            f"“{record.name}” has {len(rois)} regions that are not shown: as labels "
            f"of {' x '.join(map(str, shape))} pixels they would not fit into memory.",
            RegionsLeftOut,
            stacklevel=2,
        )
        return []
    full = (record.size_t, record.size_z, record.size_y, record.size_x)
    return [_layer(record, server, image) for image in draw_regions(rois, full)]


def _layer(record: ImageRecord, server: str, image: LabelImage) -> LayerData:
    scale, units = scale_and_units(record)
    omero = origin(record, server)
    if image.name is not None:
        omero["roi_ids"] = [roi.id for _, roi in image.regions]
    settings = {
        "name": _name(record, image),
        "scale": scale,
        "units": units,
        "axis_labels": tuple(layer_axes(record)),
        "metadata": {"omero": omero},
        "features": _features(image),
    }
    if image.name is None:
        # Labels that were painted in napari have napari's own colours already.
        settings["colormap"] = _colors(image)
    return image.pixels.reshape(layer_shape(record)), settings, "labels"


def _features(image: LabelImage) -> dict[str, list[Any]]:
    """Return which region each number is, as napari looks it up: by ``index``."""
    return {
        "index": [number for number, _ in image.regions],
        "roi_id": [-1 if roi.id is None else roi.id for _, roi in image.regions],
        "roi_name": [roi.name for _, roi in image.regions],
    }


def _name(record: ImageRecord, image: LabelImage) -> str:
    if image.name is None:
        return f"Regions ({record.name})"
    return image.name or f"Labels ({record.name})"


def _colors(image: LabelImage) -> dict[int | None, Any]:
    """Return the colour of each number, and of those that are painted later."""
    colors: dict[int | None, Any] = {0: (0, 0, 0, 0), None: _fraction(DEFAULT_COLOR)}
    for number, roi in image.regions:
        colors[number] = _fraction(roi.masks[0].color)
    return colors


def _fraction(color: Color) -> tuple[float, float, float, float]:
    """Return an opaque colour; how much shows through is up to the layer."""
    red, green, blue, _ = color
    return (red / 255, green / 255, blue / 255, 1.0)
