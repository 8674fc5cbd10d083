"""Logging in to a real server, and leaving it, in every way that can go wrong."""

from __future__ import annotations

import functools
import logging
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from napari_omero_io import Sandbox
from napari_omero_io.client import connection as connections
from napari_omero_io.client import lifeline
from napari_omero_io.client.browse import list_roots
from napari_omero_io.client.connect import connect
from napari_omero_io.client.link import Link
from napari_omero_io.client.probe import probe
from napari_omero_io.errors import CannotConnect, LoginRefused, SessionLost

if TYPE_CHECKING:
    from napari_omero_io.client.connection import Connection

PASSWORD = "secret"


@pytest.fixture
def sandbox(laboratory: Any) -> Sandbox:
    found: Sandbox = laboratory.sandbox
    return found


@pytest.fixture
def address(sandbox: Sandbox) -> str:
    return f"{sandbox.host}:{sandbox.port}"


def test_says_who_is_logged_in(ann: Connection) -> None:
    assert (ann.user.name, ann.user.group_name) == ("ann", "lab")
    assert not ann.user.is_admin
    assert ann.is_open


@pytest.mark.parametrize("transport", ["ssl", "tcp"])
def test_every_transport_leads_in(sandbox: Sandbox, transport: str) -> None:
    port = {"ssl": sandbox.port, "tcp": sandbox.tcp_port}[transport]
    with connect(f"{transport}://{sandbox.host}:{port}", "ann", PASSWORD) as connection:
        assert connection.user.name == "ann"


def test_a_name_leads_in_as_well_as_a_number(sandbox: Sandbox) -> None:
    with connect(f"localhost:{sandbox.port}", "ann", PASSWORD) as connection:
        assert connection.server == f"localhost:{sandbox.port}"


@pytest.mark.parametrize(("user", "password"), [("ann", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_account(address: str, user: str, password: str) -> None:
    with pytest.raises(LoginRefused, match=f"“{user}”") as raised:
        connect(address, user, password)
    assert password not in str(raised.value)


def test_a_wrong_group(address: str) -> None:
    with pytest.raises(LoginRefused, match="group"):
        connect(address, "ann", PASSWORD, group="no such group")


def test_a_group_is_entered_by_name(address: str, sandbox: Sandbox) -> None:
    with connect(address, sandbox.user, sandbox.password, group="lab") as connection:
        assert connection.user.group_name == "lab"
        assert list_roots(connection) == list_roots(connection)


@pytest.mark.parametrize("transport", ["ssl", "tcp"])
def test_the_other_ports_transport_is_no_omero(
    sandbox: Sandbox, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = functools.partial(probe, seconds=0.5)
    monkeypatch.setattr("napari_omero_io.client.login.probe", hasty)
    crossed = {"ssl": sandbox.tcp_port, "tcp": sandbox.port}[transport]
    with pytest.raises(CannotConnect, match="not an OMERO server"):
        connect(f"{transport}://{sandbox.host}:{crossed}", "ann", PASSWORD)


def test_a_session_is_joined_and_outlives_its_guest(
    ann: Connection, address: str
) -> None:
    with connect(address, session_key=ann.key) as guest:
        assert guest.user == ann.user
        assert guest.key == ann.key
    assert list_roots(ann) is not None


def test_a_key_that_is_no_session(address: str) -> None:
    with pytest.raises(LoginRefused, match="session"):
        connect(address, session_key="00000000-0000-4000-8000-000000000000")


def test_leaving_ends_the_session(address: str) -> None:
    connection = connect(address, "ann", PASSWORD)
    connection.close()
    connection.close()
    assert not connection.is_open
    with pytest.raises(SessionLost, match="closed"):
        list_roots(connection)
    with pytest.raises(LoginRefused):
        connect(address, session_key=connection.key)


def test_one_connection_serves_many_threads(ann: Connection) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: len(list_roots(ann)), range(32)))
    assert len(set(answers)) == 1


def test_no_thread_is_left_behind(address: str) -> None:
    name = f"omero-keep-alive-{address}"

    def count() -> int:
        return sum(each.name == name for each in threading.enumerate())

    before = count()
    with connect(address, "ann", PASSWORD):
        assert count() == before + 1
    until = time.monotonic() + 60
    while count() > before:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_session_that_nobody_uses_is_kept_alive(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    monkeypatch.setattr(connections, "KEEP_ALIVE", 0.05)
    original = Link.touch

    def observe(link: Link, seconds: float = 20.0) -> None:
        original(link, seconds)
        asked.set()

    monkeypatch.setattr(Link, "touch", observe)
    with connect(address, "ann", PASSWORD):
        assert asked.wait(60)


def test_nothing_secret_is_logged(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with connect(address, "ann", PASSWORD) as connection:
        key = connection.key
        assert key not in repr(connection)
    assert "ann" in caplog.text
    assert PASSWORD not in caplog.text
    assert key not in caplog.text


def test_a_server_that_dies_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lifeline, "PATIENCE", 0.2)
    with Sandbox() as sandbox:
        connection = connect(sandbox.url, sandbox.user, sandbox.password)
        assert sandbox.pid is not None
        os.kill(sandbox.pid, signal.SIGKILL)
        with pytest.raises(SessionLost, match="being restored"):
            list_roots(connection)
        connection.close()
        with pytest.raises(CannotConnect, match="Nothing listens"):
            connect(sandbox.url, sandbox.user, sandbox.password)
