"""How often the server is asked: what a distant server makes slow."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_omero_io.client.browse import list_children, list_roots
from napari_omero_io.client.connect import connect
from napari_omero_io.client.containers import create_dataset
from napari_omero_io.client.images import read_image
from napari_omero_io.client.pixels import open_source
from napari_omero_io.client.thumbnails import read_thumbnails
from napari_omero_io.client.upload import create_image
from napari_omero_io.records import NewChannel, NewImage
from napari_omero_io.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_omero_io.client.connection import Connection

_HEADER = struct.Struct("<4s4BBBi")
_NUMBER = struct.Struct("<i")
_REQUEST = 0
_REPLY = 2


class Relay:
    """Passes Ice messages between clients and a server, and counts the requests.

    It also counts the round trips that wait for each other: a request is one deeper
    than the deepest answer that its sender had when it was sent.

    Attributes
    ----------
    requests
        Number of requests.
    depth
        Of the answers that were delivered; may be set to 0.
    delay
        Seconds by which answers are held back, so that requests that do not wait for
        each other are all sent before the first is answered, on a slow machine too.
    """

    def __init__(self, host: str, port: int) -> None:
        self.requests = 0
        self.depth = 0
        self.delay = 0.0
        self._depths: dict[tuple[Any, int], int] = {}
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._sending = threading.Lock()
        self._start(self._accept)

    def _start(self, target: Any, *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            self._sockets += [near, far]
            self._start(self._pass_on, near, far)
            self._start(self._pass_on, far, near)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        is_request = target.getpeername() == self._target
        near = source if is_request else target
        try:
            with source.makefile("rb") as stream:
                while header := stream.read(_HEADER.size):
                    *_, kind, _, size = _HEADER.unpack(header)
                    body = stream.read(size - _HEADER.size)
                    if is_request and kind == _REQUEST:
                        self._note_request(near, body)
                    if not is_request and kind == _REPLY:
                        self._deliver(near, body, header + body)
                    else:
                        self._send(target, header + body)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def _note_request(self, near: socket.socket, body: bytes) -> None:
        self.requests += 1
        number = _NUMBER.unpack_from(body)[0]
        if number:  # nobody waits for the answer of a oneway call
            self._depths[near, number] = self.depth + 1

    def _deliver(self, near: socket.socket, body: bytes, message: bytes) -> None:
        """Hand an answer over, later; answers may overtake each other."""

        def hand_over() -> None:
            number = _NUMBER.unpack_from(body)[0]
            self.depth = max(self.depth, self._depths.pop((near, number), 0))
            with suppress(OSError):
                self._send(near, message)

        if self.delay:
            threading.Timer(self.delay, hand_over).start()
        else:
            hand_over()

    def _send(self, target: socket.socket, message: bytes) -> None:
        with self._sending:
            target.sendall(message)

    def close(self) -> None:
        for each in (self._listener, *self._sockets):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the other side was faster
            finally:
                each.close()
        for thread in self._threads:
            thread.join(60)

    @contextmanager
    def expect(self, at_most: int) -> Iterator[None]:
        """Fail when more requests pass than that, or none."""
        before = self.requests
        yield
        print(f"{self.requests - before} requests, at most {at_most} expected")
        assert 0 < self.requests - before <= at_most


@pytest.fixture
def relay(laboratory: Any) -> Iterator[Relay]:
    relay = Relay(laboratory.sandbox.host, laboratory.sandbox.tcp_port)
    yield relay
    relay.close()


@pytest.fixture
def distant(relay: Relay) -> Iterator[Connection]:
    """Connect through the relay, and use the services once."""
    with connect(f"tcp://127.0.0.1:{relay.port}", "ann", "secret") as connection:
        list_roots(connection)
        yield connection


def make_image(connection: Connection, size: int, dataset: int | None = None) -> int:
    plane = np.tile(np.arange(size, dtype=np.uint8), (size, 1))
    new = NewImage("counted", "uint8", (1, 1, 1, size, size), (NewChannel(),))
    return create_image(connection, new, [(0, 0, 0, plane)], dataset_id=dataset)


def test_logging_in(relay: Relay) -> None:
    with relay.expect(16):  # two of them to rejoin and to know whom one speaks to
        connection = connect(f"tcp://127.0.0.1:{relay.port}", "ann", "secret")
    connection.close()


def test_looking_at_a_small_image(
    ann: Connection, relay: Relay, distant: Connection
) -> None:
    image = make_image(ann, 64)
    with relay.expect(2):
        read_image(distant, image)


def test_looking_at_a_large_image(
    ann: Connection, relay: Relay, distant: Connection
) -> None:
    image = make_image(ann, 3200)
    with relay.expect(8):
        assert read_image(distant, image).is_tiled


def test_first_pixels_of_a_large_image(
    ann: Connection, relay: Relay, distant: Connection
) -> None:
    image = make_image(ann, 3200)
    with relay.expect(8 + 1):
        source = open_source(distant, image)
        reader = source.open_reader()
        last = len(source.record.levels) - 1
        reader.read_tile(last, 0, 0, 0, 0, 0, 50, 50)
    with relay.expect(10):
        for x in range(10):
            reader.read_tile(last, 0, 0, 0, x, 0, 20, 20)
    reader.close()


def test_first_pixels_of_a_slide_after_few_round_trips(
    laboratory: Any, ann: Connection, relay: Relay
) -> None:
    image = make_slide(ann)
    with Session(connect(f"tcp://127.0.0.1:{relay.port}", "ann", "secret")) as session:
        relay.delay, relay.depth = 0.25, 0
        parts = session.iterate_layers(f"Image:{image}")
        layers = next(parts)
        remote = layers[0][0][0].image
        assert (len(layers), len(remote.grids) > 1) == (3, True)
        remote.prefetch()
        seen = relay.depth
        relay.delay = 0.0
        pixels = [np.asarray(levels[-1]) for levels, _, _ in layers]
        requests = relay.requests
        assert relay.depth == seen, "the first pixels were not all there"
        list(parts)
    print(f"{seen} round trips to the first pixels, {requests} requests with login")
    assert 0 < seen <= 10
    assert all(plane.max() > 0 for plane in pixels)


def make_slide(connection: Connection) -> int:
    """Make an image large enough for a pyramid, of three channels."""
    size = 3300
    plane = np.tile(np.arange(size, dtype=np.uint16), (size, 1))
    channels = tuple(NewChannel(name) for name in ("one", "two", "three"))
    new = NewImage("slide", "uint16", (1, 3, 1, size, size), channels)
    planes = [(0, c, 0, plane) for c in range(3)]
    return create_image(connection, new, planes)


def test_browsing_does_not_depend_on_the_number_of_rows(
    ann: Connection, relay: Relay, distant: Connection
) -> None:
    dataset = create_dataset(ann, "full")
    images = [make_image(ann, 8, dataset) for _ in range(6)]
    with relay.expect(5):
        list_roots(distant)
    with relay.expect(1):
        assert len(list_children(distant, "dataset", dataset)) == 6
    with relay.expect(5):
        assert len(read_thumbnails(distant, images)) == 6
