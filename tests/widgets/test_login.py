"""Logging in: what a user types, what goes wrong, and how it is said."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLineEdit

from napari_omero_io.errors import (
    CannotConnect,
    CertificateRefused,
    LoginRefused,
    OnlyWebFound,
)
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


def log_in(qtbot: QtBot, account: Account) -> None:
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)


def test_lost_session_asks_for_the_password_and_stays_open(
    qtbot: QtBot, account: Account, server: FakeServer
) -> None:
    log_in(qtbot, account)
    server.tell("reconnecting", "The connection was lost.")
    qtbot.waitUntil(lambda: account.tone == "busy")
    assert account.state is State.LOGGED_IN
    server.tell("lost", "Give the password of “anna”.")
    qtbot.waitUntil(lambda: account.state is State.LOST)
    assert account.message == "Give the password of “anna”."
    server.failures["resume"] = LoginRefused("Not with this password.")
    account.log_in(Login("omero.example.org", "anna", "wrong"))
    qtbot.waitUntil(lambda: account.message == "Not with this password.")
    assert account.state is State.LOST
    del server.failures["resume"]
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    assert server.asked("resume") == ["wrong", "right"]
    assert account.server is server
    assert not server.is_closed


def test_another_user_leaves_the_lost_session(
    qtbot: QtBot, account: Account, server: FakeServer
) -> None:
    log_in(qtbot, account)
    server.tell("lost", "Gone.")
    qtbot.waitUntil(lambda: account.state is State.LOST)
    account.log_in(Login("omero.example.org", "ben", "right"))
    qtbot.waitUntil(lambda: server.is_closed)
    assert server.asked("resume") == []


def test_what_a_session_says_after_it_was_left_is_not_shown(
    qtbot: QtBot, account: Account, server: FakeServer
) -> None:
    log_in(qtbot, account)
    account.leave()
    server.tell("lost", "Gone.")
    qtbot.wait(50)
    assert account.state is State.LOGGED_OUT
    assert server.listeners == []


def test_a_changed_certificate_can_be_trusted(
    qtbot: QtBot, server: FakeServer, memory: FakeMemory
) -> None:
    def refuse(login: Login) -> FakeServer:
        raise CertificateRefused("Another certificate.", "h:4064", "EF")

    account = Account(refuse, lambda: Login("", ""), memory)
    account.log_in(Login("h", "anna", "right"))
    qtbot.waitUntil(lambda: account.message == "Another certificate.")
    assert account.refused is not None
    account.trust_refused()
    qtbot.waitUntil(lambda: "is trusted" in account.message)
    assert memory.trusted == {"h:4064": "EF"}
    assert account.refused is None


def test_the_address_behind_a_web_address_is_asked_once(
    qtbot: QtBot, server: FakeServer, memory: FakeMemory
) -> None:
    def connect(login: Login) -> FakeServer:
        if login.server.startswith("https"):
            raise OnlyWebFound("Only a web page.", "www.example.org")
        return server

    account = Account(connect, lambda: Login("", ""), memory)
    account.log_in(Login("https://www.example.org/omero", "anna", "right"))
    qtbot.waitUntil(lambda: account.message == "Only a web page.")
    log_in(qtbot, account)
    assert memory.aliases == {"www.example.org": "omero.example.org"}


def test_keys_of_sessions_are_joined(page: LoginPage, qtbot: QtBot) -> None:
    wanted: list[Login] = []
    page.login_requested.connect(wanted.append)
    page.set_remembered([Login("one", "anna", session_key="1-2")])
    assert "omero command line" in page.server.itemText(0)
    page.log_in.click()
    page.password.setText("secret")
    page.log_in.click()
    page.user.clear()
    key = "01234567-89ab-cdef-0123-456789abcdef"
    page.password.setText(key)
    page.log_in.click()
    assert [(each.session_key, each.password) for each in wanted] == [
        ("1-2", ""),
        ("", "secret"),
        (key, ""),
    ]
    assert "1-2" not in repr(wanted[0])


def test_unforeseen_error_is_a_sentence_and_a_log_entry(
    account: Account, caplog: pytest.LogCaptureFixture
) -> None:
    text = account.note_failure(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError: division by zero" in text
    assert caplog.records[0].exc_info is not None
