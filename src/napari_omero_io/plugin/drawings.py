"""Layers of what is drawn on images, made without stopping the window.

napari triangulates every shape when a layer is made, which takes seconds for thousands,
and looks through all labels.  So these layers are made in a working thread; of very
many shapes, the user may want labels instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from napari.layers import Layer
from napari.utils.notifications import show_error
from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QMessageBox

from napari_omero_io.convert.painting import is_large, paint_shapes
from napari_omero_io.convert.units import load_units
from napari_omero_io.widgets.message import explain
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qtpy.QtWidgets import QWidget

    from napari_omero_io.convert.layers import LayerData

#: Kinds of layers that are drawn; images are quick to make, for their pixels are not
#: there yet.
_DRAWN = ("shapes", "points", "labels")

#: A layer to be shown: what it is made of, or itself.
Showable: TypeAlias = "LayerData | Layer"


def build_drawings(layers: Sequence[LayerData]) -> list[Showable]:
    """Make layers of drawings; leave those of images and the very large as they are.

    Not to be called in the window's thread.  What layers of any kind need at first is
    made ready, too.
    """
    load_units()
    return [
        Layer.create(*layer) if layer[2] in _DRAWN and not is_large(layer) else layer
        for layer in layers
    ]


class LargeDrawings(QObject):
    """Asks how layers of very many shapes are to be shown.

    Parameters
    ----------
    window
        The viewer's main window.

    Signals
    -------
    decided(layer)
        A layer, or layer data, to be shown.
    """

    decided = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._tasks = Tasks()
        self._open = 0

    @property
    def is_busy(self) -> bool:
        """Whether a layer is being made; not while the user is asked."""
        return self._open > 0

    def take(self, layers: Sequence[Showable]) -> list[Showable]:
        """Keep the large ones, and ask about each; gives the others."""
        others = []
        for layer in layers:
            if isinstance(layer, tuple) and is_large(layer):
                self._ask(layer)
            else:
                others.append(layer)
        return others

    def stop(self) -> None:
        """Forget what is on its way."""
        self._tasks.cancel_all()

    def _ask(self, layer: LayerData) -> None:
        data, settings, _ = layer
        box = QMessageBox(self.parent())
        box.setObjectName("many-shapes")
        box.setIcon(QMessageBox.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"“{settings['name']}” has {len(data):,} shapes.")
        box.setInformativeText(
            "napari becomes slow with so many. Labels show them all at once and stay "
            "fast, but cannot be edited as shapes."
        )
        labels = box.addButton("Show as labels", QMessageBox.AcceptRole)
        shapes = box.addButton("Show as shapes", QMessageBox.DestructiveRole)
        box.addButton("Leave out", QMessageBox.RejectRole)
        box.setDefaultButton(labels)

        def answer(_: int) -> None:
            if box.clickedButton() is labels:
                self._make(lambda: Layer.create(*paint_shapes(layer)))
            elif box.clickedButton() is shapes:
                self._make(lambda: Layer.create(*layer))
            box.deleteLater()

        box.finished.connect(answer)
        box.open()

    def _make(self, work: Callable[[], Showable]) -> None:
        self._open += 1

        def show(made: Showable) -> None:
            self._open -= 1
            self.decided.emit(made)

        def fail(error: Exception) -> None:
            self._open -= 1
            show_error(explain(error))

        self._tasks.run(work, show, fail)
