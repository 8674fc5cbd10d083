"""A connection that is lost, and what goes on: nobody has to open anything again."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import keyring
import numpy as np
import omero
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from napari_omero_io import Sandbox
from napari_omero_io.client import credentials, lifeline
from napari_omero_io.client.browse import list_roots
from napari_omero_io.client.connect import connect
from napari_omero_io.client.containers import create_dataset
from napari_omero_io.client.lifeline import State
from napari_omero_io.client.pixels import open_source
from napari_omero_io.client.upload import create_image
from napari_omero_io.errors import (
    CertificateRefused,
    LoginRefused,
    SessionLost,
)
from napari_omero_io.records import NewChannel, NewImage
from napari_omero_io.session import Session
from napari_omero_io.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from napari_omero_io.client.connection import Connection

PASSWORD = "secret"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try to rejoin often, and wait for it as long as a server may need to start."""
    monkeypatch.setattr(lifeline, "PAUSES", (0, *[0.5] * 400))
    monkeypatch.setattr(lifeline, "PATIENCE", 180.0)


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def lone_ann(laboratory: Any) -> Iterator[Connection]:
    """Log Ann in to a session of her own that a test may ruin."""
    with laboratory.log_in("ann") as connection:
        yield connection


class States:
    """The states that a connection went through, to be waited for."""

    def __init__(self, connection: Connection) -> None:
        self.seen: list[State] = []
        self.texts: list[str] = []
        self._changed = threading.Condition()
        connection.state_changed.connect(self._note)

    def _note(self, state: State, text: str) -> None:
        with self._changed:
            self.seen.append(state)
            self.texts.append(text)
            self._changed.notify_all()

    def wait_for(self, state: State) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: state in self.seen, 120), self.seen


@contextlib.contextmanager
def killed(sandbox: Sandbox) -> Iterator[Callable[[], Sandbox]]:
    """Kill a server; inside, it can be started again where it was."""
    assert sandbox.pid is not None
    os.kill(sandbox.pid, signal.SIGKILL)
    with contextlib.ExitStack() as stack:

        def start(data: Path | None = None) -> Sandbox:
            again = Sandbox(
                data or sandbox.data, port=sandbox.port, tcp_port=sandbox.tcp_port
            )
            return stack.enter_context(again)

        yield start


def kill_session(laboratory: Any, key: str) -> None:
    """End a session as an administrator does."""
    sandbox = laboratory.sandbox
    client = omero.client(sandbox.host, sandbox.port)
    try:
        session = client.createSession(sandbox.user, sandbox.password)
        doomed = omero.model.SessionI()
        doomed.uuid = omero.rtypes.rstring(key)
        service = session.getSessionService()
        while service.closeSession(doomed) > 0:
            pass
    finally:
        client.closeSession()


def store_image(connection: Connection, pixels: Any) -> int:
    new = NewImage("noise", "uint16", pixels.shape, (NewChannel(),))
    planes = [(0, 0, z, pixels[0, 0, z]) for z in range(2)]
    return create_image(connection, new, planes)


def test_reads_go_on_after_the_server_was_killed_and_started(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    pixels = rng.integers(0, 60000, (1, 1, 2, 300, 300)).astype("uint16")
    with Sandbox(tmp_path) as sandbox:
        connection = connect(sandbox.url, sandbox.user, sandbox.password)
        image_id = store_image(connection, pixels)
        reader = open_source(connection, image_id).open_reader()
        reader.read_plane(0, 0, 0)
        with Session(connection) as session:
            image = session.open(image_id)
            first = image.levels[0][0, 0, 0].compute()
            np.testing.assert_array_equal(first, pixels[0, 0, 0])
            states = States(connection)
            with killed(sandbox) as start:
                states.wait_for(State.RECONNECTING)
                start()
                again = image.levels[0][0, 0, 1].compute()
                np.testing.assert_array_equal(again, pixels[0, 0, 1])
                # A store of the first session, replaced without another login.
                again = reader.read_plane(1, 0, 0)
                np.testing.assert_array_equal(again, pixels[0, 0, 1])
                assert connection.generation == 1
                assert [row.child_count for row in list_roots(connection)] == [1]
                # Another session, since the server forgot the first.
                states.wait_for(State.CONNECTED)
                assert states.seen == [State.RECONNECTING, State.CONNECTED]
                session.close()


def test_a_killed_session_is_begun_anew_where_the_password_is_known(
    laboratory: Any, lone_ann: Connection
) -> None:
    before, roots = lone_ann.key, list_roots(lone_ann)
    kill_session(laboratory, before)
    assert list_roots(lone_ann) == roots
    assert lone_ann.key != before
    assert create_dataset(lone_ann, "after") > 0


def test_a_killed_session_asks_for_the_password_once(
    laboratory: Any, lone_ann: Connection
) -> None:
    states = States(lone_ann)
    credentials._of_this_run.clear()
    kill_session(laboratory, lone_ann.key)
    with pytest.raises(SessionLost, match="password of “ann” to go on"):
        list_roots(lone_ann)
    assert lone_ann.state is State.LOST
    with pytest.raises(LoginRefused):
        lone_ann.resume("wrong")
    lone_ann.resume(PASSWORD)
    assert lone_ann.state is State.CONNECTED
    assert list_roots(lone_ann) is not None
    assert states.seen == [State.RECONNECTING, State.LOST, State.CONNECTED]
    assert PASSWORD not in " ".join(states.texts)


def test_many_who_find_out_at_once_cause_one_login(
    laboratory: Any, lone_ann: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from napari_omero_io.client import connect as module

    logins: list[str] = []
    original = module.begin

    def count(*args: Any, **named: Any) -> Any:
        logins.append("one")
        return original(*args, **named)

    monkeypatch.setattr(module, "begin", count)
    kill_session(laboratory, lone_ann.key)
    threads = [threading.Thread(target=list_roots, args=(lone_ann,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert list_roots(lone_ann) is not None
    assert len(logins) == 2  # with the key, in vain, and with the password


def test_a_session_is_joined_again_when_only_its_connection_was_lost(
    lone_ann: Connection,
) -> None:
    before = lone_ann.key
    states = States(lone_ann)
    link = lone_ann._lifeline.link
    link.session.ice_getCachedConnection().close(True)
    states.wait_for(State.CONNECTED)
    assert list_roots(lone_ann) is not None
    assert lone_ann.key == before
    assert lone_ann._lifeline.link is not link


def test_a_server_with_another_certificate_is_told_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with Sandbox(tmp_path / "one") as sandbox:
        connection = connect(sandbox.url, sandbox.user, sandbox.password)
        old = connection.certificate
        assert old is not None
        endpoint = f"{sandbox.host}:{sandbox.port}"
        assert load_settings().certificates[endpoint] == old
        states = States(connection)
        with killed(sandbox) as start:
            start(tmp_path / "two")
            states.wait_for(State.LOST)
            assert old in states.texts[-1]
            with pytest.raises(CertificateRefused, match="nothing was sent") as refused:
                connect(sandbox.url, sandbox.user, sandbox.password)
            assert refused.value.server == endpoint
            assert refused.value.fingerprint != old
            assert "logged in" not in caplog.text
            connection.close()


def test_full_verification_refuses_what_no_authority_vouches_for(
    laboratory: Any,
) -> None:
    address = f"{laboratory.sandbox.host}:{laboratory.sandbox.port}"
    with pytest.raises(CertificateRefused, match=r"self.signed"):
        connect(address, "ann", PASSWORD, verify=True)


def test_ice_must_show_the_certificate_that_was_checked(
    laboratory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "napari_omero_io.client.login.probe", lambda *_, **__: b"another"
    )
    monkeypatch.setattr("napari_omero_io.client.login.check_pinned", lambda *_: None)
    address = f"{laboratory.sandbox.host}:{laboratory.sandbox.port}"
    with pytest.raises(CertificateRefused, match="two different"):
        connect(address, "ann", PASSWORD)


def test_the_hosts_logging_is_left_alone(laboratory: Any) -> None:
    root = logging.getLogger()
    kept, root.handlers = root.handlers, []
    try:
        with laboratory.log_in("ann"):
            assert root.handlers == []
    finally:
        root.handlers = kept


def test_guests_need_no_password(laboratory: Any) -> None:
    address = f"{laboratory.sandbox.host}:{laboratory.sandbox.port}"
    with connect(address, "guest") as guest:
        assert guest.user.name == "guest"


def test_closing_while_rejoining_ends_it(
    laboratory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "PATIENCE", 5.0)
    with Sandbox() as sandbox:
        connection = connect(sandbox.url, sandbox.user, sandbox.password)
        with killed(sandbox):
            states = States(connection)
            with contextlib.suppress(SessionLost):
                connection._lifeline.report_loss(0)
            connection.close()
            assert connection.state is State.CLOSED
            with pytest.raises(SessionLost, match="closed"):
                list_roots(connection)
            assert states.seen[-1] is State.CLOSED
