"""Goes to the regions and shapes that a link names, when their layers are there."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.qt import QtViewer
from napari.utils.notifications import show_error
from qtpy.QtCore import QObject

from napari_omero_io.convert.pointing import POINTED
from napari_omero_io.widgets.controller import find_window
from napari_omero_io.widgets.message import explain
from napari_omero_io.widgets.object_finder import (
    camera_of,
    find_box,
    go_to,
    go_to_plane,
    select_objects,
)
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari import Viewer
    from napari.layers import Layer
    from numpy.typing import NDArray

#: How much of the canvas a region takes at most, and pixels that even a point is shown
#: with around it.
_SHARE = 0.4
_AROUND = 40.0


class Pointing(QObject):
    """Selects what links name in the layers of a viewer, and moves the view there.

    Parameters
    ----------
    viewer
        With a window.
    """

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = weakref.ref(viewer)
        self._tasks = Tasks()
        self._found: list[tuple[Layer, Mapping[str, Any]]] = []
        self._searches = 0

    @property
    def is_busy(self) -> bool:
        """Whether the view is still to be moved."""
        return bool(self._found) or self._searches > 0

    def note(self, layer: Layer) -> None:
        """Take what a layer that is added says of its link."""
        note = (layer.metadata.get("omero") or {}).pop(POINTED, None)
        if note is not None:
            self._found.append((layer, note))

    def go(self) -> None:
        """Go to what was noted.

        All layers of the link are to be there and visible: napari makes each that is
        added the active one, and forgets what is selected when it shows one.
        """
        found, self._found = self._found, []
        for layer, note in found:
            self._searches += 1
            work = partial(find_box, layer, note["places"])
            self._tasks.run(work, partial(self._show, layer, note), self._fail)

    def stop(self) -> None:
        """Forget where to go; called when the window is gone."""
        self._tasks.cancel_all()
        self._found.clear()
        self._searches = 0

    def _show(
        self, layer: Layer, note: Mapping[str, Any], box: NDArray[np.float64] | None
    ) -> None:
        self._searches -= 1
        viewer = self._viewer()
        if viewer is None or box is None or layer not in viewer.layers:
            return
        if note["leads"]:
            viewer.layers.selection.active = layer
            _move(viewer, layer, box, note)
        select_objects(layer, note["places"])

    def _fail(self, error: Exception) -> None:
        self._searches -= 1
        show_error(explain(error))


def _move(
    viewer: Viewer, layer: Layer, box: NDArray[np.float64], note: Mapping[str, Any]
) -> None:
    """Show a box, unless the link says itself what to show."""
    centre = box.mean(axis=0)
    if note["has_centre"]:
        go_to_plane(viewer, layer, centre)
        return
    go_to(viewer, layer, centre)
    if not note["has_zoom"]:
        _fit(viewer, layer, box)


def _fit(viewer: Viewer, layer: Layer, box: NDArray[np.float64]) -> None:
    """Magnify so that a box can be seen well, with something around it."""
    ahead = viewer.dims.ndim - layer.ndim
    shown = [axis - ahead for axis in viewer.dims.displayed]
    if len(shown) != 2 or min(shown) < 0:
        return
    low, high = box.copy()
    low[shown] -= _AROUND / 2
    high[shown] += _AROUND / 2
    extent = np.abs(np.subtract(layer.data_to_world(high), layer.data_to_world(low)))
    canvas = find_window(viewer).findChild(QtViewer).canvas.native
    sizes = (canvas.height(), canvas.width())
    camera_of(viewer).zoom = _SHARE * min(
        size / extent[axis] for size, axis in zip(sizes, shown, strict=True)
    )
