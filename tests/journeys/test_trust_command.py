"""Taking a new certificate from a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from napari_omero_io.__main__ import main
from napari_omero_io.client.connect import connect
from napari_omero_io.errors import CertificateRefused
from napari_omero_io.settings import change_settings, load_settings, trust_certificate

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_certificate_is_taken_after_a_question(
    laboratory: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NAPARI_OMERO_IO_CONFIG", str(tmp_path))
    sandbox = laboratory.sandbox
    address = f"{sandbox.host}:{sandbox.port}"
    change_settings(lambda known: trust_certificate(known, address, "AB:CD"))
    with pytest.raises(CertificateRefused):
        connect(address, "ann", "secret")
    monkeypatch.setattr("builtins.input", lambda _: "")
    assert main(["trust", address]) == 1
    assert load_settings().certificates == {address: "AB:CD"}
    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert main(["trust", address]) == 0
    said = capsys.readouterr().out
    assert "trusted  AB:CD" in said
    connect(address, "ann", "secret").close()
    assert load_settings().certificates[address] in said


def test_what_cannot_be_trusted_is_said(
    laboratory: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tcp_port = laboratory.sandbox.tcp_port
    assert main(["trust", f"tcp://127.0.0.1:{tcp_port}"]) == 1
    assert "not encrypted" in capsys.readouterr().err
    assert main(["trust", "two words"]) == 1
    assert "not the address" in capsys.readouterr().err
