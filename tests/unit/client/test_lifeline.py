"""How a lost link is renewed; no server, no clock but the threads' own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from napari_omero_io.client.lifeline import Lifeline, State
from napari_omero_io.errors import CannotConnect, LoginRefused, SessionLost

if TYPE_CHECKING:
    from collections.abc import Callable


class Link:
    def __init__(self, name: str) -> None:
        self.name = name
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


def make(
    rejoin: Callable[[Link], Link], pauses: tuple[float, ...] = (0, 0, 0)
) -> Lifeline[Link]:
    return Lifeline(Link("first"), rejoin, "h:4064", pauses=pauses, patience=60)


def test_many_who_lose_the_link_cause_one_rejoin() -> None:
    gate, calls = threading.Event(), []

    def rejoin(lost: Link) -> Link:
        calls.append(lost.name)
        gate.wait(60)
        return Link("second")

    line = make(rejoin)
    first = line.link
    got: list[tuple[int, Link]] = []
    threads = [
        threading.Thread(target=lambda: got.append(line.renew(0))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(60)
    assert calls == ["first"]
    assert {(number, link.name) for number, link in got} == {(1, "second")}
    assert len(got) == 20
    assert line.renew(0)[0] == 1  # late news of the first link is no news
    assert calls == ["first"]
    assert first.is_closed


def test_failures_are_followed_by_further_attempts_and_an_end() -> None:
    calls = []

    def rejoin(_: Link) -> Link:
        calls.append(1)
        raise CannotConnect("Nobody answers.")

    line = make(rejoin)
    states: list[State] = []
    line.state_changed.connect(lambda state, _text: states.append(state))
    with pytest.raises(SessionLost, match="Nobody answers"):
        line.renew(0)
    assert len(calls) == 3
    with pytest.raises(SessionLost):
        line.current()  # whoever asks again may have mended the network
    assert len(calls) == 6
    for thread in threading.enumerate():
        if thread.name == "omero-rejoin-h:4064":
            thread.join(60)  # it tells of the end last
    assert states == [State.RECONNECTING, State.LOST] * 2


def test_a_refusal_is_not_tried_again_until_the_user_helps() -> None:
    calls = []

    def rejoin(_: Link) -> Link:
        calls.append(1)
        raise LoginRefused("Give the password.")

    line = make(rejoin)
    for _ in range(3):
        with pytest.raises(SessionLost, match="Give the password"):
            line.current() if calls else line.renew(0)
    assert calls == [1]

    def refuse(_: Link) -> Link:
        raise LoginRefused("Wrong.")

    with pytest.raises(LoginRefused, match="Wrong"):
        line.resume(refuse)
    assert line.state is State.LOST
    line.resume(lambda _: Link("helped"))
    assert line.current()[1].name == "helped"


def test_an_unforeseen_error_lets_nobody_wait_for_ever() -> None:
    def rejoin(_: Link) -> Link:
        raise ZeroDivisionError

    line = make(rejoin)
    with pytest.raises(SessionLost, match="cannot be joined again"):
        line.renew(0)


def test_a_link_that_was_in_order_is_kept() -> None:
    line = make(lambda lost: lost)
    link = line.link
    assert line.renew(0) == (0, link)
    assert not link.is_closed


def test_a_link_that_comes_after_the_end_is_closed() -> None:
    gate, late = threading.Event(), Link("late")
    begun, made = threading.Event(), threading.Event()

    def rejoin(_: Link) -> Link:
        begun.set()
        gate.wait(60)
        return late

    line = make(rejoin)
    late.close = made.set  # type: ignore[method-assign]
    line.report_loss(0)
    assert begun.wait(60)
    line.close()
    line.close()
    gate.set()
    assert made.wait(60)
    with pytest.raises(SessionLost, match="closed"):
        line.current()


def test_listeners_that_fail_disturb_nothing() -> None:
    line = make(lambda _: Link("second"))

    def fail(*_: object) -> None:
        raise RuntimeError("gone")

    line.state_changed.connect(fail)
    assert line.renew(0)[1].name == "second"


def test_later_links_are_watched_before_they_are_used() -> None:
    seen: list[str] = []
    line: Lifeline[Link] = Lifeline(
        Link("first"),
        lambda _: Link("second"),
        "h",
        on_install=lambda link, _: seen.append(link.name),
        pauses=(0,),
    )
    line.renew(0)
    assert seen == ["second"]
