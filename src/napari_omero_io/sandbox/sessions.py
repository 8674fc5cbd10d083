"""The sessions of a sandbox: who is logged in, for how long, in which group.

A session lives in memory; its row in the table `Session` is written when it
begins and when it ends.  It ends when its last reference goes, when it was idle
or alive for too long, or with the server.  This file knows nothing of Ice.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from .errors import SessionExpired, SessionGone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .rules.caller import Caller
    from .store.database import Database

log = logging.getLogger(__name__)

#: Keys of a call's context that decide with which rights it runs.
_CONTEXT_KEYS = ("omero.group", "omero.user", "omero.share", "omero.event")


@dataclass(frozen=True, slots=True)
class Login:
    """What is known when a session begins.

    Attributes
    ----------
    agent, ip
        What the client said of itself.
    time_to_idle, time_to_live
        Milliseconds; 0 is without limit.
    sudoer_id
        Who began the session on the user's behalf.
    only_groups
        The session may not leave these groups; None is without limit.
    """

    user_id: int
    user_name: str
    group_id: int
    time_to_idle: int
    time_to_live: int = 0
    event_type: str = "User"
    agent: str = ""
    ip: str = ""
    sudoer_id: int | None = None
    sudoer_name: str | None = None
    only_groups: frozenset[int] | None = None


@dataclass(slots=True, eq=False)
class SessionState:
    """One session.

    Attributes
    ----------
    id, uuid
        Of its row.
    group_id
        The group in which calls run that name none.
    proven
        Connections whose user has shown the password: a login that joins has not.
    references
        Logins that share the session.
    inputs, outputs
        Values that scripts leave for each other.
    """

    id: int
    uuid: str
    login: Login
    group_id: int
    started: int
    references: int = 1
    hits: int = 0
    is_closed: bool = False
    last_used: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.monotonic)
    proven: set[str] = field(default_factory=set)
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    _callers: tuple[int, dict[tuple[str | None, ...], Caller]] = field(
        default_factory=lambda: (-1, {})
    )

    @property
    def user_id(self) -> int:
        """Whose session it is."""
        return self.login.user_id

    @property
    def user_name(self) -> str:
        """Whose session it is."""
        return self.login.user_name

    def check(self) -> None:
        """Refuse when the session is over.

        Raises
        ------
        SessionGone
            It was closed.
        SessionExpired
            It was idle, or alive, for too long.
        """
        if self.is_closed:
            raise SessionGone(f"No context for {self.uuid}")
        now = time.monotonic()
        for name, limit, since in (
            ("timeToIdle", self.login.time_to_idle, self.last_used),
            ("timeToLive", self.login.time_to_live, self.began),
        ):
            beyond = (now - since) * 1000 - limit
            if limit and beyond > 0:
                raise SessionExpired(
                    f"Session (started={self.started}, hits={self.hits}) "
                    f"exceeded {name} ({limit}) by {beyond:.0f} ms"
                )

    def touch(self) -> None:
        """Note that the session is in use; refuse when it is over."""
        self.check()
        self.last_used = time.monotonic()
        self.hits += 1

    def cached_caller(
        self,
        context: Mapping[str, str],
        age: int,
        derive: Callable[[], Caller],
    ) -> Caller:
        """Return the rights for a context, deriving them when the store has changed.

        Parameters
        ----------
        age
            Number of writes to the store so far: rights derived before the last one
            are not trusted.
        """
        key = tuple(map(context.get, _CONTEXT_KEYS))
        known_age, callers = self._callers
        if known_age != age:
            callers = {}
            self._callers = (age, callers)
        caller = callers.get(key)
        if caller is None:
            caller = callers[key] = derive()
        return caller

    def forget_callers(self) -> None:
        """Derive the rights again at the next call."""
        self._callers = (-1, {})


class Sessions:
    """All open sessions.

    Parameters
    ----------
    reap_every
        Seconds between two looks for sessions that are over.  Until the look, a
        session that was idle for too long says so; after it, it is unknown.

    Attributes
    ----------
    failures
        Wrong passwords in a row, by user name.
    is_owner
        No server runs on the same database: what is open there was forgotten.
    """

    def __init__(
        self,
        database: Database,
        *,
        reap_every: float = 120.0,
        is_owner: bool = True,
    ) -> None:
        self._database = database
        self._open: dict[str, SessionState] = {}
        self._lock = threading.RLock()
        self.failures: Counter[str] = Counter()
        self._listeners: list[Callable[[SessionState], None]] = []
        self._stopping = threading.Event()
        self._reaper = threading.Thread(
            target=self._reap, args=(reap_every,), name="session-reaper", daemon=True
        )
        if is_owner:
            self._close_forgotten_rows()
        self._reaper.start()

    def close(self) -> None:
        """End all sessions."""
        self._stopping.set()
        self._reaper.join()
        for session in self.open_sessions():
            self._end(session)

    def on_end(self, listener: Callable[[SessionState], None]) -> None:
        """Call a function after a session has ended."""
        self._listeners.append(listener)

    def begin(self, login: Login) -> SessionState:
        """Begin a session, with one reference."""
        name = str(uuid.uuid4())
        started = time.time_ns() // 1_000_000
        with self._database.write() as connection:
            row_id = self._database.next_id(connection, "Session")
            owner = self._database.tables.column("Session", "owner").name
            row = {
                "id": row_id,
                "discriminator": self._database.model["Session"].discriminator,
                "version": 0,
                "node_id": 0,
                "uuid": name,
                owner: login.user_id,
                "sudoer_id": login.sudoer_id,
                "timeToIdle": login.time_to_idle,
                "timeToLive": login.time_to_live,
                "started": started,
                "defaultEventType": login.event_type,
                "userAgent": login.agent or None,
                "userIP": login.ip or None,
            }
            connection.execute(insert(self._database.tables["Session"]).values(row))
        session = SessionState(
            id=row_id,
            uuid=name,
            login=login,
            group_id=login.group_id,
            started=started,
        )
        with self._lock:
            self._open[name] = session
        return session

    def find(self, name: str) -> SessionState | None:
        """Return an open session by its uuid; it may have expired."""
        return self._open.get(name)

    def open_sessions(self) -> list[SessionState]:
        """Return all open sessions, oldest first."""
        with self._lock:
            return list(self._open.values())

    def join(self, name: str) -> SessionState:
        """Take one more reference to a session.

        Raises
        ------
        SessionGone, SessionExpired
            It is over.
        """
        with self._lock:
            session = self._open.get(name)
            if session is None:
                raise SessionGone(f"No context for {name}")
            session.touch()
            session.references += 1
            return session

    def release(self, session: SessionState, *, closing: bool) -> int:
        """Give a reference back; return how many remain.

        Parameters
        ----------
        closing
            End the session when none remains.
        """
        with self._lock:
            session.references -= 1
            remaining = session.references
        if closing and remaining < 1:
            self._end(session)
        return remaining

    def expire(self, user: str | None = None) -> int:
        """End all sessions, or those of a user; return how many there were."""
        found = [
            session
            for session in self.open_sessions()
            if user in (None, session.user_name)
        ]
        for session in found:
            self._end(session)
        return len(found)

    def _end(self, session: SessionState) -> None:
        with self._lock:
            if session.is_closed:
                return
            session.is_closed = True
            self._open.pop(session.uuid, None)
        table = self._database.tables["Session"]
        with self._database.write() as connection:
            connection.execute(
                update(table)
                .where(table.c.id == session.id)
                .values(closed=time.time_ns() // 1_000_000)
            )
        for listener in self._listeners:
            listener(session)

    def _reap(self, every: float) -> None:
        while not self._stopping.wait(every):
            for session in self.open_sessions():
                try:
                    session.check()
                except (SessionExpired, SessionGone) as over:
                    log.info("%s", over)
                    self._end(session)

    def _close_forgotten_rows(self) -> None:
        """Close the rows of sessions that a killed server left open."""
        table = self._database.tables["Session"]
        with self._database.write() as connection:
            first = self._database.first_own_id(connection, "Session")
            connection.execute(
                update(table)
                .where(table.c.closed.is_(None), table.c.id >= first)
                .values(closed=time.time_ns() // 1_000_000)
            )
