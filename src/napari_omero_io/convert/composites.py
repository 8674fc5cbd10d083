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

#: In the metadata of a layer that is nothing but names.
NAMES_KEY = "omero_names"
#: What layers of names are called, by what has the names.
_TITLES = {"well": "Names in", "image": "Names in", "run": "Runs of"}
#: More names than these would cover a mosaic; they are there, and hidden at first.
_LEGIBLE = 120
#: What does not hold of many images: a layer that carries it would be saved onto one.
_OF_ONE_IMAGE = ("image_id", "image_name", "pixels_id")


def combined_layers(image: RemoteImage) -> list[LayerData]:
    """Describe many images as one: a layer for each channel, and one with names."""
    source = image.source
    if not isinstance(source, CompositeSource):
        return image_layers(image)
    layers = []
    for data, settings, kind in image_layers(image):
        omero: dict[str, Any] = {
            key: value
            for key, value in settings["metadata"]["omero"].items()
            if key not in _OF_ONE_IMAGE
        }
        omero["image_ids"] = [each.part.image_id for each in source.placements]
        settings = {**settings, "metadata": {"omero": omero}}
        if source.steps:
            settings.update(_step_axes(image.record, source.steps))
        layers.append((data, settings, kind))
    kinds = dict.fromkeys(caption.kind for caption in source.captions)
    return [*layers, *(_caption_layer(image.record, source, kind) for kind in kinds)]


def _step_axes(record: ImageRecord, steps: str) -> dict[str, Any]:
    """Say that the first axis counts images or runs, and not time."""
    scale, units = scale_and_units(record)
    labels = tuple(layer_axes(record))
    return {
        "scale": (1.0, *scale[1:]),
        "units": (UNKNOWN, *units[1:]),
        "axis_labels": (steps, *labels[1:]),
    }


def _caption_layer(
    record: ImageRecord, source: CompositeSource, kind: str
) -> LayerData:
    """Describe the names of one kind of object as points that are but their text."""
    captions = [caption for caption in source.captions if caption.kind == kind]
    is_of_step = any(caption.t is not None for caption in captions)
    scale, units = scale_and_units(record)
    labels = tuple(layer_axes(record))
    if is_of_step:
        axes = _step_axes(record, source.steps or labels[0])
        sections = range(record.size_z) if record.has_depth_axis else (None,)
        points = [
            (caption.t or 0, *(() if z is None else (z,)), caption.y, caption.x)
            for caption in captions
            for z in sections
        ]
        captions = [caption for caption in captions for _ in sections]
    else:
        # napari shows points of two axes on all planes and at all times
        axes = {"scale": scale[-2:], "units": units[-2:], "axis_labels": labels[-2:]}
        points = [(caption.y, caption.x) for caption in captions]
    settings = {
        **axes,
        "metadata": {NAMES_KEY: True},
        "name": f"{_TITLES[kind]} {record.name}",
        "features": {
            "name": [caption.text for caption in captions],
            kind: [caption.id for caption in captions],
        },
        "text": {
            "string": "{name}",
            "size": 10,
            "color": "white",
            # of the text's own box: it begins at the point and lies inside the well;
            # above all of them, where it is of a run
            "anchor": "upper_left" if kind == "run" else "lower_left",
        },
        "visible": len(captions) <= _LEGIBLE or is_of_step,
        "size": 1,
        "face_color": "transparent",
        "border_color": "transparent",
    }
    return np.array(points, float), settings, "points"
