"""One running sandbox: stores, sessions and the Ice endpoints, in this process."""

from __future__ import annotations

import contextlib
import logging
import re
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omero import ObjectFactoryRegistrar
from omero.rtypes import ObjectFactories

from .accounts import Accounts
from .config import Config
from .core import Core
from .errors import ResourceFault
from .faults import FaultDesk, take_orders
from .folder import FolderInUse, claim
from .processor import Processor
from .schema.model import load_model
from .sessions import Sessions
from .simulate import Network
from .store.database import Database
from .store.file_store import FileStore
from .store.pixel_store import PixelStore
from .store.table_store import register_columns
from .tls import ensure_certificate
from .wire import router as wire_router
from .wire.ice import Ice
from .wire.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .config import Options

log = logging.getLogger(__name__)

#: Kibibytes; what OMERO's clients allow as well.
_MESSAGE_SIZE_MAX = 250000
#: Objects that refer to each other in a row.  Ice reads them by recursion, some two
#: kilobytes each; wells and fields of a plate are thousands in a row.
_GRAPH_DEPTH_MAX = 10_000
_STACK_SIZE = 64 * 2**20
#: Refuses texts that are no UTF-8: Ice's Python binding would pass them on as null
#: pointers, and the process would die of it.
_STRING_CONVERTER = "Ice:createStringConverter iconv=UTF-8 windows=65001"
#: A call occupies a thread until it is answered.
_THREADS = 8
_THREADS_MAX = 100
#: Seconds after which a thread beyond the first few goes.
_THREAD_IDLE_TIME = 5


@dataclass(frozen=True, slots=True)
class Running:
    """A server that clients may connect to."""

    core: Core
    host: str
    port: int
    tcp_port: int


@contextlib.contextmanager
def serve(options: Options) -> Iterator[Running]:
    """Run a server until the end of the ``with`` block.

    Raises
    ------
    ResourceFault
        The data folder is in use or damaged, or a port is taken.
    """
    with ExitStack() as stack:
        stack.enter_context(claim(options.folder))
        certificate = ensure_certificate(options.folder)
        communicator = _initialize(certificate)
        stack.callback(communicator.destroy)
        adapter = _listen(communicator, options)
        port, tcp_port = _bound_ports(adapter)
        core = _open_stores(options, tcp_port, stack)
        if options.scripts is not None:
            core = replace(core, processor=_make_processor(options, tcp_port))
        accounts = Accounts(core.database, core.config, core.sessions)
        accounts.ensure_root_password(options.root_password)
        network = Network(options.latency, options.bandwidth)
        registry = Registry(core, adapter, network)
        router = wire_router.Router(adapter, accounts, core.sessions, registry, network)
        adapter.add(router, wire_router.IDENTITY)
        # Sessions end before the stores close, and no call is served meanwhile.
        stack.callback(core.sessions.close)
        stack.callback(router.close)
        # Not `waitForDeactivate`, which in Python looks only twice a second.
        stack.callback(adapter.destroy)
        stack.callback(network.close)
        adapter.activate()
        if options.faults:
            desk = FaultDesk(network, core.sessions, router.drop_connections)
            stack.enter_context(take_orders(options.folder, desk))
        if core.processor is not None:
            # First of all: a call may be waiting for the end of a script.
            stack.callback(core.processor.close)
        log.info("serving %s on ports %d and %d", options.folder, port, tcp_port)
        yield Running(core, options.host, port, tcp_port)
        log.info("stopping")


def _make_processor(options: Options, tcp_port: int) -> Processor:
    assert options.scripts is not None
    scripts = options.scripts.resolve()
    try:
        scripts.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceFault(f"There are no scripts in {scripts}: {error}") from error
    return Processor(scripts, options.folder / "runs", options.host, tcp_port)


def open_core(options: Options, stack: ExitStack) -> Core:
    """Open the stores of a data folder without serving them, to import or seed.

    The folder stays claimed until the stack closes; where a server has claimed it,
    the stores are opened beside that.
    """
    is_owner = True
    try:
        stack.enter_context(claim(options.folder))
    except FolderInUse:
        is_owner = False
    core = _open_stores(options, options.tcp_port, stack, is_owner=is_owner)
    stack.callback(core.sessions.close)
    return core


def _open_stores(
    options: Options, tcp_port: int, stack: ExitStack, *, is_owner: bool = True
) -> Core:
    folder = options.folder
    insecure = f"OMERO.Glacier2/router:tcp -p {tcp_port} -h @omero.host@"
    config = Config(folder / "config.json", {"omero.router.insecure": insecure})
    model = load_model()
    database = stack.enter_context(Database(folder / "metadata.sqlite", model))
    reap_every = config.number("omero.sessions.sync_interval") / 1000
    pixels = PixelStore(folder / "pixels", is_owner=is_owner)
    files = FileStore(folder / "files", is_owner=is_owner)
    if is_owner:
        pixels.keep_only(database.all_ids("Pixels"))
        files.keep_only(database.all_ids("OriginalFile"))
    return Core(
        config=config,
        model=model,
        database=database,
        pixels=pixels,
        files=files,
        sessions=Sessions(database, reap_every=reap_every, is_owner=is_owner),
    )


def _initialize(certificate: Path) -> Any:
    properties = Ice.createProperties()
    for key, value in {
        "Ice.Plugin.IceSSL": "IceSSL:createIceSSL",
        "Ice.Plugin.IceStringConverter": _STRING_CONVERTER,
        "IceSSL.CertFile": str(certificate),
        # Clients have no certificates.
        "IceSSL.VerifyPeer": "0",
        "Ice.MessageSizeMax": str(_MESSAGE_SIZE_MAX),
        "Ice.ThreadPool.Server.Size": str(_THREADS),
        "Ice.ThreadPool.Server.SizeMax": str(_THREADS_MAX),
        "Ice.ThreadPool.Server.SizeWarn": "0",
        "Ice.ThreadPool.Server.ThreadIdleTime": str(_THREAD_IDLE_TIME),
        "Ice.ThreadPool.Server.StackSize": str(_STACK_SIZE),
        "Ice.ClassGraphDepthMax": str(_GRAPH_DEPTH_MAX),
        "Ice.CacheMessageBuffers": "0",
        # A client that sends no heartbeats may think for ten minutes.
        "Ice.ACM.Server.Timeout": "600",
        # Refusals are answers, not news for the log.
        "Ice.Warn.Dispatch": "0",
    }.items():
        properties.setProperty(key, value)
    start = Ice.InitializationData()
    start.properties = properties
    communicator = Ice.initialize(start)
    ObjectFactoryRegistrar.registerObjectFactory(communicator, None)
    for factory in ObjectFactories.values():
        factory.register(communicator)
    register_columns(communicator)
    return communicator


def _listen(communicator: Any, options: Options) -> Any:
    endpoints = (
        f"ssl -h {options.host} -p {options.port}"
        f":tcp -h {options.host} -p {options.tcp_port}"
    )
    for kind, port in (("ws", options.ws_port), ("wss", options.wss_port)):
        if port is not None:
            endpoints += f":{kind} -h {options.host} -p {port}"
    try:
        return communicator.createObjectAdapterWithEndpoints("OMERO", endpoints)
    except Ice.SocketException as error:
        ports = f"{options.port} and {options.tcp_port}"
        raise ResourceFault(
            f"Cannot listen on {options.host}, ports {ports}: is another server "
            "running there? Port 0 takes any free one."
        ) from error


def _bound_ports(adapter: Any) -> tuple[int, int]:
    ports = {}
    for endpoint in map(str, adapter.getEndpoints()):
        found = re.match(r"(\w+) .*-p (\d+)", endpoint)
        assert found is not None, endpoint
        ports[found[1]] = int(found[2])
    return ports["ssl"], ports["tcp"]
