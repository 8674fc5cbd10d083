"""What one viewer knows of OMERO: its account, what it opens, what it exports.

Lives as long as the viewer's window.  Docks and dialogs are views of it, and closing
them ends nothing.
"""

from __future__ import annotations

import atexit
import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from napari.layers import Layer
from napari.qt import QtViewer
from napari.utils.notifications import show_warning
from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QApplication

from .accounts import Accounts
from .exporting import Exporting
from .icons import follow_theme
from .opening import Opening
from .viewing_panel import ViewingPanel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari import Viewer
    from qtpy.QtWidgets import QWidget

    from .account import Account, LoginMemory
    from .login import Login
    from .server import Server
    from .viewing_panel import Viewing


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways out of the window: to servers, to the disk, to the viewer.

    Attributes
    ----------
    connect
        Opens a session.
    start_trial
        Starts a server on this computer and says how to log in to it.
    memory
        Remembers which servers were used.
    add_layers
        Shows layer data in a viewer.
    copy_link
        Copies a link to what a viewer shows, and says so in a sentence.
    viewing
        How images are shown, and what is kept of them.
    """

    connect: Callable[[Login], Server]
    start_trial: Callable[[], Login]
    memory: LoginMemory
    add_layers: Callable[[Viewer, Sequence[Any]], None]
    copy_link: Callable[[Viewer], str] | None = None
    viewing: Viewing | None = None


class Controller(QObject):
    """One viewer's way to OMERO; made by `controller_for`.

    Signals
    -------
    theme_changed()
        napari shows other colours now.
    row_wanted(account, kind, id)
        Show the row of an object in the browser.
    """

    theme_changed = Signal()
    row_wanted = Signal(object, str, int)

    def __init__(self, viewer: Viewer, doors: Doors) -> None:
        super().__init__()
        self._viewer = weakref.ref(viewer)
        self.doors = doors
        self.accounts = Accounts(doors.connect, doors.start_trial, doors.memory, self)
        self._openings: dict[Account, Opening] = {}
        self._prepare(self.account)
        self.exporting = Exporting(self.account, viewer.layers, self)
        self.exporting.link_activated.connect(lambda link: self.opening.open_text(link))
        self.accounts.added.connect(self._prepare)
        self.accounts.removed.connect(self._forget)
        self.accounts.shown.connect(self.exporting.use)
        self.accounts.changed.connect(self._announce)
        # The dock that shows it, which napari's × takes out of the window.
        self.dock: QWidget | None = None
        self._viewing_panel: ViewingPanel | None = None
        follow_theme(viewer.theme)
        viewer.events.theme.connect(self._on_theme)

    @property
    def viewer(self) -> Viewer | None:
        """The viewer, while its window is open."""
        return self._viewer()

    def copy_link(self) -> str:
        """Copy a link to what the viewer shows; gives a sentence for the user."""
        viewer, copy = self.viewer, self.doors.copy_link
        return copy(viewer) if viewer is not None and copy is not None else ""

    @property
    def account(self) -> Account:
        """The account that is shown."""
        return self.accounts.current

    @property
    def opening(self) -> Opening:
        """Opens what is on the server that is shown."""
        return self._openings[self.account]

    def opening_for(self, account: Account) -> Opening:
        """Give what opens images of an account."""
        return self._openings[account]

    def show_viewing(self) -> None:
        """Show the window with the choices of how images are shown."""
        viewer, viewing = self.viewer, self.doors.viewing
        if viewer is None or viewing is None:
            return
        if self._viewing_panel is None:
            self._viewing_panel = ViewingPanel(viewing, find_window(viewer))
        self._viewing_panel.show()
        self._viewing_panel.raise_()

    def shut_down(self) -> None:
        """End everything; called when the window is gone."""
        viewer = self.viewer
        if viewer is not None:
            viewer.events.theme.disconnect(self._on_theme)
        self.exporting.stop()
        if self.exporting.run is None:
            self.accounts.leave_all()
        else:
            # It still has to remove what is half-made, for which it needs the session.
            self.exporting.run.ended.connect(lambda _: self.accounts.leave_all())

    def _prepare(self, account: Account) -> None:
        opening = self._openings[account] = Opening(account, self, self._find_other)
        opening.layers_ready.connect(self._add_layers)

    def _forget(self, account: Account) -> None:
        self._openings.pop(account).deleteLater()

    def _find_other(self, server: str) -> Opening | None:
        account = self.accounts.find(server)
        return None if account is None else self._openings[account]

    def _announce(self, account: Account) -> None:
        """Say that a session is lost, where the dock does not show it already."""
        is_seen = self.dock is not None and self.dock.isVisible()
        if account.is_troubled and not (is_seen and account is self.account):
            show_warning(account.message)

    def _add_layers(self, layers: list[Any]) -> None:
        viewer = self.viewer
        if viewer is not None:
            self.doors.add_layers(viewer, layers)

    def _on_theme(self, *_: object) -> None:
        viewer = self.viewer
        if viewer is not None:
            follow_theme(viewer.theme)
        self.exporting.refresh_looks()
        self.theme_changed.emit()


_controllers: dict[int, Controller] = {}


def controller_for(viewer: Viewer, doors: Doors | None = None) -> Controller:
    """Give the controller of a viewer, made at the first call.

    Parameters
    ----------
    doors
        Used when the controller is made; the real ones when None.
    """
    # Widgets that napari makes are given a proxy that hides private names.
    viewer = getattr(viewer, "__wrapped__", viewer)
    key = id(viewer)
    if key not in _controllers:
        controller = Controller(viewer, doors or make_real_doors())
        _controllers[key] = controller

        def forget(*_: object) -> None:
            if _controllers.pop(key, None) is not None:
                controller.shut_down()

        find_window(viewer).destroyed.connect(forget)
    return _controllers[key]


@atexit.register
def _forget_all() -> None:
    """End what is left where a script ends with its window open.

    Qt takes windows apart afterwards, when there is nobody left who could be told.
    """
    while _controllers:
        _controllers.popitem()[1].shut_down()


def add_at_once(viewer: Viewer, layers: Sequence[Any]) -> None:
    """Show layer data in a viewer, as napari's readers do."""
    for data in layers:
        viewer.add_layer(Layer.create(*data))


def make_real_doors(
    add_layers: Callable[[Viewer, Sequence[Any]], None] = add_at_once,
) -> Doors:
    """Give the doors to real servers, to the user's settings, and to napari."""
    from .live_server import RememberedLogins, log_in, start_trial_server

    return Doors(log_in, start_trial_server, RememberedLogins(), add_layers)


def find_window(viewer: Viewer) -> QWidget:
    """Find the main window of a viewer.

    Raises
    ------
    RuntimeError
        If the viewer has no window any more.
    """
    viewer = getattr(viewer, "__wrapped__", viewer)
    for window in QApplication.topLevelWidgets():
        for qt_viewer in window.findChildren(QtViewer):
            if qt_viewer.viewer is viewer:
                return window
    raise RuntimeError("The viewer's window is closed.")
