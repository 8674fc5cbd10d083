"""Who may write a table, who may open it, and what is said without PyTables."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid

import omero
import omero.all
import omero.grid
import omero.model
import pytest
from omero.gateway import BlitzGateway
from omero.grid import LongColumn
from omero.rtypes import rbool, rstring

from napari_omero_io import Sandbox
from napari_omero_io.sandbox.errors import Internal, Locked
from napari_omero_io.sandbox.services.shared_resources import SharedResources
from napari_omero_io.sandbox.store import table_store
from napari_omero_io.sandbox.store.table_store import open_storage

HOLD = """
import sys, portalocker
file = open(sys.argv[1], "r+b")
portalocker.lock(file, portalocker.LOCK_EX | portalocker.LOCK_NB)
print("held", flush=True)
sys.stdin.read()
"""


def log_in(sandbox, name):
    connection = BlitzGateway(name, "omero", host=sandbox.host, port=sandbox.port)
    assert connection.connect(), connection.getLastError()
    return connection


@pytest.fixture
def neighbours(sandbox, gateway):
    """Log two members of a group in which one reads what the other owns."""
    admin = gateway.getAdminService()
    group = omero.model.ExperimenterGroupI()
    group.name = rstring(f"readers {uuid.uuid4()}")
    group.ldap = rbool(False)
    group.details.permissions = omero.model.PermissionsI("rwr---")
    group_id = admin.createGroup(group)
    names = [f"user-{uuid.uuid4()}" for _ in range(2)]
    for name in names:
        user = omero.model.ExperimenterI()
        user.omeName = user.firstName = user.lastName = rstring(name)
        user.ldap = rbool(False)
        groups = [omero.model.ExperimenterGroupI(i, False) for i in (group_id, 1)]
        admin.createExperimenterWithPassword(
            user, rstring("omero"), groups[0], groups[1:]
        )
    connections = [log_in(sandbox, name) for name in names]
    yield connections
    for connection in connections:
        connection.close()


def test_others_read_and_do_not_write(neighbours, gateway) -> None:
    owner, reader = (one.c.sf.sharedResources() for one in neighbours)
    table = owner.newTable(0, "mine")
    table.initialize([LongColumn("a", "", [])])
    table.addData([LongColumn("a", "", [3])])
    file = table.getOriginalFile()
    table.close()
    read = reader.openTable(file)
    assert read.read([0], 0, 0).columns[0].values == [3]
    writes = (
        lambda: read.addData([LongColumn("a", "", [4])]),
        lambda: read.initialize([LongColumn("b", "", [])]),
        lambda: read.update(omero.grid.Data(rowNumbers=[0], columns=[])),
        lambda: read.setMetadata("k", rstring("v")),
        lambda: read.setAllMetadata({}),
        read.delete,
    )
    for write in writes:
        with pytest.raises(omero.SecurityViolation, match="cannot write to file"):
            write()
    assert read.getNumberOfRows() == 1
    read.close()
    # An administrator of no such group needs the context of all groups, and may write.
    everything = gateway.c.sf.sharedResources()
    with pytest.raises(omero.SecurityViolation, match="Cannot read"):
        everything.openTable(file)
    context = {"omero.group": "-1"}
    opened = everything.openTable(file, context)
    opened.addData([LongColumn("a", "", [5])], context)
    opened.close(context)
    opened = owner.openTable(file)
    assert opened.read([0], 0, 0).columns[0].values == [3, 5]
    opened.close()


def test_no_table_is_made_over_all_groups(gateway) -> None:
    resources = gateway.c.sf.sharedResources()
    with pytest.raises(omero.ServerError, match=r"omero\.group=-1"):
        resources.newTable(0, "nowhere", {"omero.group": "-1"})


def test_a_file_that_another_process_has_open(tmp_path) -> None:
    path = tmp_path / "table"
    with open_storage(path, object()):
        pass
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        with (
            pytest.raises((Locked, omero.LockTimeout), match="lock on"),
            open_storage(path, object()),
        ):
            pass
        other.stdin.close()
        other.wait(60)
    with open_storage(path, object()) as storage:
        assert storage.size() > 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_was_added_survives_a_killed_server(tmp_path) -> None:
    def open_session(sandbox):
        client = omero.client(sandbox.host, sandbox.port)
        return client, client.createSession("root", "omero").sharedResources()

    with Sandbox(tmp_path / "data") as sandbox:
        client, resources = open_session(sandbox)
        table = resources.newTable(0, "measured")
        table.initialize([LongColumn("a", "", [])])
        for _ in range(20):
            table.addData([LongColumn("a", "", list(range(1000)))])
        change = LongColumn("a", "", [-7])
        table.update(omero.grid.Data(rowNumbers=[5], columns=[change]))
        table.setMetadata("key", rstring("value"))
        file = table.getOriginalFile()
        os.kill(sandbox.pid, signal.SIGKILL)
    client.__del__()
    with Sandbox(tmp_path / "data") as sandbox:
        client, resources = open_session(sandbox)
        table = resources.openTable(file)
        assert table.getNumberOfRows() == 20_000
        assert table.read([0], 5, 6).columns[0].values == [-7]
        assert table.getMetadata("key").val == "value"
        table.close()
        client.closeSession()


def test_without_pytables(monkeypatch) -> None:
    monkeypatch.setattr(table_store, "is_available", lambda: False)
    resources = SharedResources()
    assert not resources.areTablesEnabled(None)
    for ask in (
        lambda: resources.newTable(None, 0, "x"),
        lambda: resources.openTable(None, omero.model.OriginalFileI(1, False)),
    ):
        with pytest.raises(
            Internal, match=r"null table as argument.*napari-omero-io\[tables\]"
        ):
            ask()
