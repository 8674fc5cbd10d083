"""Shapes layers of any size, made without stopping the window.

napari triangulates every shape when a layer is made.  Some hundred of them at a time
keep the window alive; of very many, the user may want labels instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Layer, Shapes
from napari.utils.notifications import show_error
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QMessageBox

from napari_omero_io.convert.painting import is_large, paint_shapes
from napari_omero_io.widgets.message import explain
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qtpy.QtWidgets import QWidget

    from napari_omero_io.convert.layers import LayerData

#: Shapes and vertices that are added in one turn of the event loop: with compiled
#: triangulation some 50 ms.
_SHAPES_A_TURN = 500
_VERTICES_A_TURN = 10_000

#: What a Shapes layer takes for each shape.
_FOR_EACH = ("shape_type", "edge_color", "face_color", "edge_width")


def warm_up(layers: Sequence[LayerData]) -> None:
    """Load what napari needs for shapes, which takes a third of a second at first.

    Not to be called in the window's thread.
    """
    if any(kind == "shapes" for _, _, kind in layers):
        triangle = np.array([(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
        Shapes([triangle], shape_type="polygon", features={"text": [""]})


def build_layer(
    data: Any, settings: dict[str, Any], kind: str
) -> Iterator[tuple[Layer, bool]]:
    """Make a layer in steps; yields it, and whether it is complete.

    Shapes come in batches; everything else is made in one step.
    """
    if kind != "shapes" or len(data) <= _SHAPES_A_TURN:
        yield Layer.create(data, settings, kind), True
        return
    whole = ("features", "feature_defaults", "text")
    common = {
        name: value
        for name, value in settings.items()
        if name not in (*_FOR_EACH, *whole)
    }
    first, *others = _batches(data)
    layer = Layer.create(data[first], {**common, **_cut(settings, first)}, kind)
    for batch in others:
        yield layer, False
        layer.add(data[batch], **_cut(settings, batch))
    layer.features = settings["features"]
    layer.feature_defaults = settings["feature_defaults"]
    layer.text = settings["text"]
    yield layer, True


def _batches(data: Sequence[Any]) -> Iterator[slice]:
    start = vertices = 0
    for index, outline in enumerate(data):
        vertices += len(outline)
        is_full = index - start >= _SHAPES_A_TURN or vertices > _VERTICES_A_TURN
        if is_full and index > start:
            yield slice(start, index)
            start, vertices = index, len(outline)
    yield slice(start, len(data))


def _cut(settings: dict[str, Any], batch: slice) -> dict[str, Any]:
    return {name: settings[name][batch] for name in _FOR_EACH}


class LargeDrawings(QObject):
    """Asks how layers of very many shapes are to be shown.

    Parameters
    ----------
    window
        The viewer's main window.

    Signals
    -------
    decided(layer)
        Layer data to be shown.
    """

    decided = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._tasks = Tasks()
        self._open = 0

    @property
    def is_busy(self) -> bool:
        """Whether labels are being painted; not while the user is asked."""
        return self._open > 0

    def take(self, layers: Sequence[LayerData]) -> list[LayerData]:
        """Keep the large ones, and ask about each; gives the others."""
        for layer in layers:
            if is_large(layer):
                self._ask(layer)
        return [layer for layer in layers if not is_large(layer)]

    def stop(self) -> None:
        """Forget what is on its way."""
        self._tasks.cancel_all()

    def _ask(self, layer: LayerData) -> None:
        data, settings, _ = layer
        box = QMessageBox(self.parent())
        box.setObjectName("many-shapes")
        box.setIcon(QMessageBox.Question)
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
                self._paint(layer)
            elif box.clickedButton() is shapes:
                self.decided.emit(layer)
            box.deleteLater()

        box.finished.connect(answer)
        box.open()

    def _paint(self, layer: LayerData) -> None:
        self._open += 1

        def show(painted: LayerData) -> None:
            self._open -= 1
            self.decided.emit(painted)

        def fail(error: Exception) -> None:
            self._open -= 1
            show_error(explain(error))

        self._tasks.run(lambda: paint_shapes(layer), show, fail)
