"""Functions in threads: the answer comes back in the window's thread, or not at all."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from napari_omero_io.widgets import tasks as threads
from napari_omero_io.widgets.tasks import Tasks


def test_result_is_delivered_in_the_windows_thread(qtbot: QtBot) -> None:
    seen: list[tuple[int, int]] = []
    tasks = Tasks()
    tasks.run(
        threading.get_ident,
        lambda worker: seen.append((worker, threading.get_ident())),
        lambda error: seen.append((-1, -1)),
    )
    qtbot.waitUntil(lambda: bool(seen))
    worker, receiver = seen[0]
    assert receiver == threading.get_ident()
    assert worker != receiver


def test_exception_is_delivered_whole(qtbot: QtBot) -> None:
    errors: list[Exception] = []

    def fail() -> None:
        raise KeyError("lost")

    Tasks().run(fail, lambda _: None, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], KeyError)
    assert errors[0].__traceback__ is not None


def test_cancelled_answer_is_discarded_outside_the_windows_thread(
    qtbot: QtBot,
) -> None:
    gate = threading.Event()
    delivered: list[str] = []
    discarded: list[tuple[str, int]] = []

    def work() -> str:
        gate.wait(60)
        return "late"

    task = Tasks().run(
        work,
        delivered.append,
        lambda _: None,
        discard=lambda result: discarded.append((result, threading.get_ident())),
    )
    task.cancel()
    gate.set()
    qtbot.waitUntil(lambda: bool(discarded))
    assert discarded[0][0] == "late"
    assert discarded[0][1] != threading.get_ident()
    assert delivered == []


def test_answer_that_waits_for_delivery_can_still_be_cancelled(qtbot: QtBot) -> None:
    found = threading.Event()
    delivered: list[str] = []
    discarded: list[str] = []

    def work() -> str:
        found.set()
        return "there"

    tasks = Tasks()
    tasks.run(work, delivered.append, lambda _: None, discard=discarded.append)
    # No event has been handled since: the answer cannot have been delivered.
    found.wait(60)
    tasks.cancel_all()
    qtbot.waitUntil(lambda: discarded == ["there"])
    qtbot.wait(20)
    assert delivered == []


def test_the_end_of_the_program_waits_for_what_was_begun(qtbot: QtBot) -> None:
    begun, gate, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        gate.wait(60)
        ended.set()

    Tasks().run(work, lambda _: None, lambda _: None)
    assert begun.wait(60)
    threads._wait_for_threads(0.01)  # one that does not answer holds nothing up
    assert not ended.is_set()
    gate.set()
    threads._wait_for_threads(60)
    assert ended.is_set()
