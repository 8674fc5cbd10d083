"""Which plane of an image a viewer shows, and which part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image

from .object_finder import list_layers
from .server import Plane

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari import Viewer


def find_plane(
    viewer: Viewer, is_here: Callable[[str], bool], image_id: int, *, with_box: bool
) -> Plane | None:
    """Give the plane of an image that is shown, None where it is not open.

    Parameters
    ----------
    is_here
        Whether a server's address is that of the image's server.
    with_box
        Only the part of the plane that is in view.
    """
    layers = list_layers(viewer, is_here, image_id)
    layer = next((one for one in layers if isinstance(one, Image)), None)
    if layer is None:
        return None
    data = layer.world_to_data(viewer.dims.point[-layer.ndim :])
    places = dict(zip(layer.axis_labels, np.round(data).astype(int), strict=True))
    box = None
    if with_box and viewer.dims.ndisplay == 2:
        corners = np.asarray(layer.corner_pixels, float)
        if layer.multiscale:
            corners = corners * np.asarray(layer.downsample_factors[layer.data_level])
        (top, left), (bottom, right) = corners[:, -2:]
        box = (float(left), float(top), float(right), float(bottom))
    return Plane(int(places.get("Z", 0)), int(places.get("T", 0)), box)
