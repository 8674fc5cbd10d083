"""What a client holds of a request it submitted.

This one is for requests that the sandbox does for itself: it has its response from
the beginning.  Clients get a `RunningHandle`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.errors import Locked

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call


@dataclass(frozen=True, slots=True)
class Timing:
    """When a request began and ended, in milliseconds since 1970, and its steps."""

    started: int
    stopped: int
    steps: int


class Handle:
    """Serves `omero.cmd.Handle` for one request that is done."""

    def __init__(self, request: Any, response: Any, timing: Timing) -> None:
        self._request = request
        self._response = response
        self._timing = timing

    def addCallback(self, call: Call, callback: Any) -> None:
        """Accept a callback: everything is over before it could hear of it."""

    def removeCallback(self, call: Call, callback: Any) -> None:
        """Forget a callback."""

    def getRequest(self, call: Call) -> Any:
        """Return what was asked for."""
        return self._request

    def getResponse(self, call: Call) -> Any:
        """Return the answer."""
        return self._response

    def getStatus(self, call: Call) -> Any:
        """Return how it went."""
        return status_of(self._request, self._response, self._timing)

    def cancel(self, call: Call) -> bool:
        """Refuse: what is done cannot be cancelled."""
        raise Locked("The request is done and cannot be cancelled.", 5000, 5)

    def close(self, call: Call) -> None:
        """Let go; the handle is removed by whoever serves it."""


def status_of(request: Any, response: Any, timing: Timing) -> Any:
    """Build the status of a request that is done."""
    failed = isinstance(response, omero.cmd.ERR)
    state = omero.cmd.State
    return omero.cmd.Status(
        source=None,
        category=request.ice_id(),
        name=response.name if failed else "",
        flags=[state.FAILURE, state.CANCELLED] if failed else [],
        parameters=dict(response.parameters) if failed else {},
        # The last one, counted from 0: no other comes after it.
        currentStep=max(timing.steps - 1, 0),
        steps=timing.steps,
        startTime=timing.started,
        stepStartTimes=[timing.started] * timing.steps,
        stepStopTimes=[timing.stopped] * timing.steps,
        stopTime=timing.stopped,
    )
