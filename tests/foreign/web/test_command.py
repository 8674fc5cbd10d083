"""``napari-omero-io sandbox web``: it starts, stops, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import Site

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="not on Windows")


@contextmanager
def run(site: Site, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command, with temporary files in a folder of the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "napari_omero_io", "sandbox", "web", *words],
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def address_of(site: Site) -> str:
    return f"{site.sandbox.host}:{site.sandbox.port}"


def find_children(folder: Path) -> list[int]:
    """Find processes that were started with the temporary files of a test."""
    wanted = f"TMPDIR={folder}".encode()
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in entry.read_bytes():
                found.append(int(entry.parent.name))
        except OSError:
            continue  # it has ended, or is somebody else's
    return found


def wait_until_gone(folder: Path) -> list[int]:
    for _ in range(1200):
        left = find_children(folder)
        if not left:
            break
        time.sleep(0.1)
    return left


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes in /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_stops_with_all_that_it_started(
    site: Site, tmp_path: Path, how: signal.Signals
) -> None:
    with run(site, tmp_path, "--server", address_of(site), "--port", "0") as process:
        assert process.stdout is not None
        said, _, address = process.stdout.readline().strip().partition(" ")
        assert said == "ready"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(address, timeout=300) as page:
            assert page.url == f"{address}login/?url={'%2Fwebclient%2F'}"
        assert len(find_children(tmp_path)) >= 3, "itself, gunicorn, its worker"
        process.send_signal(how)
        code = process.wait(300)
    assert wait_until_gone(tmp_path) == []
    if how != signal.SIGKILL:
        assert code == 0
        assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_is_said_in_a_sentence(site: Site, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words, message in (
            (("--server", address_of(site), "--port", port), f"on port {port} ("),
            (("--server", "127.0.0.1:1"), "Nothing answers at 127.0.0.1:1 ("),
            (("--server", ":"), "':' is no address of a server"),
        ):
            with run(site, tmp_path, *words) as process:
                _, errors = process.communicate(timeout=300)
            assert process.returncode == 1
            assert message in errors
            assert errors.count("\n") == 1
