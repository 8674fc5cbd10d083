"""Orders of the owner of a server to fail, handed over in its private data folder.

A server that was started with ``--faults`` looks for them there.  Nothing of it can be
reached over the network: whoever can write into the folder owns all that is in it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from typing import TYPE_CHECKING, Any

from .errors import ApiUsage, ResourceFault, SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from .sessions import Sessions
    from .simulate import Network

log = logging.getLogger(__name__)

#: What can be ordered, and what it does.
ORDERS = {
    "drop": "close every connection, without a word",
    "expire": "end every session, as if it had been idle for too long",
    "refuse-writes": "refuse every call that writes, until `clear`",
    "fill-disk": "answer every call that writes as if the disk were full",
    "delay": "answer the calls of one service late: --service IQuery --ms 2000",
    "clear": "let nothing go wrong any more",
}
_READ_ONLY = "The server is read-only at present."
_FULL = "[Errno 28] No space left on device"
#: Seconds between two looks.
_BEAT = 0.1
#: Seconds that an order may take.
_PATIENCE = 10.0
_ORDER, _ANSWER, _OPEN = "fault.order", "fault.answer", "fault.open"
#: All that this file leaves in a data folder.
FILES = (_ORDER, _ANSWER, _OPEN)


class FaultDesk:
    """Carries orders out.

    Parameters
    ----------
    drop
        Closes all connections.
    """

    def __init__(
        self, network: Network, sessions: Sessions, drop: Callable[[], int]
    ) -> None:
        self._network = network
        self._sessions = sessions
        self._drop = drop

    def obey(self, order: Mapping[str, Any]) -> str:
        """Carry one order out; say what was done.

        Raises
        ------
        ApiUsage
            It is not understood.
        """
        faults = self._network.faults
        kind = order.get("kind")
        if kind == "drop":
            return f"{self._drop()} connections dropped"
        if kind == "expire":
            user = order.get("user")
            return f"{self._sessions.expire(user)} sessions ended"
        if kind in ("refuse-writes", "fill-disk"):
            faults.refusal = _READ_ONLY if kind == "refuse-writes" else _FULL
            return "calls that write are refused"
        if kind == "delay":
            service, seconds = str(order["service"]), float(order["seconds"])
            faults.delays = {**faults.delays, service: seconds}
            return f"{service} answers {seconds:g} s late"
        if kind == "clear":
            faults.refusal, faults.delays = None, {}
            return "nothing goes wrong any more"
        raise ApiUsage(f"Unknown fault: {kind}")


@contextlib.contextmanager
def take_orders(folder: Path, desk: FaultDesk) -> Iterator[None]:
    """Look for orders in a data folder while the ``with`` block lasts."""
    stop = threading.Event()
    _remove(folder)

    def look() -> None:
        while not stop.wait(_BEAT):
            path = folder / _ORDER
            if path.exists():
                _write(folder / _ANSWER, _carry_out(path, desk))

    thread = threading.Thread(target=look, name="faults", daemon=True)
    _write(folder / _OPEN, {"pid": os.getpid()})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        _remove(folder)


def give_order(folder: Path, order: Mapping[str, Any]) -> str:
    """Have the server of a data folder fail; return what it says.

    Raises
    ------
    ResourceFault
        No server takes orders there, or it does not answer.
    ApiUsage
        It does not understand.
    """
    if not (folder / _OPEN).exists():
        raise ResourceFault(
            f"No server in {folder} takes faults: start it with "
            "`napari-omero-io sandbox serve --faults`."
        )
    answer = folder / _ANSWER
    answer.unlink(missing_ok=True)
    _write(folder / _ORDER, order)
    until = time.monotonic() + _PATIENCE
    pause = threading.Event()
    while not answer.exists():
        if time.monotonic() > until:
            raise ResourceFault(f"The server in {folder} does not answer.")
        pause.wait(_BEAT / 2)
    said = json.loads(answer.read_text(encoding="utf-8"))
    answer.unlink()
    if "error" in said:
        raise ApiUsage(said["error"])
    return str(said["done"])


def _carry_out(path: Path, desk: FaultDesk) -> dict[str, str]:
    try:
        order = json.loads(path.read_text(encoding="utf-8"))
        done = desk.obey(order)
    except (SandboxError, ValueError, KeyError, TypeError, AttributeError) as error:
        return {"error": f"Not understood: {error}"}
    finally:
        path.unlink()
    log.warning("on request: %s", done)
    return {"done": done}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    draft = path.with_name(f"{path.name}.part")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    draft.replace(path)


def _remove(folder: Path) -> None:
    for name in FILES:
        (folder / name).unlink(missing_ok=True)
