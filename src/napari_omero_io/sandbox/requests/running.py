"""The handle of a request that goes on while its client waits."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import Ice
import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.errors import Locked

from .handle import Timing, status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_omero_io.sandbox.core import Call

log = logging.getLogger(__name__)

#: Seconds before a request begins: whoever submits one has its handle first.  Clients
#: take a failure that the handle shows at once for one of submitting (the submit of
#: `omero.testlib` does), since no failure of OMERO.server comes that soon.
_HEAD_START = 0.02


class Cancelled(Exception):
    """The request is to be given up."""


class RunningHandle:
    """Serves `omero.cmd.Handle` for a request that a thread of its own does.

    Parameters
    ----------
    steps
        How many there are; work is told its progress with `step`.
    """

    def __init__(self, request: Any, steps: int) -> None:
        self._request = request
        self._steps = steps
        self._lock = threading.Lock()
        self._callbacks: dict[tuple[str, str], Any] = {}
        self._is_cancelled = threading.Event()
        self._is_settled = False
        self._response: Any = None
        self._started = self._stopped = _now()
        self._step_ends: list[int] = []

    def start(self, work: Callable[[RunningHandle], Any]) -> None:
        """Begin; what `work` returns is the response, and it must not raise."""
        thread = threading.Timer(_HEAD_START, self._run, args=(work,))
        thread.name, thread.daemon = "request", True
        thread.start()

    def step(self) -> None:
        """Note that a step is done and tell the client.

        After the last step but one, where work is committed, nothing can be cancelled.

        Raises
        ------
        Cancelled
            The client wants no more of it.
        """
        with self._lock:
            if self._is_cancelled.is_set() and not self._is_settled:
                raise Cancelled
            self._step_ends.append(_now())
            done = len(self._step_ends)
            self._is_settled = done >= self._steps - 1
        self._tell(lambda proxy: proxy.step(done, self._steps))

    def settle(self) -> None:
        """Note that from now on nothing can be cancelled.

        Raises
        ------
        Cancelled
            The client wants no more of it.
        """
        with self._lock:
            if self._is_cancelled.is_set():
                raise Cancelled
            self._is_settled = True

    def pause(self, seconds: float) -> None:
        """Wait, or stop waiting when the request is given up.

        Raises
        ------
        Cancelled
            The client wants no more of it.
        """
        if self._is_cancelled.wait(max(0.0, seconds)):
            raise Cancelled

    def addCallback(self, call: Call, callback: Any) -> None:
        """Tell a client of steps and of the end; none is nobody to tell."""
        if callback is None or call.connection is None:
            return
        identity = callback.ice_getIdentity()
        # By the connection the client came over: it cannot be reached otherwise.
        proxy = call.connection.createProxy(identity).ice_oneway()
        cast = omero.cmd.CmdCallbackPrx.uncheckedCast(proxy)
        with self._lock:
            self._callbacks[identity.category, identity.name] = cast

    def removeCallback(self, _call: Call, callback: Any) -> None:
        """Tell a client no more."""
        if callback is None:
            return
        identity = callback.ice_getIdentity()
        with self._lock:
            self._callbacks.pop((identity.category, identity.name), None)

    def getRequest(self, _call: Call) -> Any:
        """Return what was asked for."""
        return self._request

    def getResponse(self, _call: Call) -> Any:
        """Return the answer; None until there is one."""
        with self._lock:
            return self._response

    def getStatus(self, _call: Call) -> Any:
        """Return how it goes."""
        with self._lock:
            return self._status()

    def cancel(self, _call: Call) -> bool:
        """Give the request up, at the end of the present step.

        Raises
        ------
        Locked
            It is done, or as good as done.
        """
        with self._lock:
            if self._is_settled or self._response is not None:
                raise Locked("The request is done and cannot be cancelled.", 5000, 5)
            self._is_cancelled.set()
        return True

    def close(self, _call: Call) -> None:
        """Let go: the client hears no more of it, but it goes on."""
        with self._lock:
            self._callbacks.clear()

    def _run(self, work: Callable[[RunningHandle], Any]) -> None:
        response = work(self)
        with self._lock:
            self._response = response
            self._stopped = _now()
            status = self._status()
        self._tell(lambda proxy: proxy.finished(response, status))

    def _status(self) -> Any:
        if self._response is not None:
            timing = Timing(self._started, self._stopped, self._steps)
            return status_of(self._request, self._response, timing)
        ends = list(self._step_ends)
        return omero.cmd.Status(
            source=None,
            category=self._request.ice_id(),
            name="",
            flags=[],
            parameters={},
            currentStep=len(ends),
            steps=self._steps,
            startTime=self._started,
            stepStartTimes=[self._started, *ends],
            stepStopTimes=ends,
            stopTime=0,
        )

    def _tell(self, news: Callable[[Any], None]) -> None:
        with self._lock:
            proxies = list(self._callbacks.values())
        for proxy in proxies:
            try:
                news(proxy)
            except Ice.Exception as unreachable:
                log.debug("a client was gone already: %s", unreachable)


def _now() -> int:
    return time.time_ns() // 1_000_000
