"""The dock: a page for each server, with its login page or its browser.

`show_dock` and `show_export` are what menus and commands call.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QDockWidget,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from .account import State
from .account_page import AccountPage
from .account_tabs import AccountTabs
from .controller import controller_for, find_window
from .image_actions import ImageActions
from .table_dock import show_tables

if TYPE_CHECKING:
    from napari import Viewer

    from .account import Account
    from .browser import BrowserPage
    from .controller import Controller
    from .login import Login, LoginPage

#: What napari's own menu calls the dock; with another name there would be two.
DOCK_NAME = "Browser (OMERO)"


class OmeroDock(QWidget):
    """Log in to servers, look through them, open images.

    A view of the viewer's controller: it may be hidden, closed and made again.

    Parameters
    ----------
    napari_viewer
        The viewer it belongs to; napari gives it by this name.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self.controller: Controller = controller_for(napari_viewer)
        accounts = self.controller.accounts
        self.tabs = AccountTabs(accounts)
        self._views: dict[Account, AccountPage] = {}
        self._stack = QStackedWidget()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self._stack)
        # Otherwise napari adds room below it.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self._replace_former()
        for account in accounts:
            self._add(account)
        self._show(accounts.current)
        self.tabs.more_requested.connect(self.ask_login)
        accounts.added.connect(self._add)
        accounts.removed.connect(self._remove)
        accounts.shown.connect(self._show)
        self.controller.theme_changed.connect(self._refresh_looks)
        self.controller.exporting.finished.connect(self._on_exported)
        self.controller.row_wanted.connect(self._go_to_row)

    @property
    def pages(self) -> AccountPage:
        """The page of the account that is shown: its login page and its browser."""
        return self._views[self.controller.account]

    @property
    def login(self) -> LoginPage:
        """The login page of the account that is shown."""
        return self.pages.login

    @property
    def browser(self) -> BrowserPage:
        """The browser of the account that is shown."""
        return self.pages.browser

    def ask_login(self) -> None:
        """Show a login page; who is logged in stays so."""
        accounts = self.controller.accounts
        account = accounts.begin()
        known = account.memory.recall()
        others = [one for one in known if accounts.find(one.address, one.user) is None]
        self.login.set_remembered(others)
        self.login.focus_first_gap()

    def _add(self, account: Account) -> None:
        page = AccountPage(account, self.controller.opening_for(account))
        page.login_requested.connect(partial(self._log_in, page))
        page.browser.view_link_requested.connect(
            lambda: page.browser.say(self.controller.copy_link())
        )
        page.browser.viewing_requested.connect(self.controller.show_viewing)
        viewer = self.controller.viewer
        if viewer is not None:
            actions = ImageActions(viewer, account, page.browser)
            opening = self.controller.opening_for(account)
            actions.layers_ready.connect(opening.layers_ready)
            actions.tables_requested.connect(partial(show_tables, self.controller))
        self._views[account] = page
        self._stack.addWidget(page)

    def _remove(self, account: Account) -> None:
        page = self._views.pop(account)
        page.close_down()
        self._stack.removeWidget(page)
        page.deleteLater()

    def _show(self, account: Account) -> None:
        self._stack.setCurrentWidget(self._views[account])

    def _log_in(self, page: AccountPage, login: Login) -> None:
        """Log in, unless the user is there already."""
        accounts = self.controller.accounts
        known = accounts.find(login.address, login.user) if login.user else None
        if known is None or known is page.account or known.state is State.LOST:
            page.log_in(login)
            return
        accounts.show(known)
        self._views[known].browser.say(
            f"You are logged in to {login.address} as {login.user} already."
        )
        accounts.dismiss(page.account)

    def _replace_former(self) -> None:
        former, self.controller.dock = self.controller.dock, self
        if isinstance(former, OmeroDock):
            former.deleteLater()

    def _go_to_row(self, account: Account, kind: str, object_id: int) -> None:
        """Show the row of an object, also where the dock was closed."""
        viewer = self.controller.viewer
        if viewer is not None and account in self._views:
            show_dock(viewer)
            self.controller.accounts.show(account)
            self._views[account].browser.go_to(kind, object_id)

    def _on_exported(self) -> None:
        self.browser.refresh()

    def _refresh_looks(self) -> None:
        self.tabs.refresh()
        for page in self._views.values():
            page.refresh_looks()


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
