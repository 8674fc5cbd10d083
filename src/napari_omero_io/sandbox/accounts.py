"""Logging in: from a name and a password to a session.  Knows nothing of Ice."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy import select

from .errors import ApiUsage, WrongPassword
from .passwords import is_right, read_hash, store_password
from .rules.caller import GUEST_ID, ROOT_ID
from .rules.membership import caller_for
from .sessions import Login

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from .config import Config
    from .sessions import Sessions, SessionState
    from .store.database import Database

#: Seconds until the answer after more than one wrong password in a row.
_PENALTY = 3.0
#: Names under which somebody failed to log in; the one that failed first is forgotten.
_NAMES_REMEMBERED = 10_000


class Accounts:
    """Checks names and passwords, and begins sessions.

    Failures are counted for each name, so that guessing is slow.
    """

    def __init__(self, database: Database, config: Config, sessions: Sessions) -> None:
        self._database = database
        self._config = config
        self._sessions = sessions
        self._lock = threading.Lock()

    def ensure_root_password(self, password: str) -> None:
        """Give root a password if it has none yet, and the guest an empty one."""
        with self._database.write() as connection:
            tables = self._database.tables
            for user_id, wanted in ((ROOT_ID, password), (GUEST_ID, "")):
                if read_hash(connection, tables, user_id) is None:
                    store_password(connection, tables, user_id, wanted)

    def join(self, name: str, password: str) -> SessionState | None:
        """Join the session whose uuid is both name and password; None if it is none.

        Raises
        ------
        WrongPassword
            Only one of them is the uuid of a session.
        """
        if not (self._sessions.find(name) or self._sessions.find(password)):
            return None
        if name != password:
            raise WrongPassword("username and password must be equal; use joinSession")
        return self._sessions.join(name)

    def log_in(
        self, name: str, password: str, context: Mapping[str, str]
    ) -> SessionState:
        """Begin a session with a name and a password.

        Parameters
        ----------
        context
            Of the login: ``omero.group`` is a group's *name* here, unlike in calls.

        Raises
        ------
        WrongPassword
            Unknown user, wrong password.
        SandboxError
            The session cannot be begun: unknown group, not a member.
        """
        user_id = self.check_password(name, password)
        with self._database.read() as connection:
            login = self._prepare(connection, user_id, context)
        return self._sessions.begin(login)

    def check_password(self, name: str, password: str) -> int:
        """Return the id of the user whose name and password these are.

        Raises
        ------
        WrongPassword
            They are nobody's.
        """
        with self._database.read() as connection:
            user_id = find_user(connection, self._database, name)
            stored = None
            if user_id is not None:
                stored = read_hash(connection, self._database.tables, user_id)
        if stored is not None and _accepts(stored, password, user_id):
            with self._lock:
                self._sessions.failures.pop(name, None)
            assert user_id is not None
            return user_id
        delay = _PENALTY if self._count_failure(name) > 1 else 0.0
        found = "" if user_id is None else f"id={user_id}"
        raise WrongPassword(f"Password check failed for '{name}': [{found}]", delay)

    def _count_failure(self, name: str) -> int:
        failures = self._sessions.failures
        with self._lock:
            if len(failures) >= _NAMES_REMEMBERED and name not in failures:
                del failures[next(iter(failures))]
            failures[name] += 1
            return failures[name]

    def _prepare(
        self, connection: Connection, user_id: int, context: Mapping[str, str]
    ) -> Login:
        tables = self._database.tables
        event_type = context.get("omero.event") or "User"
        types = tables["EventType"]
        known = select(types.c.id).where(types.c.value == event_type)
        if connection.execute(known).scalar() is None:
            raise ApiUsage(f"There is no type of event called {event_type}.")
        caller = caller_for(connection, tables, user_id)
        group_name = context.get("omero.group", "")
        group_id = caller.group_id
        if group_name and group_name != "user":
            group_id = find_group(connection, self._database, group_name)
            caller_for(connection, tables, user_id, group_id)
            if group_id not in caller.member_of and not caller.is_admin:
                raise ApiUsage(
                    f"User {user_id} is not a member of group {group_id} "
                    "and cannot login"
                )
        return Login(
            user_id=user_id,
            user_name=caller.user_name,
            group_id=group_id,
            time_to_idle=self._config.number("omero.sessions.timeout"),
            time_to_live=self._config.number("omero.sessions.maximum"),
            event_type=event_type,
            agent=context.get("omero.agent", ""),
            ip=context.get("omero.ip", ""),
        )


def find_user(connection: Connection, database: Database, name: str) -> int | None:
    """Return the id of a user by name."""
    users = database.tables["Experimenter"]
    return connection.execute(
        select(users.c.id).where(users.c.omeName == name)
    ).scalar()


def find_group(connection: Connection, database: Database, name: str) -> int:
    """Return the id of a group by name.

    Raises
    ------
    ApiUsage
        There is none.
    """
    groups = database.tables["ExperimenterGroup"]
    found = connection.execute(
        select(groups.c.id).where(groups.c.name == name)
    ).scalar()
    if found is None:
        raise ApiUsage(f"No such group: {name}")
    return int(found)


def _accepts(stored: str, password: str, user_id: int | None) -> bool:
    if not stored:
        # Only the guest may come without a password.
        return user_id == GUEST_ID
    return is_right(password, stored)
