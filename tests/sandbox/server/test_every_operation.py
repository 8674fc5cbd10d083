"""Call every operation of every interface: each must answer, whatever it answers.

An operation that nobody wrote leaves its client waiting for ever in a server of
asynchronous servants.
"""

from __future__ import annotations

from keyword import iskeyword

import Ice
import omero
import omero.all
import pytest
from omero.clients import Glacier2

from napari_omero_io.sandbox import services
from napari_omero_io.sandbox.coverage import list_operations
from napari_omero_io.sandbox.wire.servant import operations_of

from ..operations import empty, parameters_of, sensible

SECONDS = 120


@pytest.fixture(scope="module")
def own_sandbox():
    from napari_omero_io import Sandbox

    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def session_uuid(own_sandbox):
    """Keep one session: changing root's password is an operation as well."""
    client = omero.client(own_sandbox.host, own_sandbox.port)
    client.createSession("root", "omero")
    yield client.getSessionId()
    client.closeSession()


@pytest.fixture
def client(own_sandbox, session_uuid):
    timeout = f"--Ice.Default.InvocationTimeout={SECONDS * 1000}"
    client = omero.client(args=[timeout], host=own_sandbox.host, port=own_sandbox.port)
    client.joinSession(session_uuid)
    yield client
    client.closeSession()


def complaint_about(proxy, interface, operation, make):
    """Call an operation; return what is wrong with its answer, or None."""
    arguments = [make(kind) for kind in parameters_of(interface, operation)]
    name = f"_{operation}" if iskeyword(operation) else operation
    try:
        getattr(proxy, name)(*arguments)
    except omero.ServerError as error:
        if not error.message:
            return f"{operation}: {type(error).__name__} without a message"
        if "Wrapped Exception" in error.message:
            return f"{operation}: a fault of ours: {error.message}"
    except Glacier2.CannotCreateSessionException:
        pass
    except Ice.Exception as error:
        return f"{operation}: {type(error).__name__}: {str(error)[:500]}"
    return None


def complaints_about(make_proxy, interface, skipped=()):
    found = []
    for operation in operations_of(interface):
        if operation in skipped:
            continue
        for make in (sensible, empty):
            proxy = make_proxy()
            found.append(complaint_about(proxy, interface, operation, make))
    return [one for one in found if one]


def every_service():
    return sorted({*services.STATELESS, *services.STATEFUL, *services.REFUSED})


@pytest.mark.parametrize("name", every_service())
def test_every_operation_of_a_service_answers(client, name) -> None:
    factory = client.getSession()
    interface = getattr(omero.api, name)
    cast = getattr(omero.api, f"{name}Prx").uncheckedCast
    full_name = f"omero.api.{name}"
    if issubclass(interface, omero.api.StatefulServiceInterface):
        complaints = complaints_about(
            lambda: cast(factory.createByName(full_name)), interface
        )
    else:
        proxy = cast(factory.getByName(full_name))
        complaints = complaints_about(lambda: proxy, interface)
    assert not complaints, "\n".join(complaints)


def test_every_operation_of_the_factory_answers(client) -> None:
    factory = client.getSession()
    interface = omero.api.ServiceFactory
    complaints = complaints_about(lambda: factory, interface, skipped=("destroy",))
    assert not complaints, "\n".join(complaints)
    assert complaint_about(factory, interface, "destroy", sensible) is None


def test_every_operation_of_shared_resources_answers(client) -> None:
    resources = client.getSession().sharedResources()
    complaints = complaints_about(lambda: resources, omero.grid.SharedResources)
    assert not complaints, "\n".join(complaints)


def test_every_operation_of_a_handle_answers(client) -> None:
    factory = client.getSession()

    def submit():
        return factory.submit(omero.cmd.Delete2(targetObjects={"Image": [12345]}))

    complaints = complaints_about(submit, omero.cmd.Handle)
    assert not complaints, "\n".join(complaints)


def test_what_is_not_done_says_so_by_name(client) -> None:
    factory = client.getSession()
    with pytest.raises(omero.InternalException, match=r"SharedResources\.addProc"):
        factory.sharedResources().addProcessor(None)


def test_the_list_of_operations_is_whole() -> None:
    listed = {(one.interface, one.name) for one in list_operations()}
    for name in every_service():
        interface = getattr(omero.api, name)
        assert {(name, one) for one in operations_of(interface)} <= listed
    assert all(one.is_done for one in list_operations() if one.name == "close")
