"""omero.cmd.Timing: a request that takes as long as it is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from .failure import RequestFailed

if TYPE_CHECKING:
    from .running import RunningHandle

#: How many steps, and how many milliseconds one of them and all may take.
_STEPS, _TIME = 1_000_000, 5 * 60 * 1000


def pass_time(request: Any, running: RunningHandle) -> Any:
    """Wait step by step; may be cancelled.

    Raises
    ------
    RequestFailed
        It would take too many steps, or too long.
    Cancelled
        The client wants no more of it.
    """
    steps, pause = request.steps, request.millisPerStep
    told = {"steps": str(steps), "millisPerStep": str(pause)}
    if steps > _STEPS:
        raise RequestFailed("too-many-steps", f"{steps} steps", **told)
    if pause > _TIME:
        raise RequestFailed("too-long-steps", f"{pause} ms a step", **told)
    if pause * steps > _TIME:
        raise RequestFailed("too-long", f"{pause * steps} ms", **told)
    for _ in range(steps):
        running.pause(pause / 1000)
        running.step()
    return omero.cmd.OK()
