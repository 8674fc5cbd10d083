"""Exports layers: previews, the run in the background, what layers remember of it.

Answers what the export window asks for.  The run goes on when the window is closed;
napari's activity dock shows it, too, with a Cancel button of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QObject, Signal

from napari_omero_io.errors import SaveCancelled
from napari_omero_io.save.plan import SaveTarget

from .account import State
from .export_run import ExportJob, ExportRun
from .save_choices import LayerRow
from .save_dialog import SaveDialog
from .tasks import Task, Tasks

if TYPE_CHECKING:
    from napari.components import LayerList
    from napari.layers import Layer
    from qtpy.QtWidgets import QWidget

    from napari_omero_io.save.plan import SavePlan
    from napari_omero_io.save.receipt import Receipt

    from .account import Account
    from .save_choices import ExportChoice
    from .server import ExportTargets, Server

#: Kinds of layers that are ticked at first.
_SAVABLE = ("image", "labels", "shapes", "points")


class Exporting(QObject):
    """The export window of one viewer, and the run it has started.

    Signals
    -------
    link_activated(link)
        The user wants to open something that was made.
    finished()
        Something was saved; lists of it may be out of date.
    """

    link_activated = Signal(str)
    finished = Signal()

    def __init__(
        self, account: Account, layers: LayerList, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._account = account
        self._layers = layers
        self._offered: list[Layer] = []
        self._tasks = Tasks()
        self._preview: Task[SavePlan] | None = None
        self._waiting_parent: QWidget | None = None
        self.dialog: SaveDialog | None = None
        self.run: ExportRun | None = None
        account.changed.connect(self._on_account_changed)
        for change in (layers.events.inserted, layers.events.removed):
            change.connect(self._on_layers_changed)

    def use(self, account: Account) -> None:
        """Export to the server of another account; a run that is on its way goes on."""
        self._account.changed.disconnect(self._on_account_changed)
        self._account = account
        account.changed.connect(self._on_account_changed)
        dialog = self.dialog
        if dialog is not None and dialog.isVisible() and self.run is None:
            if account.state is State.LOGGED_IN:
                self._offer_targets(dialog)
            else:
                dialog.close()

    def show(self, parent: QWidget) -> None:
        """Show the window as soon as somebody is logged in, which may be now."""
        if self._account.state is State.LOGGED_IN:
            self._show_now(parent)
        else:
            self._waiting_parent = parent

    def _show_now(self, parent: QWidget) -> None:
        if self.dialog is None:
            self.dialog = self._make_dialog(parent)
        if self.run is None:
            self._offer_layers(self.dialog)
            self._offer_targets(self.dialog)
            self.dialog.show_choices()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _on_account_changed(self) -> None:
        parent = self._waiting_parent
        if self._account.state is not State.LOGGED_IN:
            if self.dialog is not None and self.run is None:
                self.dialog.close()
        elif parent is not None:
            self._waiting_parent = None
            self._show_now(parent)

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        if self.dialog is not None:
            self.dialog.refresh_looks()

    def stop(self) -> None:
        """Forget what is on its way, and ask a run to end."""
        for change in (self._layers.events.inserted, self._layers.events.removed):
            change.disconnect(self._on_layers_changed)
        self._tasks.cancel_all()
        if self.run is not None:
            self.run.cancel()

    # -- choosing ----------------------------------------------------------------

    def _make_dialog(self, parent: QWidget) -> SaveDialog:
        dialog = SaveDialog(parent)
        dialog.destroyed.connect(self._forget_dialog)
        dialog.preview_wanted.connect(self._plan_preview)
        dialog.export_requested.connect(self._start)
        dialog.cancel_requested.connect(self._cancel)
        dialog.link_activated.connect(self.link_activated)
        return dialog

    def _forget_dialog(self) -> None:
        # Qt destroys it with the window it belongs to.
        self._tasks.cancel_all()
        self.dialog = None

    def _offer_layers(self, dialog: SaveDialog) -> None:
        # One selected layer says nothing: napari selects whatever was added last.
        selected = self._layers.selection
        unwanted = set() if len(selected) < 2 else set(self._layers) - set(selected)
        self._list_layers(dialog, unwanted)

    def _list_layers(self, dialog: SaveDialog, unwanted: set[Layer]) -> None:
        self._offered = list(self._layers)
        kinds = [layer.as_layer_data_tuple()[2] for layer in self._offered]
        dialog.choices.set_layers(
            [
                LayerRow(layer.name, kind, kind in _SAVABLE and layer not in unwanted)
                for layer, kind in zip(self._offered, kinds, strict=True)
            ]
        )

    def _on_layers_changed(self, *_: object) -> None:
        """Keep the list true while the window is open; what was unticked stays so."""
        dialog = self.dialog
        if dialog is not None and dialog.isVisible() and self.run is None:
            ticked = dialog.choices.ticked_layers()
            former = enumerate(self._offered)
            self._list_layers(dialog, {x for row, x in former if row not in ticked})

    def _offer_targets(self, dialog: SaveDialog) -> None:
        server = self._account.server
        if server is None:
            return

        def show(targets: ExportTargets) -> None:
            dialog.choices.set_targets(targets.datasets, targets.projects)

        def fail(error: Exception) -> None:
            dialog.choices.show_refusal(self._account.note_failure(error))

        self._tasks.run(server.list_targets, show, fail)

    def _plan_preview(self, choice: ExportChoice) -> None:
        server, dialog = self._account.server, self.dialog
        if server is None or dialog is None:
            return
        if self._preview is not None:
            self._preview.cancel()

        def fail(error: Exception) -> None:
            dialog.choices.show_refusal(self._account.note_failure(error))

        job = self._collect(choice, server)
        self._preview = self._tasks.run(
            job.plan, lambda plan: dialog.choices.show_preview(plan.rows()), fail
        )

    def _collect(self, choice: ExportChoice, server: Server) -> ExportJob:
        chosen = [self._offered[row] for row in choice.layers]
        target = SaveTarget(
            server.address,
            dataset_id=choice.dataset.id if choice.dataset else None,
            dataset_name=choice.dataset.name if choice.dataset else choice.new_name,
            project_id=choice.project.id if choice.project else None,
        )
        shown = [layer for layer in self._layers if layer not in chosen]
        on_new_image = choice.labels_on_new_image
        return ExportJob(chosen, shown, target, on_new_image, server.compare)

    # -- running -----------------------------------------------------------------

    def _start(self, choice: ExportChoice) -> None:
        server, dialog = self._account.server, self.dialog
        if server is None or dialog is None or self.run is not None:
            return
        job = self._collect(choice, server)
        self.run = ExportRun(job, server, self)
        self.run.moved.connect(dialog.progress.show_progress)
        self.run.ended.connect(self._end)
        dialog.start_progress()
        self.run.start()

    def _cancel(self) -> None:
        if self.run is not None:
            self.run.cancel()

    def _end(self, outcome: Receipt | Exception) -> None:
        run, self.run = self.run, None
        assert run is not None
        run.deleteLater()
        page = self.dialog.progress if self.dialog is not None else None
        is_seen = self.dialog is not None and self.dialog.isVisible()
        if isinstance(outcome, SaveCancelled):
            if page is not None:
                page.show_cancelled(str(outcome))
        elif isinstance(outcome, Exception):
            text = self._account.note_failure(outcome)
            if page is not None:
                page.show_failure(text)
            if not is_seen:
                show_error(text)
        else:
            run.job.remember(outcome)
            if page is not None:
                page.show_result(outcome)
            if not is_seen:
                show_info("\n".join(outcome.describe()))
            self.finished.emit()
