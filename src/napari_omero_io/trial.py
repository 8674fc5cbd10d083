"""A server of one's own: the sandbox with demo images, started when somebody asks.

One per process, shared by everybody who asks, and ended with the process.  Its data
stays in the user's data folder, so that a second start takes seconds.
"""

from __future__ import annotations

import atexit
import socket
import threading
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
        sandbox = _running.get(str(folder))
        if sandbox is not None and not _answers(sandbox):
            _running.pop(str(folder)).__exit__(None, None, None)
            sandbox = None
        if sandbox is None:
            sandbox = Sandbox(folder, seed="demo")
            try:
                sandbox.__enter__()
            except (SandboxError, OSError) as error:
                raise CannotConnect(
                    f"The server on this computer could not be started. {error}"
                ) from error
            _running[str(folder)] = sandbox
            # Another may have had its port before, with a certificate of its own.
            endpoint = f"{sandbox.host}:{sandbox.port}"
            change_settings(lambda known: forget_certificate(known, endpoint))
    return TrialServer(f"{sandbox.host}:{sandbox.port}")


def stop_trial(data: Path) -> None:
    """End the server of this folder, if it runs."""
    with _lock:
        sandbox = _running.pop(str(data), None)
    if sandbox is not None:
        sandbox.__exit__(None, None, None)


@atexit.register
def _stop_all() -> None:
    for folder in list(_running):
        stop_trial(Path(folder))


def _answers(sandbox: Sandbox) -> bool:
    """Whether the server still listens; somebody may have ended its process."""
    try:
        socket.create_connection((sandbox.host, sandbox.port), timeout=5).close()
    except OSError:
        return False
    return True
