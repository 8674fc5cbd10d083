"""Which exception of OMERO's protocol a client gets for an error of the sandbox.

The only place where errors become `omero.*` exceptions.  What is neither an error
of the sandbox nor of the protocol is a fault of the program: the client gets an
`omero.InternalException` that names it, and the traceback stays in the log.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox import errors

from .ice import Glacier2, Ice, omero

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

#: What the protocol itself defines goes to the client as it is.
_PASSED_ON: tuple[type[Exception], ...] = (
    omero.ServerError,
    Glacier2.CannotCreateSessionException,
    Glacier2.PermissionDeniedException,
    Glacier2.SessionNotExistException,
    Ice.ObjectNotExistException,
)
#: Class of the error -> exception of the protocol, and the name of the server's own
#: exception that clients find in `serverExceptionClass`.
FAULTS: dict[type[errors.SandboxError], tuple[Any, str]] = {
    errors.ApiUsage: (omero.ApiUsageException, "ApiUsageException"),
    errors.IllegalQuery: (omero.QueryException, "QueryException"),
    errors.Invalid: (omero.ValidationException, "ValidationException"),
    errors.Overuse: (omero.OverUsageException, "OverUsageException"),
    errors.NotAllowed: (omero.SecurityViolation, "SecurityViolation"),
    errors.MixedGroups: (omero.GroupSecurityViolation, "GroupSecurityViolation"),
    errors.PermissionMismatch: (
        omero.PermissionMismatchGroupSecurityViolation,
        "PermissionMismatchGroupSecurityViolation",
    ),
    errors.ReadOnlyGroup: (
        omero.ReadOnlyGroupSecurityViolation,
        "ReadOnlyGroupSecurityViolation",
    ),
    errors.WrongPassword: (omero.SecurityViolation, "SecurityViolation"),
    errors.ResourceFault: (omero.ResourceError, "ResourceError"),
    errors.NoProcessor: (omero.NoProcessorAvailable, "NoProcessorAvailable"),
    errors.Internal: (omero.InternalException, "InternalException"),
    errors.Concurrent: (omero.TryAgain, "TryAgain"),
    errors.StaleObject: (omero.OptimisticLockException, "OptimisticLockException"),
    errors.Locked: (omero.LockTimeout, "LockTimeout"),
    errors.PyramidMissing: (
        omero.MissingPyramidException,
        "MissingPyramidException",
    ),
    errors.SessionGone: (omero.RemovedSessionException, "RemovedSessionException"),
    errors.SessionExpired: (omero.SessionTimeoutException, "SessionTimeoutException"),
}


def as_fault(
    error: Exception, operation: str, arguments: Sequence[Any] = ()
) -> Exception:
    """Turn whatever an operation raised into what the client may be sent.

    Parameters
    ----------
    operation
        Interface and operation, for the log: ``IQuery.findAllByQuery``.
    arguments
        Of the operation: what breaks on a null among them is the client's fault.
    """
    if isinstance(error, errors.SandboxError):
        return _translate(error)
    if isinstance(error, _PASSED_ON):
        return error
    nulls = [str(place) for place, one in enumerate(arguments, 1) if _lacks(one)]
    if nulls:
        log.warning("%s failed on a null", operation, exc_info=error)
        where = f"argument {' or '.join(nulls)} of {operation}"
        return _translate(errors.ApiUsage(f"Null: {where}."))
    log.error("%s failed", operation, exc_info=error)
    kind = type(error)
    message = f" Wrapped Exception: ({kind.__module__}.{kind.__qualname__}):\n{error}"
    return _translate(errors.Internal(message))


def _lacks(argument: Any) -> bool:
    """Tell whether an argument is null, or a list with a null in it."""
    if isinstance(argument, (list, tuple)):
        return any(one is None for one in argument)
    return argument is None


def as_refused_login(error: Exception) -> Exception:
    """Turn what went wrong after a right password into a refusal of the login."""
    if isinstance(error, (errors.SandboxError, omero.ServerError)):
        name = type(as_fault(error, "createSession")).__name__
        return _refused_login(name, error.args[0] if error.args else "")
    log.error("createSession failed", exc_info=error)
    return _refused_login("InternalException", str(error))


def _refused_login(java_name: str, message: str) -> Exception:
    # Not a concurrency: the client would try three times.
    refusal: Exception = omero.WrappedCreateSessionException(
        reason=message, concurrency=False, backOff=-1, type=java_name
    )
    return refusal


def _translate(error: errors.SandboxError) -> Exception:
    exception, java_name = FAULTS[_nearest(type(error))]
    fault: Exception = exception(
        serverStackTrace="",
        serverExceptionClass=f"ome.conditions.{java_name}",
        message=error.message,
    )
    _fill_in(fault, error)
    return fault


def _fill_in(fault: Any, error: errors.SandboxError) -> None:
    """Set what only some exceptions have."""
    if isinstance(error, errors.Concurrent):
        fault.backOff = error.back_off
    if isinstance(error, errors.Locked):
        fault.seconds = error.seconds
    if isinstance(error, errors.PyramidMissing):
        fault.pixelsID = error.pixels_id
    if isinstance(error, errors.NoProcessor):
        fault.processorCount = error.responses


def _nearest(kind: type[errors.SandboxError]) -> type[errors.SandboxError]:
    return next(
        (base for base in kind.__mro__ if base in FAULTS),
        errors.Internal,
    )
