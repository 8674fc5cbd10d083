"""What was put together of many images as napari layers: the pixels, and the names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.arrays.composite import CompositeSource
from napari_omero_io.convert.axes import layer_axes
from napari_omero_io.convert.layers import image_layers
from napari_omero_io.convert.units import UNKNOWN, scale_and_units

if TYPE_CHECKING:
    from napari_omero_io.arrays.remote import RemoteImage
    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.records import ImageRecord

#: What the axis of a stack is called, since its steps are no steps in time.
STACK_AXIS = "image"
#: In the metadata of a layer that is nothing but names.
NAMES_KEY = "omero_names"
#: More names than these would cover a mosaic; they are there, and hidden at first.
_LEGIBLE = 120
#: What does not hold of many images: a layer that carries it would be saved onto one.
_OF_ONE_IMAGE = ("image_id", "image_name", "pixels_id")


def combined_layers(image: RemoteImage) -> list[LayerData]:
    """Describe many images as one: a layer for each channel, and one with names."""
    source = image.source
    if not isinstance(source, CompositeSource):
        return image_layers(image)
    is_stack = any(placement.t for placement in source.placements)
    layers = []
    for data, settings, kind in image_layers(image):
        omero: dict[str, Any] = {
            key: value
            for key, value in settings["metadata"]["omero"].items()
            if key not in _OF_ONE_IMAGE
        }
        omero["image_ids"] = [each.part.image_id for each in source.placements]
        settings = {**settings, "metadata": {"omero": omero}}
        if is_stack:
            settings.update(_stack_axes(image.record))
        layers.append((data, settings, kind))
    return [*layers, *_caption_layers(image.record, source, is_stack=is_stack)]


def _stack_axes(record: ImageRecord) -> dict[str, Any]:
    """Say that the first axis counts images."""
    scale, units = scale_and_units(record)
    labels = tuple(layer_axes(record))
    return {
        "scale": (1.0, *scale[1:]),
        "units": (UNKNOWN, *units[1:]),
        "axis_labels": (STACK_AXIS, *labels[1:]),
    }


def _caption_layers(
    record: ImageRecord, source: CompositeSource, *, is_stack: bool
) -> list[LayerData]:
    """Describe the names as points that are nothing but their text."""
    if not source.captions:
        return []
    scale, units = scale_and_units(record)
    labels = tuple(layer_axes(record))
    if is_stack:
        axes = _stack_axes(record)
        points = [
            (caption.t or 0, *(() if z is None else (z,)), caption.y, caption.x)
            for caption in source.captions
            for z in (range(record.size_z) if record.has_depth_axis else (None,))
        ]
        captions = [
            caption for caption in source.captions for _ in range(max(1, record.size_z))
        ]
    else:
        # napari shows points of two axes on all planes and at all times
        axes = {"scale": scale[-2:], "units": units[-2:], "axis_labels": labels[-2:]}
        points = [(caption.y, caption.x) for caption in source.captions]
        captions = list(source.captions)
    settings = {
        **axes,
        "metadata": {NAMES_KEY: True},
        "name": f"Names in {record.name}",
        "features": {
            "name": [caption.text for caption in captions],
            captions[0].kind: [caption.id for caption in captions],
        },
        "text": {
            "string": "{name}",
            "size": 10,
            "color": "white",
            # of the text's own box: it begins at the point and lies inside the well
            "anchor": "lower_left",
        },
        "visible": len(source.captions) <= _LEGIBLE or is_stack,
        "size": 1,
        "face_color": "transparent",
        "border_color": "transparent",
    }
    return [(np.array(points, float), settings, "points")]
