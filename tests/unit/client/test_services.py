"""Which calls are repeated after a loss, and which never."""

from __future__ import annotations

from typing import Any

import Ice
import omero
import pytest

from napari_omero_io.client.lifeline import Lifeline
from napari_omero_io.client.link import CallContext
from napari_omero_io.client.services import Service, is_reading
from napari_omero_io.client.translate import Loss, find_loss


class Proxy:
    """Fails as often as it is told, and then answers with what it was given."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.failures:
                raise self.failures.pop(0)
            return arguments

        return call

    def begin_findAllByQuery(self, *arguments: Any) -> Any:
        return arguments

    def end_findAllByQuery(self, asked: Any) -> Any:
        return self.findAllByQuery(*asked)


class FakeLink:
    is_cut = False

    def __init__(self, login: str, proxy: Proxy) -> None:
        self.login = login
        self.proxy = proxy

    def service(self, _name: str) -> Proxy:
        return self.proxy

    def renew_context(self, context: CallContext) -> CallContext:
        return CallContext({**context, "login": self.login})

    def close(self) -> None:
        pass


def make(*failures: Exception) -> tuple[Service, Lifeline[Any], Proxy, list[str]]:
    proxy, suspicions = Proxy(*failures), []
    line: Lifeline[Any] = Lifeline(
        FakeLink("first", proxy), lambda _: FakeLink("second", proxy), "h", pauses=(0,)
    )
    service = Service(line, "query", lambda: suspicions.append("late"))
    return service, line, proxy, suspicions


ENDED = [omero.RemovedSessionException, Ice.ObjectNotExistException]
BROKEN = [Ice.ConnectionLostException, Ice.CommunicatorDestroyedException]


@pytest.mark.parametrize("error", [*ENDED, *BROKEN])
def test_reading_is_repeated_with_the_context_of_the_new_login(error: Any) -> None:
    service, line, proxy, _ = make(error())
    context = CallContext({"omero.group": "3", "login": "first"})
    answer = service.findByQuery("text", context)
    assert answer == ("text", {"omero.group": "3", "login": "second"})
    assert (proxy.calls, line.generation) == (2, 1)


@pytest.mark.parametrize("error", ENDED)
def test_writing_is_repeated_where_it_cannot_have_happened(error: Any) -> None:
    service, _, proxy, _ = make(error())
    assert service.saveObject("it") == ("it",)
    assert proxy.calls == 2


@pytest.mark.parametrize("error", BROKEN)
def test_writing_that_may_have_happened_is_not_repeated(error: Any) -> None:
    service, line, proxy, _ = make(error())
    with pytest.raises(error):
        service.saveObject("it")
    assert proxy.calls == 1
    assert line.current()[1].login == "second"  # but the next call goes on


def test_one_repetition_is_enough() -> None:
    service, _, proxy, _ = make(Ice.ConnectionLostException(), *[BROKEN[0]()] * 5)
    with pytest.raises(Ice.ConnectionLostException):
        service.findByQuery()
    assert proxy.calls == 2


def test_a_late_answer_is_looked_into() -> None:
    service, line, proxy, suspicions = make(Ice.InvocationTimeoutException())
    with pytest.raises(Ice.InvocationTimeoutException):
        service.findByQuery()
    assert (proxy.calls, line.generation, suspicions) == (1, 0, ["late"])


def test_refusals_are_no_losses() -> None:
    service, line, _, _ = make(omero.SecurityViolation())
    with pytest.raises(omero.SecurityViolation):
        service.findByQuery()
    assert line.generation == 0
    assert find_loss(omero.SecurityViolation()) is None
    assert find_loss(Ice.ConnectTimeoutException()) is Loss.ENDED


def test_calls_that_are_under_way_are_repeated_too() -> None:
    service, line, proxy, _ = make(Ice.ConnectionLostException())
    asked = [service.begin_findAllByQuery(n) for n in range(3)]
    assert [service.end_findAllByQuery(each) for each in asked] == [(0,), (1,), (2,)]
    assert (proxy.calls, line.generation) == (4, 1)


def test_what_reads() -> None:
    assert is_reading("findAllByQuery")
    assert is_reading("createRawPixelsStore")
    assert not is_reading("createImage")
    assert not is_reading("saveAndReturnObject")
    assert not is_reading("submit")
