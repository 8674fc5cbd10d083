"""The dock in a real napari window: one per viewer, and its state outlives it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import as_file, files
from inspect import signature
from typing import Any

import pytest
from napari import Viewer
from npe2 import PluginManifest
from npe2.manifest.utils import import_python_name
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QDockWidget

from napari_omero_io import plugin
from napari_omero_io.widgets import controller as controllers
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.controller import Controller, Doors, controller_for
from napari_omero_io.widgets.icons import read_theme
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.main import (
    DOCK_NAME,
    OmeroDock,
    make_dock,
    show_dock,
    show_export,
)

from .fakes import FakeMemory, FakeServer

pytestmark = pytest.mark.window


@pytest.fixture
def viewer(
    make_napari_viewer: Callable[..., Viewer], server: FakeServer, memory: FakeMemory
) -> Viewer:
    viewer = make_napari_viewer()
    doors = Doors(
        connect=lambda login: server,
        start_trial=lambda: Login("trial", "demo", "right"),
        memory=memory,
        add_layers=controllers.add_at_once,
    )
    controller_for(viewer, doors)
    return viewer


def log_in(qtbot: QtBot, viewer: Viewer) -> Controller:
    controller = controller_for(viewer)
    controller.account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: controller.account.state is State.LOGGED_IN)
    return controller


def frame_of(dock: Any) -> QDockWidget:
    while not isinstance(dock, QDockWidget):
        dock = dock.parentWidget()
    return dock


def test_napari_makes_the_same_dock() -> None:
    """It gives its viewer to classes only, and puts two names into the title."""
    with as_file(files(plugin) / "napari.yaml") as path:
        manifest = PluginManifest.from_file(path)
    [widget] = manifest.contributions.widgets
    [command] = [c for c in manifest.contributions.commands if c.id == widget.command]
    made_by = import_python_name(command.python_name)
    assert issubclass(made_by, OmeroDock)
    assert list(signature(made_by).parameters) == ["napari_viewer"]
    assert f"{widget.display_name} ({manifest.display_name})" == DOCK_NAME


def test_dock_is_shown_once(viewer: Viewer) -> None:
    dock = show_dock(viewer)
    assert list(viewer.window.dock_widgets) == [DOCK_NAME]
    frame_of(dock).hide()
    assert show_dock(viewer) is dock
    assert not frame_of(dock).isHidden()


def test_session_outlives_the_dock(
    qtbot: QtBot, viewer: Viewer, server: FakeServer
) -> None:
    dock = show_dock(viewer)
    controller = log_in(qtbot, viewer)
    assert dock.pages.currentWidget() is dock.browser
    viewer.window.remove_dock_widget(dock)
    assert controller.account.state is State.LOGGED_IN
    again = show_dock(viewer)
    assert again.pages.currentWidget() is again.browser
    assert list(viewer.window.dock_widgets) == [DOCK_NAME]
    assert not server.is_closed


def test_new_dock_shows_the_session_that_is_there(qtbot: QtBot, viewer: Viewer) -> None:
    log_in(qtbot, viewer)
    dock = OmeroDock(viewer)
    qtbot.addWidget(dock)
    dock.show()
    assert dock.pages.currentWidget() is dock.browser
    qtbot.waitUntil(lambda: dock.browser.tree.model().rowCount() > 0)
    assert make_dock(viewer) is dock


def test_double_click_adds_a_layer(qtbot: QtBot, viewer: Viewer) -> None:
    dock = show_dock(viewer)
    controller = log_in(qtbot, viewer)
    link = "omero://omero.example.org:4064/image/1101"
    controller.opening.open_links({link: "cell"})
    qtbot.waitUntil(lambda: len(viewer.layers) == 1)
    assert viewer.layers[0].metadata["omero"]["image_id"] == 1101
    qtbot.waitUntil(lambda: dock.browser.message.text() == "")


def test_export_asks_to_log_in_first(
    qtbot: QtBot, viewer: Viewer, server: FakeServer
) -> None:
    show_export(viewer)
    dock = viewer.window.dock_widgets[DOCK_NAME]
    assert "Log in to the server" in dock.login.message.text()
    controller = log_in(qtbot, viewer)
    dialog = controller.exporting.dialog
    assert dialog is not None
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: dialog.choices.dataset.count() == 1)


def test_closing_the_window_ends_the_session(
    qtbot: QtBot, viewer: Viewer, server: FakeServer
) -> None:
    show_dock(viewer)
    log_in(qtbot, viewer)
    viewer.close()
    qtbot.waitUntil(lambda: server.is_closed)
    assert id(viewer) not in controllers._controllers


def test_looks_follow_the_theme(qtbot: QtBot, viewer: Viewer) -> None:
    dock = show_dock(viewer)
    viewer.theme = "light"
    assert read_theme().text in dock.browser.tree.styleSheet()
    light = dock.browser.tree.styleSheet()
    viewer.theme = "dark"
    assert dock.browser.tree.styleSheet() != light


def test_the_dock_shows_how_the_session_stands(
    qtbot: QtBot, viewer: Viewer, server: FakeServer
) -> None:
    dock = show_dock(viewer)
    log_in(qtbot, viewer)
    qtbot.waitUntil(lambda: len(server.asked("list_roots")) == 1)
    server.tell("reconnecting", "It is being restored.")
    qtbot.waitUntil(lambda: dock.browser.message.text() == "It is being restored.")
    server.tell("lost", "Give the password.")
    qtbot.waitUntil(lambda: dock.pages.currentWidget() is dock.login)
    assert dock.login.message.text() == "Give the password."
    assert dock.login.user.text() == "anna"
    dock.login.password.setText("right")
    dock.login.log_in.click()
    qtbot.waitUntil(lambda: dock.pages.currentWidget() is dock.browser)
    assert dock.browser.message.text() == ""
    assert server.asked("resume") == ["right"]
    assert len(server.asked("list_roots")) == 1  # the tree stayed


def test_a_new_certificate_is_shown_once(
    qtbot: QtBot, viewer: Viewer, server: FakeServer
) -> None:
    server.is_first = True
    dock = show_dock(viewer)
    log_in(qtbot, viewer)
    assert "SHA-256: AB:CD" in dock.browser.message.text()
    server.tell("reconnecting", "It is being restored.")
    server.tell("connected")
    qtbot.waitUntil(lambda: dock.browser.message.text() == "")


def test_a_script_may_end_with_its_window_open(
    qtbot: QtBot, viewer: Viewer, server: FakeServer
) -> None:
    """Qt deletes the window, and what it owns, after everything has been ended."""
    show_dock(viewer)
    controller = log_in(qtbot, viewer)
    controllers._forget_all()
    qtbot.waitUntil(lambda: server.is_closed)
    told: list[object] = []
    controller.account.left.connect(lambda: told.append(1))
    viewer.close()
    assert not told
    assert not controllers._controllers
