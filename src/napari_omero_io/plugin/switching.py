"""Rendered pictures and pixels of an image, one in place of the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari.qt import QtViewer
from napari.utils.notifications import show_error
from qtpy.QtCore import QObject, QTimer

from napari_omero_io.arrays.picture import PictureImage
from napari_omero_io.errors import BadReference
from napari_omero_io.plugin.refresher import find_remote, remote_pixels
from napari_omero_io.plugin.scene import find_shown, read_view
from napari_omero_io.plugin.sessions import find_session_for
from napari_omero_io.refs import OmeroRef
from napari_omero_io.widgets.controller import find_window
from napari_omero_io.widgets.message import explain
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer
    from napari.layers import Layer

    from napari_omero_io.convert.layers import LayerData

#: Times that a canvas is painted until the pictures of removed layers are given up.
_KEPT_PAINTS = 10


def switch_rendering(viewer: Viewer) -> str:
    """Show the pixels of the active image in place of its picture, or the reverse.

    The view stays: plane, place, colours.  Gives a sentence for the user.
    """
    try:
        shown = find_shown(viewer)
    except BadReference as error:
        return str(error)
    image = shown.image
    old = [
        layer
        for layer in viewer.layers
        if (level := remote_pixels(layer)) is not None and level.image is image
    ]
    view = read_view(viewer, image)
    ref = OmeroRef(image.source.server, "image", image.record.id, view=view)
    to_picture = not isinstance(image, PictureImage)
    keep_axes = image.record.keeps_axes
    Succession(viewer, old, ref, rendered=to_picture, keep_axes=keep_axes)
    name = image.record.name
    if to_picture:
        return f"The server renders “{name}”…"
    return f"Opening the pixels of “{name}”…"


class Succession(QObject):
    """Replaces layers of an image by others of it, when these are there.

    Parameters
    ----------
    old
        The layers that go.
    ref
        The image, with the view that stays.
    rendered
        Whether the new ones are the server's picture.
    keep_axes
        Whether the old ones have axes of one step, and the new ones shall.
    """

    def __init__(
        self,
        viewer: Viewer,
        old: Sequence[Layer],
        ref: OmeroRef,
        *,
        rendered: bool,
        keep_axes: bool,
    ) -> None:
        from napari_omero_io.plugin.viewer import stage_of

        self._stage = stage_of(viewer)
        super().__init__(self._stage)
        self._viewer = viewer
        self._old = list(old)
        self._new: list[Layer] = []
        self._expected: set[int] = set()
        self._tasks = Tasks()
        viewer.layers.events.inserted.connect(self._on_inserted)

        def read() -> list[LayerData]:
            session = find_session_for(ref)
            here = replace(ref, server=session.server)
            return next(
                session.iterate_layers(here, rendered=rendered, keep_axes=keep_axes)
            )

        self._tasks.run(read, self._show, self._fail)

    def _show(self, layers: list[LayerData]) -> None:
        self._expected = {id(find_remote(data)) for data, _, _ in layers}
        self._stage.show(layers)

    def _fail(self, error: Exception) -> None:
        self._end()
        show_error(explain(error))

    def _on_inserted(self, event: Any) -> None:
        level = remote_pixels(event.value)
        if id(level) in self._expected:
            self._expected.discard(id(level))
            self._new.append(event.value)
            if not self._expected:
                # after all who are told of the layer
                QTimer.singleShot(0, self._replace)

    def _replace(self) -> None:
        layers = self._viewer.layers
        gone = [layer for layer in self._old if layer in layers]
        place = min((layers.index(layer) for layer in gone), default=len(layers))
        new = [layer for layer in self._new if layer in layers]
        layers.move_multiple([layers.index(layer) for layer in new], place)
        canvas = find_window(self._viewer).findChild(QtViewer).canvas
        canvas.native.repaint()
        keep_for_a_while(canvas, gone)
        for layer in gone:
            layers.remove(layer)
        if new:
            layers.selection.active = new[0]
        self._end()

    def _end(self) -> None:
        self._viewer.layers.events.inserted.disconnect(self._on_inserted)
        self._tasks.cancel_all()
        self.deleteLater()


def keep_for_a_while(canvas: Any, layers: Sequence[Layer]) -> None:
    """Keep what paints layers until the canvas was painted some times without them.

    Mesa's software renderer ends the program with the next new picture of another
    layer, when textures are given up that were painted last (napari 0.9.2, Mesa 22.3;
    two layers of numpy arrays are enough).
    """
    painters = getattr(canvas, "layer_to_visual", {})
    kept = [painters[layer].node for layer in layers if layer in painters]
    paints = iter(range(_KEPT_PAINTS))

    def count(_event: object) -> None:
        if next(paints, None) is None:
            canvas.events.draw.disconnect(count)
            # not while it is painted
            QTimer.singleShot(0, kept.clear)

    canvas.events.draw.connect(count)
