"""Every operation of every interface has a face, and every call an answer."""

from __future__ import annotations

import logging
import threading

import omero
import omero.all
import omero.model
import pytest

from napari_omero_io.sandbox import services
from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.simulate import Network
from napari_omero_io.sandbox.wire.arguments import Arguments, has_holes
from napari_omero_io.sandbox.wire.servant import (
    make_servant,
    operations_of,
)

INTERFACES = [
    getattr(omero.api, name)
    for name in sorted({*services.STATELESS, *services.STATEFUL, *services.REFUSED})
] + [omero.api.ServiceFactory, omero.grid.SharedResources, omero.cmd.Handle]


class Desk:
    network = Network()

    def admit(self, current, interface):
        return ("call of", current)


class Callback:
    def __init__(self):
        self.responses = []
        self.exceptions = []

    def ice_response(self, *results):
        self.responses.append(results)

    def ice_exception(self, error):
        self.exceptions.append(error)


class Query:
    def get(self, call, class_name, object_id):
        return call, class_name, object_id

    def find(self, call, class_name, object_id):
        raise ApiUsage(f"no {class_name}")

    def findByString(self, call, class_name, field, value):
        raise ZeroDivisionError("a fault of ours")


def call(servant, operation, *arguments):
    callback = Callback()
    getattr(servant, f"{operation}_async")(callback, *arguments, "current")
    assert len(callback.responses) + len(callback.exceptions) == 1
    return callback


@pytest.mark.parametrize("interface", INTERFACES, ids=lambda one: one.__name__)
def test_nothing_of_the_generated_class_is_left_to_dispatch(interface) -> None:
    servant = make_servant(interface, None, Desk())
    assert operations_of(interface)
    for operation in operations_of(interface):
        name = f"{operation}_async"
        assert getattr(type(servant), name) is not getattr(interface, name, None)


@pytest.mark.parametrize("interface", INTERFACES, ids=lambda one: one.__name__)
def test_what_a_service_lacks_is_refused_by_name(interface) -> None:
    servant = make_servant(interface, None, Desk())
    for operation in operations_of(interface):
        (refusal,) = call(servant, operation).exceptions
        assert refusal.message.startswith(f"{interface.__name__}.{operation} ")


def test_a_service_gets_the_call_and_the_arguments_in_order() -> None:
    servant = make_servant(omero.api.IQuery, Query(), Desk())
    answer = call(servant, "get", "Image", 3)
    assert answer.responses == [((("call of", "current"), "Image", 3),)]


def test_an_error_of_the_sandbox_is_translated() -> None:
    servant = make_servant(omero.api.IQuery, Query(), Desk())
    (error,) = call(servant, "find", "Image", 3).exceptions
    assert isinstance(error, omero.ApiUsageException)
    assert error.message == "no Image"


def test_a_fault_is_answered_in_short_and_logged_in_full(caplog) -> None:
    servant = make_servant(omero.api.IQuery, Query(), Desk())
    with caplog.at_level(logging.ERROR):
        (error,) = call(servant, "findByString", "Image", "name", "x").exceptions
    assert isinstance(error, omero.InternalException)
    assert "ZeroDivisionError" in error.message
    assert "Traceback" not in str(error)
    (record,) = caplog.records
    assert "IQuery.findByString" in record.getMessage()
    assert record.exc_info[1].__traceback__ is not None


def test_an_extra_operation_goes_before_the_service() -> None:
    extra = {"get": lambda call, class_name, object_id: "extra"}
    servant = make_servant(omero.api.IQuery, Query(), Desk(), extra=extra)
    assert call(servant, "get", "Image", 3).responses == [("extra",)]


def test_calls_of_a_stateful_service_wait_for_each_other() -> None:
    inside = threading.Semaphore(1)
    overlaps = []

    class Store:
        def getByteWidth(self, call):
            overlaps.append(not inside.acquire(blocking=False))
            entered.set()
            go_on.wait(60)
            inside.release()
            return 2

    entered, go_on = threading.Event(), threading.Event()
    servant = make_servant(
        omero.api.RawPixelsStore, Store(), Desk(), one_at_a_time=True
    )
    threads = [
        threading.Thread(target=call, args=(servant, "getByteWidth")) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    assert entered.wait(60)
    go_on.set()
    for thread in threads:
        thread.join(60)
    assert overlaps == [False, False, False]


def test_a_list_with_a_hole_is_found_without_looking_at_it() -> None:
    import ctypes

    new_list = ctypes.pythonapi.PyList_New
    new_list.restype, new_list.argtypes = ctypes.py_object, [ctypes.c_ssize_t]
    hollow = new_list(3)  # what Ice makes of references to objects that never come
    graph = omero.model.DatasetI()
    assert not has_holes([graph, [1, 2], ("a", None), {"a": [graph]}, b"", 1.5])
    assert has_holes([{"a": [graph, hollow]}])
    graph._imageLinksSeq = hollow
    assert has_holes([graph])


def test_arguments_that_could_not_be_read_are_refused() -> None:
    servant = make_servant(omero.api.IQuery, Query(), Desk())
    assert type(servant)._op_get is not omero.api.IQuery._op_get
    arguments = type("Two", (Arguments,), {"count": 2})()
    arguments._0 = "Image"  # the second was never set
    (refusal,) = call(servant, "get", arguments).exceptions
    assert isinstance(refusal, omero.ApiUsageException)
    arguments._1 = 5
    ((answer,),) = call(servant, "get", arguments).responses
    assert answer == (("call of", "current"), "Image", 5)
