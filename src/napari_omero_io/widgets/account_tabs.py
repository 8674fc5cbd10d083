"""A tab for each server that the viewer is logged in to, and one to log in to more.

The only place that shows how all sessions stand.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QSignalBlocker, Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QTabBar, QToolButton, QWidget

from .account import State
from .accounts import name_accounts
from .icons import load_icon, read_theme
from .message import make_plain

if TYPE_CHECKING:
    from .account import Account
    from .accounts import Accounts


_RIGHT = QTabBar.ButtonPosition.RightSide


class AccountTabs(QWidget):
    """The row of tabs; hidden before the first login.

    Signals
    -------
    more_requested()
        The user wants to log in to another server.
    """

    more_requested = Signal()

    def __init__(self, accounts: Accounts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accounts = accounts
        self.tabs = QTabBar()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setElideMode(Qt.TextElideMode.ElideRight)
        self.tabs.setStyleSheet("QTabBar::tab { min-width: 70px; }")
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setAccessibleName("Servers")
        self.tabs.currentChanged.connect(self._choose)
        self.more = QToolButton()
        self.more.setAutoRaise(True)
        self.more.setToolTip("Log in to another server, or as somebody else")
        self.more.setAccessibleName("Log in to another server")
        self.more.clicked.connect(self.more_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 0)
        layout.setSpacing(4)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.more)
        for change in (accounts.added, accounts.removed, accounts.shown):
            change.connect(self.refresh)
        accounts.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the accounts as they are now."""
        accounts = list(self._accounts)
        with QSignalBlocker(self.tabs):
            while self.tabs.count() > len(accounts):
                self.tabs.removeTab(self.tabs.count() - 1)
            while self.tabs.count() < len(accounts):
                self.tabs.addTab("")
            for place, name in enumerate(name_accounts(accounts)):
                self._draw(place, accounts[place], name)
            self.tabs.setCurrentIndex(accounts.index(self._accounts.current))
        self.more.setIcon(load_icon("add", 16))
        blank = any(one.server is None for one in accounts)
        self.more.setEnabled(not blank)
        self.setVisible(self._accounts.is_logged_in)

    def _draw(self, place: int, account: Account, name: str) -> None:
        # An ampersand would be taken for the mark of a shortcut.
        self.tabs.setTabText(place, name.replace("&", "&&"))
        icon, color, says = _describe(account)
        self.tabs.setTabIcon(place, load_icon(icon, 14, color))
        self.tabs.setTabToolTip(place, make_plain(says))
        has_button = self.tabs.tabButton(place, _RIGHT) is not None
        if account.server is not None and has_button:
            self.tabs.setTabButton(place, _RIGHT, None)
        elif account.server is None and not has_button:
            self.tabs.setTabButton(place, _RIGHT, self._make_button())

    def _make_button(self) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setIcon(load_icon("close", 12))
        button.setToolTip("Do not log in")
        button.clicked.connect(partial(self._give_up, button))
        return button

    def _give_up(self, button: QToolButton) -> None:
        for place, account in enumerate(self._accounts):
            if self.tabs.tabButton(place, _RIGHT) is button:
                self._accounts.dismiss(account)

    def _choose(self, place: int) -> None:
        accounts = list(self._accounts)
        if 0 <= place < len(accounts):
            self._accounts.show(accounts[place])


def _describe(account: Account) -> tuple[str, str, str]:
    """Give icon, colour and words for how an account stands."""
    theme = read_theme()
    server = account.server
    if server is None:
        busy = account.state is State.CONNECTING
        return "user", theme.icon, account.message if busy else "Log in to a server"
    where = f"{server.user.name} at {server.address}"
    if account.state is State.LOST:
        return "server", theme.error, f"{where}: {account.message}"
    if account.is_troubled:
        return "server", theme.warning, f"{where}: {account.message}"
    return "server", theme.icon, f"Connected as {where}"
