"""Repaints layers when their pixels arrive, and no more often than is good.

One refresher serves all layers of a viewer and lives in the window's thread.  Pixels
arrive in other threads, many at a time.
"""

from __future__ import annotations

import logging
import math
import threading
import time
import weakref
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels
from napari.utils.notifications import show_warning
from qtpy.QtCore import QObject, Qt, QTimer, Signal

from napari_omero_io.arrays.level import RemoteLevel
from napari_omero_io.arrays.quality import Quality, choose_level, choose_volume_level
from napari_omero_io.errors import NotFound, SessionLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.components import ViewerModel
    from napari.layers import Layer

    from napari_omero_io.arrays.source import TileSource
    from napari_omero_io.arrays.viewpoint import Viewpoint

#: Milliseconds in which pixels that arrive together are gathered for one repaint.
_GATHERING = 15
#: Milliseconds between two repaints, at least.
_SHORTEST = 50
#: The window's thread may spend one part in so many on repainting.
_SHARE = 4
#: Volumes are costly to send to the graphics card: while more is to come, wait.
_SHORTEST_3D = 1500
#: Milliseconds of one turn of the window's thread, after which layers that are left
#: are repainted in the next: to send the pixels of each to the graphics card takes as
#: long again.
_TURN = 30
#: Milliseconds without a repaint after which thumbnails are drawn.
_CALM = 60
#: Milliseconds before a session that seems lost is told of.
_AFTERTHOUGHT = 1000
#: Milliseconds after a repaint when it has been drawn.
_DRAWN = 15

logger = logging.getLogger(__name__)


class Refresher(QObject):
    """Repaints the remote layers of one viewer.

    Parameters
    ----------
    viewer
        Whether it shows planes or volumes matters.
    parent
        The window: the refresher ends with it.
    knows_loss
        Whether the user is told already that the session at a server is lost.
    """

    _arrived = Signal()
    _failed = Signal(str, str, object)

    def __init__(
        self,
        viewer: ViewerModel,
        parent: QObject | None = None,
        knows_loss: Callable[[str], bool] = lambda _: False,
    ) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._knows_loss = knows_loss
        self._layers: dict[Layer, Viewpoint] = {}
        self._changed: set[Viewpoint] = set()
        self._lock = threading.Lock()
        self._told: set[str] = set()
        self._cost = 0.0
        self._painted = -math.inf
        self._views = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._repaint)
        self._arrived.connect(self._plan, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.timeout.connect(self._draw_thumbnail)
        self._pictured: dict[Layer, object] = {}
        self._quality = Quality.EXACT
        self._volumes: set[Layer] = set()
        camera_of(viewer).events.zoom.connect(self._on_zoom)
        viewer.dims.events.ndisplay.connect(self._choose_volumes)

    @property
    def quality(self) -> Quality:
        """How sharp the layers are to be."""
        return self._quality

    @quality.setter
    def quality(self, quality: Quality) -> None:
        self._quality = quality
        self._on_zoom()

    # -- layers ----------------------------------------------------------------------

    def expect(self, data: Any) -> None:
        """Prepare for a layer that is about to be made of some data.

        The constructor of a layer reads its first slice already, and must not wait.
        """
        level, viewpoint = find_remote(data), find_viewpoint(data)
        if level is not None and viewpoint is not None:
            source = level.image.source
            viewpoint.listen(
                self,
                lambda: self._note(viewpoint),
                lambda error: self._note_failure(source, error),
            )

    def attach(self, layer: Layer) -> None:
        """Serve a layer, if its pixels are remote; from now on it never waits."""
        level = remote_pixels(layer)
        viewpoint = level.viewpoint if level is not None else None
        if viewpoint is not None:
            self._layers[layer] = viewpoint
            viewpoint.choose_level = partial(self._choose_level, weakref.ref(layer))
            self.expect(layer.data)
            self._choose_volumes()

    def detach(self, layer: Layer) -> None:
        """Serve a layer no more; nothing is fetched for it."""
        self._volumes.discard(layer)
        self._pictured.pop(layer, None)
        viewpoint = self._layers.pop(layer, None)
        if viewpoint is not None and viewpoint not in self._layers.values():
            viewpoint.choose_level = None
            viewpoint.ignore(self)

    def detach_all(self) -> None:
        """Serve no layer any more; called when the window is gone."""
        camera_of(self._viewer).events.zoom.disconnect(self._on_zoom)
        self._viewer.dims.events.ndisplay.disconnect(self._choose_volumes)
        for layer in list(self._layers):
            self.detach(layer)

    @property
    def is_loading(self) -> bool:
        """Whether pixels that are in view are still to come, or to be painted.

        Those of thumbnails count.
        """
        with self._lock:
            if self._changed:
                return True
        is_awaited = self._timer.isActive() or self._calm.isActive()
        return is_awaited or any(
            layer.visible and (viewpoint.pending or not layer.loaded)
            for layer, viewpoint in self._layers.items()
        )

    @property
    def pending(self) -> int:
        """Number of tiles in view that are still to come, perhaps after another try."""
        seen = {viewpoint for layer, viewpoint in self._layers.items() if layer.visible}
        return sum(viewpoint.pending for viewpoint in seen)

    @property
    def is_lacking(self) -> bool:
        """Whether pixels that are in view will not come."""
        return any(
            layer.visible and viewpoint.lacking
            for layer, viewpoint in self._layers.items()
        )

    # -- news, from other threads ----------------------------------------------------

    def _note(self, viewpoint: Viewpoint) -> None:
        with self._lock:
            is_news = not self._changed
            self._changed.add(viewpoint)
        if is_news:
            self._arrived.emit()

    def _note_failure(self, source: TileSource, error: Exception) -> None:
        text = str(error) or type(error).__name__
        # an image that is gone is told of once, whatever was asked for
        is_gone = isinstance(error, NotFound)
        subject = f"{source.server}/{source.record.id}" if is_gone else text
        lost = source.server if isinstance(error, SessionLost) else None
        self._failed.emit(text, subject, lost)

    # -- sharpness -------------------------------------------------------------------

    def _choose_level(self, layer: weakref.ref[Layer], level: int) -> int:
        """Say which level to show; asked by napari's slicer, in whichever thread."""
        shown = layer()
        if (
            shown is None
            or self._quality is Quality.EXACT
            or self._viewer.dims.ndisplay != 2
        ):
            return level
        full = find_remote(shown.data)
        if full is None:
            return level
        grids = full.image.grids
        factor = grids[0].width / grids[level].width
        on_screen = camera_of(self._viewer).zoom * pixel_width(shown) * factor
        return choose_level(grids, level, 1 / max(on_screen, 1e-9), self._quality)

    def _on_zoom(self, *_: object) -> None:
        """Repaint what napari does not ask for again, though it is too coarse now."""
        for layer, viewpoint in self._layers.items():
            if not layer.visible or viewpoint.chosen is None:
                continue
            asked, shown = viewpoint.chosen
            if self._choose_level(weakref.ref(layer), asked) != shown:
                self._note(viewpoint)

    def _choose_volumes(self, *_: object) -> None:
        """Show volumes at the finest level that fits; napari takes the coarsest.

        A level that the user has chosen stays.  All visible volumes together take up
        to half of the cache, since a volume that was evicted would never be complete.
        """
        if self._viewer.dims.ndisplay != 3:
            for layer in self._volumes:
                layer.locked_data_level = None
            self._volumes.clear()
            return
        volumes = [layer for layer in self._layers if layer.multiscale]
        shown = sum(layer.visible for layer in volumes)
        for layer in volumes:
            if layer in self._volumes or layer.locked_data_level is not None:
                continue
            full = find_remote(layer.data)
            if full is None:
                continue
            image = full.image
            displayed = self._viewer.dims.displayed[:-2]
            axes = [axis - self._viewer.dims.ndim + layer.ndim for axis in displayed]
            sections = math.prod(full.shape[axis] for axis in axes if axis >= 0)
            budget = image.fetcher.cache.limit // 2 // max(1, shown)
            level = choose_volume_level(
                image.grids, sections, image.dtype.itemsize, budget
            )
            if level != len(image.grids) - 1:
                self._volumes.add(layer)
                layer.locked_data_level = level

    # -- in the window's thread ------------------------------------------------------

    def _tell(self, text: str, subject: str, lost: str | None) -> None:
        """Say what failed, once; the coarser resolution stays on the screen."""
        if lost is None:
            self._tell_once(text, subject)
            return

        def tell() -> None:
            if not self._layers or self._knows_loss(lost):
                logger.info("%s", text)
            else:
                self._tell_once(text, subject)

        # The news that the session is lost, or is back already, may be on its way.
        QTimer.singleShot(_AFTERTHOUGHT, tell)

    def _tell_once(self, text: str, subject: str) -> None:
        if subject not in self._told:
            self._told.add(subject)
            show_warning(text)

    def _plan(self) -> None:
        """Repaint soon: first pixels of a view at once, others when there is time."""
        if not self._timer.isActive():
            share = _SHARE if self._views == self._count_views() else 1
            pause = max(self._shortest(), share * self._cost)
            since = (time.perf_counter() - self._painted) * 1000
            self._timer.start(int(max(_GATHERING, pause - since)))

    def _count_views(self) -> int:
        """Tell whether anything else is looked at than before."""
        return sum(viewpoint.views for viewpoint in self._layers.values())

    def _shortest(self) -> int:
        if self._viewer.dims.ndisplay == 3 and any(
            viewpoint.pending for viewpoint in self._layers.values()
        ):
            return _SHORTEST_3D
        return _SHORTEST

    def _repaint(self) -> None:
        with self._lock:
            changed, self._changed = self._changed, set()
        started = time.perf_counter()
        end, is_first = started + _TURN / 1000, True
        for layer, viewpoint in list(self._layers.items()):
            if viewpoint not in changed or not layer.visible:
                continue
            if layer.loaded and (is_first or time.perf_counter() < end):
                layer.refresh(thumbnail=False, highlight=False, extent=False)
                is_first = False
                # the others come first in the next turn
                self._layers[layer] = self._layers.pop(layer)
            else:
                # this turn was long, or napari slices it in a thread at the moment
                self._note(viewpoint)
        self._calm.start(_CALM)

        self._painted = time.perf_counter()
        self._views = self._count_views()

        def measure() -> None:
            spent = (time.perf_counter() - started) * 1000 - _DRAWN
            self._cost = 0.5 * self._cost + 0.5 * max(0.0, spent)

        QTimer.singleShot(_DRAWN, measure)

    def _draw_thumbnail(self) -> None:
        """Draw one thumbnail that is not what it should be, and later the others.

        They are of the coarsest resolution, and stay as they are while one zooms.
        """
        for layer, viewpoint in self._layers.items():
            is_drawn = self._pictured.get(layer) == viewpoint.overview
            if is_drawn or viewpoint.pending or not layer.visible:
                continue
            if layer.loaded:
                layer.refresh(data_displayed=False, highlight=False, extent=False)
                self._pictured[layer] = viewpoint.overview
            self._calm.start(0 if layer.loaded else _CALM)
            return


def find_remote(data: Any) -> RemoteLevel | None:
    """Return the full-size pixels of a layer's data, if they are remote."""
    if isinstance(data, RemoteLevel):
        return data
    if isinstance(data, Sequence) and data and isinstance(data[0], RemoteLevel):
        return data[0]
    return None


def remote_pixels(layer: Layer) -> RemoteLevel | None:
    """Return the full-size pixels of a layer, if they are remote.

    Other layers are not asked for their data: Shapes make all of theirs at each look.
    """
    return find_remote(layer.data) if isinstance(layer, Image | Labels) else None


def find_viewpoint(data: Any) -> Viewpoint | None:
    """Return the viewpoint of a layer's data, if they are remote."""
    level = find_remote(data)
    return level.viewpoint if level is not None else None


def camera_of(viewer: ViewerModel) -> Any:
    """Return a viewer's camera, which is part of its scene since napari 0.9."""
    return getattr(viewer, "scene", viewer).camera


def pixel_width(layer: Layer) -> float:
    """Return the width of a layer's pixel in the viewer's world."""
    origin, step = np.zeros(layer.ndim), np.zeros(layer.ndim)
    step[-1] = 1.0
    along = np.subtract(layer.data_to_world(step), layer.data_to_world(origin))
    return math.hypot(*along) or 1.0
