from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from napari_omero_io.settings import (
    RememberedServer,
    Settings,
    add_alias,
    change_settings,
    find_settings_file,
    forget_certificate,
    load_settings,
    recall_server,
    remember_server,
    save_settings,
    trust_certificate,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "settings.json"


def test_without_a_file_there_are_defaults(path: Path) -> None:
    assert load_settings(path) == Settings()


def test_settings_survive(path: Path) -> None:
    settings = Settings(servers=(RememberedServer(address="höst:4064", user="jo"),))
    save_settings(settings, path)
    assert load_settings(path) == settings


def test_a_damaged_file_is_put_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"servers": [{"address": ""}]}')
    assert load_settings(path) == Settings()
    assert not path.exists()
    assert "address" in path.with_suffix(".damaged.json").read_text()


def test_what_a_newer_version_wrote_is_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"servers": [], "theme": "night"}')
    save_settings(load_settings(path), path)
    assert json.loads(path.read_text())["theme"] == "night"


def test_a_failed_save_leaves_the_old_settings(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_settings(Settings(), path)
    before = path.read_text()

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    settings = Settings(servers=(RememberedServer(address="h"),))
    with pytest.raises(OSError, match="disk full"):
        save_settings(settings, path)
    assert path.read_text() == before
    assert list(path.parent.iterdir()) == [path]


def test_the_last_server_comes_first_and_once() -> None:
    settings = Settings()
    for address, user in [("a", "jo"), ("b", "jo"), ("a", "jo"), ("a", "al")]:
        server = RememberedServer(address=address, user=user, group="lab")
        settings = remember_server(settings, server)
    known = [(server.address, server.user) for server in settings.servers]
    assert known == [("a", "al"), ("a", "jo"), ("b", "jo")]
    recalled = recall_server(settings, "a")
    assert recalled is not None
    assert recalled.user == "al"
    assert recall_server(settings, "c") is None


def test_only_so_many_are_remembered() -> None:
    settings = Settings()
    for number in range(30):
        settings = remember_server(settings, RememberedServer(address=f"h{number}"))
    assert len(settings.servers) == 10
    assert settings.servers[0].address == "h29"


def test_there_is_no_place_for_a_password(path: Path) -> None:
    server = RememberedServer.model_validate({"address": "h", "password": "hunter2"})
    save_settings(remember_server(Settings(), server), path)
    assert "hunter2" not in path.read_text()


def test_another_folder_can_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAPARI_OMERO_IO_CONFIG", str(tmp_path))
    assert find_settings_file() == tmp_path / "settings.json"


def test_certificates_are_pinned_and_forgotten(path: Path) -> None:
    change_settings(lambda known: trust_certificate(known, "h:4064", "AB"), path)
    change_settings(lambda known: trust_certificate(known, "i:4064", "CD"), path)
    change_settings(lambda known: trust_certificate(known, "h:4064", "EF"), path)
    assert load_settings(path).certificates == {"i:4064": "CD", "h:4064": "EF"}
    change_settings(lambda known: forget_certificate(known, "h:4064"), path)
    assert load_settings(path).certificates == {"i:4064": "CD"}


def test_the_oldest_certificates_are_forgotten() -> None:
    settings = Settings()
    for number in range(250):
        settings = trust_certificate(settings, f"h:{number}", "AB")
    assert len(settings.certificates) == 200
    assert "h:49" not in settings.certificates
    assert "h:249" in settings.certificates


def test_web_hosts_have_aliases(path: Path) -> None:
    change_settings(lambda known: add_alias(known, "WWW.example.org", "h:1"), path)
    assert load_settings(path).aliases == {"www.example.org": "h:1"}


def test_settings_that_do_not_change_are_not_written(path: Path) -> None:
    change_settings(lambda known: known, path)
    assert not path.exists()


def test_a_folder_that_cannot_be_written_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "settings.json"
    change_settings(lambda known: add_alias(known, "www", "h"), path)
    assert "cannot be remembered" in caplog.text
