"""Several servers in one dock: each with its tab, and none disturbs another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from napari import Viewer
from pytestqt.qtbot import QtBot

from napari_omero_io.errors import SessionLost
from napari_omero_io.records import GroupRecord, UserRecord
from napari_omero_io.widgets import controller as controllers
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.accounts import Accounts
from napari_omero_io.widgets.controller import (
    Controller,
    Doors,
    controller_for,
    find_window,
)
from napari_omero_io.widgets.login import Login, LoginPage
from napari_omero_io.widgets.main import OmeroDock, show_dock

from .fakes import FakeMemory, FakeServer

pytestmark = pytest.mark.window

BEN = UserRecord(6, "ben", 4, "Other lab")
LAB, OTHER = GroupRecord(3, "Demo lab", "rwra--"), GroupRecord(4, "Other", "rw----")


@dataclass
class Scene:
    viewer: Viewer
    dock: OmeroDock
    controller: Controller
    servers: dict[str, FakeServer]
    memory: FakeMemory
    qtbot: QtBot

    @property
    def names(self) -> list[str]:
        tabs = self.dock.tabs.tabs
        return [tabs.tabText(place) for place in range(tabs.count())]

    def log_in(self, server: str, user: str) -> None:
        self.dock.login.server.setCurrentText(server)
        self.dock.login.user.setText(user)
        self.dock.login.password.setText("right")
        self.dock.login.log_in.click()
        self.qtbot.waitUntil(lambda: self.controller.account.server is not None)


@pytest.fixture
def scene(
    make_napari_viewer: Callable[..., Viewer], memory: FakeMemory, qtbot: QtBot
) -> Iterator[Scene]:
    servers = {
        "one.org": FakeServer("one.org:4064", groups=(LAB, OTHER)),
        "two.org": FakeServer("two.org:4064", BEN),
    }
    viewer = make_napari_viewer(show=True)
    doors = Doors(
        connect=lambda login: servers[login.server],
        start_trial=lambda: Login("one.org", "demo", "right"),
        memory=memory,
        add_layers=controllers.add_at_once,
    )
    controller = controller_for(viewer, doors)
    scene = Scene(viewer, show_dock(viewer), controller, servers, memory, qtbot)
    scene.log_in("one.org", "anna")
    scene.dock.tabs.more.click()
    scene.log_in("two.org", "ben")
    yield scene
    controller.accounts.leave_all()


def test_each_server_has_its_tab_and_its_rows(scene: Scene) -> None:
    assert scene.names == ["one.org", "two.org"]
    first, second = scene.controller.accounts
    assert scene.controller.account is second
    for server in scene.servers.values():
        scene.qtbot.waitUntil(lambda s=server: len(s.asked("list_roots")) == 1)
    scene.dock.tabs.tabs.setCurrentIndex(0)
    assert scene.controller.account is first
    scene.qtbot.waitUntil(lambda: scene.dock.browser.group.text() == "Demo lab ▾")
    assert scene.dock.browser._account.text() == "anna"
    assert scene.dock.browser.isVisible()


def test_what_failed_in_an_outage_is_read_when_the_server_is_back(
    scene: Scene,
) -> None:
    scene.dock.tabs.tabs.setCurrentIndex(0)
    one, page = scene.servers["one.org"], scene.dock.browser
    scene.qtbot.waitUntil(lambda: page.tree.model().rowCount() > 0)
    one.tell("reconnecting", "It is being restored.")
    lost = SessionLost("The connection was lost.")
    one.failures |= {"list_roots": lost, "read_thumbnails": lost}
    page.refresh()
    scene.qtbot.waitUntil(lambda: "could not" in page.tree.describe_emptiness())
    one.failures.clear()
    one.tell("connected")
    scene.qtbot.waitUntil(lambda: page.tree.model().rowCount() > 0)


def test_one_that_goes_down_leaves_the_other_alone(scene: Scene) -> None:
    one = scene.servers["one.org"]
    one.tell("reconnecting", "It is being restored.")
    scene.qtbot.waitUntil(lambda: "restored" in scene.dock.tabs.tabs.tabToolTip(0))
    one.tell("lost", "Give the password.")
    first, second = scene.controller.accounts
    scene.qtbot.waitUntil(lambda: first.state is State.LOST)
    assert "Give the password." in scene.dock.tabs.tabs.tabToolTip(0)
    assert second.state is State.LOGGED_IN
    assert scene.controller.account is second
    assert scene.dock.pages.currentWidget() is scene.dock.browser
    scene.controller.opening.open_links({"omero://two.org:4064/image/5": "five"})
    scene.qtbot.waitUntil(lambda: len(scene.viewer.layers) == 1)

    scene.dock.tabs.tabs.setCurrentIndex(0)
    assert scene.dock.pages.currentWidget() is scene.dock.login
    scene.dock.login.password.setText("right")
    scene.dock.login.log_in.click()
    scene.qtbot.waitUntil(lambda: first.state is State.LOGGED_IN)
    assert one.asked("resume") == ["right"]


def test_logging_out_of_one_shows_the_other(scene: Scene) -> None:
    scene.dock.browser.log_out_requested.emit()
    scene.qtbot.waitUntil(lambda: scene.servers["two.org"].is_closed)
    assert scene.names == ["one.org"]
    assert scene.dock.pages.currentWidget() is scene.dock.browser
    assert not scene.servers["one.org"].is_closed
    scene.dock.browser.log_out_requested.emit()
    scene.qtbot.waitUntil(lambda: scene.servers["one.org"].is_closed)
    assert scene.dock.pages.currentWidget() is scene.dock.login
    assert not scene.dock.tabs.isVisible()


def test_a_link_is_opened_by_the_server_it_names(scene: Scene) -> None:
    scene.dock.browser.link.setText("omero://one.org:4064/image/9")
    scene.dock.browser.link.returnPressed.emit()
    scene.qtbot.waitUntil(lambda: len(scene.viewer.layers) == 1)
    omero = scene.viewer.layers[0].metadata["omero"]
    assert omero == {"server": "one.org:4064", "image_id": 9}
    assert not scene.servers["two.org"].asked("open_layers")


def test_whoever_is_logged_in_is_not_logged_in_again(scene: Scene) -> None:
    scene.dock.tabs.more.click()
    assert scene.names == ["one.org", "two.org", "Log in"]
    scene.dock.tabs.more.click()
    assert len(scene.names) == 3
    scene.log_in("one.org", "anna")
    assert scene.names == ["one.org", "two.org"]
    assert scene.controller.account is next(iter(scene.controller.accounts))
    assert "already" in scene.dock.browser.message.text()


def test_a_login_page_can_be_given_up(scene: Scene) -> None:
    scene.dock.tabs.more.click()
    tabs = scene.dock.tabs.tabs
    tabs.tabButton(2, tabs.ButtonPosition.RightSide).click()
    assert scene.names == ["one.org", "two.org"]
    assert scene.dock.pages.currentWidget() is scene.dock.browser


def test_group_and_user_are_remembered(scene: Scene) -> None:
    scene.dock.tabs.tabs.setCurrentIndex(0)
    menu = scene.dock.pages.groups.menu
    scene.qtbot.waitUntil(lambda: len(menu.actions()) > 1)
    menu.actions()[1].trigger()
    scene.qtbot.waitUntil(lambda: scene.memory.logins[0].group == "Other")
    assert scene.memory.logins[0].server == "one.org"
    assert scene.memory.logins[0].password == ""


def test_the_export_goes_to_the_server_that_is_shown(scene: Scene) -> None:
    scene.viewer.add_image(np.eye(4))
    exporting = scene.controller.exporting
    exporting.show(find_window(scene.viewer))
    two, one = scene.servers["two.org"], scene.servers["one.org"]
    scene.qtbot.waitUntil(lambda: len(two.asked("list_targets")) == 1)
    assert not one.asked("list_targets")
    scene.dock.tabs.tabs.setCurrentIndex(0)
    scene.qtbot.waitUntil(lambda: len(one.asked("list_targets")) == 1)


def test_a_session_that_was_begun_elsewhere_is_shown(
    memory: FakeMemory, qtbot: QtBot
) -> None:
    accounts = Accounts(
        lambda login: FakeServer(), lambda: Login("", ""), memory, parent=None
    )
    first = accounts.adopt(FakeServer("one.org:4064"))
    assert list(accounts) == [first]
    second = accounts.adopt(FakeServer("two.org:4064", BEN))
    assert accounts.current is first
    assert accounts.find("two.org") is second
    assert accounts.find("two.org", "anna") is None
    accounts.leave_all()


def test_two_users_of_one_server_are_told_apart(qtbot: QtBot) -> None:
    page = LoginPage()
    qtbot.addWidget(page)
    page.set_remembered(
        [Login("one.org", "anna"), Login("one.org", "ben"), Login("two.org", "anna")]
    )
    labels = [page.server.itemText(row) for row in range(page.server.count())]
    assert labels == ["one.org (anna)", "one.org (ben)", "two.org"]
    page.server.setCurrentIndex(1)
    page.server.activated.emit(1)
    assert (page.server.currentText(), page.user.text()) == ("one.org", "ben")
