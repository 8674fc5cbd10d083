"""Whatever listens there: one clear sentence, and never a wait without end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import pytest

from napari_omero_io.client.connect import connect
from napari_omero_io.client.probe import probe
from napari_omero_io.errors import BadReference, CannotConnect, LoginRefused
from napari_omero_io.refs import ServerAddress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def listener(talk: Talk) -> Iterator[int]:
    """Serve each connection with `talk` on a free port; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(60)
                    talk(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        done.set()
        server.shutdown(socket.SHUT_RDWR)
    thread.join(60)


def stay_silent(connection: socket.socket) -> None:
    while connection.recv(1024):
        pass


def speak_http(connection: socket.socket) -> None:
    connection.recv(1024)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def speak_nonsense(connection: socket.socket) -> None:
    connection.sendall(bytes(range(256)) * 4)
    stay_silent(connection)


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


TALKS = [stay_silent, speak_http, speak_nonsense, hang_up]


@pytest.mark.parametrize("transport", ["ssl", "tcp", "ws", "wss"])
@pytest.mark.parametrize("talk", TALKS)
def test_a_port_that_is_not_omero(talk: Talk, transport: str) -> None:
    with listener(talk) as port:
        address = ServerAddress("127.0.0.1", port, transport)
        with pytest.raises(CannotConnect, match="not an OMERO server"):
            probe(address, seconds=0.5)


def test_an_ice_greeting_is_enough() -> None:
    with listener(lambda connection: connection.sendall(b"IceP" + bytes(10))) as port:
        probe(ServerAddress("127.0.0.1", port, "tcp"))


def test_a_server_that_refuses_our_encryption_is_left_to_ice() -> None:
    def alert(connection: socket.socket) -> None:
        connection.recv(1024)
        connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # fatal: handshake failure

    with listener(alert) as port:
        probe(ServerAddress("127.0.0.1", port, "ssl"))


def test_a_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(CannotConnect, match=f"Nothing listens on port {port}"):
        connect(f"127.0.0.1:{port}", "root", "secret")


def test_an_unknown_host() -> None:
    with pytest.raises(CannotConnect, match=r"no host “no-such-host\.invalid”"):
        connect("no-such-host.invalid", "root", "secret")


def test_a_name_that_cannot_be_a_host() -> None:
    with pytest.raises(CannotConnect, match="no host"):
        connect("a" * 70 + ".org", "root", "secret")


def test_what_is_no_address() -> None:
    with pytest.raises(BadReference, match="not the address of a server"):
        connect("two words", "root", "secret")


@pytest.mark.parametrize(
    ("user", "password", "part"),
    [(None, "x", "name of your account"), ("", "x", "name"), ("jo", "", "password of")],
)
def test_an_account_is_asked_for_before_anything_is_sent(
    user: str | None, password: str, part: str
) -> None:
    with pytest.raises(LoginRefused, match=part):
        connect("host.invalid", user, password)


def test_an_ice_server_that_never_answers_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A greeting as Ice sends it, "validate connection", and then nothing at all.
    greeting = b"IceP\x01\x00\x01\x00\x03\x00\x0e\x00\x00\x00"

    def greet(connection: socket.socket) -> None:
        connection.sendall(greeting)
        stay_silent(connection)

    monkeypatch.setattr("napari_omero_io.client.login._LOGIN_TIMEOUT", 300)
    with listener(greet) as port, pytest.raises(CannotConnect, match="in time"):
        connect(f"tcp://127.0.0.1:{port}", "root", "secret")


def test_the_password_is_in_no_error() -> None:
    with listener(speak_http) as port, pytest.raises(CannotConnect) as raised:
        connect(f"127.0.0.1:{port}", "root", "hunter2")
    assert "hunter2" not in str(raised.value)
    assert not isinstance(raised.value.__cause__, ssl.CertificateError)
