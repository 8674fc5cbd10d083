"""Exporting: previews, refusals, progress, cancel, and what layers remember."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from napari.components import LayerList
from napari.layers import Image, Labels, Points
from napari.utils import progress
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QWidget

from napari_omero_io.errors import NotPermitted, SaveCancelled
from napari_omero_io.widgets.account import Account, State
from napari_omero_io.widgets.exporting import Exporting
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.save_dialog import SaveDialog

from .fakes import FakeServer


@dataclass
class Scene:
    """An export window over an image, labels and points."""

    dialog: SaveDialog
    exporting: Exporting
    layers: LayerList
    account: Account
    server: FakeServer
    qtbot: QtBot

    def tick(self, *rows: int) -> None:
        items = self.dialog.choices.layers
        for row in range(items.count()):
            checked = Qt.CheckState.Checked if row in rows else Qt.CheckState.Unchecked
            items.item(row).setCheckState(checked)

    def ticked(self) -> list[int]:
        items = self.dialog.choices.layers
        return [
            row
            for row in range(items.count())
            if items.item(row).checkState() == Qt.CheckState.Checked
        ]

    def wait_for_preview(self, *words: str) -> None:
        choices = self.dialog.choices
        self.qtbot.waitUntil(
            lambda: (
                choices.export.isEnabled()
                and all(word in choices.preview.text() for word in words)
            )
        )

    def wait_for_refusal(self, text: str) -> None:
        choices = self.dialog.choices
        self.qtbot.waitUntil(lambda: text in choices.message.text())
        assert not choices.export.isEnabled()

    def export_to_new_dataset(self) -> None:
        choices = self.dialog.choices
        choices.into_new.setChecked(True)
        choices.new_name.setText("Results")
        choices.on_new_image.setChecked(True)
        self.wait_for_preview("Results")
        choices.export.click()


@pytest.fixture
def scene(qtbot: QtBot, account: Account, server: FakeServer) -> Iterator[Scene]:
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    labels = np.zeros((40, 60), dtype=np.int32)
    labels[3:9, 4:20] = 7
    layers = LayerList(
        [
            Image(np.ones((40, 60), dtype=np.uint16), name="DAPI"),
            Labels(labels, name="Nuclei"),
            Points(np.zeros((1, 2)), name="Spots"),
        ]
    )
    parent = QWidget()
    qtbot.addWidget(parent)
    exporting = Exporting(account, layers)
    exporting.show(parent)
    assert exporting.dialog is not None
    dialog = exporting.dialog
    qtbot.waitUntil(lambda: dialog.choices.dataset.count() == 1)
    yield Scene(dialog, exporting, layers, account, server, qtbot)
    exporting.stop()
    server.failures.setdefault("cancelled", SaveCancelled("Saving was cancelled."))
    server.gate.set()
    qtbot.waitUntil(lambda: exporting.run is None)


def test_what_can_be_saved_is_ticked(scene: Scene) -> None:
    assert scene.ticked() == [0, 1, 2]


def test_list_of_layers_stays_true_while_the_window_is_open(scene: Scene) -> None:
    scene.tick(1)
    scene.layers.append(Image(np.zeros((5, 5)), name="Later"))
    scene.layers.remove(scene.layers[2])
    items = scene.dialog.choices.layers
    names = [items.item(row).text() for row in range(items.count())]
    assert names == ["DAPI", "Nuclei", "Later"]
    assert scene.ticked() == [1, 2]


def test_preview_says_what_will_be_made(scene: Scene) -> None:
    scene.tick(0)
    scene.wait_for_preview("DAPI", "60 x 40 uint16", "Control")
    assert scene.dialog.choices.message.text() == ""


def test_points_go_onto_the_image_that_is_exported(scene: Scene) -> None:
    scene.tick(0, 2)
    scene.wait_for_preview("Spots", "1 points on new image")


def test_new_dataset_needs_a_name(scene: Scene) -> None:
    scene.tick(0)
    scene.dialog.choices.into_new.setChecked(True)
    scene.wait_for_refusal("Write a name")
    scene.dialog.choices.new_name.setText("Results")
    scene.wait_for_preview("Results", "new dataset")


def test_labels_go_where_the_user_says(scene: Scene) -> None:
    choices = scene.dialog.choices
    scene.tick(0)
    assert not choices.on_new_image.isVisible()
    scene.tick(0, 1)
    assert choices.on_new_image.isVisible()
    choices.on_new_image.setChecked(True)
    scene.wait_for_preview("Nuclei", "new image")


def test_refusal_names_the_layer(scene: Scene) -> None:
    scene.tick(2)
    scene.wait_for_refusal("Layer 'Spots' belongs to no image")
    scene.tick()
    scene.wait_for_refusal("Tick at least one layer")


def test_export_reports_links_and_the_layer_remembers(scene: Scene) -> None:
    with scene.qtbot.waitSignal(scene.exporting.finished):
        scene.export_to_new_dataset()
    link = "omero://omero.example.org:4064/image/77"
    page = scene.dialog.progress
    assert link in page.result.text()
    assert page.title.text() == "Exported"
    assert scene.layers[0].metadata["omero"]["image_id"] == 77
    clicked: list[str] = []
    scene.exporting.link_activated.connect(clicked.append)
    page.result.linkActivated.emit(link)
    assert clicked == [link]


def test_export_can_be_cancelled_and_the_window_stays_alive(scene: Scene) -> None:
    scene.server.failures["cancelled"] = SaveCancelled("Saving was cancelled.")
    scene.server.gate.clear()
    scene.export_to_new_dataset()
    page = scene.dialog.progress
    scene.qtbot.waitUntil(lambda: page.step.text() == "Image")
    bars = [bar.desc for bar in progress._all_instances]
    assert any("omero.example.org" in title for title in bars)
    page.stop.click()
    assert not page.stop.isEnabled()
    scene.server.gate.set()
    scene.qtbot.waitUntil(lambda: page.title.text() == "Cancelled")
    assert page.outcome.text() == "Saving was cancelled."
    assert not progress._all_instances


def test_export_can_be_cancelled_in_the_activity_dock(scene: Scene) -> None:
    scene.server.failures["cancelled"] = SaveCancelled("Saving was cancelled.")
    scene.server.gate.clear()
    scene.export_to_new_dataset()
    scene.qtbot.waitUntil(lambda: len(progress._all_instances) == 1)
    next(iter(progress._all_instances)).cancel()
    scene.server.gate.set()
    page = scene.dialog.progress
    scene.qtbot.waitUntil(lambda: page.title.text() == "Cancelled")


def test_failed_export_says_why_and_leaves_the_layers_alone(scene: Scene) -> None:
    scene.server.failures["carry_out"] = NotPermitted("This dataset is not yours.")
    before = scene.layers[1].data.copy()
    scene.export_to_new_dataset()
    page = scene.dialog.progress
    scene.qtbot.waitUntil(lambda: page.outcome.text() == "This dataset is not yours.")
    np.testing.assert_array_equal(scene.layers[1].data, before)
    assert "omero" not in scene.layers[0].metadata
    page.more.click()
    scene.wait_for_preview("Results")


def test_painting_on_while_exporting_changes_nothing_that_is_sent(
    scene: Scene,
) -> None:
    scene.server.gate.clear()
    scene.server.failures["cancelled"] = SaveCancelled("Saving was cancelled.")
    scene.export_to_new_dataset()
    scene.qtbot.waitUntil(lambda: bool(scene.server.asked("carry_out")))
    scene.layers[1].data[0, 0] = 99
    plan = scene.server.asked("carry_out")[0]
    sent = plan.labels[0].layer.data
    assert set(np.unique(sent)) == {0, 7}


def test_run_that_napari_stops_ends_as_cancelled(scene: Scene) -> None:
    scene.server.failures["cancelled"] = SaveCancelled("Saving was cancelled.")
    scene.server.gate.clear()
    scene.export_to_new_dataset()
    scene.qtbot.waitUntil(lambda: bool(scene.server.asked("carry_out")))
    assert scene.exporting.run is not None
    worker = scene.exporting.run._worker
    assert "omero.example.org" in repr(worker._func)
    worker.quit()
    scene.server.gate.set()
    page = scene.dialog.progress
    scene.qtbot.waitUntil(lambda: page.title.text() == "Cancelled")


def test_closed_window_does_not_end_the_export(scene: Scene) -> None:
    scene.server.gate.clear()
    scene.export_to_new_dataset()
    scene.qtbot.waitUntil(lambda: bool(scene.server.asked("carry_out")))
    scene.dialog.close()
    scene.server.gate.set()
    scene.qtbot.waitUntil(lambda: "omero" in scene.layers[0].metadata)
    assert scene.dialog.progress.title.text() == "Exported"


def test_window_opens_once_somebody_is_logged_in(
    qtbot: QtBot, account: Account, server: FakeServer
) -> None:
    exporting = Exporting(account, LayerList())
    parent = QWidget()
    qtbot.addWidget(parent)
    exporting.show(parent)
    assert exporting.dialog is None
    account.log_in(Login("omero.example.org", "anna", "wrong"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_OUT)
    assert exporting.dialog is None
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: exporting.dialog is not None)
    exporting.stop()


def test_a_dataset_that_is_half_typed_is_no_choice(scene: Scene) -> None:
    choices = scene.dialog.choices
    choices.into_existing.setChecked(True)
    choices.dataset.setEditText("contr")
    assert choices._choice() == "Choose a dataset."
    completer = choices.dataset.completer()
    completer.setCompletionPrefix("TROL")
    assert completer.currentCompletion() == "Control  (11)"
    choices.dataset.setEditText("Control  (11)")
    assert choices._choice() != "Choose a dataset."
