"""What is remembered between runs, and where a trial server is."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from napari_omero_io import trial
from napari_omero_io.errors import CannotConnect
from napari_omero_io.sandbox import process
from napari_omero_io.sandbox.errors import ResourceFault
from napari_omero_io.settings import FOLDER_VARIABLE
from napari_omero_io.widgets.live_server import RememberedLogins, start_trial_server
from napari_omero_io.widgets.login import Login


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "settings"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


def test_logins_are_remembered_last_first_without_passwords(folder: Path) -> None:
    memory = RememberedLogins()
    assert memory.recall() == []
    memory.remember(Login("one", "anna", "secret", port="14064", group="Lab"))
    memory.remember(Login("two", "ben", "secret"))
    assert memory.recall() == [
        Login("two", "ben"),
        Login("one:14064", "anna", group="Lab"),
    ]
    assert "secret" not in (folder / "settings.json").read_text()


def test_settings_that_cannot_be_written_do_not_spoil_a_login(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.write_text("a file where the folder should be")
    RememberedLogins().remember(Login("one", "anna"))
    assert "cannot be remembered" in caplog.text


class FakeSandbox:
    """Listens at once, or not at all."""

    def __init__(self, data: Path, seed: str) -> None:
        self.data, self.seed = data, seed
        self.host = "127.0.0.1"

    def __enter__(self) -> FakeSandbox:
        if self.data.name == "full":
            raise ResourceFault("The disk is full.")
        self.listener = socket.create_server((self.host, 0))
        self.port = self.listener.getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()


def test_trial_is_started_once_and_ended_once(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "Sandbox", FakeSandbox)
    data = tmp_path / "data"
    data.mkdir()
    first = trial.start_trial(data)
    running = trial._running[str(data)]
    assert first == trial.TrialServer(f"127.0.0.1:{running.port}")
    assert trial.start_trial(data) == first
    assert trial._running[str(data)] is running
    running.listener.close()  # somebody ended its process
    second = trial.start_trial(data)
    assert trial._running[str(data)] is not running
    assert second.address.endswith(f":{trial._running[str(data)].port}")
    trial.stop_trial(data)
    trial.stop_trial(data)
    assert str(data) not in trial._running
    assert "omero" not in repr(first)


def test_trial_that_cannot_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "Sandbox", FakeSandbox)
    with pytest.raises(CannotConnect, match=r"could not be started\. The disk is full"):
        trial.start_trial(tmp_path / "full")
    # The second try is a real one, too.
    with pytest.raises(CannotConnect):
        trial.start_trial(tmp_path / "full")


def test_login_of_the_trial_server(monkeypatch: pytest.MonkeyPatch) -> None:
    server = trial.TrialServer("127.0.0.1:14064")
    monkeypatch.setattr(trial, "start_trial", lambda: server)
    login = start_trial_server()
    assert (login.address, login.user) == ("127.0.0.1:14064", "demo")
