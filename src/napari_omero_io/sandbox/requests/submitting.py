"""Taking a request, doing it in one transaction, handing out its handle."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.errors import SandboxError
from napari_omero_io.sandbox.rules.events import History
from napari_omero_io.sandbox.rules.graph import GraphFailure

from .chmod import change_permissions
from .delete import delete
from .disk_usage import measure_usage
from .duplicate import duplicate
from .failure import RequestFailed, error_response
from .finding import find_children, find_parents
from .handle import Handle, Timing, status_of
from .image_files import (
    find_pyramids,
    measure_binaries,
    original_metadata,
    used_files,
)
from .mail import reset_password, send_mail
from .running import Cancelled, RunningHandle
from .save import save_object
from .session_requests import list_sessions, update_timeout
from .skip_head import skip_head
from .targets import legal_targets
from .timing import pass_time
from .transfer import change_group, change_owner
from .work import Leftovers, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_omero_io.sandbox.core import Call

log = logging.getLogger(__name__)

#: How many steps OMERO.server takes for a request, and for a dry run of it.
_STEPS = {
    omero.cmd.Delete2: (6, 4),
    omero.cmd.Chgrp2: (6, 4),
    omero.cmd.Chown2: (7, 5),
    omero.cmd.Duplicate: (14, 3),
}


#: They only look, and do not wait for who writes.
_READING = frozenset(
    {
        omero.cmd.CurrentSessionsRequest,
        omero.cmd.DiskUsage2,
        omero.cmd.FindChildren,
        omero.cmd.FindParents,
        omero.cmd.FindPyramids,
        omero.cmd.LegalGraphTargets,
        omero.cmd.ListRequests,
        omero.cmd.ManageImageBinaries,
        omero.cmd.OriginalMetadataRequest,
        omero.cmd.UsedFilesRequest,
    }
)


def is_reading(request: Any) -> bool:
    """Tell whether a request leaves everything as it is."""
    if isinstance(request, omero.cmd.DoAll):
        return all(map(is_reading, request.requests or []))
    return type(request) in _READING


def do_all(work: Work, request: Any) -> Any:
    """Do several requests, all or none."""
    responses, statuses = [], []
    contexts = request.contexts or []
    for index, inner in enumerate(request.requests or []):
        context = contexts[index] if index < len(contexts) else None
        started = _now()
        response = perform(work.within(context or {}), inner)
        timing = Timing(started, _now(), steps_of(inner))
        responses.append(response)
        statuses.append(status_of(inner, response, timing))
    return omero.cmd.DoAllRsp(responses, statuses)


#: What does which request; others are not supported.
PERFORMERS: dict[type, Callable[[Work, Any], Any]] = {
    omero.cmd.Chgrp2: change_group,
    omero.cmd.Chmod2: change_permissions,
    omero.cmd.Chown2: change_owner,
    omero.cmd.CurrentSessionsRequest: list_sessions,
    omero.cmd.Delete2: delete,
    omero.cmd.DiskUsage2: measure_usage,
    omero.cmd.DoAll: do_all,
    omero.cmd.Duplicate: duplicate,
    omero.cmd.FindChildren: find_children,
    omero.cmd.FindParents: find_parents,
    omero.cmd.FindPyramids: find_pyramids,
    omero.cmd.LegalGraphTargets: legal_targets,
    omero.cmd.ListRequests: lambda work, request: list_requests(work, request),
    omero.cmd.ManageImageBinaries: measure_binaries,
    omero.cmd.OriginalMetadataRequest: original_metadata,
    omero.cmd.ResetPasswordRequest: reset_password,
    omero.cmd.SendEmailRequest: send_mail,
    omero.cmd.SkipHead: lambda work, request: skip_head(work, request, perform),
    omero.cmd.UpdateSessionTimeoutRequest: update_timeout,
    omero.cmd.UsedFilesRequest: used_files,
    omero.api.Save: save_object,
}


#: What takes its time outside of any transaction.
WAITERS: dict[type, Callable[[Any, RunningHandle], Any]] = {omero.cmd.Timing: pass_time}


def list_requests(work: Work, request: Any) -> Any:
    """Return one of each request that is supported, as it is when nothing is set."""
    return omero.cmd.ListRequestsRsp([kind() for kind in (*PERFORMERS, *WAITERS)])


def begin(call: Call, request: Any) -> RunningHandle | None:
    """Do a request while its client goes on; None: such requests are not supported."""
    if type(request) not in PERFORMERS and type(request) not in WAITERS:
        return None
    handle = RunningHandle(request, steps_of(request))
    handle.start(partial(_answer, call, request))
    return handle


def _answer(call: Call, request: Any, running: RunningHandle) -> Any:
    waiter = WAITERS.get(type(request))
    try:
        if waiter is not None:
            _refuse_guest(call, request)
            return waiter(request, running)
        running.settle()
        handle = submit(call, request)
    except RequestFailed as failure:
        return _tell(request, failure)
    except Cancelled:
        return error_response(request, "cancel-called", "Cancelled.", {})
    except Exception as failure:
        # In a thread of its own: whoever waits for it would wait for ever.
        log.exception("a request failed: %s", request.ice_id())
        return error_response(request, "run-fail", str(failure), {})
    assert handle is not None, "only what is supported is begun"
    return handle.getResponse(call)


def submit(call: Call, request: Any) -> Handle | None:
    """Do a request with the caller's rights; None: such requests are not supported.

    Any failure undoes everything, and is the response.
    """
    if type(request) not in PERFORMERS:
        return None
    started = _now()
    leftovers, drafts = Leftovers(), Leftovers()
    database = call.core.database
    try:
        _refuse_guest(call, request)
        transaction = database.read if is_reading(request) else database.write
        with transaction() as connection:
            history = History(database, connection, call.caller)
            work = Work(connection, call, history, leftovers, drafts)
            response = perform(work, request)
            history.write_log()
    except SandboxError as failure:
        drafts.remove(call.core)
        response = _tell(request, failure)
    else:
        leftovers.remove(call.core)
    return Handle(request, response, Timing(started, _now(), steps_of(request)))


def _refuse_guest(call: Call, request: Any) -> None:
    """Refuse everything to the guest but to ask for a forgotten password."""
    forgot = isinstance(request, omero.cmd.ResetPasswordRequest)
    if call.caller.is_guest and not forgot:
        name = call.caller.user_name
        raise RequestFailed("guest-restriction", f"{name} may not do this")


def _tell(request: Any, failure: SandboxError) -> Any:
    """Build the answer that stands for a failure."""
    if isinstance(failure, RequestFailed):
        parameters = failure.parameters
        return error_response(request, failure.code, failure.message, parameters)
    if isinstance(failure, GraphFailure):
        return error_response(request, "graph-fail", failure.message, {})
    kind = type(failure).__name__
    return error_response(request, "run-fail", failure.message, {"exception": kind})


def perform(work: Work, request: Any) -> Any:
    """Do one request within a transaction and return its response.

    Raises
    ------
    RequestFailed
        Also where such requests are not supported.
    """
    performer = PERFORMERS.get(type(request))
    if performer is None:
        raise RequestFailed(
            "bad-request",
            f"The sandbox does not support {request.ice_id()} as part of another.",
        )
    return performer(work, request)


def steps_of(request: Any) -> int:
    """Return how many steps OMERO.server takes for a request."""
    if type(request) in _STEPS:
        steps, dry = _STEPS[type(request)]
        return dry if request.dryRun else steps
    if isinstance(request, omero.cmd.DoAll):
        return sum(steps_of(inner) for inner in request.requests or [])
    if isinstance(request, omero.cmd.Timing):
        return max(0, min(int(request.steps), 1_000_000))
    if isinstance(request, omero.cmd.SkipHead):
        return 1 + steps_of(request.request)
    return 1


def _now() -> int:
    return time.time_ns() // 1_000_000
