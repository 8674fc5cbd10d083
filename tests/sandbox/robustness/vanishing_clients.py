"""Two hundred clients in one process, which is then killed.

They share one communicator, and have a connection each: a communicator each would take
the test's time.  Called with host, port, plain port and a number of clients, it prints
what they hold, a line each, and waits for its end.
"""

from __future__ import annotations

import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import Ice
import omero
import omero.all
import omero.cmd
import omero.grid
from omero import ObjectFactoryRegistrar
from omero.clients import Glacier2
from omero.rtypes import ObjectFactories


def make_communicator() -> Any:
    start = Ice.InitializationData()
    start.properties = Ice.createProperties()
    for key, value in {
        "Ice.Plugin.IceSSL": "IceSSL:createIceSSL",
        "IceSSL.VerifyPeer": "0",
        "Ice.MessageSizeMax": "250000",
    }.items():
        start.properties.setProperty(key, value)
    communicator = Ice.initialize(start)
    ObjectFactoryRegistrar.registerObjectFactory(communicator, None)
    for factory in ObjectFactories.values():
        factory.register(communicator)
    return communicator


class Vanisher:
    """One client: logs in and leaves everything open."""

    def __init__(self, communicator: Any, endpoint: str, number: int) -> None:
        router = communicator.stringToProxy(f"OMERO.Glacier2/router:{endpoint}")
        router = Glacier2.RouterPrx.uncheckedCast(
            router.ice_connectionId(f"client {number}")
        )
        self.connection = router.ice_getConnection()
        client = {"omero.client.uuid": str(uuid.uuid4())}
        session = router.createSession("root", "omero", client)
        self.factory = self.cast(omero.api.ServiceFactoryPrx, session)

    def cast(self, kind: Any, proxy: Any) -> Any:
        """Return a proxy that calls over this client's connection."""
        return kind.uncheckedCast(self.connection.createProxy(proxy.ice_getIdentity()))

    def work(self, number: int) -> str:
        factory = self.factory
        query = self.cast(omero.api.IQueryPrx, factory.getQueryService())
        query.findAll("PixelsType", None)
        store = factory.createRawPixelsStore()
        factory.createRawFileStore()
        factory.createRenderingEngine()
        request = omero.cmd.Delete2(targetObjects={"Image": [1]}, dryRun=True)
        handle = self.cast(omero.cmd.HandlePrx, factory.submit(request))
        handle.addCallback(None)
        table_file = self.open_table(number) if number % 10 == 0 else 0
        query.begin_findAll("Experimenter", None)  # the answer finds nobody
        identity = store.ice_getIdentity()
        return f"{identity.name} {identity.category} {table_file}"

    def open_table(self, number: int) -> int:
        resources = self.cast(
            omero.grid.SharedResourcesPrx, self.factory.sharedResources()
        )
        if not resources.areTablesEnabled():
            return 0
        made = resources.newTable(0, f"left open {number}")
        table = self.cast(omero.grid.TablePrx, made)
        column = omero.grid.LongColumn("number", "", [])
        table.initialize([column])
        column.values = [1, 2, 3]
        table.addData([column])
        return int(table.getOriginalFile().id.val)


def main(host: str, port: str, plain_port: str, count: str) -> None:
    communicator = make_communicator()
    endpoints = (f"ssl -h {host} -p {port}", f"tcp -h {host} -p {plain_port}")

    def live(number: int) -> str:
        client = Vanisher(communicator, endpoints[number % 2], number)
        return client.work(number)

    with ThreadPoolExecutor(4) as pool:
        for line in pool.map(live, range(int(count))):
            print(line, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
