"""Logging in: what a user types, what goes wrong, and how it is said."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLineEdit

from napari_omero_io.errors import CannotConnect, SessionLost
from napari_omero_io.widgets.account import Account, State
from napari_omero_io.widgets.login import Login, LoginPage

from .fakes import FakeMemory, FakeServer


@pytest.fixture
def page(qtbot: QtBot) -> LoginPage:
    page = LoginPage()
    qtbot.addWidget(page)
    page.show()
    return page


def fill(page: LoginPage, server: str, user: str, password: str) -> None:
    page.server.setCurrentText(server)
    page.user.setText(user)
    page.password.setText(password)


@pytest.mark.parametrize(
    ("server", "port", "address"),
    [
        ("omero.example.org", "", "omero.example.org"),
        ("omero.example.org", "14064", "omero.example.org:14064"),
        ("omero.example.org:4064", "14064", "omero.example.org:4064"),
        (
            "wss://omero.example.org/omero-ws",
            "14064",
            "wss://omero.example.org/omero-ws",
        ),
    ],
)
def test_address_joins_server_and_port(server: str, port: str, address: str) -> None:
    assert Login(server, "anna", port=port).address == address


def test_password_is_not_shown_in_a_repr() -> None:
    assert "secret" not in repr(Login("server", "anna", "secret"))


def test_enter_logs_in_from_every_field(qtbot: QtBot, page: LoginPage) -> None:
    asked: list[Login] = []
    page.login_requested.connect(asked.append)
    fill(page, "omero.example.org", "anna", "right")
    page.group.setText("Demo lab")
    lines = [page.server.lineEdit(), page.port, page.user, page.password, page.group]
    for line in lines:
        qtbot.keyClick(line, Qt.Key.Key_Return)
    expected = Login("omero.example.org", "anna", "right", "", "Demo lab")
    assert asked == [expected] * len(lines)


@pytest.mark.parametrize(
    ("server", "user", "says"),
    [("", "anna", "Which server"), ("omero.example.org", "", "user name")],
)
def test_missing_words_are_asked_for(
    page: LoginPage, server: str, user: str, says: str
) -> None:
    asked: list[Login] = []
    page.login_requested.connect(asked.append)
    fill(page, server, user, "right")
    page.log_in.click()
    assert asked == []
    assert says in page.message.text()
    assert page.message.tone == "error"


def test_error_keeps_what_was_typed(page: LoginPage) -> None:
    fill(page, "omero.example.org", "anna", "wrong")
    page.show_connecting("Connecting…")
    assert page.cancel.isVisible()
    assert not page.log_in.isVisible()
    assert not page.password.isEnabled()
    page.show_error("The password is wrong.")
    assert page.message.text() == "The password is wrong."
    assert page.log_in.isVisible()
    assert page.password.text() == "wrong"
    assert page.password.hasSelectedText()


def test_remembered_servers_fill_everything_but_the_password(page: LoginPage) -> None:
    page.password.setText("of somewhere else")
    page.set_remembered(
        [Login("one", "anna", port="14064", group="Lab"), Login("two", "ben")]
    )
    assert page.server.currentText() == "one"
    assert (page.user.text(), page.port.text()) == ("anna", "14064")
    page.server.setCurrentIndex(1)
    page.server.activated.emit(1)
    assert (page.user.text(), page.group.text()) == ("ben", "")
    assert page.password.text() == ""
    assert page.password.echoMode() == QLineEdit.EchoMode.Password


def test_successful_login_is_remembered_without_its_password(
    qtbot: QtBot, account: Account, memory: FakeMemory, server: FakeServer
) -> None:
    account.log_in(Login("omero.example.org", "anna", "right"))
    assert account.state is State.CONNECTING
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    assert account.server is server
    assert memory.logins == [Login("omero.example.org", "anna")]


def test_refusal_is_one_sentence(
    qtbot: QtBot, account: Account, memory: FakeMemory
) -> None:
    account.log_in(Login("omero.example.org", "anna", "wrong"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_OUT)
    assert account.message == "omero.example.org does not accept this password."
    assert account.tone == "error"
    assert memory.logins == []


def test_cancelled_login_closes_a_late_session(
    qtbot: QtBot, account: Account, server: FakeServer
) -> None:
    server.gate.clear()
    account.log_in(Login("omero.example.org", "anna", "right"))
    account.cancel()
    assert account.state is State.LOGGED_OUT
    server.gate.set()
    qtbot.waitUntil(lambda: server.is_closed)
    assert account.state is State.LOGGED_OUT
    assert account.server is None


def test_trial_logs_in_to_the_server_it_started(
    qtbot: QtBot, account: Account, memory: FakeMemory
) -> None:
    account.try_without_server()
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    # Its port is another one each time: nothing to remember.
    assert memory.logins == []


def test_trial_that_cannot_start_says_why(
    qtbot: QtBot, memory: FakeMemory, server: FakeServer
) -> None:
    def start() -> Login:
        raise CannotConnect("The disk is full.")

    account = Account(lambda login: server, start, memory)
    account.try_without_server()
    qtbot.waitUntil(lambda: account.state is State.LOGGED_OUT)
    assert account.message == "The disk is full."


def test_lost_session_leads_back_to_the_login_page(
    qtbot: QtBot, account: Account, server: FakeServer
) -> None:
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    text = account.note_failure(SessionLost("The session has ended. Log in again."))
    assert account.state is State.LOGGED_OUT
    assert account.message == text == "The session has ended. Log in again."
    qtbot.waitUntil(lambda: server.is_closed)


def test_unforeseen_error_is_a_sentence_and_a_log_entry(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    text = account.note_failure(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError: division by zero" in text
    assert caplog.records[0].exc_info is not None
