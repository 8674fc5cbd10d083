"""``napari-omero-io sandbox web``: OMERO.web in front of a server."""

from __future__ import annotations

import argparse
import signal
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

from napari_omero_io.sandbox.errors import ResourceFault
from napari_omero_io.sandbox.process import Sandbox

#: What OMERO servers listen on for secure connections.
_ICE_PORT = 4064


def add_options(parser: argparse.ArgumentParser) -> None:
    """Describe the options, beside where the data is."""
    parser.add_argument(
        "--server",
        metavar="HOST[:PORT]",
        help="an OMERO server that runs; without it a sandbox is started",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=4080,
        metavar="N",
        help="for browsers; 0 takes any free one (default: %(default)s)",
    )
    parser.add_argument(
        "--iviewer",
        action="store_true",
        help="open images in OMERO.iviewer, not in OMERO.web's own viewer",
    )
    parser.add_argument(
        "--seed",
        type=_check_seed,
        metavar="WHAT",
        help="fill an empty sandbox, see `sandbox serve --help`",
    )
    parser.add_argument(
        "--scripts",
        type=Path,
        metavar="DIR",
        help="have the sandbox run scripts, see `sandbox serve --help`",
    )
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="only make the environment that OMERO.web runs in, and name its folder",
    )


def carry_out(arguments: argparse.Namespace) -> int:
    """Run until interrupted; print ``ready``, the address, when a page answers."""
    from .environment import find_folder, is_ready, prepare
    from .process import OmeroWeb

    environment = find_folder()
    for name in (signal.SIGINT, signal.SIGTERM):
        # Also where a shell started us in the background, deaf to interrupts.
        signal.signal(name, signal.default_int_handler)
    with ExitStack() as stack, suppress(KeyboardInterrupt):
        if not is_ready(environment):
            print(f"installing OMERO.web in {environment}", flush=True)
        prepare(environment)
        if arguments.prepare:
            print(environment)
            return 0
        host, port = _find_server(arguments, stack)
        web = OmeroWeb(
            *(host, port),
            http_port=arguments.port,
            iviewer=arguments.iviewer,
            environment=environment,
        )
        stack.enter_context(web)
        print(f"ready {web.url}", flush=True)
        threading.Event().wait()
    return 0


def _check_seed(text: str) -> str:
    from napari_omero_io.sandbox.seeding.choice import read_choice

    try:
        read_choice(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _find_server(arguments: argparse.Namespace, stack: ExitStack) -> tuple[str, int]:
    """Read the address that was given, else start a sandbox."""
    if arguments.server is not None:
        return _read_address(arguments.server)
    sandbox = stack.enter_context(
        Sandbox(arguments.data, seed=arguments.seed, scripts=arguments.scripts)
    )
    print(f"server {sandbox.host}:{sandbox.port}", flush=True)
    return sandbox.host, sandbox.port


def _read_address(text: str) -> tuple[str, int]:
    host, _, port = text.removeprefix("ssl://").partition(":")
    if not host or (port and not port.isdecimal()):
        raise ResourceFault(f"{text!r} is no address of a server: HOST or HOST:PORT.")
    return host, int(port or _ICE_PORT)
