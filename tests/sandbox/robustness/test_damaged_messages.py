"""Damaged messages: the server answers or closes that connection, and serves the next.

The bytes are sent without Ice, by somebody who has not logged in.
"""

from __future__ import annotations

import bz2
import random
import struct
import sys

import pytest

from .messages import (
    BATCH,
    CLOSE,
    PING,
    REPLY,
    REQUEST,
    VALIDATE,
    VALIDATION,
    encapsulate,
    frame,
    is_answered,
    plain_connection,
    request,
    text,
)
from .process_state import read_holdings

pytestmark = pytest.mark.usefixtures("still_serves")

MOST = 2**31 - 1
CREDENTIALS = text("root") + text("wrong")


def number(value: int) -> bytes:
    return struct.pack("<i", value)


def many(value: int) -> bytes:
    """Claim a number of elements."""
    return b"\xff" + number(value)


#: What nobody should send: its name, the bytes, and whether an answer is expected; None
#: where the server may do either.
DAMAGED = {
    "another protocol": (b"GET / HTTP/1.1\r\n\r\n", False),
    "newer protocol": (frame(REQUEST, protocol=(9, 9)), False),
    "newer encoding": (frame(REQUEST, encoding=(9, 9)), False),
    "no such kind": (frame(77), False),
    "negative size": (frame(REQUEST, size=-1), False),
    "size of less than the header": (frame(REQUEST, size=3), False),
    "size beyond all limits": (frame(REQUEST, size=MOST), False),
    "request without a body": (frame(REQUEST), False),
    "request that ends too early": (frame(REQUEST, b"\1\0\0"), False),
    "answer to nothing, and a ping": (frame(REPLY, number(1) + b"\0") + PING, None),
    "validation again, and a ping": (VALIDATION + PING, None),
    "validation with a body": (frame(VALIDATE, b"abc") + PING, None),
    "goodbye with a body": (frame(CLOSE, b"abc"), False),
    "goodbye, and a ping": (frame(CLOSE) + PING, False),
    "negative batch": (frame(BATCH, number(-5)), False),
    "batch of two milliards": (frame(BATCH, number(MOST)), False),
    "empty batch, and a ping": (frame(BATCH, number(0)) + PING, None),
    "compressed noise": (frame(REQUEST, number(99) + b"noise", compression=2), False),
    "compressed to nothing like the size": (
        frame(REQUEST, number(240_000_000) + bz2.compress(bytes(50)), compression=2)
        + PING,
        None,
    ),
    "context of two milliards": (
        frame(REQUEST, request("ice_ping", context=many(MOST))),
        False,
    ),
    "facets, a milliard": (
        frame(REQUEST, request("ice_ping", facet=many(2**30))),
        False,
    ),
    "identity that is no text": (
        frame(REQUEST, request("ice_ping", identity=(b"\xff\xfe", b"\xff"))),
        False,
    ),
    "context that is no text": (
        frame(REQUEST, request("ice_ping", context=b"\1" + text(b"\xff") * 2)),
        False,
    ),
    "nobody's identity": (
        frame(REQUEST, request("fly", identity=("no", "body"))),
        True,
    ),
    "empty identity": (frame(REQUEST, request("fly", identity=("", ""))), True),
    "unknown operation": (frame(REQUEST, request("fly")), True),
    "operation that is no text": (frame(REQUEST, request(b"\xff\xfe")), True),
    "another facet": (frame(REQUEST, request("ice_ping", facet=b"\1\1x")), True),
    "no arguments": (frame(REQUEST, request("createSession")), True),
    "an encoding to come": (
        frame(
            REQUEST,
            request("createSession", encapsulation=encapsulate(b"", None, (9, 9))),
        ),
        True,
    ),
    **{
        f"arguments of {size} bytes": (
            frame(
                REQUEST,
                request("createSession", encapsulation=encapsulate(CREDENTIALS, size)),
            ),
            True,
        )
        for size in (MOST, -7, 0, 5)
    },
    **{
        f"text of {length} bytes": (
            frame(REQUEST, request("createSession", many(length) + b"aaa")),
            True,
        )
        for length in (MOST, 2**30, -1)
    },
    **{
        f"name {name.hex()}, which is no text": (
            frame(REQUEST, request("createSession", text(name) + text("x"))),
            True,
        )
        for name in (
            *(b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"a\xc3"),
            # What the C library takes for texts, and Unicode does not.
            *(b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80"),
        )
    },
    "a type that is no text": (
        frame(REQUEST, request("ice_isA", text(b"\xf4\x90\x80\x80"), mode=1)),
        True,
    ),
    "a name with a zero in it": (
        frame(REQUEST, request("createSession", text("a\0b") + text("x"))),
        True,
    ),
}


@pytest.mark.parametrize("secure", [False, True], ids=["tcp", "tls"])
@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_message_hurts_its_connection_only(mistreated, name, secure):
    content, is_expected = DAMAGED[name]
    with plain_connection(mistreated, secure=secure) as connection:
        try:
            connection.sendall(content)
            answered = is_answered(connection)
        except ConnectionError:
            answered = False
    assert is_expected in (None, answered)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_claims_cost_no_memory(mistreated):
    """Forty clients claim to send 240 MB each, and send a little of it."""
    before = read_holdings(mistreated.pid).memory
    with claims(mistreated, 40):
        assert read_holdings(mistreated.pid).memory - before < 60e6


def claims(sandbox, clients):
    from contextlib import ExitStack

    stack = ExitStack()
    for _ in range(clients):
        connection = stack.enter_context(plain_connection(sandbox))
        connection.sendall(frame(REQUEST, bytes(1000), size=240_000_000))
    return stack


def test_noise_on_every_door(mistreated):
    import socket

    chance = random.Random(1)
    for port in (mistreated.port, mistreated.tcp_port):
        for length in (1, 13, 14, 15, 500):
            with socket.create_connection((mistreated.host, port), 5) as connection:
                connection.sendall(chance.randbytes(length))


def test_bytes_flipped_in_a_login(mistreated):
    """Flip bytes of a good message's beginning: all that comes before the texts."""
    good = frame(REQUEST, request("createSession", CREDENTIALS, context=b"\1\1a\1b"))
    chance = random.Random(2)
    for _ in range(300):
        damaged = bytearray(good)
        place = chance.randrange(len(good) - len(CREDENTIALS) - 6)
        damaged[place] ^= 1 << chance.randrange(8)
        with plain_connection(mistreated) as connection:
            try:
                connection.sendall(bytes(damaged))
                # Some wait for more to come: then this is no request.
                connection.sendall(PING * 3)
            except ConnectionError:
                continue
