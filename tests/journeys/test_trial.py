"""Two programs of one user try out the same server on this computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from napari_omero_io import Sandbox
from napari_omero_io.trial import start_trial, stop_trial, write_address

if TYPE_CHECKING:
    from pathlib import Path


def test_the_server_of_another_program_is_joined(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with Sandbox(tmp_path) as others:
        address = f"{others.host}:{others.port}"
        write_address(tmp_path, address)
        assert (tmp_path / "address").stat().st_mode & 0o777 == 0o600
        assert start_trial(tmp_path).address == address
        stop_trial(tmp_path)  # it is not ours to end
        assert start_trial(tmp_path).address == address


@pytest.mark.parametrize(
    "text", ["127.0.0.1:1", "omero.example.org:4064", "\xff", "", "127.0.0.1:99999999"]
)
def test_an_address_at_which_nobody_is_starts_a_server(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stands in the file is believed only if it can be true."""
    started = []

    class Recorded(Sandbox):
        def __enter__(self) -> Recorded:
            started.append(self.data)
            self.port = 4064
            return self

        def __exit__(self, *_: object) -> None:
            started.append(None)

    monkeypatch.setattr("napari_omero_io.sandbox.process.Sandbox", Recorded)
    monkeypatch.setenv("NAPARI_OMERO_IO_CONFIG", str(tmp_path / "settings"))
    (tmp_path / "address").write_text(text, encoding="latin-1")
    assert start_trial(tmp_path).address == "127.0.0.1:4064"
    assert started == [tmp_path]
    assert (tmp_path / "address").read_text() == "127.0.0.1:4064"
    stop_trial(tmp_path)
    assert started == [tmp_path, None]
    assert not (tmp_path / "address").exists()
