"""A bad network and a failing server, on request, to try clients on.

Answers wait without a thread each: a hundred calls at once cost one latency.
Knows nothing of Ice.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from .errors import ResourceFault

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

#: Bytes that a value takes which is no text, number or array.
_OBJECT_BYTES = 100
#: How the names of operations begin that write, in services that read and write.
_WRITING = (
    *("save", "update", "create", "copy", "delete", "add", "remove", "change"),
    *("upload", "import", "make", "register", "initialize", "write", "truncate"),
    *("set", "move", "unset", "edit", "new", "submit", "verifyUpload", "reset"),
)
#: They begin so too, and write nothing, or only for themselves.
_HARMLESS = frozenset(
    {
        *("createSession", "createByName", "createExporter", "createJobHandle"),
        *("createRawFileStore", "createRawPixelsStore", "createRenderingEngine"),
        *("createSearchService", "createThumbnailStore"),
        *("setFileId", "setPixelsId", "setCallback", "setSecurityContext"),
        *("setSecurityPassword", "setResolutionLevel", "addCallback"),
        *("removeCallback", "addProxies"),
    }
)
#: Services of which nothing is stored unless it is asked for by name.
_READERS = frozenset({"RenderingEngine", "ThumbnailStore", "Search", "IQuery"})


@dataclass(slots=True)
class Faults:
    """What goes wrong at present.

    Attributes
    ----------
    refusal
        Every call that writes is refused with this; None when they are not.
    delays
        Seconds by which the answers of a service are late, by its interface.
    """

    refusal: str | None = None
    delays: dict[str, float] = field(default_factory=dict)


class Network:
    """What lies between the server and its clients.

    Parameters
    ----------
    latency
        Seconds by which every answer is late.
    bandwidth
        Bytes a second that all clients share; 0 is without limit.
    """

    def __init__(self, latency: float = 0.0, bandwidth: float = 0.0) -> None:
        self.latency = latency
        self.bandwidth = bandwidth
        self.faults = Faults()
        self._lock = threading.Condition()
        self._free_at = 0.0
        self._late: list[tuple[float, int, Callable[[], None]]] = []
        self._number = count()
        self._is_running = False
        self._is_over = False

    @property
    def is_perfect(self) -> bool:
        """Whether answers arrive at once."""
        return not (self.latency or self.bandwidth or self.faults.delays)

    def check(self, interface: str, operation: str) -> None:
        """Refuse a call that writes, if such calls are to fail.

        Raises
        ------
        ResourceFault
            With what was asked for.
        """
        refusal = self.faults.refusal
        if refusal is not None and is_writing(interface, operation):
            raise ResourceFault(refusal)

    def arrival(self, interface: str, *values: Any) -> float:
        """Say when an answer arrives that is sent now, with what it answers.

        Parameters
        ----------
        values
            What was sent in both directions.
        """
        now = time.monotonic()
        late = self.latency + self.faults.delays.get(interface, 0.0)
        if not self.bandwidth:
            return now + late
        with self._lock:
            self._free_at = max(now, self._free_at) + size_of(values) / self.bandwidth
            return self._free_at + late

    def deliver(self, at: float, answer: Callable[[], None]) -> None:
        """Send an answer at a time, without holding the caller up."""
        if self._is_over:
            answer()
            return
        with self._lock:
            heapq.heappush(self._late, (at, next(self._number), answer))
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="network", daemon=True).start()
            self._lock.notify()

    def close(self) -> None:
        """Send what is late at once, and be late no more: Ice waits for answers."""
        with self._lock:
            self._is_over = True
            self._lock.notify()

    def _run(self) -> None:
        while True:
            with self._lock:
                while not self._is_next_due():
                    if not self._late and self._is_over:
                        return
                    first = self._late[0][0] if self._late else None
                    self._lock.wait(first and max(0.0, first - time.monotonic()))
                _, _, answer = heapq.heappop(self._late)
            try:
                answer()
            except Exception:
                log.exception("a late answer could not be sent")

    def _is_next_due(self) -> bool:
        if not self._late:
            return False
        return self._is_over or self._late[0][0] <= time.monotonic()


def is_writing(interface: str, operation: str) -> bool:
    """Tell whether an operation changes what the server keeps."""
    if operation in _HARMLESS:
        return False
    if interface in _READERS:
        return operation.startswith(("save", "reset", "createThumbnail"))
    return operation.startswith(_WRITING)


def size_of(value: Any) -> int:
    """Return about how many bytes a value takes on its way."""
    if isinstance(value, (bytes, bytearray, str)):
        return len(value)
    if isinstance(value, (bool, int, float)) or value is None:
        return 8
    if isinstance(value, (list, tuple)):
        return sum(map(size_of, value))
    if isinstance(value, dict):
        return sum(map(size_of, value)) + sum(map(size_of, value.values()))
    return _OBJECT_BYTES
