"""A bad network and a failing server, on request of its owner only."""

from __future__ import annotations

import threading
import time

import Ice
import omero
import omero.all
import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io import Sandbox
from napari_omero_io.sandbox.command import main
from napari_omero_io.sandbox.errors import ResourceFault, WrongPassword
from napari_omero_io.sandbox.faults import FILES, give_order
from napari_omero_io.sandbox.simulate import Network, is_writing, size_of
from napari_omero_io.sandbox.wire.servant import make_servant


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("failing") / "data"


@pytest.fixture(scope="module")
def failing(data):
    with Sandbox(data, faults=True) as sandbox:
        yield sandbox


@pytest.fixture
def client(failing, data):
    found = omero.client(failing.host, failing.port)
    found.createSession(failing.user, failing.password)
    yield found
    give_order(data, {"kind": "clear"})
    found.__del__()


# The network


def test_answers_arrive_in_the_order_of_their_times():
    network, told, done = Network(), [], threading.Event()
    now = time.monotonic()
    network.deliver(now + 2000, lambda: (told.append("late"), done.set()))
    network.deliver(now + 1000, lambda: told.append("early"))
    network.close()
    assert done.wait(60)
    assert told == ["early", "late"]


def test_an_answer_is_sent_when_its_time_has_come():
    network, told = Network(), threading.Event()
    at = time.monotonic() + 0.1
    network.deliver(at, told.set)
    assert told.wait(60)
    assert time.monotonic() >= at
    network.close()


def test_what_is_late_is_sent_at_once_at_the_end():
    network, told = Network(), threading.Event()
    network.deliver(time.monotonic() + 1000, told.set)
    network.close()
    assert told.wait(60)


def test_clients_share_the_bandwidth():
    network = Network(latency=1.0, bandwidth=1)  # byte a second
    now = time.monotonic()
    first = network.arrival("IQuery", b"x" * 500)
    second = network.arrival("IQuery", [b"x" * 250, "y" * 250])
    assert first >= now + 501
    assert second == pytest.approx(first + 500)


def test_a_hundred_calls_at_once_wait_without_a_thread_each():
    class Desk:
        network = Network(latency=1000)

        def admit(self, current, interface):
            return current

    class Query:
        def get(self, call, class_name, object_id):
            return object_id

    class Callback:
        def __init__(self, number):
            self.number = number

        def ice_response(self, result):
            answers.append(result)
            if len(answers) == 100:
                everyone.set()

    answers, everyone = [], threading.Event()
    servant = make_servant(omero.api.IQuery, Query(), Desk())
    for number in range(100):
        servant.get_async(Callback(number), "Image", number, "current")
    assert answers == []  # all were taken, none of them is answered yet
    Desk.network.close()
    assert everyone.wait(60)
    assert answers == list(range(100))


def test_no_operation_keeps_its_thread_while_the_network_is_slow():
    class Desk:
        network = Network(latency=1000)

        def admit(self, current, interface):
            return current

    class Factory:
        def keepAlive(self, call, proxy):
            return True

    class Callback:
        def ice_response(self, result):
            answered.set()

    answered = threading.Event()
    servant = make_servant(omero.api.ServiceFactory, Factory(), Desk())
    servant.keepAlive_async(Callback(), None, "current")  # and comes back at once
    assert not answered.is_set()
    Desk.network.close()
    assert answered.wait(60)


def test_a_wrong_password_is_answered_late_and_keeps_no_thread():
    class Desk:
        network = Network()

        def admit(self, current, interface):
            return current

    class Sessions:
        def createSession(self, call, principal, password):
            raise WrongPassword("no", delay=1000)

    class Callback:
        def ice_exception(self, fault):
            faults.append(fault)
            answered.set()

    faults, answered = [], threading.Event()
    servant = make_servant(omero.api.ISession, Sessions(), Desk())
    servant.createSession_async(Callback(), None, "guess", "current")
    assert not answered.is_set()
    Desk.network.close()
    assert answered.wait(60)
    assert isinstance(faults[0], omero.SecurityViolation)


def test_a_distant_server_is_one_that_works():
    with Sandbox(latency_ms=20, bandwidth=1_000_000) as sandbox:
        client = omero.client(sandbox.host, sandbox.port)
        client.createSession(sandbox.user, sandbox.password)
        query = client.sf.getQueryService()
        asked = [query.begin_get("Experimenter", 0) for _ in range(100)]
        assert {query.end_get(one).omeName.val for one in asked} == {"root"}
        client.__del__()


def test_sizes_count_what_is_sent():
    assert size_of((b"123", ["45", 1.5], None)) == 3 + 2 + 8 + 8


@pytest.mark.parametrize(
    ("interface", "operation", "expected"),
    [
        ("IUpdate", "saveAndReturnObject", True),
        ("RawPixelsStore", "setPlane", True),
        ("RawPixelsStore", "setPixelsId", False),
        ("RawFileStore", "write", True),
        ("ServiceFactory", "submit", True),
        ("ServiceFactory", "createRawPixelsStore", False),
        ("RenderingEngine", "setActive", False),
        ("RenderingEngine", "saveCurrentSettings", True),
        ("IQuery", "findAllByQuery", False),
        ("IAdmin", "getEventContext", False),
    ],
)
def test_what_counts_as_writing(interface, operation, expected):
    assert is_writing(interface, operation) is expected


# Faults


def test_calls_that_write_are_refused(client, data):
    dataset = omero.model.DatasetI()
    dataset.name = rstring("a")
    update = client.sf.getUpdateService()
    for kind, text in (("refuse-writes", "read-only"), ("fill-disk", "No space left")):
        give_order(data, {"kind": kind})
        with pytest.raises(omero.ResourceError, match=text):
            update.saveAndReturnObject(dataset)
        assert client.sf.getQueryService().get("Experimenter", 0).omeName.val == "root"
    give_order(data, {"kind": "clear"})
    assert update.saveAndReturnObject(dataset).id.val > 0


def test_connections_are_dropped_and_can_be_made_again(client, failing, data):
    assert give_order(data, {"kind": "drop"}) == "1 connections dropped"
    with pytest.raises((Ice.Exception, omero.ClientError)):
        client.sf.ice_getConnection()
        client.sf.getQueryService().get("Experimenter", 0)
    other = omero.client(failing.host, failing.port)
    other.createSession(failing.user, failing.password)
    other.__del__()


def test_sessions_expire(failing, data):
    client = omero.client(failing.host, failing.port)
    client.createSession(failing.user, failing.password)
    query = client.sf.getQueryService()
    assert give_order(data, {"kind": "expire", "user": "nobody"}).startswith("0 ")
    assert query.get("Experimenter", 0)
    give_order(data, {"kind": "expire", "user": "root"})
    with pytest.raises((Ice.Exception, omero.ServerError)):
        query.get("Experimenter", 0)
    client.__del__()


def test_one_service_is_late(client, data, capsys):
    words = ["--service", "IQuery", "--ms", "400", "--data", str(data)]
    assert main(["sandbox", "fault", "delay", *words][1:]) == 0
    assert "IQuery answers 0.4 s late" in capsys.readouterr().out
    begin = time.monotonic()
    client.sf.getQueryService().get("Experimenter", 0)
    assert time.monotonic() - begin >= 0.4


# Only for the owner


def test_a_server_takes_no_orders_unless_it_was_asked_to(tmp_path):
    with Sandbox(tmp_path / "data"):
        with pytest.raises(ResourceFault, match="--faults"):
            give_order(tmp_path / "data", {"kind": "drop"})
        assert not any((tmp_path / "data" / name).exists() for name in FILES)


def test_wrong_orders_are_refused_with_a_sentence(failing, data, capsys):
    assert main(["fault", "delay", "--data", str(data)]) == 1
    assert "--service" in capsys.readouterr().err
    with pytest.raises(Exception, match="Not understood"):
        give_order(data, {"kind": "delay"})


def test_the_way_of_orders_is_private(failing, data):
    assert (data / "fault.open").stat().st_mode & 0o077 == 0
    assert data.stat().st_mode & 0o077 == 0
