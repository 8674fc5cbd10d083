"""What a performance needs of the window: waiting, clicking, taking pictures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import napari
from napari.qt import QtViewer
from qtpy.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QMainWindow

from napari_omero_io.plugin import menus
from napari_omero_io.plugin.docks import controller_of, show_browser
from napari_omero_io.widgets.controller import find_window
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari import Viewer
    from qtpy.QtCore import QModelIndex
    from qtpy.QtGui import QAction
    from qtpy.QtWidgets import QMenu, QTreeView, QWidget

    from napari_omero_io.trial import TrialServer
    from napari_omero_io.widgets.main import OmeroDock

T = TypeVar("T")

#: Milliseconds between two looks at whether something has happened.
_BEAT = 20


class DidNotHappen(Exception):
    """Something that was waited for or looked for did not come."""

    def __init__(self, what: str, timeout: float = 0) -> None:
        within = f" within {timeout:.0f} seconds" if timeout else ""
        super().__init__(f"{what} did not happen{within}.")


def open_viewer() -> Viewer:
    """Open napari with the plugin's entries in its File menu."""
    viewer = napari.Viewer()
    # napari arms them itself when it finds the plugin, but not here, where the
    # plugin was there before napari.
    menus.arm()
    return viewer


def connect_dock(viewer: Viewer, trial: TrialServer) -> OmeroDock:
    """Show the OMERO dock and log in to a server with it."""
    controller = controller_of(viewer)
    dock = show_browser(viewer)
    host, _, port = trial.address.rpartition(":")
    login = Login(host, trial.user, trial.password, port)
    controller.account.log_in(login, is_remembered=False)
    return dock


def wait_for(what: str, condition: Callable[[], bool], timeout: float = 60.0) -> None:
    """Let the window work until something has happened.

    In an event loop of its own, so that everything runs as it does for a user.

    Raises
    ------
    DidNotHappen
        After `timeout` seconds.
    """
    loop = QEventLoop()
    end = time.monotonic() + timeout

    def look() -> None:
        if condition() or time.monotonic() > end:
            loop.quit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(_BEAT)
    loop.exec()
    timer.stop()
    if not condition():
        raise DidNotHappen(what, timeout)


def rest(seconds: float = 0.3) -> None:
    """Let the window work for a moment."""
    end = time.monotonic() + seconds
    wait_for("A moment", lambda: time.monotonic() > end, seconds + 10)


def double_click(tree: QTreeView, index: QModelIndex) -> None:
    """Double-click a row as a user does: a click first."""
    tree.scrollTo(index)
    rest(0.1)
    place: QPoint = tree.visualRect(index).center()
    for act in (QTest.mouseClick, QTest.mouseDClick):
        act(
            tree.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            place,
        )


def open_menu(viewer: Viewer, *titles: str) -> list[QMenu]:
    """Open a menu of the window, and the submenu in it; give both."""
    window = find_window(viewer)
    assert isinstance(window, QMainWindow)
    bar = window.menuBar()
    action = _find_action(bar, titles[0])
    place = bar.mapToGlobal(bar.actionGeometry(action).bottomLeft())
    opened = [action.menu()]
    opened[0].popup(place)
    rest()
    for title in titles[1:]:
        menu = opened[-1]
        action = _find_action(menu, title)
        menu.setActiveAction(action)
        place = menu.mapToGlobal(menu.actionGeometry(action).topRight())
        opened.append(action.menu())
        opened[-1].popup(place)
        rest()
    return opened


def choose(opened: list[QMenu], title: str) -> None:
    """Choose an entry of the last menu that was opened, and close them all."""
    action = _find_action(opened[-1], title)
    for menu in reversed(opened):
        menu.close()
    action.trigger()


def run_in_thread(what: str, work: Callable[[], T], timeout: float = 120.0) -> T:
    """Call a function outside the window's thread, while the window works on.

    Raises
    ------
    DidNotHappen
        When it takes longer than `timeout` seconds.
    """
    results: list[T] = []
    errors: list[Exception] = []
    Tasks().run(work, results.append, errors.append)
    wait_for(what, lambda: bool(results or errors), timeout)
    if errors:
        raise errors[0]
    return results[0]


def paint_stroke(
    viewer: Viewer, start: tuple[float, float], end: tuple[float, float]
) -> None:
    """Draw with the mouse on the canvas; places are parts of its width and height."""
    canvas = find_window(viewer).findChild(QtViewer).canvas.native
    size = canvas.size()

    def place(part: float) -> QPoint:
        x = start[0] + part * (end[0] - start[0])
        y = start[1] + part * (end[1] - start[1])
        return QPoint(round(x * size.width()), round(y * size.height()))

    left, no_key = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseMove(canvas, place(0))
    QTest.mousePress(canvas, left, no_key, place(0))
    for step in range(1, 21):
        _drag(canvas, place(step / 20))
    QTest.mouseRelease(canvas, left, no_key, place(1))


def _drag(widget: QWidget, place: QPoint) -> None:
    # QTest's own mouseMove says that no button is held.
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        QPointF(widget.mapToGlobal(place)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(widget, event)
    QApplication.processEvents()


def take_picture(path: Path) -> None:
    """Save what is on the screen, with menus and all windows."""
    QApplication.primaryScreen().grabWindow(0).save(str(path))


def _find_action(menu: QWidget, title: str) -> QAction:
    for action in menu.actions():
        if action.text().replace("&", "") == title:
            return action
    raise DidNotHappen(f"Finding “{title}” in a menu")
