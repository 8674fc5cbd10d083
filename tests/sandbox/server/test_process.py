"""A server in a process of its own: how it starts, stops, and is refused a start."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import omero
import omero.all
import pytest
from omero.rtypes import rstring

from napari_omero_io import Sandbox
from napari_omero_io.sandbox.errors import ResourceFault

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

SERVE = [sys.executable, "-m", "napari_omero_io", "sandbox", "serve"]
FREE = ["--port", "0", "--tcp-port", "0"]


def connect(sandbox):
    client = omero.client(sandbox.host, sandbox.port)
    client.createSession("root", "omero")
    return client


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_gone(pid):
    for _ in range(1200):
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


def save_project(client, name):
    project = omero.model.ProjectI()
    project.name = rstring(name)
    update = client.getSession().getUpdateService()
    return update.saveAndReturnObject(project).id.val


def test_what_was_saved_is_there_again(tmp_path) -> None:
    with Sandbox(tmp_path / "data") as sandbox:
        client = connect(sandbox)
        project_id = save_project(client, "kept")
        uuid = client.getSession().getConfigService().getDatabaseUuid()
        client.closeSession()
    with Sandbox(tmp_path / "data") as sandbox:
        client = connect(sandbox)
        factory = client.getSession()
        found = factory.getQueryService().get("Project", project_id)
        assert found.name.val == "kept"
        assert factory.getConfigService().getDatabaseUuid() == uuid
        client.closeSession()


@posix
def test_what_was_acknowledged_survives_a_kill(tmp_path) -> None:
    with Sandbox(tmp_path) as sandbox:
        client = connect(sandbox)
        project_id = save_project(client, "acknowledged")
        os.kill(sandbox.pid, signal.SIGKILL)
        client.getCommunicator().destroy()
    with Sandbox(tmp_path) as sandbox:
        client = connect(sandbox)
        query = client.getSession().getQueryService()
        assert query.get("Project", project_id).name.val == "acknowledged"
        open_rows = query.projection(
            "select s.uuid from Session s where s.closed is null", None
        )
        assert [row[0].val for row in open_rows] == [client.getSessionId()]
        client.closeSession()


def test_a_temporary_server_leaves_nothing(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Sandbox() as sandbox:
        assert list(tmp_path.iterdir())
        pid = sandbox.pid
    assert not list(tmp_path.iterdir())
    assert sys.platform == "win32" or not is_running(pid)


@posix
def test_a_server_ends_with_its_parent() -> None:
    program = (
        "import os, sys\n"
        "from napari_omero_io import Sandbox\n"
        "sandbox = Sandbox().__enter__()\n"
        "print(sandbox.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    parent = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300
    )
    assert wait_until_gone(int(parent.stdout))


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_server_in_good_order(tmp_path, number) -> None:
    with subprocess.Popen(
        [*SERVE, *FREE, "--data", str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as server:
        words = server.stdout.readline().split()
        assert words[0] == "ready"
        client = omero.client(words[1], int(words[2]))
        client.createSession("root", "omero")
        server.send_signal(number)
        assert server.wait(60) == 0
        client.getCommunicator().destroy()
    assert not (tmp_path / "metadata.sqlite-wal").exists()
    assert "stopping" in (tmp_path / "server.log").read_text()


def test_a_folder_in_use_is_refused(sandbox, tmp_path) -> None:
    with (
        Sandbox(tmp_path),
        pytest.raises(ResourceFault, match="Another sandbox is using"),
    ):
        Sandbox(tmp_path).__enter__()


def test_a_port_in_use_is_named(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ResourceFault, match=f"Cannot listen .*{port}"):
            Sandbox(tmp_path, port=port).__enter__()


@pytest.mark.parametrize("name", ["metadata.sqlite", "config.json"])
def test_damaged_data_are_named(tmp_path, name) -> None:
    (tmp_path / name).write_text("this is nothing of ours")
    with pytest.raises(ResourceFault, match=name):
        Sandbox(tmp_path).__enter__()


def test_a_distant_server_can_be_simulated() -> None:
    with Sandbox(latency_ms=100) as sandbox:
        client = connect(sandbox)
        admin = client.getSession().getAdminService()
        began = time.monotonic()
        admin.getEventContext()
        assert time.monotonic() - began >= 0.1
        client.closeSession()
