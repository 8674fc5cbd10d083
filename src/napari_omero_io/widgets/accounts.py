"""The accounts of one viewer, one for each server it is logged in to.

One of them is shown; there is always at least one, logged in or not.  What happens to
one of them is nothing to the others.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from .account import Account, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .account import LoginMemory
    from .login import Login
    from .server import Server


class Accounts(QObject):
    """A viewer's ways into servers.

    Signals
    -------
    added(account), removed(account)
        There is one more, or one less.
    shown(account)
        Another one is current.
    changed(account)
        One of them stands differently now.

    Parameters
    ----------
    connect, start_trial, memory
        As `Account` takes them.
    """

    added = Signal(object)
    removed = Signal(object)
    shown = Signal(object)
    changed = Signal(object)

    def __init__(
        self,
        connect: Callable[[Login], Server],
        start_trial: Callable[[], Login],
        memory: LoginMemory,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._doors = (connect, start_trial, memory)
        self._all: list[Account] = []
        self._is_over = False
        self._current = self._make()

    def __iter__(self) -> Iterator[Account]:
        return iter(tuple(self._all))

    def __len__(self) -> int:
        return len(self._all)

    @property
    def current(self) -> Account:
        """The one that is shown."""
        return self._current

    @property
    def is_logged_in(self) -> bool:
        """Whether any of them is."""
        return any(account.server is not None for account in self._all)

    def show(self, account: Account) -> None:
        """Make one of them the current one."""
        if account is not self._current:
            self._current = account
            self.shown.emit(account)

    def begin(self) -> Account:
        """Show the account that is logged in nowhere, made if there is none."""
        blank = [one for one in self._all if one.state is State.LOGGED_OUT]
        account = blank[0] if blank else self._make()
        self.show(account)
        return account

    def find(self, server: str, user: str = "") -> Account | None:
        """Give an account on a server, the current one where it is one of several."""
        found = [
            account
            for account in self._all
            if account.server is not None
            and account.server.is_at(server)
            and user in ("", account.server.user.name)
        ]
        return self._current if self._current in found else next(iter(found), None)

    def adopt(self, server: Server) -> Account:
        """Take charge of a session that was begun elsewhere; the shown one stays."""
        first = self._all[0]
        is_blank = len(self._all) == 1 and first.state is State.LOGGED_OUT
        account = first if is_blank else self._make()
        account.adopt(server)
        return account

    def dismiss(self, account: Account) -> None:
        """Log out, and forget the account if there are others."""
        account.leave()

    def leave_all(self) -> None:
        """Log out everywhere."""
        self._is_over = True  # the widgets that would hear of it may be gone
        for account in self:
            account.leave()

    def _make(self) -> Account:
        account = Account(*self._doors, self)
        account.changed.connect(lambda: self._tell(account))
        account.left.connect(lambda: self._remove(account))
        self._all.append(account)
        self.added.emit(account)
        return account

    def _tell(self, account: Account) -> None:
        if not self._is_over:
            self.changed.emit(account)

    def _remove(self, account: Account) -> None:
        if self._is_over or len(self._all) == 1:
            return
        place = self._all.index(account)
        self._all.remove(account)
        if account is self._current:
            self.show(self._all[max(0, place - 1)])
        self.removed.emit(account)
        account.deleteLater()


def name_accounts(accounts: Sequence[Account]) -> list[str]:
    """Give each a short name: its host, with port and user where that is not enough."""
    servers = [account.server for account in accounts]
    addresses = [server.address if server else "" for server in servers]
    hosts = [_host(address) for address in addresses]
    names = [
        host if hosts.count(host) == addresses.count(address) else address
        for host, address in zip(hosts, addresses, strict=True)
    ]
    many = Counter(names)
    return [
        "Log in"
        if server is None
        else name
        if many[name] == 1
        else f"{server.user.name} at {name}"
        for server, name in zip(servers, names, strict=True)
    ]


def _host(address: str) -> str:
    """Take scheme and port away: ``wss://omero.example.org:443/omero``."""
    rest = address.rpartition("://")[2].partition("/")[0]
    host, colon, port = rest.rpartition(":")
    return host if colon and port.isdigit() else rest
