"""Run a function in a thread and bring its answer back to the window.

Every call to a server made for the window goes through here, so that the window
never waits.  Knows Qt's event loop and nothing of OMERO or napari.

Threads are daemons, one per task: a server that never answers must not keep the
program from ending.
"""

from __future__ import annotations

import atexit
import threading
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakSet

from qtpy.QtCore import QObject, Qt, Signal

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# A task nobody refers to must live until its answer has been delivered.
_running: set[Task[Any]] = set()
_threads: WeakSet[threading.Thread] = WeakSet()

#: Seconds for which the end of the program is held up by a server that does not answer.
_PATIENCE = 3.0


class _Courier(QObject):
    """Carries the news from a working thread to the thread that made it."""

    arrived = Signal()

    def __init__(self, deliver: Callable[[], None]) -> None:
        super().__init__()
        self._deliver = deliver
        self.arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def _hand_over(self) -> None:
        self._deliver()


class Task(Generic[T]):
    """One function on its way.

    Parameters
    ----------
    work
        Called in a thread, without arguments.
    done
        Called with the result, in the thread that made the task.
    failed
        Called with the exception, in the thread that made the task.
    discard
        Called with a result that nobody wants any more, never in the window's
        thread; for results that hold something open, such as a connection.
    """

    def __init__(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        discard: Callable[[T], None] | None = None,
    ) -> None:
        self._work = work
        self._done = done
        self._failed = failed
        self._discard = discard
        self._lock = threading.Lock()
        self._cancelled = False
        self._answer: tuple[T] | Exception | None = None
        self._courier = _Courier(self._deliver)

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits for the answer any more."""
        return self._cancelled

    def start(self) -> None:
        """Start the thread."""
        _running.add(self)
        _start_thread(self._run)

    def cancel(self) -> None:
        """Forget the answer: neither `done` nor `failed` will be called.

        The function itself runs to its end; what it returns is discarded.
        """
        with self._lock:
            self._cancelled = True
            answer, self._answer = self._answer, None
        if isinstance(answer, tuple) and self._discard is not None:
            discard, result = self._discard, answer[0]
            _start_thread(lambda: discard(result))

    def _run(self) -> None:
        answer: tuple[T] | Exception
        try:
            answer = (self._work(),)
        except Exception as error:  # noqa: BLE001 -- handed to `failed`, whole
            answer = error
        with self._lock:
            cancelled = self._cancelled
            if not cancelled:
                self._answer = answer
        if cancelled and isinstance(answer, tuple) and self._discard is not None:
            self._discard(answer[0])
        self._courier.arrived.emit()

    def _deliver(self) -> None:
        _running.discard(self)
        with self._lock:
            answer, self._answer = self._answer, None
        if isinstance(answer, Exception):
            self._failed(answer)
        elif answer is not None:
            self._done(answer[0])


class Tasks:
    """The tasks that one owner waits for.

    The owner cancels them all when it goes away, so that no answer reaches a
    widget that Qt has already destroyed.
    """

    def __init__(self) -> None:
        self._started: WeakSet[Task[Any]] = WeakSet()

    def run(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        discard: Callable[[T], None] | None = None,
    ) -> Task[T]:
        """Start `work` in a thread; see `Task` for the meaning of the rest."""
        task = Task(work, done, failed, discard)
        self._started.add(task)
        task.start()
        return task

    def cancel_all(self) -> None:
        """Forget every answer that is still on its way."""
        for task in list(self._started):
            task.cancel()


def _start_thread(work: Callable[[], None]) -> None:
    thread = threading.Thread(target=work, name="omero-task", daemon=True)
    _threads.add(thread)
    thread.start()


@atexit.register
def _wait_for_threads(seconds: float = _PATIENCE) -> None:
    """Let what was begun come to its end, such as the end of a session, for a while.

    A thread that comes back from Ice while Python takes itself apart is ended there,
    through C++ that does not allow it: the program would end with an abort.
    """
    end = time.monotonic() + seconds
    for thread in list(_threads):
        thread.join(max(0.0, end - time.monotonic()))
