"""What keeps a conversation going when its connection is lost.

One place knows how a session stands, and tells it: connected, reconnecting, lost or
closed.  Whoever finds that a call fails because the session is gone asks for a renewal
and waits for it; however many find out at once, one thread rejoins, with pauses that
grow, and gives up in the end.

Knows nothing of Ice: a *link* is whatever `rejoin` makes of the one that was lost.
"""

from __future__ import annotations

import logging
import random
import threading
from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from psygnal import Signal

from napari_omero_io.errors import (
    CertificateRefused,
    LoginRefused,
    OmeroIOError,
    SessionLost,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

#: Seconds before each attempt to rejoin: ten minutes in all.  They vary by a quarter,
#: so that not all clients of a server that was restarted come in the same moment.
PAUSES = (0, 1, 2, 4, 8, 15, 30, 30, 30, 60, 60, 60, 60, 60, 60, 60, 60)

#: Seconds that a call waits for the session to come back.
PATIENCE = 20.0


class Closable(Protocol):
    """What a lifeline needs of a link."""

    def close(self) -> None:
        """Leave; harmless when the server is gone."""


L = TypeVar("L", bound=Closable)


class State(Enum):
    """How a session stands."""

    CONNECTED = "connected"
    #: It was lost, and is being joined again.
    RECONNECTING = "reconnecting"
    #: It was lost, and the user has to help: with the password, or the network.
    LOST = "lost"
    CLOSED = "closed"


class Lifeline(Generic[L]):
    """A link that is renewed when it is lost.

    Parameters
    ----------
    link
        The first one, in order.
    rejoin
        Makes a link of the one that was lost, or gives that back where nothing is
        wrong with it.  `LoginRefused` and `CertificateRefused` end the attempts.
    name
        Of the server, for sentences and threads.
    on_install
        Called with each later link, before the first call over it.

    Attributes
    ----------
    link, generation
        The last one, and its number.
    state_changed : psygnal.Signal
        Emits the new `State` and a sentence for the user, '' where there is nothing
        to say; from any thread, one after another.
    """

    state_changed = Signal(State, str)

    def __init__(
        self,
        link: L,
        rejoin: Callable[[L], L],
        name: str,
        *,
        on_install: Callable[[L, Lifeline[L]], None] | None = None,
        pauses: Sequence[float] | None = None,
        patience: float | None = None,
    ) -> None:
        self.link = link
        self.name = name
        self.generation = 0
        self._rejoin = rejoin
        self._on_install = on_install
        self._pauses = PAUSES if pauses is None else pauses
        self._patience = PATIENCE if patience is None else patience
        self._state = State.CONNECTED
        self._error: OmeroIOError | None = None
        self._changed = threading.Condition()
        #: What is still to be told, in the order in which it happened.
        self._news: deque[tuple[State, str]] = deque()
        self._telling = threading.RLock()
        self._closing = threading.Event()

    @property
    def state(self) -> State:
        """How the session stands."""
        return self._state

    def current(self) -> tuple[int, L]:
        """Give the link and its number, waiting for one that is on its way.

        Raises
        ------
        SessionLost
            It is closed, or does not come back.
        """
        with self._changed:
            if self._state is State.LOST and not self._needs_user():
                self._begin()  # whoever asks again may have mended the network
            return self._wait()

    def peek(self) -> tuple[int, L] | None:
        """Give the link and its number, None while there is none."""
        with self._changed:
            if self._state is not State.CONNECTED:
                return None
            return self.generation, self.link

    def report_loss(self, generation: int) -> None:
        """Say that a link is lost; it is renewed behind the scenes."""
        with self._changed:
            if self._state is State.CONNECTED and generation == self.generation:
                self._begin()

    def renew(self, generation: int) -> tuple[int, L]:
        """Say that a link is lost, and wait for the next.

        Raises
        ------
        SessionLost
            It does not come back.
        """
        self.report_loss(generation)
        with self._changed:
            return self._wait()

    def resume(self, make: Callable[[L], L]) -> None:
        """Go on with a link that the user has helped to make.

        Raises
        ------
        OmeroIOError
            As `make` does; all stays as it was.
        """
        link = make(self.link)
        self._install(link)

    def close(self) -> None:
        """End; harmless when repeated."""
        self._closing.set()
        with self._changed:
            if self._state is State.CLOSED:
                return
            self._state = State.CLOSED
            self._news.append((State.CLOSED, ""))
            link = self.link
            self._changed.notify_all()
        link.close()
        self._tell()

    # -- inside --------------------------------------------------------------------

    def _needs_user(self) -> bool:
        return isinstance(self._error, (LoginRefused, CertificateRefused))

    def _wait(self) -> tuple[int, L]:
        """Wait while the session is being joined again; called with the lock."""
        is_over = self._changed.wait_for(
            lambda: self._state is not State.RECONNECTING, self._patience
        )
        if not is_over:
            raise SessionLost(
                f"The connection to {self.name} was lost and is being restored. Try "
                "again in a moment."
            )
        if self._state is State.CLOSED:
            raise SessionLost(f"The session at {self.name} is closed. Log in again.")
        if self._state is State.LOST:
            raise SessionLost(str(self._error)) from self._error
        return self.generation, self.link

    def _begin(self) -> None:
        """Start to rejoin; called with the lock."""
        self._state = State.RECONNECTING
        text = f"The connection to {self.name} was lost. It is being restored…"
        self._news.append((State.RECONNECTING, text))
        threading.Thread(
            target=self._try_again, name=f"omero-rejoin-{self.name}", daemon=True
        ).start()

    def _try_again(self) -> None:
        logger.info("The session at %s is lost; joining it again", self.name)
        self._tell()
        error: OmeroIOError | None = None
        for pause in self._pauses:
            if self._closing.wait(pause * random.uniform(0.75, 1.25)):
                return
            try:
                link = self._rejoin(self.link)
            except (LoginRefused, CertificateRefused) as refusal:
                error = refusal
                break
            except OmeroIOError as failure:
                logger.info("Not yet: %s", failure)
                error = failure
            except Exception as failure:
                # A thread that ended in silence would let everybody wait for ever.
                logger.exception("Joining %s again failed", self.name)
                error = SessionLost(f"{self.name} cannot be joined again: {failure}")
            else:
                self._install(link)
                return
        self._give_up(error or SessionLost(f"{self.name} is lost. Log in again."))

    def _install(self, link: L) -> None:
        with self._changed:
            is_late = self._state is State.CLOSED
            former, is_new = self.link, link is not self.link
            if not is_late:
                self.link = link
                self.generation += is_new
                if is_new and self._on_install is not None:
                    self._on_install(link, self)
                self._state = State.CONNECTED
                self._error = None
                self._news.append((State.CONNECTED, ""))
                self._changed.notify_all()
        if is_late:
            link.close()
            return
        logger.info("Connected to %s again", self.name)
        self._tell()
        if is_new:
            former.close()

    def _give_up(self, error: OmeroIOError) -> None:
        with self._changed:
            if self._state is State.CLOSED:
                return
            self._state = State.LOST
            self._error = error
            self._news.append((State.LOST, str(error)))
            self._changed.notify_all()
        logger.warning("The session at %s is lost: %s", self.name, error)
        self._tell()

    def _tell(self) -> None:
        with self._telling:
            while self._news:
                try:
                    self.state_changed.emit(*self._news.popleft())
                except Exception:
                    # Whoever listens must not end the thread that rejoins.
                    logger.exception("Somebody could not be told of %s", self.name)
