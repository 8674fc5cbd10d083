"""Finds the labels, shapes and images of a viewer that a row of a table is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels, Points, Shapes

from napari_omero_io.convert.features import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from napari import Viewer
    from napari.layers import Layer
    from numpy.typing import NDArray


def list_layers(
    viewer: Viewer, is_here: Callable[[str], bool], image_id: int | None = None
) -> Iterator[Layer]:
    """Yield the layers that came from a server, or from one of its images.

    Parameters
    ----------
    is_here
        Whether a server's address is that of the server.
    """
    for layer in viewer.layers:
        omero = layer.metadata.get("omero", {})
        if not is_here(str(omero.get("server", ""))):
            continue
        if image_id is None or omero.get("image_id") == image_id:
            yield layer


def features_of(layer: Layer) -> dict[str, Any]:
    """Give what tells the objects of a layer apart; labels without features are too."""
    if not isinstance(layer, (Labels, Shapes, Points)):
        return {}
    return {name: layer.features[name].to_numpy() for name in layer.features}


def find_object(
    layer: Layer, links: Mapping[str, str], values: Mapping[str, Any]
) -> int | None:
    """Give the number of the label, or the place of the shape, that a row is about.

    Parameters
    ----------
    links
        As `convert.features.find_links` gives them.
    values
        Of the row, by column.
    """
    features = features_of(layer)
    for kind, feature in KEYS.items():
        if kind not in links:
            continue
        wanted = values[links[kind]]
        if feature in features:
            [places] = np.nonzero(np.asarray(features[feature]) == wanted)
            if len(places) and isinstance(layer, Labels):
                return int(features["index"][places[0]])
            if len(places):
                return int(places[0])
        elif kind == "label" and isinstance(layer, Labels):
            return int(wanted)
    return None


def find_centre(layer: Layer, number: int) -> NDArray[np.float64] | None:
    """Give the middle of an object in the layer's own pixels, None where it is not.

    Looks through all labels: not to be called in the window's thread.
    """
    if isinstance(layer, Labels):
        places = np.nonzero(np.asarray(layer.data) == number)
        if not len(places[0]):
            return None
        first = [axis[0] for axis in places[:-2]]
        inside = np.ones(len(places[0]), bool)
        for axis, start in zip(places[:-2], first, strict=True):
            inside &= axis == start
        plane = [(axis[inside].min() + axis[inside].max()) / 2 for axis in places[-2:]]
        return np.asarray([*first, *plane], np.float64)
    points = np.atleast_2d(layer.data[number])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return np.asarray(middle, np.float64)


def show_object(viewer: Viewer, layer: Layer, number: int, centre: Any) -> None:
    """Select an object, and move the view to it."""
    viewer.layers.selection.active = layer
    layer.visible = True
    if isinstance(layer, Labels):
        layer.selected_label = number
    else:
        layer.selected_data = {number}
        layer.refresh()
    world = np.asarray(layer.data_to_world(centre), np.float64)
    ahead = viewer.dims.ndim - layer.ndim
    place_of_all = _axes_of_all(layer)
    for axis in range(layer.ndim):
        place = ahead + axis
        if place not in viewer.dims.displayed and axis not in place_of_all:
            viewer.dims.set_point(place, float(world[axis]))
    camera = viewer.scene.camera if hasattr(viewer, "scene") else viewer.camera
    shown = [axis - ahead for axis in viewer.dims.displayed]
    if min(shown) >= 0:
        middle = [float(world[axis]) for axis in shown]
        camera.center = tuple([0.0] * (3 - len(middle)) + middle)


def _axes_of_all(layer: Layer) -> set[int]:
    """Give the axes along which the layer's objects are on every plane."""
    omero = layer.metadata.get("omero", {})
    shared = omero.get("every_plane_of", "")
    labels = tuple(layer.axis_labels)
    return {axis for axis, label in enumerate(labels) if label and label in shared}
