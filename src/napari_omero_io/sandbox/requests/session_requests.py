"""Requests about sessions: how long they last, and who is there."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from omero.rtypes import rlong, rtime
from sqlalchemy import update

from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.wire.event_context import event_context

from .failure import RequestFailed

if TYPE_CHECKING:
    from napari_omero_io.sandbox.sessions import SessionState

    from .work import Work

_LIMITS = {
    "time_to_live": ("omero.sessions.max_user_time_to_live", "timeToLive"),
    "time_to_idle": ("omero.sessions.max_user_time_to_idle", "timeToIdle"),
}


def update_timeout(work: Work, request: Any) -> Any:
    """Change how long a session lasts.

    Raises
    ------
    RequestFailed
        There is no such session, nothing is to be changed, or the caller may not.
    """
    core, caller = work.call.core, work.call.caller
    session = core.sessions.find(request.session)
    if session is None or not (session.user_id == caller.user_id or caller.is_admin):
        raise RequestFailed("no-session", f"no session {request.session}")
    wanted = {
        name: int(value.getValue())
        for name, value in (
            ("time_to_live", request.timeToLive),
            ("time_to_idle", request.timeToIdle),
        )
        if value is not None
    }
    if not wanted:
        raise RequestFailed("no-update-performed", "neither time is given")
    for name, value in wanted.items():
        limit = core.config.number(_LIMITS[name][0])
        is_beyond = value == 0 or value > limit
        if not caller.is_admin and limit and is_beyond:
            raise RequestFailed(
                "run-fail",
                f"SecurityViolation: {value} ms is beyond the limit of {limit} ms",
                exception="SecurityViolation",
            )
    table = core.database.tables["Session"]
    columns = {_LIMITS[name][1]: value for name, value in wanted.items()}
    work.connection.execute(
        update(table).where(table.c.id == session.id).values(columns)
    )
    login = session.login
    session.login = replace(
        login,
        time_to_live=wanted.get("time_to_live", login.time_to_live),
        time_to_idle=wanted.get("time_to_idle", login.time_to_idle),
    )
    return omero.cmd.OK()


def list_sessions(work: Work, request: Any) -> Any:
    """Tell who is logged in; of others' sessions only user and group."""
    core, caller = work.call.core, work.call.caller
    sessions = core.sessions.open_sessions()
    rows = {}
    if sessions:
        found = find(
            work.connection,
            work.call,
            "select s from Session s where s.id in (:ids)",
            {"ids": [one.id for one in sessions]},
        )
        rows = {one._id.getValue(): one for one in found}
    response = omero.cmd.CurrentSessionsResponse([], [], [])
    for session in sessions:
        may_know = session.user_id == caller.user_id or (
            "ReadSession" in caller.privileges
        )
        response.sessions.append(rows.get(session.id) if may_know else None)
        response.contexts.append(_context(work, session, may_know=may_know))
        response.data.append(
            {
                "hitCount": rlong(session.hits),
                "lastAccessTime": rtime(_last_access(session)),
                "referenceCount": rlong(session.references),
            }
            if may_know
            else {}
        )
    return response


def _last_access(session: SessionState) -> int:
    """Return when a session was used last, in milliseconds since 1970."""
    idle = time.monotonic() - session.last_used
    return int((time.time() - idle) * 1000)


def _context(work: Work, session: SessionState, *, may_know: bool) -> Any:
    caller = caller_for(
        work.connection,
        work.call.core.database.tables,
        session.user_id,
        session.group_id,
        session_id=session.id,
        session_uuid=session.uuid,
    )
    if may_know:
        call = replace(work.call, caller=caller, session=session)
        return event_context(call)
    context = omero.sys.EventContext()
    context.userName, context.groupName = caller.user_name, caller.group_name
    return context
