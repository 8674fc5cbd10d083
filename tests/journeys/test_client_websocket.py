"""Where only HTTPS passes the firewall: OMERO over websockets."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from napari_omero_io import Sandbox
from napari_omero_io.client.browse import list_roots
from napari_omero_io.client.connect import connect
from napari_omero_io.client.lifeline import State
from napari_omero_io.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    local = ("127.0.0.1", 0)
    with socket.create_server(local) as one, socket.create_server(local) as other:
        ws_port, wss_port = (each.getsockname()[1] for each in (one, other))
    with Sandbox(ws_port=ws_port, wss_port=wss_port) as running:
        yield running


@pytest.mark.parametrize("transport", ["ws", "wss"])
def test_websockets_lead_in_and_back_in(server: Sandbox, transport: str) -> None:
    port = {"ws": server.ws_port, "wss": server.wss_port}[transport]
    address = f"{transport}://127.0.0.1:{port}/omero-ws"
    with connect(address, server.user, server.password) as connection:
        assert connection.server == address
        assert list_roots(connection) == []
        before = connection.key
        connection._lifeline.link.session.ice_getCachedConnection().close(True)
        assert list_roots(connection) == []
        # The answer may have been faster than the news that the connection was closed.
        until = time.monotonic() + 60
        while connection.state is State.RECONNECTING and time.monotonic() < until:
            time.sleep(0.01)
        assert connection.state is State.CONNECTED
        assert list_roots(connection) == []
        assert connection.key == before
        assert (connection.certificate is not None) == (transport == "wss")
    pinned = load_settings().certificates.get(f"127.0.0.1:{port}")
    assert pinned == connection.certificate
