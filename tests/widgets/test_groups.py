"""The menu that chooses whose data is shown."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from napari_omero_io.records import GroupRecord, UserRecord
from napari_omero_io.widgets.account import Account, State
from napari_omero_io.widgets.browser import BrowserPage
from napari_omero_io.widgets.groups import ALL_GROUPS, GroupChoice, describe
from napari_omero_io.widgets.login import Login

from .fakes import FakeMemory, FakeServer

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LAB = GroupRecord(3, "Demo lab", "rwra--", ("anna", "ben"))
OTHER = GroupRecord(4, "R&D", "rw----")


@pytest.fixture
def server() -> FakeServer:
    return FakeServer(groups=(LAB, OTHER))


@pytest.fixture
def choice(qtbot: QtBot, server: FakeServer) -> GroupChoice:
    page = BrowserPage()
    qtbot.addWidget(page)
    page.show()
    account = Account(lambda _: server, lambda: Login("", ""), FakeMemory())
    account.setParent(page)
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    choice = GroupChoice(account, page)
    choice.start()
    qtbot.waitUntil(lambda: bool(choice.menu.actions()))
    return choice


def test_groups_are_offered_and_chosen(
    qtbot: QtBot, choice: GroupChoice, server: FakeServer
) -> None:
    actions = [each for each in choice.menu.actions() if not each.isSeparator()]
    assert [each.text() for each in actions] == ["Demo lab", "R&&D", ALL_GROUPS]
    assert [each.isChecked() for each in actions] == [True, False, False]
    for index, expected in ((1, OTHER), (2, None), (0, LAB)):
        with qtbot.waitSignal(choice.chosen):
            actions[index].trigger()
        assert server.asked("show_group")[-1] == expected
        name = ALL_GROUPS if expected is None else expected.name
        assert choice._page.group.text().replace("&&", "&") == f"{name} ▾"
    assert threading.get_ident() not in server.threads


def test_the_group_is_named_once(choice: GroupChoice) -> None:
    page = choice._page
    page.show_account(UserRecord(5, "anna", 3, "Demo lab"), "omero.example.org:4064")
    assert page._account.text() == "anna"
    assert page.group.text() == "Demo lab ▾"
    page.name_group("A group of a very long name", True)
    assert page.group.text() == "A group of a very … ▾"
    assert "very long name" in page.group.toolTip()
    page.name_group("Demo lab", False)
    assert page._account.text() == "anna  ·  Demo lab"
    assert not page.group.isVisible()


def test_what_members_may_do_is_said() -> None:
    assert describe(LAB) == (
        "Members may look at and annotate each other's data.\nMembers: anna, ben"
    )
    assert describe(OTHER).startswith("Private")
    many = GroupRecord(5, "many", "rwr---", tuple(f"user{n}" for n in range(23)))
    assert describe(many).endswith("and 3 more")
