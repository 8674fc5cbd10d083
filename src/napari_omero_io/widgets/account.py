"""Whether a user is logged in, where, and the way there and out.

Holds the state that outlives any widget: pages come and go, the session stays.
"""

from __future__ import annotations

import logging
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from qtpy.QtCore import QObject, Signal

from napari_omero_io.errors import SessionLost

from .message import explain
from .tasks import Task, Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .login import Login
    from .message import Tone
    from .server import Server

logger = logging.getLogger(__name__)


class LoginMemory(Protocol):
    """Where the servers that were used are kept, without passwords."""

    def recall(self) -> Sequence[Login]:
        """Give the logins, the last one first."""

    def remember(self, login: Login) -> None:
        """Put one to the front."""


class State(Enum):
    """Where the account stands."""

    LOGGED_OUT = auto()
    CONNECTING = auto()
    LOGGED_IN = auto()


class Account(QObject):
    """One user's way into a server.

    Signals
    -------
    changed()
        `state`, `message` or `server` is another now.

    Parameters
    ----------
    connect
        Opens a session; called in a thread.
    start_trial
        Starts a server on this computer and says how to log in; called in a thread.
    memory
        Where successful logins are remembered.
    """

    changed = Signal()

    def __init__(
        self,
        connect: Callable[[Login], Server],
        start_trial: Callable[[], Login],
        memory: LoginMemory,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._connect = connect
        self._start_trial = start_trial
        self.memory = memory
        self._tasks = Tasks()
        self._attempt: Task[Server] | None = None
        self.server: Server | None = None
        self.state = State.LOGGED_OUT
        self.message = ""
        self.tone: Tone = "plain"

    def log_in(self, login: Login, *, is_remembered: bool = True) -> None:
        """Try to log in; the outcome is told by `changed`.

        Parameters
        ----------
        is_remembered
            Whether the server is offered the next time; of no use for one that
            listens on another port then.
        """

        def connect() -> Server:
            server = self._connect(login)
            if is_remembered:
                self.memory.remember(login.without_password())
            return server

        self._attempt_with(connect, f"Connecting to {login.address}…")

    def try_without_server(self) -> None:
        """Start a server on this computer and log in to it."""
        self._attempt_with(
            lambda: self._connect(self._start_trial()),
            "Starting a server on this computer. The first time takes a minute, "
            "because demo images are made…",
        )

    def adopt(self, server: Server) -> None:
        """Use a session that was opened elsewhere."""
        self.leave()
        self._arrive(server)

    def cancel(self) -> None:
        """Stop waiting for a server; a late answer is closed unseen."""
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
            self._set(State.LOGGED_OUT, "")

    def leave(self, message: str = "", tone: Tone = "plain") -> None:
        """Log out; the session is closed behind the scenes."""
        self.cancel()
        server, self.server = self.server, None
        if server is not None:
            self._tasks.run(server.close, lambda _: None, _note_unclean_end)
            self._set(State.LOGGED_OUT, message, tone)

    def note_failure(self, error: Exception) -> str:
        """Say in a sentence what went wrong; a lost session leads to the login page."""
        text = explain(error)
        if isinstance(error, SessionLost):
            self.leave(text, "error")
        return text

    def _attempt_with(self, work: Callable[[], Server], text: str) -> None:
        self.leave()
        self._attempt = self._tasks.run(
            work, self._arrive, self._refuse, discard=lambda server: server.close()
        )
        self._set(State.CONNECTING, text, "busy")

    def _arrive(self, server: Server) -> None:
        self._attempt = None
        self.server = server
        self._set(State.LOGGED_IN, "")

    def _refuse(self, error: Exception) -> None:
        self._attempt = None
        self._set(State.LOGGED_OUT, explain(error), "error")

    def _set(self, state: State, message: str, tone: Tone = "plain") -> None:
        self.state = state
        self.message = message
        self.tone = tone
        self.changed.emit()


def _note_unclean_end(error: Exception) -> None:
    # The session is left either way, and the server ends it by itself in time.
    logger.info("The session was not closed cleanly: %s", error)
