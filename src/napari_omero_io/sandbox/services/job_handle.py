"""JobHandle: the job of a script, as its processor and its client see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.scripts import jobs

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState

_SETTABLE = (jobs.RUNNING, *jobs.OVER)


class JobHandle:
    """One job at a time, for one client.  Jobs are begun by running a script."""

    def __init__(self, _core: Core, _session: SessionState) -> None:
        self._id: int | None = None

    def attach(self, call: Call, job_id: int) -> Any:
        """Choose a job; return its status."""
        job = jobs.find_job(call, job_id)
        self._id = job_id
        return job.status

    def getJob(self, call: Call) -> Any:
        """Return the job."""
        return jobs.find_job(call, self._attached())

    def jobStatus(self, call: Call) -> Any:
        """Return the status of the job."""
        return self.getJob(call).status

    def jobFinished(self, call: Call) -> Any:
        """Return when the job ended, or None."""
        return self.getJob(call).finished

    def jobMessage(self, call: Call) -> str:
        """Return the message of the job."""
        return str(self.getJob(call).message.val)

    def jobRunning(self, call: Call) -> bool:
        """Tell whether the job is running."""
        return self._status(call) == jobs.RUNNING

    def jobError(self, call: Call) -> bool:
        """Tell whether the job failed."""
        return self._status(call) == jobs.ERROR

    def cancelJob(self, call: Call) -> None:
        """Mark the job as cancelled; ending its process is the process' business."""
        self.setStatus(call, jobs.CANCELLED)

    def setStatus(self, call: Call, status: str) -> str:
        """Set the status; return the previous one."""
        return self._change(call, status, None).status.value.val  # type: ignore[no-any-return]

    def setMessage(self, call: Call, message: str) -> str:
        """Set the message; return the previous one."""
        return self._change(call, None, message).message.val  # type: ignore[no-any-return]

    def setStatusAndMessage(self, call: Call, status: str, message: Any) -> str:
        """Set both; return the previous status."""
        text = None if message is None else message.val
        return self._change(call, status, text).status.value.val  # type: ignore[no-any-return]

    def close(self, _call: Call) -> None:
        """Let go of the job."""
        self._id = None

    def _change(self, call: Call, status: str | None, message: str | None) -> Any:
        if status is not None and status not in _SETTABLE:
            raise ApiUsage(f"The status of a job may not be set to {status}.")
        return jobs.change_job(call, self._attached(), status, message)

    def _status(self, call: Call) -> str:
        return str(self.getJob(call).status.value.val)

    def _attached(self) -> int:
        if self._id is None:
            raise ApiUsage("This JobHandle has no job: attach it first.")
        return self._id
