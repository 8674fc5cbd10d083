"""omero.grid.ScriptProcess: a script that a client has started."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import Ice
import omero
import omero.all
import omero.model
from omero.rtypes import rint, robject

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.processor import PARAMETERS, end_session
from napari_omero_io.sandbox.scripts import jobs

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.scripts.run import Ending, Run
    from napari_omero_io.sandbox.sessions import SessionState

log = logging.getLogger(__name__)

#: Seconds that a client may wait for results.
_LONGEST_WAIT = 5
#: Seconds between asking a script to end and killing it, at the client's wish.
_GRACE = 5.0


class ScriptProcess:
    """Tells how a script is getting on, and ends it."""

    def __init__(self, job_id: int, session: SessionState) -> None:
        self._job_id = job_id
        self._session = session
        self._run: Run | None = None
        self._printed: dict[str, int] = {}
        self._callbacks: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def follow(self, run: Run) -> None:
        """Take the run that was started for this process."""
        self._run = run
        # Not by `finish`: who is told asks for the results at once, and gets none
        # before the run is over.
        run.tell_when_over(lambda code: self._tell("processFinished", code))

    def finish(self, call: Call, params: Any, ending: Ending) -> None:
        """Keep what the script left, and end its session."""
        formats = {
            "stdout": (ending.stdout, params.stdoutFormat),
            "stderr": (ending.stderr, params.stderrFormat),
        }
        outputs = {name: one for name, one in formats.items() if all(one)}
        try:
            self._printed = jobs.attach_outputs(call, self._job_id, outputs)
            status, message = self._judge(ending)
            jobs.change_job(call, self._job_id, status, message)
        finally:
            end_session(call, self._session)

    def getJob(self, call: Call) -> Any:
        """Return the job."""
        return jobs.find_job(call, self._job_id)

    def poll(self, _call: Call) -> Any:
        """Return the exit code, or None while the script is running."""
        run = self._started()
        return rint(run.code) if run.is_over else None

    def wait(self, _call: Call) -> int:
        """Wait for the end of the script; return its exit code."""
        run = self._started()
        run.wait()
        return int(run.code or 0)

    def getResults(self, _call: Call, wait: int) -> dict[str, Any]:
        """Return what the script left, and the files of what it printed."""
        if not 0 <= wait <= _LONGEST_WAIT:
            raise ApiUsage(f"Refusing to wait more than 5 seconds: {wait}")
        if not self._started().wait(wait):
            raise ApiUsage("Process still running.")
        results = dict(self._session.outputs)
        results.pop(PARAMETERS, None)
        for name, file_id in self._printed.items():
            file = omero.model.OriginalFileI(file_id, False)
            results.setdefault(name, robject(file))
        return results

    def cancel(self, _call: Call) -> bool:
        """Ask the script to end; tell whether it has."""
        run = self._started()
        is_over = run.is_over
        if not is_over:
            run.cancel()
            is_over = run.wait(_GRACE)
            self._tell("processCancelled", is_over)
        return is_over

    def kill(self, _call: Call) -> bool:
        """End the script; tell whether it has ended."""
        run = self._started()
        is_over = run.is_over
        if not is_over:
            run.kill()
            is_over = run.wait(_GRACE)
            self._tell("processKilled", is_over)
        return is_over

    def shutdown(self, call: Call) -> None:
        """Ask the script to end; end it if it does not."""
        if not self.cancel(call):
            self.kill(call)

    def close(self, call: Call, detach: bool = True) -> None:
        """Let go of the process; end the script unless it may go on alone."""
        if not detach:
            self.shutdown(call)
        with self._lock:
            self._callbacks.clear()

    def setMessage(self, call: Call, message: str) -> str:
        """Set the message of the job; return the previous one."""
        before = jobs.change_job(call, self._job_id, message=message)
        return str(before.message.val)

    def registerCallback(self, call: Call, callback: Any) -> None:
        """Tell a client when the script ends."""
        if callback is None or call.connection is None:
            raise ApiUsage("Failed to add callback: there is none.")
        identity = callback.ice_getIdentity()
        # By the connection the client came over: it cannot be reached otherwise.
        proxy = call.connection.createProxy(identity).ice_oneway()
        cast = omero.grid.ProcessCallbackPrx.uncheckedCast(proxy)
        with self._lock:
            self._callbacks[identity.category, identity.name] = cast

    def unregisterCallback(self, _call: Call, callback: Any) -> None:
        """Tell a client no more."""
        identity = callback.ice_getIdentity()
        with self._lock:
            if self._callbacks.pop((identity.category, identity.name), None) is None:
                raise ApiUsage(f"No callback registered with id: {identity.name}")

    def _started(self) -> Run:
        assert self._run is not None, "published after its start"
        return self._run

    def _judge(self, ending: Ending) -> tuple[str, str | None]:
        if ending.is_late:
            return jobs.ERROR, "The script took too long and was ended."
        if self._run is not None and self._run.was_cancelled:
            return jobs.CANCELLED, None
        return (jobs.FINISHED if ending.code == 0 else jobs.ERROR), None

    def _tell(self, event: str, value: object) -> None:
        with self._lock:
            callbacks = list(self._callbacks.values())
        for callback in callbacks:
            try:
                getattr(callback, event)(value)
            except Ice.Exception as unreachable:
                log.debug("a client was gone already: %s", unreachable)
