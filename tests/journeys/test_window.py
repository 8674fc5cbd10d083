"""The real window and a real server: log in, browse, open, paint, export, reopen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari import Viewer
from qtpy.QtCore import QModelIndex, Qt

from napari_omero_io.client.connection import Connection
from napari_omero_io.demo.stage import double_click
from napari_omero_io.plugin.viewer import show_layers
from napari_omero_io.save.plan import SaveTarget, plan_save
from napari_omero_io.save.upload import carry_out
from napari_omero_io.settings import FOLDER_VARIABLE
from napari_omero_io.widgets.controller import controller_for, make_real_doors
from napari_omero_io.widgets.main import OmeroDock, show_dock
from napari_omero_io.widgets.tree_model import NAME

from .conftest import PASSWORD, Laboratory

pytestmark = pytest.mark.window

PIXELS = np.random.default_rng(0).integers(0, 60000, (2, 48, 64)).astype(np.uint16)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep napari and the plugin out of the user's own files."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("NAPARI_CONFIG", str(tmp_path / "napari.yaml"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "settings"))


@pytest.fixture
def viewer(make_napari_viewer: Callable[..., Viewer]) -> Viewer:
    viewer = make_napari_viewer(show=True)
    controller_for(viewer, make_real_doors(show_layers))
    return viewer


def type_login(qtbot: Any, dock: OmeroDock, server: str, password: str) -> None:
    dock.login.server.setCurrentText(server)
    dock.login.user.setText("ann")
    dock.login.password.setText(password)
    qtbot.keyClick(dock.login.password, Qt.Key.Key_Return)


def find_row(qtbot: Any, dock: OmeroDock, *names: str) -> QModelIndex:
    """Expand the tree along these names."""
    model, index = dock.browser.tree.model(), QModelIndex()

    def search(name: str, parent: QModelIndex) -> QModelIndex | None:
        rows = (model.index(r, NAME, parent) for r in range(model.rowCount(parent)))
        return next((row for row in rows if row.data() == name), None)

    for name in names:
        if index.isValid():
            dock.browser.tree.expand(index)
        parent = index
        qtbot.waitUntil(lambda n=name, p=parent: search(n, p) is not None)
        found = search(name, parent)
        assert found is not None
        index = found
    return index


def test_log_in_browse_and_open(
    qtbot: Any, viewer: Viewer, laboratory: Laboratory, ann: Connection
) -> None:
    settings = {"name": "two planes", "scale": (1, 0.5, 0.5), "axis_labels": "ZYX"}
    plan = plan_save(
        [(PIXELS, settings, "image")],
        SaveTarget(ann.server, dataset_name="Window"),
    )
    carry_out(plan, ann)
    dock = show_dock(viewer)

    type_login(qtbot, dock, ann.server, "wrong")
    qtbot.waitUntil(lambda: dock.login.message.tone == "error")
    assert "password" in dock.login.message.text()
    assert dock.pages.currentWidget() is dock.login

    type_login(qtbot, dock, ann.server, PASSWORD)
    qtbot.waitUntil(lambda: dock.pages.currentWidget() is dock.browser)
    index = find_row(qtbot, dock, "Window", "two planes")
    dock.browser.tree.setCurrentIndex(index)
    qtbot.waitUntil(lambda: bool(dock.browser.details.link))
    assert len(viewer.layers) == 0
    double_click(dock.browser.tree, index)
    qtbot.waitUntil(lambda: len(viewer.layers) == 1)
    np.testing.assert_array_equal(np.asarray(viewer.layers[0].data), PIXELS)


@pytest.mark.parametrize(
    ("server", "says"),
    [
        ("127.0.0.1:1", "port 1 of 127.0.0.1"),
        ("no-such-host.invalid", "no-such-host.invalid"),
    ],
)
def test_server_that_is_not_there_is_one_sentence(
    qtbot: Any, viewer: Viewer, server: str, says: str
) -> None:
    dock = show_dock(viewer)
    type_login(qtbot, dock, server, PASSWORD)
    qtbot.waitUntil(lambda: dock.login.message.tone == "error")
    text = dock.login.message.text()
    assert says in text
    assert "Traceback" not in text
    assert "\n" not in text


def test_demo_does_its_job_and_is_exact(tmp_path: Path) -> None:
    """In a process of its own, as scripts/demo runs it."""
    words = ["demo", "--unattended"]
    words += ["--data", str(tmp_path / "data"), "--report", str(tmp_path / "report")]
    done = subprocess.run(
        [sys.executable, "-m", "napari_omero_io", *words],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Exact" in done.stdout
    pictures = sorted(path.name for path in (tmp_path / "report").glob("*.png"))
    assert len(pictures) >= 7
