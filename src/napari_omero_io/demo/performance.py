"""The main job, done through the real widgets, and checked.

An image is opened from the browser, labels are painted on it, both are exported to a
new dataset, the saved image is opened again, and everything is compared.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image, Labels
from qtpy.QtCore import QModelIndex

from napari_omero_io.plugin.viewer import wait_until_loaded
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.controller import controller_for
from napari_omero_io.widgets.tree_model import NAME, RECORD_ROLE

from .comparison import compare, snap
from .stage import (
    DidNotHappen,
    choose,
    connect_dock,
    double_click,
    open_menu,
    open_viewer,
    paint_stroke,
    rest,
    run_in_thread,
    take_picture,
    wait_for,
)

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from napari import Viewer

    from napari_omero_io.records import ObjectRecord
    from napari_omero_io.trial import TrialServer
    from napari_omero_io.widgets.main import OmeroDock

#: The labels that are painted; numbers with gaps, which must survive.
_LABELS = (1, 2, 5, 12)

#: Pixels of an image that is small enough to be compared as a whole.
_SMALL = 50_000_000


@dataclass
class Performance:
    """One run: the window, what was done so far, and where pictures go."""

    viewer: Viewer
    dock: OmeroDock
    folder: Path
    started: float = field(default_factory=time.monotonic)
    pictures: int = 0

    def note(self, text: str) -> None:
        """Say what was done, and take a picture of it."""
        rest()
        self.pictures += 1
        name = text.partition(":")[0].lower().replace(" ", "-")
        take_picture(self.folder / f"{self.pictures:02d}-{name}.png")
        print(f"{time.monotonic() - self.started:6.1f} s  {text}", flush=True)


def perform(trial: TrialServer, folder: Path) -> int:
    """Do the job; return 0 only if what was saved is exactly what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    for former in folder.glob("[0-9][0-9]-*.png"):
        former.unlink()
    viewer = open_viewer()
    viewer.window.resize(1560, 1040)
    run = Performance(viewer, connect_dock(viewer, trial), folder)
    try:
        differences = _do_everything(run)
    except DidNotHappen as error:
        run.note("Stopped")
        says = run.dock.browser.message.text() or run.dock.login.message.text()
        print(f"Stopped: {error} {says}".strip())
        return 1
    finally:
        viewer.close()
        rest()
        print(f"Pictures of every step are in {folder}")
    seconds = time.monotonic() - run.started
    if differences:
        print(f"Not exact, after {seconds:.0f} seconds: " + "; ".join(differences))
        return 1
    print(
        "Exact: every pixel and label of the saved image is what was exported, and so "
        f"are its channels, colours, contrast and pixel size ({seconds:.0f} seconds)."
    )
    return 0


def _do_everything(run: Performance) -> list[str]:
    account = controller_for(run.viewer).account
    wait_for("Logging in", lambda: account.state is not State.CONNECTING)
    wait_for("Reading the tree", lambda: run.dock.browser.tree.model().rowCount() > 0)
    run.note("Connected to the server")
    opened = open_menu(run.viewer, "File", "Import")
    run.note("File menu with Import")
    for menu in reversed(opened):
        menu.close()

    _open(run, _find_image(run), "Opened from the browser")
    _paint(run)
    before = run_in_thread("Reading all pixels", lambda: snap(run.viewer.layers))
    dataset = _export(run)

    run.viewer.layers.clear()
    _open(run, _find_image(run, dataset), "Opened the saved image")
    after = run_in_thread("Reading all pixels", lambda: snap(run.viewer.layers))
    return compare(before, after)


def _find_image(run: Performance, dataset: str = "") -> QModelIndex:
    """Expand the tree until there is an image of use.

    Parameters
    ----------
    dataset
        Any image in the dataset of this name; '' for a small one of several channels,
        anywhere.
    """
    tree = run.dock.browser.tree
    model = tree.model()

    def search(parent: QModelIndex, is_inside: bool) -> QModelIndex | None:
        for row in range(model.rowCount(parent)):
            index = model.index(row, NAME, parent)
            record: ObjectRecord = index.data(RECORD_ROLE)
            if record.kind == "image" and is_inside:
                if dataset or _is_of_use(run, record):
                    return index
            elif record.child_count and record.kind in ("project", "dataset"):
                is_it = record.kind == "dataset" and record.name == dataset
                _expand(run, index)
                found = search(index, is_inside or is_it)
                if found is not None:
                    return found
                tree.collapse(index)
        return None

    wait_for("Reading the tree", lambda: model.rowCount() > 0)
    found = search(QModelIndex(), not dataset)
    if found is None:
        raise DidNotHappen(f"Finding an image {f'in {dataset}' if dataset else ''}")
    return found


def _expand(run: Performance, index: QModelIndex) -> None:
    tree = run.dock.browser.tree
    tree.expand(index)
    name = index.data(RECORD_ROLE).name
    wait_for(f"Reading what is in {name}", lambda: tree.model().rowCount(index) > 0)


def _is_of_use(run: Performance, record: ObjectRecord) -> bool:
    server = controller_for(run.viewer).account.server
    assert server is not None
    image = run_in_thread("Reading an image", lambda: server.read_image(record.id))
    is_small = math.prod(image.shape) < _SMALL
    return image.size_c > 1 and not image.is_rgb and is_small


def _open(run: Performance, index: QModelIndex, text: str) -> None:
    """Double-click an image and wait until all of it is on the screen."""
    name = index.data(RECORD_ROLE).name
    opening = controller_for(run.viewer).opening
    expected: list[Any] = []
    opening.layers_ready.connect(expected.extend)
    double_click(run.dock.browser.tree, index)
    wait_for(f"Opening {name}", lambda: bool(expected) and not opening.is_busy)
    opening.layers_ready.disconnect(expected.extend)
    wait_for(f"Showing {name}", lambda: len(run.viewer.layers) == len(expected))
    if not wait_until_loaded(run.viewer):
        raise DidNotHappen(f"Loading the pixels of {name}")
    run.viewer.reset_view()
    run.note(f"{text}: {name}")


def _paint(run: Performance) -> None:
    """Paint labels on the image with napari's brush, the last with the mouse."""
    image = next(layer for layer in run.viewer.layers if isinstance(layer, Image))
    shape = (image.data[0] if image.multiscale else image.data).shape
    labels: Labels = run.viewer.add_labels(
        np.zeros(shape, dtype=np.int32),
        name="Painted",
        scale=image.scale,
        units=image.units,
        axis_labels=image.axis_labels,
    )
    height, width = labels.data.shape[-2:]
    labels.brush_size = max(3, min(height, width) // 25)
    labels.mode = "paint"
    step = run.viewer.dims.current_step[: labels.ndim - 2]
    for order, number in enumerate(_LABELS[:-1]):
        for along in range(12):
            row = height * (0.35 + 0.12 * order)
            column = width * (0.4 + 0.1 * order) + along * labels.brush_size / 2
            labels.paint((*step, round(row), round(column)), number)
    labels.selected_label = _LABELS[-1]
    rest()
    paint_stroke(run.viewer, (0.44, 0.62), (0.56, 0.66))
    wait_for("Painting with the mouse", lambda: _LABELS[-1] in labels.data)
    run.note("Painted labels")
    labels.mode = "pan_zoom"


def _export(run: Performance) -> str:
    """Export everything to a new dataset; give its name."""
    exporting = controller_for(run.viewer).exporting
    opened = open_menu(run.viewer, "File", "Export")
    run.note("File menu with Export")
    choose(opened, "OMERO…")
    wait_for("Opening the export window", lambda: exporting.dialog is not None)
    dialog = exporting.dialog
    assert dialog is not None
    name = f"Demo {datetime.now():%Y-%m-%d %H:%M:%S}"
    choices = dialog.choices
    choices.into_new.setChecked(True)
    choices.new_name.setText(name)
    choices.on_new_image.setChecked(True)
    wait_for(
        f"The preview of the export ({choices.message.text()})",
        lambda: choices.export.isEnabled() and name in choices.preview.text(),
    )
    run.note("Preview of the export")
    choices.export.click()
    wait_for("The export", lambda: not dialog.progress.is_running, 180)
    run.note(f"{dialog.progress.title.text()}: {name}")
    if dialog.progress.outcome.text():
        raise DidNotHappen(f"The export: {dialog.progress.outcome.text()}")
    dialog.close()
    return name
