"""Messages of the Ice protocol as bytes, to be sent without Ice, right or wrong."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
from collections.abc import Iterator
from typing import Any

REQUEST, BATCH, REPLY, VALIDATE, CLOSE = range(5)
ROUTER = ("router", "OMERO.Glacier2")
ENCODING = (1, 1)
HEADER_BYTES = 14


def frame(
    kind: int,
    body: bytes = b"",
    *,
    size: int | None = None,
    magic: bytes = b"IceP",
    protocol: tuple[int, int] = (1, 0),
    encoding: tuple[int, int] = (1, 0),
    compression: int = 0,
) -> bytes:
    """Put a header before a body; `size` is the claimed length of both."""
    size = HEADER_BYTES + len(body) if size is None else size
    versions = bytes((*protocol, *encoding, kind, compression))
    return magic + versions + struct.pack("<i", size) + body


def count(number: int) -> bytes:
    """Write a number of elements."""
    if 0 <= number < 255:
        return bytes([number])
    return b"\xff" + struct.pack("<i", number)


def text(content: str | bytes) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return count(len(raw)) + raw


def encapsulate(
    content: bytes, size: int | None = None, encoding: tuple[int, int] = ENCODING
) -> bytes:
    size = len(content) + 6 if size is None else size
    return struct.pack("<i", size) + bytes(encoding) + content


def request(
    operation: str | bytes,
    parameters: bytes = b"",
    *,
    identity: tuple[str | bytes, str | bytes] = ROUTER,
    facet: bytes = b"\0",
    mode: int = 0,
    context: bytes = b"\0",
    encapsulation: bytes | None = None,
    number: int = 1,
) -> bytes:
    """Write the body of a request."""
    return (
        struct.pack("<i", number)
        + text(identity[0])
        + text(identity[1])
        + facet
        + text(operation)
        + bytes([mode])
        + context
        + (encapsulate(parameters) if encapsulation is None else encapsulation)
    )


PING = frame(REQUEST, request("ice_ping", mode=2))
VALIDATION = frame(VALIDATE)


@contextlib.contextmanager
def plain_connection(sandbox: Any, *, secure: bool = False) -> Iterator[socket.socket]:
    """Open a connection that the server has validated."""
    port = sandbox.port if secure else sandbox.tcp_port
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(
            socket.create_connection((sandbox.host, port), timeout=60)
        )
        if secure:
            trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusting.check_hostname = False
            trusting.verify_mode = ssl.CERT_NONE
            connection = stack.enter_context(trusting.wrap_socket(connection))
        assert read_exactly(connection, HEADER_BYTES) == VALIDATION
        yield connection


def read_exactly(connection: socket.socket, length: int) -> bytes:
    """Return so many bytes, or fewer where the connection ends."""
    content = b""
    while len(content) < length:
        part = connection.recv(length - len(content))
        if not part:
            break
        content += part
    return content


def is_answered(connection: socket.socket) -> bool:
    """Read one message; return whether there was one before the end."""
    try:
        header = read_exactly(connection, HEADER_BYTES)
        if len(header) < HEADER_BYTES:
            return False
        (size,) = struct.unpack("<i", header[10:])
        read_exactly(connection, size - HEADER_BYTES)
    except ConnectionError:
        return False
    return True
