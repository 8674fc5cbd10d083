"""Whether an OMERO server listens somewhere, in a few seconds and without Ice.

Ice waits long for hosts that swallow connections and for ports that say nothing.  Its
servers speak first, so a plain socket finds out sooner what is there.
"""

from __future__ import annotations

import base64
import contextlib
import os
import queue
import socket
import ssl
import threading
import time
from typing import TYPE_CHECKING

from napari_omero_io.errors import CannotConnect, CertificateRefused

if TYPE_CHECKING:
    from napari_omero_io.refs import ServerAddress

#: All of resolving, connecting and the first answer.
DEADLINE = 5.0

#: How every message of Ice begins.
_ICE = b"IceP"


def probe(
    address: ServerAddress, *, verify: bool = False, seconds: float = DEADLINE
) -> bytes | None:
    """Make sure that something that speaks Ice listens there.

    Parameters
    ----------
    verify
        Demand a certificate for this host that the system's authorities vouch for.

    Returns
    -------
    bytes or None
        The certificate that it shows, in DER; None without encryption.

    Raises
    ------
    CannotConnect
        Saying what was found instead, within about `seconds`.
    CertificateRefused
        The certificate cannot be verified.
    """
    until = time.monotonic() + seconds
    _resolve(address, until)
    with _connect(address, until) as plain:
        if address.transport in ("tcp", "ws"):
            _listen(plain, address, until)
            return None
        with _encrypt(plain, address, until, verify) as encrypted:
            if encrypted is None:
                return None
            _listen(encrypted, address, until)
            return encrypted.getpeercert(binary_form=True)


def _remaining(until: float) -> float:
    return max(0.05, until - time.monotonic())


def _resolve(address: ServerAddress, until: float) -> None:
    """Look the name up in a thread of its own, since nothing else can end it early."""
    with contextlib.suppress(OSError, UnicodeError):
        host, port = address.host.strip("[]"), address.port
        socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
        return  # a number needs no looking up
    answers: queue.Queue[OSError | None] = queue.Queue()

    def look_up() -> None:
        try:
            socket.getaddrinfo(address.host.strip("[]"), address.port)
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError(str(error)))
        else:
            answers.put(None)

    threading.Thread(target=look_up, name="omero-resolve", daemon=True).start()
    try:
        error = answers.get(timeout=_remaining(until))
    except queue.Empty:
        error = TimeoutError()
    if error is not None:
        raise CannotConnect(
            f"There is no host “{address.host}”, or its name cannot be looked up. "
            "Check its spelling and the network."
        ) from error


def _connect(address: ServerAddress, until: float) -> socket.socket:
    try:
        return socket.create_connection(
            (address.host.strip("[]"), address.port), timeout=_remaining(until)
        )
    except ConnectionRefusedError as error:
        raise CannotConnect(
            f"Nothing listens on port {address.port} of {address.host}. Check the "
            "port, and whether the server is running."
        ) from error
    except OSError as error:
        raise CannotConnect(
            f"{address.host} does not answer on port {address.port}. Check host and "
            "port, the network, and whether a firewall stands between."
        ) from error


def _encrypt(
    plain: socket.socket, address: ServerAddress, until: float, verify: bool
) -> ssl.SSLSocket | _Undecided:
    """Agree on encryption; undecided when the server only dislikes ours.

    Servers use self-signed certificates as a rule, so authorities are asked only where
    the user wants it; see `certificates` for what is checked otherwise.
    """
    if verify:
        context = ssl.create_default_context()
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
    plain.settimeout(_remaining(until))
    try:
        return context.wrap_socket(plain, server_hostname=address.host.strip("[]"))
    except ssl.SSLCertVerificationError as error:
        reason = error.verify_message.rstrip(".") or "it cannot be verified"
        raise CertificateRefused(
            f"The certificate of {address.host} was refused, and nothing was sent: "
            f"{reason}. Ask its administrator for a certificate of a known authority, "
            "or log in without full verification: its certificate is then remembered."
        ) from error
    except ssl.SSLError as error:
        if "ALERT" in (error.reason or ""):
            return _Undecided()  # it speaks TLS; whether Ice can agree, Ice finds out
        raise _stranger(address) from error
    except OSError as error:
        raise _stranger(address) from error


class _Undecided:
    """Stands for a connection that cannot be judged from outside Ice."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _listen(connection: socket.socket, address: ServerAddress, until: float) -> None:
    """Wait for the greeting of an Ice server, or of a websocket that leads to one."""
    wanted = _ICE
    try:
        if address.transport in ("ws", "wss"):
            wanted = b"HTTP/1.1 101"
            connection.settimeout(_remaining(until))
            connection.sendall(_ask_for_websocket(address))
        greeting = b""
        while len(greeting) < len(wanted):
            connection.settimeout(_remaining(until))
            part = connection.recv(len(wanted) - len(greeting))
            if not part:
                break
            greeting += part
    except OSError as error:
        raise _stranger(address) from error
    if greeting != wanted:
        raise _stranger(address)


def _ask_for_websocket(address: ServerAddress) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {address.path or '/'} HTTP/1.1\r\n"
        f"Host: {address.host}:{address.port}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Protocol: ice.zeroc.com\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n"
    ).encode("ascii", "replace")


def _stranger(address: ServerAddress) -> CannotConnect:
    hint = "4064 is usual" if address.transport == "ssl" else "check the transport too"
    return CannotConnect(
        f"What listens on port {address.port} of {address.host} is not an OMERO "
        f"server. Check the port ({hint})."
    )
