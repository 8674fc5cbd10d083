"""napari from its start, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.window

START = """
import json, sys, warnings
warnings.simplefilter("ignore")
import napari
viewer = napari.Viewer()
from qtpy.QtWidgets import QApplication
QApplication.processEvents()

def entries(menu):
    menu.aboutToShow.emit()
    return {
        action.text(): entries(action.menu()) if action.menu() else [
            action.isEnabled(), action.shortcut().toString()
        ]
        for action in menu.actions() if action.text()
    }

def file_menu():
    return entries(viewer.window.file_menu)

def is_enabled(title):
    actions = viewer.window.file_menu.actions()
    return [a.isEnabled() for a in actions if a.text() == title]

HEAVY = ["Ice", "omero", "zarr", "sqlalchemy", "napari_omero_io.session",
         "napari_omero_io.arrays", "napari_omero_io.widgets"]
found = {}
"""


def start(program, tmp_path):
    """Run a program in a new napari; return what it put into ``found``."""
    settings = tmp_path / "settings.yaml"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            START + program + "\nprint('found', json.dumps(found))\nviewer.close()",
        ],
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        env={**os.environ, "NAPARI_CONFIG": str(settings)},
    )
    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("found ")]
    return json.loads(line.removeprefix("found "))


def test_the_file_menu_has_its_entries_before_anything_is_imported(tmp_path):
    found = start(
        """
found["menu"] = file_menu()
found["export"] = is_enabled("Export")
found["heavy"] = [name for name in HEAVY if name in sys.modules]
""",
        tmp_path,
    )
    assert found["menu"]["Import"] == {"OMERO…": [True, "Ctrl+Shift+I"]}
    assert found["menu"]["Export"] == {"OMERO…": [False, "Ctrl+Shift+E"]}
    assert found["export"] == [False]
    assert found["heavy"] == []
    fallback = found["menu"]["IO Utilities"]["OMERO"]
    assert fallback["Import… (OMERO)"][0] is True
    assert fallback["Export… (OMERO)"][0] is False


def test_export_wakes_up_with_the_first_layer(tmp_path):
    found = start(
        """
import numpy as np
viewer.add_image(np.zeros((4, 4)))
QApplication.processEvents()
found["menu"] = file_menu()
found["export"] = is_enabled("Export")
""",
        tmp_path,
    )
    assert found["menu"]["Export"] == {"OMERO…": [True, "Ctrl+Shift+E"]}
    assert found["export"] == [True]


def test_a_disabled_plugin_leaves_no_entries(tmp_path):
    found = start(
        """
from npe2 import PluginManager
plugins = PluginManager.instance()
plugins.disable("napari-omero-io")
QApplication.processEvents()
found["disabled"] = file_menu()
plugins.enable("napari-omero-io")
QApplication.processEvents()
found["enabled"] = file_menu()
""",
        tmp_path,
    )
    assert "Import" not in found["disabled"]
    assert "Export" not in found["disabled"]
    assert found["enabled"]["Import"] == {"OMERO…": [True, "Ctrl+Shift+I"]}
    assert "Export" in found["enabled"]


def test_the_entry_shows_the_dock(tmp_path):
    found = start(
        """
from app_model import Application
Application.get_app("napari").commands.execute_command("napari-omero-io.file_import")
QApplication.processEvents()
found["docks"] = list(viewer.window.dock_widgets)
found["ice"] = "Ice" in sys.modules
""",
        tmp_path,
    )
    assert found["docks"] == ["Browser (OMERO)"]
    assert found["ice"] is False


def test_links_can_be_dropped_from_the_start_and_on_later_windows(tmp_path):
    found = start(
        """
from napari.qt import QtViewer
from qtpy.QtTest import QTest

def filters():
    QTest.qWait(50)
    return sorted(
        any(type(child).__name__ == "LinkDrops" for child in target.children())
        for window in QApplication.topLevelWidgets()
        for target in window.findChildren(QtViewer)
    )

found["first"] = filters()
other = napari.Viewer()
other.window._qt_window.activateWindow()
QApplication.instance().focusWindowChanged.emit(None)
found["both"] = filters()
other.close()
""",
        tmp_path,
    )
    assert found == {"first": [True], "both": [True, True]}
