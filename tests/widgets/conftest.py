"""A screen, fresh settings, and a server of one's own for each test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import napari.settings
import pytest
from napari.qt import get_stylesheet
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QApplication

from napari_omero_io.errors import LoginRefused
from napari_omero_io.widgets.account import Account
from napari_omero_io.widgets.login import Login

from .fakes import FakeMemory, FakeServer


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep napari and the plugin out of the user's own files."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("NAPARI_CONFIG", str(tmp_path / "napari.yaml"))
    monkeypatch.setattr(napari.settings, "_SETTINGS", None)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Give a server that must never be asked in the window's thread."""
    server = FakeServer()
    yield server
    server.gate.set()
    assert threading.main_thread().ident not in server.threads


@pytest.fixture
def memory() -> FakeMemory:
    return FakeMemory()


@pytest.fixture
def account(qtbot: QtBot, server: FakeServer, memory: FakeMemory) -> Iterator[Account]:
    """Give an account on the server, logged out; its password is ``right``."""

    def connect(login: Login) -> FakeServer:
        server.gate.wait(60)
        if login.password != "right":
            raise LoginRefused(f"{login.address} does not accept this password.")
        return server

    account = Account(connect, lambda: Login("trial", "demo", "right"), memory)
    yield account
    account.leave()


@pytest.fixture
def styled(qapp: QApplication) -> Iterator[None]:
    """Dress everything as napari does."""
    qapp.setStyleSheet(get_stylesheet("dark"))
    yield
    qapp.setStyleSheet("")
