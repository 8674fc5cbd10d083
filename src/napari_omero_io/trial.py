"""A server of one's own: the sandbox with demo images, started when somebody asks.

One per process, shared by everybody who asks, and ended with the process.  Its data
stays in the user's data folder, so that a second start takes seconds.
"""

from __future__ import annotations

import atexit
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import CannotConnect

if TYPE_CHECKING:
    from pathlib import Path

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
        if sandbox is None:
            sandbox = Sandbox(folder, seed="demo")
            try:
                sandbox.__enter__()
            except (SandboxError, OSError) as error:
                raise CannotConnect(
                    f"The server on this computer could not be started. {error}"
                ) from error
            _running[str(folder)] = sandbox
            atexit.register(stop_trial, folder)
    return TrialServer(f"{sandbox.host}:{sandbox.port}")


def stop_trial(data: Path) -> None:
    """End the server of this folder, if it runs."""
    with _lock:
        sandbox = _running.pop(str(data), None)
    if sandbox is not None:
        sandbox.__exit__(None, None, None)
