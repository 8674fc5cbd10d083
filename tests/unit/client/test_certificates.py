from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING

import pytest

from napari_omero_io.client.certificates import (
    check_ice,
    check_pinned,
    make_fingerprint,
    read_pem,
)
from napari_omero_io.errors import CertificateRefused
from napari_omero_io.refs import ServerAddress
from napari_omero_io.sandbox.tls import ensure_certificate

if TYPE_CHECKING:
    pass

HERE = ServerAddress("h")


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    text = ensure_certificate(tmp_path_factory.mktemp("tls")).read_text()
    return text[text.index("-----BEGIN CERTIFICATE") :]


class FakeConnection:
    def __init__(self, *certs: str) -> None:
        self.certs = certs

    def getInfo(self) -> FakeConnection:
        return self


def test_a_fingerprint_is_what_browsers_show() -> None:
    assert make_fingerprint(b"").startswith("E3:B0:C4:42:98:FC")


def test_what_ice_tells_is_the_certificate(pem: str) -> None:
    der = ssl.PEM_cert_to_DER_cert(pem)
    assert read_pem(pem) == der
    more = base64.encodebytes(der + b"\x30\x03\x02\x01\x00").decode()
    frame = "TRUSTED CERTIFICATE-----"
    assert read_pem(f"-----BEGIN {frame}\n{more}-----END {frame}\n") == der


def test_the_first_certificate_is_taken_and_another_refused() -> None:
    check_pinned(HERE, "AB", None)
    check_pinned(HERE, "AB", "AB")
    with pytest.raises(CertificateRefused, match=r"Trusted: CD\. Now: AB\.") as refused:
        check_pinned(HERE, "AB", "CD")
    assert (refused.value.server, refused.value.fingerprint) == ("h:4064", "AB")


def test_ice_must_show_the_same(pem: str) -> None:
    fingerprint = make_fingerprint(ssl.PEM_cert_to_DER_cert(pem))
    check_ice(HERE, FakeConnection(pem), fingerprint)
    check_ice(HERE, FakeConnection(), None)
    for shown in (FakeConnection(), object.__new__(FakeConnection)):
        shown.certs = ()
        with pytest.raises(CertificateRefused, match="two different"):
            check_ice(HERE, shown, fingerprint)
    with pytest.raises(CertificateRefused, match="two different"):
        check_ice(HERE, FakeConnection(pem), "AB")
