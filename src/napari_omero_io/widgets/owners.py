"""The menu that chooses whose rows the browser shows: one member's, or everybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QActionGroup
from qtpy.QtWidgets import QMenu

from napari_omero_io.client.facts import EVERYBODY

from .tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.client.facts import Membership

    from .account import Account
    from .browser import BrowserPage


class OwnerChoice(QObject):
    """Fills the browser's menu of members, and passes a choice on to the server.

    Signals
    -------
    chosen()
        The server lists another owner's rows now.
    """

    chosen = Signal()

    def __init__(self, account: Account, page: BrowserPage) -> None:
        super().__init__(page)
        self._account = account
        self._page = page
        self._tasks = Tasks()
        self.menu = QMenu(page)
        page.owner.setMenu(self.menu)
        page.destroyed.connect(self._tasks.cancel_all)

    def start(self) -> None:
        """Read who is a member of the group that the server lists."""
        self._tasks.cancel_all()
        server = self._account.server
        if server is not None:
            self._fill([])
            self._tasks.run(server.list_members, self._fill, self._note_failure)

    def stop(self) -> None:
        """Forget what is still on its way."""
        self._tasks.cancel_all()

    def _fill(self, groups: Sequence[Membership]) -> None:
        server = self._account.server
        if server is None:
            return
        own = server.user.id
        self.menu.clear()
        self._choice = QActionGroup(self.menu)
        self._add("All members", EVERYBODY)
        self._add("My own", own)
        members = {
            member.id: member.full_name or member.name
            for group in groups
            if group.id == server.user.group_id
            for member in group.members
            if member.id != own
        }
        if members:
            self.menu.addSeparator()
        for number, name in members.items():
            self._add(name, number)
        if server.owner_id not in {EVERYBODY, own, *members}:
            server.show_owner(EVERYBODY)
        self._check()

    def _add(self, name: str, number: int) -> None:
        # An ampersand would be taken for the mark of a shortcut.
        action = self.menu.addAction(name.replace("&", "&&"))
        action.setCheckable(True)
        action.setData(number)
        action.triggered.connect(lambda: self._choose(number))
        self._choice.addAction(action)

    def _choose(self, number: int) -> None:
        server = self._account.server
        if server is not None and number != server.owner_id:
            server.show_owner(number)
            self._check()
            self.chosen.emit()

    def _check(self) -> None:
        server = self._account.server
        for action in self._choice.actions():
            if server is not None and action.data() == server.owner_id:
                action.setChecked(True)
                self._page.owner.setText(f"{action.text()} ▾")

    def _note_failure(self, error: Exception) -> None:
        # Own rows and everybody's can be chosen all the same.
        self._page.say(self._account.note_failure(error), "warning")
