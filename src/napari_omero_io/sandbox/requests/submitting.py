"""Taking a request, doing it in one transaction, handing out its handle."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.errors import SandboxError
from napari_omero_io.sandbox.rules.events import History
from napari_omero_io.sandbox.rules.graph import GraphFailure

from .delete import delete
from .failure import RequestFailed, error_response
from .handle import Handle, Timing, status_of
from .save import save_object
from .skip_head import skip_head
from .targets import legal_targets
from .work import Leftovers, Work

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_omero_io.sandbox.core import Call


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
    omero.cmd.Delete2: delete,
    omero.cmd.DoAll: do_all,
    omero.cmd.LegalGraphTargets: legal_targets,
    omero.cmd.SkipHead: lambda work, request: skip_head(work, request, perform),
    omero.api.Save: save_object,
}


def submit(call: Call, request: Any) -> Handle | None:
    """Do a request with the caller's rights; None: such requests are not supported.

    Any failure undoes everything, and is the response.
    """
    if type(request) not in PERFORMERS:
        return None
    started = _now()
    leftovers = Leftovers()
    database = call.core.database
    try:
        with database.write() as connection:
            history = History(database, connection, call.caller)
            response = perform(Work(connection, call, history, leftovers), request)
            history.write_log()
    except RequestFailed as failure:
        response = error_response(
            request, failure.code, failure.message, failure.parameters
        )
    except GraphFailure as failure:
        response = error_response(request, "graph-fail", failure.message, {})
    except SandboxError as failure:
        kind = type(failure).__name__
        response = error_response(
            request, "run-fail", failure.message, {"exception": kind}
        )
    else:
        leftovers.remove(call.core)
    return Handle(request, response, Timing(started, _now(), steps_of(request)))


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
    if isinstance(request, omero.cmd.Delete2):
        return 4 if request.dryRun else 6
    if isinstance(request, omero.cmd.DoAll):
        return sum(steps_of(inner) for inner in request.requests or [])
    if isinstance(request, omero.cmd.SkipHead):
        return 1 + steps_of(request.request)
    return 1


def _now() -> int:
    return time.time_ns() // 1_000_000
