"""Sessions are shared with the real omero command line, both ways."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from napari_omero_io.client.browse import list_roots
from napari_omero_io.client.cli_sessions import find_sessions
from napari_omero_io.client.connect import connect

if TYPE_CHECKING:
    from napari_omero_io import Sandbox

#: ``omero`` itself refuses administrators of the machine, whom containers make of us.
OMERO = (
    "import sys; sys.argv[0] = 'omero'; from omero.cli import argv; sys.exit(argv())"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OMERO_SESSIONDIR", str(tmp_path / "sessions"))
    return tmp_path / "sessions"


def omero(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", OMERO, *words],
        capture_output=True,
        text=True,
        timeout=450,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def test_our_session_is_found_and_used_by_omero(sandbox: Sandbox, folder: Path) -> None:
    with connect(sandbox.url, sandbox.user, sandbox.password) as connection:
        listed = omero("sessions", "list")
        assert "Active" in listed
        assert connection.key in listed
        # Nothing else is told: it takes the session that it finds.
        assert "Using session" in omero("login", f"root@127.0.0.1:{sandbox.port}")
        joined = omero(
            "login", "-k", connection.key, "127.0.0.1", "-p", f"{sandbox.port}"
        )
        assert "Joined session for root" in joined
        # Their visits have not ended it.
        assert list_roots(connection) is not None
    assert not (folder / "127.0.0.1" / "root" / connection.key).exists()


def test_a_session_of_omero_is_found_and_joined_by_us(
    sandbox: Sandbox, folder: Path
) -> None:
    where = f"{sandbox.user}@127.0.0.1:{sandbox.port}"
    omero("login", where, "-w", sandbox.password)
    [found] = find_sessions()
    assert (found.user, str(found.address)) == ("root", f"127.0.0.1:{sandbox.port}")
    assert found.is_current
    with connect(found.address, session_key=found.key) as connection:
        assert connection.user.name == "root"
        assert list_roots(connection) is not None
    assert find_sessions() == [found]
    assert "Active" in omero("sessions", "list")  # we left it running
