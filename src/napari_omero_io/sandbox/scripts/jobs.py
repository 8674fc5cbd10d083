"""Jobs: what is written down of every run of a script."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import omero.model
from omero.rtypes import rstring, rtime

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.store.saving import save

from .files import everywhere, save_file, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_omero_io.sandbox.core import Call

WAITING, RUNNING, FINISHED = "Waiting", "Running", "Finished"
CANCELLED, ERROR = "Cancelled", "Error"
#: A job that has one of these is over.
OVER = (FINISHED, CANCELLED, ERROR)

_JOB = "select j from Job j join fetch j.status where j.id = :id"


def create_job(call: Call, script: Any) -> int:
    """Write down that a script is to be run; return the id of the job."""
    now = rtime(_now())
    job = omero.model.ScriptJobI()
    job.username = rstring(call.caller.user_name)
    job.groupname = rstring(call.caller.group_name)
    job.type, job.message = rstring("Processing"), rstring("")
    job.description = rstring(script.name.val)
    job.submitted, job.scheduledFor, job.started = now, now, now
    job.status = _status(WAITING)
    job.linkOriginalFile(omero.model.OriginalFileI(script.id.val, False))
    with call.core.database.write() as connection:
        (saved,) = save(connection, call, [job])
    return int(saved.id.val)


def find_job(call: Call, job_id: int) -> Any:
    """Return a job with its status, whatever its group.

    Raises
    ------
    ApiUsage
        The caller sees no such job.
    """
    with call.core.database.read() as connection:
        found = hql.find(connection, everywhere(call), _JOB, {"id": job_id})
    if not found:
        raise ApiUsage(f"No job with id {job_id}")
    return found[0]


def change_job(
    call: Call, job_id: int, status: str | None = None, message: str | None = None
) -> Any:
    """Write down how a job is getting on; return it as it was before."""
    before = find_job(call, job_id)
    inside = within(call, int(before.details.group.id.val))
    with call.core.database.write() as connection:
        (job,) = hql.find(connection, inside, _JOB, {"id": job_id})
        if status is not None:
            job.status = _status(status)
            if status in OVER:
                job.finished = rtime(_now())
        if message is not None:
            job.message = rstring(message)
        save(connection, inside, [job])
    return before


def attach_outputs(
    call: Call, job_id: int, outputs: Mapping[str, tuple[bytes, str]]
) -> dict[str, int]:
    """Keep what a script printed, linked to its job.

    Parameters
    ----------
    outputs
        Content and type of each, by name.

    Returns
    -------
    The id of each file.
    """
    ids = {}
    with call.core.database.write() as connection:
        for name, (content, mimetype) in outputs.items():
            file = omero.model.OriginalFileI()
            file.name, file.path = rstring(name), rstring(f"/jobs/{job_id}/")
            file.mimetype = rstring(mimetype)
            saved = save_file(connection, call, file, content)
            link = omero.model.JobOriginalFileLinkI()
            link.parent = omero.model.ScriptJobI(job_id, False)
            link.child = omero.model.OriginalFileI(saved.id.val, False)
            save(connection, call, [link])
            ids[name] = int(saved.id.val)
    return ids


def _status(value: str) -> Any:
    status = omero.model.JobStatusI()
    status.value = rstring(value)
    return status


def _now() -> int:
    return time.time_ns() // 1_000_000
