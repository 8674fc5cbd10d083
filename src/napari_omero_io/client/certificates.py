"""Whether a server's certificate is the one that is trusted.

OMERO servers sign their certificates themselves as a rule, so no authority can vouch
for them.  The first certificate of a server is taken and remembered, and any other is
refused later: *trust on first use*.  Where the certificate comes from an authority, the
user may ask for full verification instead.

What is guaranteed
------------------
No password and no session key is sent before

1. a connection of Python's `ssl` has shown the certificate (see `probe`), and it is
   the remembered one, or none is remembered, or it was verified fully; and
2. Ice's own connection, over which all that follows is sent, is open and has shown the
   same certificate, byte for byte.

Ice 3.6 offers Python no way to judge a certificate during the handshake; but it tells
which one a connection has, and it is asked before the first request.  A connection
that is lost is never opened again by Ice: the whole login is repeated, with both checks
(see `connection`).
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import CertificateRefused

if TYPE_CHECKING:
    from napari_omero_io.refs import ServerAddress


def make_fingerprint(certificate: bytes) -> str:
    """Give the SHA-256 of a certificate in DER as ``AB:CD:…``."""
    return hashlib.sha256(certificate).digest().hex(":").upper()


def name_endpoint(where: ServerAddress) -> str:
    """Give the name under which a certificate is remembered: ``host:port``."""
    return f"{where.host}:{where.port}"


def check_pinned(where: ServerAddress, fingerprint: str, pinned: str | None) -> None:
    """Refuse a certificate that is not the remembered one.

    Parameters
    ----------
    pinned
        None where none is remembered.

    Raises
    ------
    CertificateRefused
        Naming both, and what to do.
    """
    if pinned is None or pinned == fingerprint:
        return
    server = name_endpoint(where)
    raise CertificateRefused(
        f"{server} shows another certificate than before, so nothing was sent to it. "
        f"Trusted: {pinned}. Now: {fingerprint}. If its administrator confirms the "
        "new one, trust it and log in again; otherwise somebody may be listening.",
        server,
        fingerprint,
    )


def check_ice(where: ServerAddress, connection: Any, fingerprint: str | None) -> None:
    """Refuse an Ice connection that does not show the certificate that was checked.

    Parameters
    ----------
    connection
        Open, but nothing secret was sent over it yet.
    fingerprint
        None for an address without encryption.

    Raises
    ------
    CertificateRefused
        It shows another, or none.
    """
    if fingerprint is None:
        return
    shown = getattr(connection.getInfo(), "certs", None) or []
    if not shown or make_fingerprint(read_pem(shown[0])) != fingerprint:
        raise CertificateRefused(
            f"{name_endpoint(where)} showed two different certificates within a "
            "moment, so nothing was sent to it. Somebody may be listening; ask its "
            "administrator."
        )


def read_pem(text: str) -> bytes:
    """Give the DER of a certificate that Ice tells as PEM.

    Ice writes OpenSSL's form "TRUSTED CERTIFICATE", where other data may follow the
    certificate; its length stands in its first bytes.
    """
    lines = [line.strip() for line in text.splitlines()]
    body = "".join(line for line in lines if not line.startswith("-----"))
    data = base64.b64decode(body)
    return data[: _length(data)]


def _length(data: bytes) -> int:
    """Give the whole length of the DER element that data begin with."""
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] & 0x7F
    return 2 + count + int.from_bytes(data[2 : 2 + count])
