"""Errors of Ice and OMERO → ours, in sentences that a user can act upon.

The only place that catches them::

    with translated("open image 5"):
        store.setPixelsId(7, True, context)
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import (
    BadQuery,
    CannotConnect,
    Conflict,
    LoginRefused,
    NotFound,
    NotPermitted,
    OmeroIOError,
    PixelsUnavailable,
    ServerRefused,
    ServerTooOld,
    SessionLost,
)

from .ice import Glacier2, Ice, omero

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST_REASON = 300


@contextmanager
def translated(operation: str) -> Iterator[None]:
    """Raise errors of Ice and OMERO as ours.

    Parameters
    ----------
    operation
        What was tried, as it follows "Could not": ``open image 5``.

    Raises
    ------
    OmeroIOError
        Of the class that fits; see `napari_omero_io.errors`.
    """
    try:
        yield
    except (Ice.Exception, omero.ClientError) as error:
        raise translate(error, operation) from error


def translate(error: Any, operation: str) -> OmeroIOError:
    """Make our error of one of Ice or OMERO."""
    for kinds, make in _TRANSLATIONS:
        if isinstance(error, kinds):
            return make(error, f"Could not {operation}")
    return ServerRefused(f"Could not {operation}: the server failed{_reason(error)}.")


class Loss(Enum):
    """In which way a session is gone."""

    #: The server did not carry the call out.
    ENDED = auto()
    #: The call may have been carried out.
    BROKEN = auto()
    #: No answer in time; the session may live.
    LATE = auto()


def find_loss(error: Any) -> Loss | None:
    """Say whether an error means that the session is gone; None when it does not."""
    for kinds, loss in _LOSSES:
        if isinstance(error, kinds):
            return loss
    return None


@contextmanager
def translated_login(address: str, user: str | None) -> Iterator[None]:
    """Raise errors of Ice and OMERO as ours, while a session is begun.

    Parameters
    ----------
    user
        None when a session key is used.

    Raises
    ------
    CannotConnect, LoginRefused
        With what to do about it.
    """
    try:
        yield
    except Glacier2.PermissionDeniedException as error:
        if user is None:
            raise LoginRefused(
                f"The session at {address} has ended or its key is wrong. Log in with "
                "user name and password."
            ) from error
        raise LoginRefused(
            f"{address} does not accept the user name “{user}” with this password. "
            "Check both, and capital letters."
        ) from error
    except omero.ExpiredCredentialException as error:
        raise LoginRefused(
            f"The password of “{user}” at {address} has expired: set a new one in the "
            "server's web client."
        ) from error
    except Glacier2.CannotCreateSessionException as error:
        raise _refuse_session(error, address) from error
    except (Ice.Exception, omero.ClientError) as error:
        raise CannotConnect(_explain_connection(error, address)) from error


def _refuse_session(error: Any, address: str) -> OmeroIOError:
    if getattr(error, "concurrency", False):
        return CannotConnect(
            f"{address} is busy or still starting. Try again in a moment."
        )
    return LoginRefused(
        f"{address} knows the account but begins no session{_reason(error)}. Check the "
        "name of the group."
    )


def _explain_connection(error: Any, address: str) -> str:
    if isinstance(error, (Ice.SecurityException, Ice.PluginInitializationException)):
        return (
            f"{address} does not offer the encryption that OMERO uses since version "
            "5.6; it may be an older server. Ask its administrator."
        )
    if isinstance(error, _UNFAMILIAR):
        return f"{address} answers, but is not an OMERO server. Check host and port."
    if isinstance(error, _TIMEOUTS):
        return f"{address} did not answer in time. Check the network, or try again."
    return f"{address} cannot be reached. Check host, port and network."


def _reason(error: Any) -> str:
    """Give the server's own words as the middle of a sentence, or ''."""
    text = getattr(error, "message", "") or getattr(error, "reason", "") or ""
    text = re.sub(r"Wrapped Exception: \([\w.$]+\):?", "", str(text))
    text = re.sub(r"\b(?:[a-z]+\.)+(?=[A-Z])", "", text)  # packages of class names
    text = " ".join(text.split()).rstrip(". ")
    if not text:
        return ""
    return (
        f" ({text[:_LONGEST_REASON]}…)" if len(text) > _LONGEST_REASON else f" ({text})"
    )


def _seconds(error: Any) -> float | None:
    """Read how long the server says to wait; it says 0 when it does not know."""
    milliseconds = getattr(error, "backOff", 0) or 0
    return milliseconds / 1000 if milliseconds > 0 else None


def _wait(error: Any) -> str:
    seconds = _seconds(error)
    return f"in {max(1, round(seconds))} s" if seconds else "in a moment"


def _preparing(error: Any, what: str) -> OmeroIOError:
    return PixelsUnavailable(
        f"{what}: the server is still preparing the pixels. Try again {_wait(error)}.",
        _seconds(error),
    )


def _locked(error: Any, what: str) -> OmeroIOError:
    return PixelsUnavailable(
        f"{what}: it is being imported or written. Try again {_wait(error)}.",
        _seconds(error),
    )


def _conflict(_error: Any, what: str) -> OmeroIOError:
    return Conflict(f"{what}: somebody changed it in between. Read it again first.")


def _busy(error: Any, what: str) -> OmeroIOError:
    return ServerRefused(f"{what}: the server is busy. Try again {_wait(error)}.")


def _forbidden(error: Any, what: str) -> OmeroIOError:
    return NotPermitted(
        f"{what}: your account may not do this{_reason(error)}. Ask the owner of the "
        "data or of its group."
    )


def _bad_query(error: Any, what: str) -> OmeroIOError:
    return BadQuery(
        f"{what}: the server does not understand a query of this program"
        f"{_reason(error)}. Please report it."
    )


def _invalid(error: Any, what: str) -> OmeroIOError:
    # The only sign that RawPixelsStore gives of an id that is unknown or unreadable.
    if "Cannot read pixels" in (error.message or ""):
        return NotFound(f"{what}: there is no such image, or you may not see it.")
    return ServerRefused(f"{what}: the server does not accept it{_reason(error)}.")


def _resource(error: Any, what: str) -> OmeroIOError:
    # What OMERO says of pixels whose file is gone while somebody reads them.
    if "Deleted?" in (error.message or ""):
        return NotFound(
            f"{what}: the pixels are not on the server any more. The image was deleted."
        )
    return ServerRefused(
        f"{what}: the server lacks something, perhaps disk space{_reason(error)}. Ask "
        "its administrator."
    )


def _ended(_error: Any, what: str) -> OmeroIOError:
    return SessionLost(f"{what}: the session has ended. Log in again.")


def _lost(_error: Any, what: str) -> OmeroIOError:
    return SessionLost(
        f"{what}: the connection to the server was lost. Check the network and log in "
        "again."
    )


def _late(_error: Any, what: str) -> OmeroIOError:
    return SessionLost(
        f"{what}: the server did not answer in time. Check the network and try again."
    )


def _too_large(_error: Any, what: str) -> OmeroIOError:
    return ServerRefused(f"{what}: it is larger than the server moves in one message.")


def _unknown_local(error: Any, what: str) -> OmeroIOError:
    # A reply beyond the router's limit: the router reports only the text.
    if "MemoryLimitException" in (error.unknown or ""):
        return _too_large(error, what)
    return ServerRefused(f"{what}: the server failed.")


def _too_old(_error: Any, what: str) -> OmeroIOError:
    return ServerTooOld(f"{what}: this server does not know how; it may be too old.")


def _client_fault(error: Any, what: str) -> OmeroIOError:
    return ServerRefused(f"{what}: {' '.join(str(error).split()).rstrip('.')}.")


_TIMEOUTS = (Ice.TimeoutException, Ice.InvocationTimeoutException)
#: The first that fits counts.
_LOSSES: list[tuple[Any, Loss]] = [
    (
        (
            *(omero.SessionException, Glacier2.SessionNotExistException),
            # The server hung up in order, which Ice promises to do between calls.
            *(Ice.ObjectNotExistException, Ice.CloseConnectionException),
            *(Ice.ConnectFailedException, Ice.ConnectTimeoutException),
            Ice.DNSException,
        ),
        Loss.ENDED,
    ),
    (
        (
            *(Ice.SocketException, Ice.ForcedCloseConnectionException),
            *(Ice.ConnectionTimeoutException, Ice.CommunicatorDestroyedException),
        ),
        Loss.BROKEN,
    ),
    (_TIMEOUTS, Loss.LATE),
]

#: What a server says that speaks no Ice, or is no OMERO.
_UNFAMILIAR = (
    Ice.ProtocolException,
    Ice.ObjectNotExistException,
    Ice.FacetNotExistException,
    Ice.OperationNotExistException,
)

#: The first that fits counts, so special kinds stand before general ones.
_TRANSLATIONS: list[tuple[Any, Callable[[Any, str], OmeroIOError]]] = [
    (omero.MissingPyramidException, _preparing),
    (omero.LockTimeout, _locked),
    ((omero.OptimisticLockException, omero.ConcurrentModification), _conflict),
    (omero.ConcurrencyException, _busy),
    (omero.SecurityViolation, _forbidden),
    (omero.QueryException, _bad_query),
    (omero.ValidationException, _invalid),
    (omero.ResourceError, _resource),
    (omero.SessionException, _ended),
    (Glacier2.SessionNotExistException, _ended),
    (Ice.ObjectNotExistException, _ended),
    (Ice.OperationNotExistException, _too_old),
    (Ice.MemoryLimitException, _too_large),
    (Ice.UnknownLocalException, _unknown_local),
    (_TIMEOUTS, _late),
    (
        Ice.UnknownException,
        lambda _error, what: ServerRefused(f"{what}: the server failed."),
    ),
    (Ice.LocalException, _lost),
    (omero.ClientError, _client_fault),
]
