"""What the plugin does for one viewer: show layers, keep them fresh, take links.

A `Stage` lives as long as the viewer's window.
"""

from __future__ import annotations

import argparse
import time
import weakref
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

from napari.layers import Image, Layer, Points, Shapes
from napari.qt import QtViewer
from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QObject, QTimer
from qtpy.QtWidgets import QApplication

from napari_omero_io.arrays.quality import Quality
from napari_omero_io.convert.axes import default_position, layer_axes
from napari_omero_io.convert.composites import NAMES_KEY
from napari_omero_io.convert.layers import window_range
from napari_omero_io.plugin import menus
from napari_omero_io.plugin.docks import controller_of
from napari_omero_io.plugin.drawings import LargeDrawings, build_drawings
from napari_omero_io.plugin.drops import accept_links
from napari_omero_io.plugin.listening import hand_over, listen
from napari_omero_io.plugin.loading import LoadingWatch
from napari_omero_io.plugin.opening import LinkOpener
from napari_omero_io.plugin.pointing import Pointing
from napari_omero_io.plugin.refresher import Refresher, find_remote, remote_pixels
from napari_omero_io.plugin.scene import follow_projection, show_view
from napari_omero_io.plugin.unveiling import Unveiling
from napari_omero_io.settings import load_settings
from napari_omero_io.widgets.controller import find_window
from napari_omero_io.widgets.loading_sign import LoadingSign
from napari_omero_io.widgets.message import explain
from napari_omero_io.widgets.patience import Patience
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer
    from qtpy.QtWidgets import QWidget

    from napari_omero_io.arrays.remote import RemoteImage
    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.plugin.drawings import Showable
    from napari_omero_io.records import ImageRecord


class Stage(QObject):
    """Keeps the remote layers of a viewer fresh, adds more of them, takes links.

    Parameters
    ----------
    viewer
        With a window.
    window
        Its main window.

    Attributes
    ----------
    links
        Opens links in this viewer.
    """

    def __init__(self, viewer: Viewer, window: QWidget) -> None:
        super().__init__(window)
        self._viewer = weakref.ref(viewer)
        self.refresher = Refresher(viewer, self, self._knows_loss)
        self.refresher.quality = Quality(load_settings().quality)
        self.links = LinkOpener(viewer, self)
        self.links.layers_ready.connect(self.show)
        self._tasks = Tasks()
        self._fetching = 0
        self._order: dict[object, Sequence[Showable] | None] = {}
        self._unready = Patience(self)
        self._waiting: deque[Showable] = deque()
        self._pointing = Pointing(viewer, self)
        self._unveiling = Unveiling(viewer, self)
        self._unveiling.unveiled.connect(self._go_to_regions)
        # the pane of a splitter that has the canvas in it
        sign = LoadingSign(window.findChild(QtViewer).widget(0))
        self._loading = LoadingWatch(
            self.refresher, sign.say, lambda: self._is_opening, self
        )
        self._drawings = LargeDrawings(window)
        self._drawings.decided.connect(self._enqueue)
        # images whose link's view was shown: its first layer brings the viewer there
        self._placed: weakref.WeakSet[RemoteImage] = weakref.WeakSet()
        for layer in viewer.layers:
            self.refresher.attach(layer)
        viewer.layers.events.inserted.connect(self._on_inserted)
        viewer.layers.events.removed.connect(self._on_removed)

    @property
    def _is_opening(self) -> bool:
        """Whether first pixels are on their way, which the server has ready."""
        return self._fetching > len(self._unready)

    @property
    def is_busy(self) -> bool:
        """Whether layers are still to be added, or pixels to be painted."""
        return (
            bool(self._fetching or self._waiting)
            or self._unveiling.is_busy
            or self._pointing.is_busy
            or self._drawings.is_busy
            or self.links.is_busy
            or self.refresher.is_loading
        )

    def show(self, layers: Sequence[LayerData]) -> None:
        """Add layers when they have something to show, one in each idle moment.

        Pixels that the server is still preparing are waited for.
        """
        self._fetching += 1
        name = object()
        self._order[name] = None
        self._try_to_show(name, layers)

    def _try_to_show(self, name: object, layers: Sequence[LayerData]) -> None:
        def add(ready: Sequence[Showable]) -> None:
            self._fetching -= 1
            self._unready.forget(name)
            self._order[name] = ready
            self._show_ready()

        def fail(error: Exception) -> None:
            self._order.pop(name, None)
            self._show_ready()
            is_new = name not in self._unready
            again = partial(self._try_to_show, name, layers)
            if not self._unready.wait(name, error, again):
                self._fetching -= 1
                show_error(explain(error))
            elif is_new:
                show_info(f"{error} It will be shown by itself.")

        def prepare() -> list[Showable]:
            prefetch(layers)
            return build_drawings(layers)

        self._tasks.run(prepare, add, fail)

    def _show_ready(self) -> None:
        """Add what is ready, unless something that was named before is still to come.

        What the server is still preparing keeps nobody waiting.
        """
        for name, layers in list(self._order.items()):
            if layers is None:
                return
            del self._order[name]
            self._enqueue(*self._drawings.take(layers))

    def close(self) -> None:
        """Fetch nothing more; called when the window is gone."""
        self._tasks.cancel_all()
        self.links.stop()
        self._drawings.stop()
        self._unready.clear()
        self._waiting.clear()
        self._unveiling.stop()
        self._pointing.stop()
        self._loading.stop()
        self.refresher.detach_all()

    def _knows_loss(self, server: str) -> bool:
        """Whether the dock tells how a server's session stands, and that it is lost."""
        viewer = self._viewer()
        return viewer is not None and any(
            account.was_troubled
            for account in controller_of(viewer).accounts
            if account.server is not None and account.server.is_at(server)
        )

    def _enqueue(self, *layers: Showable) -> None:
        was_idle = not self._waiting
        self._waiting.extend(layers)
        if was_idle and self._waiting:
            QTimer.singleShot(0, self._add_next)

    def _add_next(self) -> None:
        """Add the next layer."""
        viewer = self._viewer()
        if viewer is None or not self._waiting:
            return
        layer = self._waiting[0]
        if isinstance(layer, tuple):
            self.refresher.expect(layer[0])
            layer = Layer.create(*layer)
        axes_before = viewer.dims.ndim if viewer.layers else 0
        if isinstance(layer, Shapes | Points):
            self._unveiling.veil(layer)
        active = viewer.layers.selection.active
        viewer.layers.insert(find_place(viewer, layer), layer)
        if layer.metadata.get(NAMES_KEY) and active is not None:
            # names are there to be read: what the user works on are the pixels
            viewer.layers.selection.active = active
        if viewer.dims.ndim > axes_before:
            go_to_default_plane(viewer, layer)
        self._waiting.popleft()
        if self._waiting:
            QTimer.singleShot(0, self._add_next)

    def _on_inserted(self, event: Any) -> None:
        self.refresher.attach(event.value)
        prepare_layer(event.value)
        self._go_to_view(event.value)
        self._pointing.note(event.value)
        QTimer.singleShot(0, self._go_to_regions)

    def _go_to_regions(self) -> None:
        """Show the regions that links name, when all that came with them is there."""
        if not self._waiting and not self._unveiling.hides_some:
            self._pointing.go()

    def _go_to_view(self, layer: Layer) -> None:
        """Show what the layer's link says; a lone layer shows its default plane."""
        viewer, level = self._viewer(), remote_pixels(layer)
        if viewer is None or level is None:
            return
        if len(viewer.layers) == 1:
            go_to_default_plane(viewer, layer)
        image = level.image
        if image.view is not None and image not in self._placed:
            self._placed.add(image)
            show_view(viewer, layer, image.view)
        elif image.view is not None:
            follow_projection(layer, image.view)

    def _on_removed(self, event: Any) -> None:
        self.refresher.detach(event.value)


def prefetch(layers: Sequence[LayerData]) -> None:
    """Fetch the coarsest view of all images; waits.

    Raises
    ------
    OmeroIOError
        Their pixels cannot be read.
    """
    levels = (find_remote(data) for data, _, _ in layers)
    # What is put together of many images appears part by part.
    images = {
        level.image: None
        for level in levels
        if level is not None and not level.image.record.is_composed
    }
    for image in images:
        image.prefetch()


def prepare_layer(layer: Layer) -> None:
    """Set what a layer's constructor does not take: the contrast slider's range."""
    level = remote_pixels(layer)
    channel = layer.metadata.get("omero", {}).get("channel")
    if level is None or channel is None:
        return
    record = level.image.record
    layer.contrast_limits_range = window_range(record.channels[channel])


def go_to_default_plane(viewer: Viewer, layer: Layer) -> None:
    """Show the plane that the server shows first."""
    level = remote_pixels(layer)
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
        accept_links()
        listen()
        stage = _stages[key] = Stage(viewer, window)

        def forget(*_: object) -> None:
            _stages.pop(key, None)
            stage.close()

        window.destroyed.connect(forget)
    return _stages[key]


def list_stages() -> list[Stage]:
    """Return the stages of all viewers that are open."""
    return list(_stages.values())


def find_place(viewer: Viewer, layer: Layer) -> int:
    """Say where among the layers one belongs: pixels beneath what is drawn on them.

    Drawings may be there before the pixels of their image are.
    """
    top = len(viewer.layers)
    if not isinstance(layer, Image) or (origin := _origin(layer)) is None:
        return top
    drawn = (
        index
        for index, other in enumerate(viewer.layers)
        if not isinstance(other, Image) and _origin(other) == origin
    )
    return min(drawn, default=top)


def _origin(layer: Layer) -> tuple[str, int] | None:
    """Give the server and the image that a layer is of."""
    omero = layer.metadata.get("omero") or {}
    if "server" not in omero or "image_id" not in omero:
        return None
    return omero["server"], omero["image_id"]


def show_layers(viewer: Viewer, layers: Sequence[LayerData]) -> None:
    """Add layer data to a viewer, without stopping its window."""
    stage_of(viewer).show(layers)


def wait_until_loaded(viewer: Viewer, timeout: float = 60.0) -> bool:
    """Let the window work until all pixels in view are painted.

    For screenshots and scripts.  Waits too for what is tried again after a failure.

    Returns
    -------
    bool
        False if that took longer than `timeout` seconds, or if the server does not
        give some of the pixels: then what is seen is not complete.
    """
    stage = stage_of(viewer)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        QApplication.processEvents()
        if not stage.is_busy:
            return not stage.refresher.is_lacking
        time.sleep(0.01)
    return False


def open_window(links: Sequence[str] = (), rendered: bool | None = None) -> int:
    """Open napari with some links, and leave it to the user.

    Parameters
    ----------
    rendered
        Whether to show what the server renders; None for the user's choice.

    Returns
    -------
    int
        The exit status of the program, when the window is closed.
    """
    import napari

    viewer = napari.Viewer()
    stage = stage_of(viewer)
    for link in links:
        QTimer.singleShot(0, partial(stage.links.open_text, link, rendered))
    napari.run()
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out ``napari-omero-io open LINK…``."""
    parser = argparse.ArgumentParser(
        prog="napari-omero-io open",
        description="Open images in the napari that runs, or in a new one.",
    )
    parser.add_argument(
        "links",
        nargs="+",
        metavar="LINK",
        help="a link of OMERO.web or omero://host/image/5; the server “sandbox” is "
        "the one that this program brings along",
    )
    parser.add_argument(
        "--rendered",
        action="store_true",
        default=None,
        help="show pictures that the server renders, for slow lines",
    )
    parser.add_argument(
        "--new-window", action="store_true", help="open a new napari in any case"
    )
    arguments = parser.parse_args(argv)
    is_new = arguments.new_window or arguments.rendered
    if not is_new and hand_over(arguments.links):
        print("Opened in the napari that runs.")
        return 0
    return open_window(arguments.links, arguments.rendered)
