"""The files of the omero command line, read and written as it does."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from omero.util.sessions import SessionsStore

from napari_omero_io.client.cli_sessions import (
    CliSession,
    find_folder,
    find_sessions,
    keep_session,
    remove_session,
)
from napari_omero_io.refs import ServerAddress

if TYPE_CHECKING:
    from pathlib import Path

KEY = "01234567-89ab-cdef-0123-456789abcdef"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OMERO_SESSIONDIR", str(tmp_path / "omero" / "sessions"))
    return tmp_path / "omero" / "sessions"


@pytest.mark.parametrize(
    "address",
    ["omero.example.org", "h:14064", "tcp://h:4063", "wss://h/omero-ws", "ws://h:8080"],
)
def test_what_is_kept_is_found(folder: Path, address: str) -> None:
    kept = CliSession(ServerAddress.parse(address), "jo", KEY, "lab", is_current=True)
    keep_session(kept)
    assert find_sessions() == [kept]
    assert KEY not in repr(kept)
    remove_session(kept)
    assert find_sessions() == []
    remove_session(kept)


def test_the_command_line_reads_what_we_write(folder: Path) -> None:
    keep_session(CliSession(ServerAddress.parse("wss://h/omero-ws"), "jo", KEY, "lab"))
    store = SessionsStore(str(folder))
    contents = store.contents()
    assert contents["wss://h/omero-ws"]["jo"][KEY]["omero.port"] == "443"
    assert store.get_current() == ("wss://h/omero-ws", "jo", KEY, "443")


def test_we_read_what_the_command_line_writes(folder: Path) -> None:
    store = SessionsStore(str(folder))
    store.add("h", "jo", KEY, {"omero.port": "14064", "omero.group": "lab"})
    store.set_current("h", "jo", KEY, {"omero.port": "14064"})
    store.add("other", "al", "no-port", {})
    found = find_sessions()
    assert found[0] == CliSession(
        ServerAddress("h", 14064), "jo", KEY, "lab", is_current=True
    )
    assert found[1] == CliSession(ServerAddress("other"), "al", "no-port")


def test_only_the_owner_can_read_them(folder: Path) -> None:
    keep_session(CliSession(ServerAddress("h"), "jo", KEY))
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_the_session_that_omero_uses_stays_the_one(folder: Path) -> None:
    store = SessionsStore(str(folder))
    store.add("h", "jo", "theirs", {})
    store.set_current("h", "jo", "theirs", {})
    keep_session(CliSession(ServerAddress("h"), "jo", KEY))
    assert store.get_current()[:3] == ("h", "jo", "theirs")
    assert find_sessions()[0].key == "theirs"


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_no_user_name_leads_out_of_the_folder(folder: Path, user: str) -> None:
    session = CliSession(ServerAddress("h"), user, KEY)
    keep_session(session)
    around = set(folder.parent.parent.rglob("*"))
    assert all(
        len(each.relative_to(folder).parts) <= 3
        for each in around
        if each != folder.parent and each != folder
    )
    remove_session(session)


def test_damaged_files_are_passed_over(folder: Path) -> None:
    (folder / "h" / "jo").mkdir(parents=True)
    (folder / "h" / "jo" / "bad").write_bytes(b"\xff\xfe\x00")
    (folder / "h" / "jo" / "port").write_text("omero.host=h\nomero.port=many\n")
    (folder / "stray").write_text("")
    assert find_sessions() == []


def test_a_folder_that_cannot_be_written_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OMERO_SESSIONDIR", str(tmp_path / "file" / "sessions"))
    keep_session(CliSession(ServerAddress("h"), "jo", KEY))
    assert find_sessions() == []


def test_the_folder_is_where_omero_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMERO_SESSIONDIR", raising=False)
    monkeypatch.delenv("OMERO_USERDIR", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_folder() == tmp_path / "omero" / "sessions"
    monkeypatch.setenv("OMERO_USERDIR", str(tmp_path / "own"))
    assert find_folder() == tmp_path / "own" / "sessions"
    monkeypatch.setenv("OMERO_SESSION_DIR", str(tmp_path / "old"))
    assert find_folder() == tmp_path / "old" / "omero" / "sessions"
