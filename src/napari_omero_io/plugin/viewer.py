"""What the plugin does for one viewer: show layers, keep them fresh, take links.

A `Stage` lives as long as the viewer's window.
"""

from __future__ import annotations

import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any

from napari.layers import Layer
from qtpy.QtCore import QObject, QTimer
from qtpy.QtWidgets import QApplication

from napari_omero_io.convert.axes import default_position, layer_axes
from napari_omero_io.convert.layers import window_range
from napari_omero_io.plugin import menus
from napari_omero_io.plugin.refresher import Refresher, find_remote
from napari_omero_io.widgets.controller import find_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer

    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.records import ImageRecord


class Stage(QObject):
    """Keeps the remote layers of a viewer fresh, and adds more of them.

    Parameters
    ----------
    viewer
        With a window.
    """

    def __init__(self, viewer: Viewer) -> None:
        super().__init__()
        self._viewer = weakref.ref(viewer)
        self.refresher = Refresher(viewer, self)
        self._waiting: deque[LayerData] = deque()
        for layer in viewer.layers:
            self.refresher.attach(layer)
        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.layers.events.removed.connect(self._on_removed)

    @property
    def is_busy(self) -> bool:
        """Whether layers are still to be added, or pixels to be painted."""
        return bool(self._waiting) or self.refresher.is_loading

    def show(self, layers: Sequence[LayerData]) -> None:
        """Add layers, one each time the window is idle."""
        was_idle = not self._waiting
        self._waiting.extend(layers)
        if was_idle and self._waiting:
            QTimer.singleShot(0, self._add_next)

    def close(self) -> None:
        """Fetch nothing more; called when the window is gone."""
        self._waiting.clear()
        self.refresher.detach_all()

    def _add_next(self) -> None:
        viewer = self._viewer()
        if viewer is None or not self._waiting:
            return
        data, settings, kind = self._waiting[0]
        self.refresher.expect(data)
        layer = Layer.create(data, settings, kind)
        is_first = not viewer.layers
        viewer.add_layer(layer)
        prepare_layer(layer)
        if is_first:
            go_to_default_plane(viewer, layer)
        self._waiting.popleft()
        if self._waiting:
            QTimer.singleShot(0, self._add_next)

    def _on_inserted(self, event: Any) -> None:
        self.refresher.attach(event.value)

    def _on_removed(self, event: Any) -> None:
        self.refresher.detach(event.value)


def prepare_layer(layer: Layer) -> None:
    """Set what a layer's constructor does not take: the contrast slider's range."""
    level = find_remote(layer.data)
    channel = layer.metadata.get("omero", {}).get("channel")
    if level is None or channel is None:
        return
    record = level.image.record
    layer.contrast_limits_range = window_range(record.channels[channel])


def go_to_default_plane(viewer: Viewer, layer: Layer) -> None:
    """Show the plane that the server shows first."""
    level = find_remote(layer.data)
    if level is None:
        return
    record: ImageRecord = level.image.record
    axes = layer_axes(record)
    for axis, index in default_position(record).items():
        place = viewer.dims.ndim - layer.ndim + axes.index(axis)
        viewer.dims.set_point(place, index * layer.scale[axes.index(axis)])


_stages: dict[int, Stage] = {}


def stage_of(viewer: Viewer) -> Stage:
    """Return the stage of a viewer, made at the first call.

    Raises
    ------
    RuntimeError
        If the viewer has no window.
    """
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    if key not in _stages:
        window = find_window(viewer)
        menus.arm()
        stage = _stages[key] = Stage(viewer)

        def forget(*_: object) -> None:
            _stages.pop(key, None)
            stage.close()

        window.destroyed.connect(forget)
    return _stages[key]


def show_layers(viewer: Viewer, layers: Sequence[LayerData]) -> None:
    """Add layer data to a viewer, without stopping its window."""
    stage_of(viewer).show(layers)


def wait_until_loaded(viewer: Viewer, timeout: float = 60.0) -> bool:
    """Let the window work until all pixels in view are painted.

    For screenshots and scripts.  False if that took longer than `timeout` seconds.
    """
    stage = stage_of(viewer)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        QApplication.processEvents()
        if not stage.is_busy:
            return True
        time.sleep(0.01)
    return False
