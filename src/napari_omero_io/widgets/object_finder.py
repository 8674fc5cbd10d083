"""Finds the labels, shapes and images of a viewer that a row of a table is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels, Points, Shapes

from napari_omero_io.convert.features import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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
    box = find_box(layer, [number])
    return None if box is None else np.asarray(box.mean(axis=0), np.float64)


def find_box(layer: Layer, numbers: Sequence[int]) -> NDArray[np.float64] | None:
    """Give the least and the largest coordinates of objects on the first plane of them.

    Looks through all labels: not to be called in the window's thread.

    Parameters
    ----------
    numbers
        Of labels, or places of shapes and points.

    Returns
    -------
    array or None
        Of shape (2, axes), in the layer's own pixels; None where there is none of them.
    """
    if isinstance(layer, Labels):
        return _find_labels(np.asarray(layer.data), numbers)
    outlines = [np.atleast_2d(layer.data[number]) for number in numbers]
    if not outlines:
        return None
    plane = outlines[0][0, :-2]
    here = [each for each in outlines if np.array_equal(each[0, :-2], plane)]
    points = np.concatenate(here)
    return np.stack([points.min(axis=0), points.max(axis=0)]).astype(np.float64)


def _find_labels(
    pixels: NDArray[Any], numbers: Sequence[int]
) -> NDArray[np.float64] | None:
    for place in np.ndindex(pixels.shape[:-2]):
        ys, xs = np.nonzero(np.isin(pixels[place], np.asarray(numbers)))
        if len(ys):
            return np.array(
                [(*place, ys.min(), xs.min()), (*place, ys.max(), xs.max())], np.float64
            )
    return None


def show_object(viewer: Viewer, layer: Layer, number: int, centre: Any) -> None:
    """Select an object, and move the view to it."""
    viewer.layers.selection.active = layer
    layer.visible = True
    go_to(viewer, layer, centre)
    select_objects(layer, [number])


def select_objects(layer: Layer, numbers: Sequence[int]) -> None:
    """Select shapes or points; of labels one can be selected.

    To be called when their plane is shown: napari marks what it selects then.
    """
    if isinstance(layer, Labels):
        layer.selected_label = numbers[0]
    else:
        layer.selected_data = set(numbers)
        layer.refresh(thumbnail=False, data_displayed=False, extent=False)


def go_to(viewer: Viewer, layer: Layer, centre: Any) -> None:
    """Move the view to a place in a layer's own pixels, and to its plane."""
    go_to_plane(viewer, layer, centre)
    world = np.asarray(layer.data_to_world(centre), np.float64)
    ahead = viewer.dims.ndim - layer.ndim
    shown = [axis - ahead for axis in viewer.dims.displayed]
    if min(shown) >= 0:
        middle = [float(world[axis]) for axis in shown]
        camera_of(viewer).center = tuple([0.0] * (3 - len(middle)) + middle)


def go_to_plane(viewer: Viewer, layer: Layer, centre: Any) -> None:
    """Show the plane that a place in a layer's own pixels is on."""
    world = np.asarray(layer.data_to_world(centre), np.float64)
    place_of_all = _axes_of_all(layer)
    for axis in range(layer.ndim):
        place = viewer.dims.ndim - layer.ndim + axis
        if place not in viewer.dims.displayed and axis not in place_of_all:
            viewer.dims.set_point(place, float(world[axis]))


def camera_of(viewer: Viewer) -> Any:
    """Return a viewer's camera, which is part of its scene since napari 0.9."""
    return getattr(viewer, "scene", viewer).camera


def _axes_of_all(layer: Layer) -> set[int]:
    """Give the axes along which the layer's objects are on every plane."""
    omero = layer.metadata.get("omero", {})
    shared = omero.get("every_plane_of", "")
    labels = tuple(layer.axis_labels)
    return {axis for axis, label in enumerate(labels) if label and label in shared}
