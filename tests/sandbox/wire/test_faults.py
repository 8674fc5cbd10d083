"""Every error of the sandbox has its exception in OMERO's protocol."""

from __future__ import annotations

import omero
import omero.all
import pytest
from omero.clients import Glacier2

from napari_omero_io.sandbox import errors
from napari_omero_io.sandbox.wire.faults import FAULTS, as_fault, as_refused_login

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, errors.SandboxError)
    and kind is not errors.SandboxError
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_in_the_table(kind) -> None:
    exception, java_name = FAULTS[kind]
    assert issubclass(exception, omero.ServerError)
    assert java_name


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_keeps_the_tree(kind) -> None:
    """Who catches the general kind on one side catches the special on the other."""
    parent = kind.__mro__[1]
    if parent in FAULTS and parent is not errors.Concurrent:
        assert issubclass(FAULTS[kind][0], FAULTS[parent][0])


def test_a_message_and_the_servers_own_name_travel() -> None:
    fault = as_fault(errors.Invalid("name is null"), "IUpdate.saveObject")
    assert isinstance(fault, omero.ValidationException)
    assert fault.message == "name is null"
    assert fault.serverExceptionClass == "ome.conditions.ValidationException"


def test_what_some_exceptions_have_more_travels_too() -> None:
    locked = as_fault(errors.Locked("busy", 15000, 3), "x")
    assert (locked.backOff, locked.seconds) == (15000, 3)
    missing = as_fault(errors.PyramidMissing("later", 60000, 17), "x")
    assert (missing.backOff, missing.pixelsID) == (60000, 17)


def test_an_error_without_an_entry_is_treated_as_its_parent() -> None:
    class Special(errors.NotAllowed):
        pass

    assert isinstance(as_fault(Special("no"), "x"), omero.SecurityViolation)


def test_an_exception_of_the_protocol_passes() -> None:
    error = omero.ResourceError(message="gone")
    assert as_fault(error, "x") is error


def test_a_login_that_fails_after_the_password_is_not_tried_again() -> None:
    refusal = as_refused_login(errors.ApiUsage("No such group: x"))
    assert isinstance(refusal, omero.WrappedCreateSessionException)
    assert isinstance(refusal, Glacier2.CannotCreateSessionException)
    assert not refusal.concurrency
    assert refusal.type == "ApiUsageException"
    assert refusal.reason == "No such group: x"


def test_breaking_on_a_null_is_the_clients_fault() -> None:
    fault = as_fault(TypeError("oops"), "IUpdate.saveObject", [1, None])
    assert isinstance(fault, omero.ApiUsageException)
    assert fault.message == "Null: argument 2 of IUpdate.saveObject."
    assert isinstance(as_fault(TypeError("oops"), "x", [1]), omero.InternalException)
    refused = as_fault(errors.NotAllowed("no"), "x", [None])
    assert isinstance(refused, omero.SecurityViolation)
