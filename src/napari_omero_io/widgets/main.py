"""The dock: the login page or the browser, whichever is of use.

`show_dock` and `show_export` are what menus and commands call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QDockWidget,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from .account import State
from .browser import BrowserPage
from .browsing import Browsing
from .controller import controller_for, find_window
from .groups import GroupChoice
from .login import LoginPage

if TYPE_CHECKING:
    from napari import Viewer

    from .controller import Controller
    from .server import Server

#: What napari's own menu calls the dock; with another name there would be two.
DOCK_NAME = "Browser (OMERO)"


class OmeroDock(QWidget):
    """Log in to a server, look through it, open images.

    A view of the viewer's controller: it may be hidden, closed and made again.

    Parameters
    ----------
    napari_viewer
        The viewer it belongs to; napari gives it by this name.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self.controller: Controller = controller_for(napari_viewer)
        self.login = LoginPage()
        self.browser = BrowserPage()
        self._browsing = Browsing(
            self.controller.account, self.controller.opening, self.browser
        )
        self.groups = GroupChoice(self.controller.account, self.browser)
        self.groups.chosen.connect(self._browsing.start)
        self._shown: State | None = None
        self._server: Server | None = None
        self.pages = QStackedWidget()
        self.pages.addWidget(self.login)
        self.pages.addWidget(self.browser)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        # Otherwise napari adds room below it.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._connect()
        self._replace_former()
        memory = self.controller.account.memory
        self.login.set_remembered(memory.recall())
        self.login.offer_keeping(memory.can_keep_passwords())
        self._show_account()

    def _connect(self) -> None:
        account = self.controller.account
        self.login.login_requested.connect(account.log_in)
        self.login.trial_requested.connect(account.try_without_server)
        self.login.cancel_requested.connect(account.cancel)
        self.login.trust_requested.connect(account.trust_refused)
        account.changed.connect(self._show_account)
        self.browser.view_link_requested.connect(
            lambda: self.browser.say(self.controller.copy_link())
        )
        self.controller.theme_changed.connect(self._refresh_looks)
        self.controller.exporting.finished.connect(self.browser.refresh)

    def _replace_former(self) -> None:
        former, self.controller.dock = self.controller.dock, self
        if isinstance(former, OmeroDock):
            former.deleteLater()

    def _show_account(self) -> None:
        account = self.controller.account
        if account.state is State.LOGGED_IN:
            if self._server is not account.server:
                self._browsing.start()
                self.groups.start()
                self._server = account.server
                self._tell_certificate()
            else:
                self.browser.say(account.message, account.tone)
            if self._shown is not State.LOGGED_IN:
                self.login.forget_password()
                self.login.show_ready()
            self.pages.setCurrentWidget(self.browser)
        else:
            if account.server is None:
                self._browsing.stop()
                self._server = None
            elif self._shown is State.LOGGED_IN:
                self.login.ask_password(
                    account.server.address, account.server.user.name
                )
            self.pages.setCurrentWidget(self.login)
            self._show_login()
        self._shown = account.state

    def _show_login(self) -> None:
        account = self.controller.account
        if account.state is State.CONNECTING:
            self.login.show_connecting(account.message)
        elif account.tone == "error":
            can_trust = account.refused is not None
            self.login.show_error(account.message, can_trust=can_trust)
        else:
            if self._shown is State.LOGGED_IN:
                self.login.set_remembered(account.memory.recall())
            self.login.show_notice(account.message)

    def _tell_certificate(self) -> None:
        """Show whom one speaks to, where it was not known before."""
        server = self._server
        if server is not None and server.certificate is not None:
            self.browser.show_certificate(server.certificate)
            if server.is_first and not is_loopback(server.address):
                self.browser.say(
                    f"First login at {server.address}. Its certificate is remembered, "
                    f"and any other will be refused. SHA-256: {server.certificate}"
                )

    def _refresh_looks(self) -> None:
        self.login.refresh_looks()
        self.browser.refresh_looks()


def is_loopback(address: str) -> bool:
    """Whether a server is on this computer, where nobody can stand between."""
    host = address.rpartition("://")[2].rpartition(":")[0]
    return host in ("localhost", "127.0.0.1", "[::1]")


def make_dock(viewer: Viewer) -> OmeroDock:
    """Give the viewer's dock widget: the one that was closed, or a new one."""
    former = controller_for(viewer).dock
    return former if isinstance(former, OmeroDock) else OmeroDock(viewer)


def show_dock(viewer: Viewer) -> OmeroDock:
    """Show the viewer's OMERO dock and bring it to the front; make it if need be."""
    window = viewer.window
    dock = window.dock_widgets.get(DOCK_NAME)
    if not isinstance(dock, OmeroDock):
        dock = make_dock(viewer)
        window.add_dock_widget(dock, name=DOCK_NAME, area="right", tabify=True)
    frame = _frame_of(dock)
    if frame is not None:
        frame.show()
        frame.raise_()
    return dock


def show_export(viewer: Viewer) -> None:
    """Show the export window; without a session, the dock with the login page first."""
    controller = controller_for(viewer)
    if controller.account.state is State.LOGGED_OUT:
        dock = show_dock(viewer)
        dock.login.show_notice("Log in to the server that you want to export to.")
    controller.exporting.show(find_window(viewer))


def _frame_of(widget: QWidget) -> QDockWidget | None:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QDockWidget):
        parent = parent.parentWidget()
    return parent
