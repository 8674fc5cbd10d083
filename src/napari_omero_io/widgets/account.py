"""Whether a user is logged in, where, and the way there and out.

Holds the state that outlives any widget: pages come and go, the session stays.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from qtpy.QtCore import QObject, Signal

from napari_omero_io.errors import CertificateRefused, OnlyWebFound

from .message import explain
from .tasks import Task, Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .login import Login
    from .message import Tone
    from .server import Server

logger = logging.getLogger(__name__)

#: Seconds for which calls that failed on a lost session may still come to an end.
_MOMENT = 10.0


class LoginMemory(Protocol):
    """Where the servers that were used are kept, without passwords."""

    def recall(self) -> Sequence[Login]:
        """Give the logins, the last one first."""

    def remember(self, login: Login) -> None:
        """Put one to the front."""

    def add_alias(self, web_host: str, address: str) -> None:
        """Remember where the server is whose web client is at `web_host`."""

    def trust(self, server: str, fingerprint: str) -> None:
        """Take a new certificate of a server for its own."""

    def can_keep_passwords(self) -> bool:
        """Whether this machine has a keyring."""


class State(Enum):
    """Where the account stands."""

    LOGGED_OUT = auto()
    CONNECTING = auto()
    LOGGED_IN = auto()
    #: The session has ended, and the user has to help; what is open stays open.
    LOST = auto()


class Account(QObject):
    """One user's way into a server.

    Signals
    -------
    changed()
        `state`, `message` or `server` is another now.
    left()
        The user has logged out, or has given up to log in.

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
    left = Signal()
    _heard = Signal(object, str, str)

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
        #: A certificate that was refused, and that the user may trust after all.
        self.refused: CertificateRefused | None = None
        self._web_host = ""
        #: How the user came here; None where that is not remembered.
        self._login: Login | None = None
        self._stop_listening: Callable[[], None] | None = None
        self._calm_at = 0.0
        self._heard.connect(self._on_state)

    @property
    def is_troubled(self) -> bool:
        """Whether its session is lost, or being restored; `message` says so."""
        is_restored = self.state is State.LOGGED_IN and self.tone == "busy"
        return self.state is State.LOST or is_restored

    @property
    def was_troubled(self) -> bool:
        """Whether it is troubled, or was a moment ago."""
        return self.is_troubled or time.monotonic() < self._calm_at

    def log_in(self, login: Login, *, is_remembered: bool = True) -> None:
        """Try to log in; the outcome is told by `changed`.

        Parameters
        ----------
        is_remembered
            Whether the server is offered the next time; of no use for one that
            listens on another port then.
        """
        if self._is_same(login):
            self._resume(login.password)
            return
        web_host, self._web_host = self._web_host, ""
        self._login = None

        def connect() -> Server:
            server = self._connect(login)
            if is_remembered:
                self._login = replace(login.without_password(), user=server.user.name)
                self.memory.remember(self._login)
                if web_host and not server.is_at(web_host):
                    self.memory.add_alias(web_host, login.address)
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
        self._drop_server()
        self._arrive(server)

    def remember_group(self, name: str) -> None:
        """Work in a group the next time, too."""
        login = self._login
        if login is None:
            return
        known = self._login = replace(login, group=name)
        self._tasks.run(
            lambda: self.memory.remember(known), lambda _: None, _note_unremembered
        )

    def cancel(self) -> None:
        """Stop waiting for a server; a late answer is closed unseen."""
        if self._attempt is not None:
            self._attempt.cancel()
            self._attempt = None
            self._set(self._without_attempt(), "")

    def trust_refused(self) -> None:
        """Trust the certificate that was refused last; then the user logs in again."""
        refused, self.refused = self.refused, None
        if refused is None:
            return

        def told(_: object) -> None:
            state = self._without_attempt()
            self._set(state, "The new certificate is trusted. Log in again.")

        self._tasks.run(
            lambda: self.memory.trust(refused.server, refused.fingerprint),
            told,
            self._refuse,
        )

    def leave(self, message: str = "", tone: Tone = "plain") -> None:
        """Log out; the session is closed behind the scenes."""
        self._drop_server(message, tone)
        self.left.emit()

    def _drop_server(self, message: str = "", tone: Tone = "plain") -> None:
        self.cancel()
        server, self.server = self.server, None
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        if server is not None:
            self._tasks.run(server.close, lambda _: None, _note_unclean_end)
            self._set(State.LOGGED_OUT, message, tone)

    def note_failure(self, error: Exception) -> str:
        """Say in a sentence what went wrong.

        That a session is lost is told by the session itself, once.
        """
        return explain(error)

    def _is_same(self, login: Login) -> bool:
        """Whether a login is to go on with the session that was lost."""
        server = self.server
        return (
            self.state is State.LOST
            and server is not None
            and bool(login.password)
            and server.is_at(login.address)
            and server.user.name == login.user
        )

    def _resume(self, password: str) -> None:
        server = self.server
        assert server is not None

        def resume() -> Server:
            server.resume(password)
            return server

        self._attempt = self._tasks.run(resume, self._return_to, self._refuse)
        self._set(State.CONNECTING, f"Connecting to {server.address}…", "busy")

    def _return_to(self, server: Server) -> None:
        self._attempt = None
        if server is self.server:
            self._set(State.LOGGED_IN, "")

    def _on_state(self, server: Server, state: str, text: str) -> None:
        """Show what a session says of itself."""
        if server is not self.server or self.state is State.CONNECTING:
            return
        if state == "reconnecting":
            self._set(State.LOGGED_IN, text, "busy")
        elif state == "connected":
            self._set(State.LOGGED_IN, "")
        elif state == "lost":
            self._set(State.LOST, text, "error")

    def _without_attempt(self) -> State:
        return State.LOGGED_OUT if self.server is None else State.LOST

    def _attempt_with(self, work: Callable[[], Server], text: str) -> None:
        self._drop_server()
        self._attempt = self._tasks.run(
            work, self._arrive, self._refuse, discard=lambda server: server.close()
        )
        self._set(State.CONNECTING, text, "busy")

    def _arrive(self, server: Server) -> None:
        self._attempt = None
        self.server = server
        self._stop_listening = server.on_state(
            lambda state, text: self._heard.emit(server, state, text)
        )
        self._set(State.LOGGED_IN, "")

    def _refuse(self, error: Exception) -> None:
        self._attempt = None
        self.refused = None
        if isinstance(error, CertificateRefused) and error.server:
            self.refused = error
        self._web_host = error.web_host if isinstance(error, OnlyWebFound) else ""
        self._set(self._without_attempt(), explain(error), "error")

    def _set(self, state: State, message: str, tone: Tone = "plain") -> None:
        if self.is_troubled:
            self._calm_at = time.monotonic() + _MOMENT
        self.state = state
        self.message = message
        self.tone = tone
        self.changed.emit()


def _note_unclean_end(error: Exception) -> None:
    # The session is left either way, and the server ends it by itself in time.
    logger.info("The session was not closed cleanly: %s", error)


def _note_unremembered(error: Exception) -> None:
    # A convenience for the next login, and no reason to disturb anybody.
    logger.warning("The group cannot be remembered: %s", error)
