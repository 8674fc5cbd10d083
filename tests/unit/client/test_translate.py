from __future__ import annotations

import re
from typing import Any

import pytest

from napari_omero_io import errors
from napari_omero_io.client.ice import Glacier2, Ice, omero
from napari_omero_io.client.translate import translate, translated, translated_login

CASES: list[tuple[Any, type[errors.OmeroIOError], str]] = [
    (
        omero.MissingPyramidException(message="Missing pyramid:/x", backOff=15000),
        errors.PixelsUnavailable,
        "Try again in 15 s",
    ),
    (
        omero.LockTimeout(message="Import in progress.", backOff=15000, seconds=0),
        errors.PixelsUnavailable,
        "imported or written",
    ),
    (omero.OptimisticLockException(), errors.Conflict, "somebody changed it"),
    (omero.TryAgain(backOff=500), errors.ServerRefused, "busy"),
    (omero.DatabaseBusyException(), errors.ServerRefused, "Try again in a moment"),
    (
        omero.SecurityViolation(message="Group is rwr---."),
        errors.NotPermitted,
        "(Group is rwr---)",
    ),
    (omero.GroupSecurityViolation(), errors.NotPermitted, "may not do this."),
    (omero.QueryException(message="Illegal query:x"), errors.BadQuery, "report"),
    (
        omero.ValidationException(message="Cannot read pixels id=5"),
        errors.NotFound,
        "no such image",
    ),
    (
        omero.ValidationException(message="unique violated"),
        errors.ServerRefused,
        "(unique violated)",
    ),
    (omero.ResourceError(message="disk"), errors.ServerRefused, "disk space"),
    (
        omero.ResourceError(message="Cannot find path. Deleted? /OMERO/Pixels/1"),
        errors.NotFound,
        "was deleted",
    ),
    (omero.ApiUsageException(message="no"), errors.ServerRefused, "(no)"),
    (
        omero.InternalException(
            message=" Wrapped Exception: (java.lang.NullPointerException):\nnull"
        ),
        errors.ServerRefused,
        "the server failed (null)",
    ),
    (omero.RemovedSessionException(), errors.SessionLost, "Log in again"),
    (omero.SessionTimeoutException(), errors.SessionLost, "Log in again"),
    (Ice.ObjectNotExistException(), errors.SessionLost, "Log in again"),
    (Ice.ConnectionLostException(), errors.SessionLost, "connection"),
    (Ice.ConnectionRefusedException(), errors.SessionLost, "connection"),
    (Ice.CommunicatorDestroyedException(), errors.SessionLost, "connection"),
    (Ice.InvocationTimeoutException(), errors.SessionLost, "in time"),
    (Ice.ConnectTimeoutException(), errors.SessionLost, "in time"),
    (Ice.OperationNotExistException(), errors.ServerTooOld, "too old"),
    (Ice.MemoryLimitException(), errors.ServerRefused, "one message"),
    (
        Ice.UnknownLocalException("… Ice::MemoryLimitException …"),
        errors.ServerRefused,
        "one message",
    ),
    (Ice.UnknownException("Traceback …"), errors.ServerRefused, "the server failed"),
    (omero.ClientError("Null handle"), errors.ServerRefused, "Null handle"),
]


@pytest.mark.parametrize(("error", "kind", "part"), CASES)
def test_every_error_becomes_a_sentence(
    error: Any, kind: type[errors.OmeroIOError], part: str
) -> None:
    ours = translate(error, "open image 5")
    assert type(ours) is kind
    assert str(ours).startswith("Could not open image 5")
    assert part in str(ours)


@pytest.mark.parametrize("error", [error for error, _, _ in CASES])
def test_no_sentence_speaks_of_ice_or_java(error: Any) -> None:
    text = str(translate(error, "open image 5"))
    assert not re.search(r"Ice|omero\.|java|Exception|Traceback|::", text)
    assert text.endswith(".")


def test_retry_after_is_in_seconds() -> None:
    ours = translate(omero.LockTimeout(backOff=15000), "open image 5")
    assert isinstance(ours, errors.PixelsUnavailable)
    assert ours.retry_after == 15


def test_the_cause_is_kept_for_whoever_looks_for_it() -> None:
    with pytest.raises(errors.SessionLost) as raised, translated("read"):
        raise Ice.ConnectionLostException
    assert isinstance(raised.value.__cause__, Ice.ConnectionLostException)


def test_other_errors_pass() -> None:
    with pytest.raises(KeyError), translated("read"):
        raise KeyError("x")


@pytest.mark.parametrize(
    ("error", "kind", "part"),
    [
        (Glacier2.PermissionDeniedException("x"), errors.LoginRefused, "“jo”"),
        (omero.ExpiredCredentialException(), errors.LoginRefused, "expired"),
        (
            omero.WrappedCreateSessionException("no group x", False, -1, "ApiUsage"),
            errors.LoginRefused,
            "no group x",
        ),
        (
            omero.WrappedCreateSessionException("starting", True, 1000, "ApiUsage"),
            errors.CannotConnect,
            "starting",
        ),
        (Ice.ConnectionLostException(), errors.CannotConnect, "cannot be reached"),
        (Ice.ObjectNotExistException(), errors.CannotConnect, "not an OMERO server"),
        (Ice.BadMagicException(), errors.CannotConnect, "not an OMERO server"),
        (Ice.ConnectTimeoutException(), errors.CannotConnect, "in time"),
        (Ice.SecurityException("x"), errors.CannotConnect, "encryption"),
    ],
)
def test_logging_in_has_its_own_sentences(
    error: Any, kind: type[errors.OmeroIOError], part: str
) -> None:
    with pytest.raises(kind) as raised, translated_login("host:4064", "jo"):
        raise error
    assert part in str(raised.value)
    assert "host:4064" in str(raised.value)


def test_a_stale_key_is_told_apart_from_a_wrong_password() -> None:
    with (
        pytest.raises(errors.LoginRefused, match="session"),
        translated_login("h", None),
    ):
        raise Glacier2.PermissionDeniedException("x")
