"""One export: the layers as they were, and the run that saves them in the background.

napari's activity dock shows the run with a Cancel button, and closing napari's window
asks first while it lasts.
"""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.qt.threading import create_worker
from napari.utils import cancelable_progress
from qtpy.QtCore import QObject, QTimer, Signal

from napari_omero_io.save.plan import plan_save

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari.layers import Layer

    from napari_omero_io.save.plan import SavePlan, SaveTarget
    from napari_omero_io.save.receipt import Receipt

    from .server import Server

#: Milliseconds between two looks at how far a run is.
_REFRESH = 100


class ExportJob:
    """The layers of one export as they were when it was asked for.

    Parameters
    ----------
    chosen
        The layers to export.
    shown
        The viewer's other layers, among which labels look for their image.
    compare
        Completes a plan with what is on the server; see `SavePlan.compare`.
    """

    def __init__(
        self,
        chosen: list[Layer],
        shown: list[Layer],
        target: SaveTarget,
        labels_on_new_image: bool,
        compare: Callable[[SavePlan], SavePlan],
    ) -> None:
        self._chosen = chosen
        self._data = [layer.as_layer_data_tuple() for layer in chosen]
        self._shown = [layer.as_layer_data_tuple() for layer in shown]
        self._target = target
        self._labels_on_new_image = labels_on_new_image
        self._compare = compare

    @property
    def title(self) -> str:
        """What the activity dock says."""
        return f"Exporting to {self._target.server}"

    def freeze(self) -> None:
        """Copy labels that are in memory, since the user may go on painting."""
        self._data = [_copy_labels(*layer) for layer in self._data]

    def plan(self) -> SavePlan:
        """Decide what would be made; may wait, so not in the window's thread."""
        plan = plan_save(
            self._data,
            self._target,
            labels_on_new_image=self._labels_on_new_image,
            shown=self._shown,
        )
        return self._compare(plan) if plan.images_to_compare else plan

    def remember(self, receipt: Receipt) -> None:
        """Write into the layers what they were saved as."""
        for position, saved in receipt.metadata.items():
            self._chosen[position].metadata["omero"] = dict(saved)
        for position, columns in receipt.features.items():
            layer = self._chosen[position]
            if all(len(values) == len(layer.data) for values in columns.values()):
                layer.features = layer.features.assign(**columns)


class _Bar(cancelable_progress):
    """A line in the activity dock whose Cancel button works at once."""

    def __init__(self, total: int, title: str, cancelled: threading.Event) -> None:
        self._cancelled = cancelled
        # tqdm, below it, would write to the terminal as well.
        super().__init__(total=total, desc=title, file=io.StringIO())

    def cancel(self) -> None:
        super().cancel()
        self._cancelled.set()


class ExportRun(QObject):
    """One export on its way.

    Signals
    -------
    moved(done, total, text)
        How far it is; `object` numbers, since bytes do not fit into Qt's int.
    ended(receipt or exception)
    """

    moved = Signal(object, object, str)
    ended = Signal(object)

    def __init__(self, job: ExportJob, server: Server, parent: QObject) -> None:
        super().__init__(parent)
        self.job = job
        self._server = server
        self._cancelled = threading.Event()
        self._position = (0, 0, "Preparing…")
        self._outcome: Receipt | Exception | None = None
        self._bar: _Bar | None = None
        # A look now and then instead of a signal per plane: napari's progress bar
        # runs the event loop each time it moves.
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin; a worker of napari's, so that closing the window asks first."""
        self.job.freeze()
        self._bar = _Bar(100, self.job.title, self._cancelled)
        self._worker = create_worker(_Work(self))
        # Not `returned`, which is not sent after the worker was asked to quit.
        self._worker.finished.connect(self._end)
        self._worker.start()
        self._timer.start()

    def cancel(self) -> None:
        """Ask it to stop; it removes what is half-made and then ends."""
        self._cancelled.set()

    def carry_out(self) -> None:
        """Plan and save; called in the worker's thread."""
        try:
            plan = self.job.plan()
            self._outcome = self._server.carry_out(plan, self._note, self._is_cancelled)
        except Exception as error:  # noqa: BLE001 -- told to the user by `ended`
            self._outcome = error

    def _note(self, done: int, total: int, text: str) -> None:
        self._position = (done, total, text)

    def _is_cancelled(self) -> bool:
        return self._cancelled.is_set() or bool(self._worker.abort_requested)

    def _look(self) -> None:
        done, total, text = self._position
        self.moved.emit(done, total, text)
        if self._bar is not None and total:
            self._bar.update(round(100 * done / total) - self._bar.n)

    def _end(self) -> None:
        self._timer.stop()
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self.ended.emit(self._outcome)


class _Work:
    """What napari's worker calls, and what napari calls it when it asks."""

    def __init__(self, run: ExportRun) -> None:
        self._run = run

    def __repr__(self) -> str:
        return self._run.job.title

    def __call__(self) -> None:
        self._run.carry_out()


def _copy_labels(data: Any, meta: Any, kind: str) -> tuple[Any, ...]:
    is_painted_on = kind == "labels" and isinstance(data, np.ndarray)
    return data.copy() if is_painted_on else data, meta, kind
