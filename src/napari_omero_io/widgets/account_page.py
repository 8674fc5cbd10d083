"""One account in the dock: the login page or the browser, whichever is of use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QStackedWidget, QWidget

from .account import State
from .browser import BrowserPage
from .browsing import Browsing
from .groups import GroupChoice
from .login import LoginPage

if TYPE_CHECKING:
    from .account import Account
    from .login import Login
    from .opening import Opening
    from .server import Server


class AccountPage(QStackedWidget):
    """A view of one account: it may be closed and made again.

    Signals
    -------
    login_requested(Login)
        The user has typed a login; carry it out with the account that fits.
    """

    login_requested = Signal(object)

    def __init__(
        self, account: Account, opening: Opening, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.account = account
        self.login = LoginPage()
        self.browser = BrowserPage()
        self._browsing = Browsing(account, opening, self.browser)
        self.groups = GroupChoice(account, self.browser)
        self.groups.chosen.connect(self._browsing.start)
        self._shown: State | None = None
        self._server: Server | None = None
        self.addWidget(self.login)
        self.addWidget(self.browser)
        self.login.login_requested.connect(self.login_requested)
        self.login.trial_requested.connect(account.try_without_server)
        self.login.cancel_requested.connect(account.cancel)
        self.login.trust_requested.connect(account.trust_refused)
        account.changed.connect(self._show_account)
        self.login.set_remembered(account.memory.recall())
        self.login.offer_keeping(account.memory.can_keep_passwords())
        self._show_account()

    def log_in(self, login: Login) -> None:
        """Log in with this page's account."""
        self.account.log_in(login)

    def close_down(self) -> None:
        """Ask for nothing any more."""
        self.account.changed.disconnect(self._show_account)
        self._browsing.stop()

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        self.login.refresh_looks()
        self.browser.refresh_looks()

    def _show_account(self) -> None:
        account = self.account
        if account.state is State.LOGGED_IN:
            if self._server is not account.server:
                self._browsing.start()
                self.groups.start()
                self._server = account.server
                self._tell_certificate()
            else:
                self.browser.say(account.message, account.tone)
                if not account.message:
                    self.browser.ask_again()
            if self._shown is not State.LOGGED_IN:
                self.login.forget_password()
                self.login.show_ready()
            self.setCurrentWidget(self.browser)
        else:
            if account.server is None:
                self._browsing.stop()
                self._server = None
            elif self._shown is State.LOGGED_IN:
                self.login.ask_password(
                    account.server.address, account.server.user.name
                )
            self.setCurrentWidget(self.login)
            self._show_login()
        self._shown = account.state

    def _show_login(self) -> None:
        account = self.account
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


def is_loopback(address: str) -> bool:
    """Whether a server is on this computer, where nobody can stand between."""
    host = address.rpartition("://")[2].rpartition(":")[0]
    return host in ("localhost", "127.0.0.1", "[::1]")
