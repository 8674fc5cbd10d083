"""Two hundred clients work and vanish without a goodbye; the server is as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import Ice
import omero
import omero.all
import pytest
from omero.rtypes import unwrap

from .process_state import read_holdings, wait_until

CLIENTS = 200
PROGRAM = Path(__file__).with_name("vanishing_clients.py")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def open_sessions(client):
    hql = "select count(s) from Session s where s.closed is null"
    return unwrap(client.sf.getQueryService().projection(hql, None))[0][0]


def work_and_vanish(sandbox):
    """Let clients work, kill them, and return what they held."""
    address = (sandbox.host, sandbox.port, sandbox.tcp_port, CLIENTS)
    words = [sys.executable, str(PROGRAM), *map(str, address)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            held = [process.stdout.readline().split() for _ in range(CLIENTS)]
            busy = read_holdings(sandbox.pid)
        finally:
            process.kill()
    assert busy.sockets >= CLIENTS
    return held


def test_two_hundred_clients_vanish(mistreated, mistreated_data, client):
    sessions = open_sessions(client)  # also of what other tests may have begun
    before = read_holdings(mistreated.pid)
    held = work_and_vanish(mistreated)
    assert wait_until(lambda: open_sessions(client) <= sessions)
    assert wait_until(lambda: read_holdings(mistreated.pid).sockets <= before.sockets)
    # Threads beyond the first few go after some seconds.
    threads = before.threads + 4
    assert wait_until(lambda: read_holdings(mistreated.pid).threads <= threads)
    after = read_holdings(mistreated.pid)
    # A connection to the database more or less is kept for the next.
    assert after.descriptors <= before.descriptors + 16
    assert after.memory - before.memory < 120e6
    for name, category, _ in held[:: CLIENTS // 10]:
        gone = client.ic.stringToProxy(f"{category}/{name}").ice_endpoints(
            client.sf.ice_getEndpoints()
        )
        with pytest.raises(Ice.ObjectNotExistException):
            gone.ice_ping()
    for table_file in {int(one[2]) for one in held} - {0}:
        check_table(client, table_file)
    leftovers = list(mistreated_data.glob("*/incoming-*"))
    assert leftovers + list(mistreated_data.glob("files/uploads-*")) == []


def check_table(client, table_file):
    """See that nobody holds a table any more."""
    resources = client.sf.sharedResources()
    table = resources.openTable(omero.model.OriginalFileI(table_file, False))
    assert table.getNumberOfRows() == 3
    table.close()
