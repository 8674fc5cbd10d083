"""A server of one's own: the sandbox with demo images, started when somebody asks.

One per data folder, shared by everybody who asks, and ended with the process that
started it; another process joins it, by the address that stands in the folder.  The
data stays in the user's data folder, so that a second start takes seconds.
"""

from __future__ import annotations

import atexit
import os
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import CannotConnect
from .settings import change_settings, forget_certificate

if TYPE_CHECKING:
    from .sandbox.process import Sandbox

#: The account that the demo images belong to.
USER, PASSWORD = "demo", "omero"


@dataclass(frozen=True, slots=True)
class TrialServer:
    """How to log in to it."""

    address: str
    user: str = USER
    password: str = field(default=PASSWORD, repr=False)


#: File in the data folder with ``host:port`` of the server that runs on it.
_ADDRESS = "address"

#: Where sandboxes listen; another address in the file was not written by this program.
_LOOPBACK = "127.0.0.1"

_lock = threading.Lock()
_running: dict[str, Sandbox] = {}


def start_trial(data: Path | None = None) -> TrialServer:
    """Start the server, or give the one that runs; may take a minute the first time.

    Parameters
    ----------
    data
        Where it keeps its data; None for the usual folder.

    Raises
    ------
    CannotConnect
        When it cannot be started; says why.
    """
    from .sandbox.command import default_folder
    from .sandbox.errors import SandboxError
    from .sandbox.process import Sandbox

    folder = default_folder() if data is None else data
    with _lock:
        found = _find_running(folder)
        if found is not None:
            return TrialServer(found)
        ended = _running.pop(str(folder), None)
        if ended is not None:
            ended.__exit__(None, None, None)
        sandbox = Sandbox(folder, seed="demo")
        try:
            sandbox.__enter__()
        except (SandboxError, OSError) as error:
            # Another process may have been faster.
            found = _find_running(folder)
            if found is not None:
                return TrialServer(found)
            raise CannotConnect(
                f"The server on this computer could not be started. {error}"
            ) from error
        _running[str(folder)] = sandbox
        address = f"{sandbox.host}:{sandbox.port}"
        # Another may have had its port before, with a certificate of its own.
        change_settings(lambda known: forget_certificate(known, address))
        write_address(folder, address)
    return TrialServer(address)


def stop_trial(data: Path) -> None:
    """End the server of this folder, if it runs."""
    with _lock:
        sandbox = _running.pop(str(data), None)
    if sandbox is not None:
        (data / _ADDRESS).unlink(missing_ok=True)
        sandbox.__exit__(None, None, None)


@atexit.register
def _stop_all() -> None:
    for folder in list(_running):
        stop_trial(Path(folder))


def _find_running(folder: Path) -> str | None:
    """Give the address of the server that runs on a folder, whoever started it."""
    try:
        address = (folder / _ADDRESS).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None  # nobody has started one, or it has ended
    host, _, port = address.rpartition(":")
    if host != _LOOPBACK or not port.isdecimal():
        return None
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, OverflowError):
        return None  # its process was ended
    return address


def write_address(folder: Path, address: str) -> None:
    """Let other processes of the user find the server."""
    path = folder / _ADDRESS
    with suppress(FileNotFoundError):
        path.unlink()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(address)
