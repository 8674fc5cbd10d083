"""The menu that chooses whose data the browser shows: one group's, or that of all."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QAction, QActionGroup
from qtpy.QtWidgets import QMenu

from .message import make_plain
from .tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.records import GroupRecord

    from .account import Account
    from .browser import BrowserPage

logger = logging.getLogger(__name__)

ALL_GROUPS = "All groups"


class GroupChoice(QObject):
    """Fills the browser's menu of groups, and passes a choice on to the server.

    Signals
    -------
    chosen()
        The server lists another group now.
    """

    chosen = Signal()

    def __init__(self, account: Account, page: BrowserPage) -> None:
        super().__init__(page)
        self._account = account
        self._page = page
        self._tasks = Tasks()
        self.menu = QMenu(page)
        page.group.setMenu(self.menu)
        page.destroyed.connect(self._tasks.cancel_all)

    def start(self) -> None:
        """Read the groups of the server that the account is logged in to."""
        self._tasks.cancel_all()
        server = self._account.server
        if server is not None:
            self._page.name_group(server.user.group_name, False)
            self._tasks.run(server.list_groups, self._fill, self._note_failure)

    def _fill(self, groups: Sequence[GroupRecord]) -> None:
        server = self._account.server
        if server is None:
            return
        self.menu.clear()
        choice = QActionGroup(self.menu)
        for group in groups:
            action = self._add(choice, group.name, group)
            action.setToolTip(make_plain(describe(group)))
            action.setChecked(group.id == server.user.group_id)
        if len(groups) > 1:
            self.menu.addSeparator()
            self._add(choice, ALL_GROUPS, None)
        self.menu.setToolTipsVisible(True)
        self._page.name_group(server.user.group_name, len(groups) > 1)

    def _add(
        self, choice: QActionGroup, name: str, group: GroupRecord | None
    ) -> QAction:
        # An ampersand would be taken for the mark of a shortcut.
        action = self.menu.addAction(name.replace("&", "&&"))
        action.setCheckable(True)
        action.triggered.connect(lambda: self._choose(group))
        choice.addAction(action)
        return action

    def _choose(self, group: GroupRecord | None) -> None:
        server = self._account.server
        if server is not None:
            server.show_group(group)
            if group is not None:
                self._account.remember_group(group.name)
            self._page.name_group(ALL_GROUPS if group is None else group.name, True)
            self.chosen.emit()

    def _note_failure(self, error: Exception) -> None:
        # Without the menu one stays in one's own group.
        logger.info("The groups cannot be read: %s", error)


def describe(group: GroupRecord) -> str:
    """Say what members of a group may do with each other's data."""
    rights = {
        "rw----": "Private: members see their own data only.",
        "rwr---": "Members may look at each other's data.",
        "rwra--": "Members may look at and annotate each other's data.",
        "rwrw--": "Members may change each other's data.",
    }
    text = rights.get(group.permissions, "")
    if not group.members:
        return text
    names = ", ".join(group.members[:20])
    more = len(group.members) - 20
    return f"{text}\nMembers: {names}{f' and {more} more' if more > 0 else ''}".strip()
