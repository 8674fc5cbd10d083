"""The entries of the File menu, without a window."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import pytest
from app_model import Application
from app_model.types import SubmenuItem
from npe2 import PluginManager

from napari_omero_io.plugin import menus


@pytest.fixture
def app():
    app = Application("napari-omero-io-test")
    yield app
    Application.destroy("napari-omero-io-test")


def submenus(app):
    if "napari/file" not in app.menus:
        return {}
    return {
        item.title: item
        for item in app.menus.get_menu("napari/file")
        if isinstance(item, SubmenuItem)
    }


def test_both_entries_are_made_and_taken_out_again(app):
    dispose = menus.install(app)
    made = submenus(app)
    assert list(made) == ["Import", "Export"]
    titles = [
        item.command.title
        for submenu in made.values()
        for item in app.menus.get_menu(submenu.submenu)
    ]
    assert titles == ["OMERO…", "OMERO…"]
    dispose()
    assert not submenus(app)
    assert "napari-omero-io.file_import" not in app.commands


def test_export_needs_a_layer(app):
    menus.install(app)
    export = submenus(app)["Export"]
    assert export.enablement is not None
    assert export.enablement.eval({"num_layers": 1})
    assert not export.enablement.eval({"num_layers": 0})


def test_a_failure_is_logged_and_napari_starts(monkeypatch, caplog):
    def fail(app):
        raise RuntimeError("another napari")

    monkeypatch.setattr(menus, "install", fail)
    monkeypatch.setattr(Application, "get_app", lambda name: object())
    monkeypatch.setattr(PluginManager, "__contains__", lambda *_: True)
    monkeypatch.setattr(PluginManager, "is_disabled", lambda *_: False)
    armed = menus.FileMenus()
    with caplog.at_level(logging.ERROR):
        armed.arm()
    assert "another napari" in caplog.text
    armed.disarm()


@pytest.mark.parametrize(
    "before",
    ["import napari_omero_io", "import npe2, napari_omero_io"],
    ids=["this package first", "npe2 first"],
)
def test_the_menus_are_there_whatever_is_imported_first(before, tmp_path):
    """Start napari as a script does, but without a window."""
    script = f"""{before}
import napari.viewer
from napari.plugins import _initialize_plugins
_initialize_plugins()
from napari._app_model import get_app_model
print("napari-omero-io.file_import" in get_app_model().commands)
print(napari.viewer.Viewer.open.__code__.co_filename)
"""
    run = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NAPARI_CONFIG": str(tmp_path / "napari.yaml")},
    )
    menus_there, opener = run.stdout.split()[-2:]
    assert menus_there == "True"
    assert opener.endswith("precedence.py")
