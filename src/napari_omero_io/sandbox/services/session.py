"""ISession: sessions as clients see and steer them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.accounts import Accounts, find_group, find_user
from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed, SessionGone
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.sessions import Login

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.rules.caller import Caller
    from napari_omero_io.sandbox.sessions import SessionState

#: Agents whose sessions `getMyOpenClientSessions` returns.
_CLIENT_AGENTS = ("OMERO.insight", "OMERO.web", "OMERO.importer")
_GONE, _REMOVED = -1, -2


class SessionService:
    """Begins sessions for others, tells about one's own, and ends them."""

    def __init__(self, core: Core, _session: SessionState) -> None:
        self._core = core
        self._sessions = core.sessions

    def getSession(self, call: Call, name: str) -> Any:
        """Return a session and keep it alive."""
        session = self._find(name)
        session.touch()
        return self._read(call, [session])[0]

    def getReferenceCount(self, _call: Call, name: str) -> int:
        """Return how many logins share a session."""
        return self._find(name).references

    def closeSession(self, call: Call, session: Any) -> int:
        """Give a reference to a session back.

        Returns
        -------
        The references that remain; -2 when this was the last, -1 when there is no
        such session.
        """
        # By its field: an unloaded object answers no getter but the id's.
        if session is None or session._uuid is None:
            raise ApiUsage("Only a session with a uuid can be closed.")
        found = self._sessions.find(session._uuid.val)
        if found is None:
            return _GONE
        self._check_own(call, found)
        remaining = self._sessions.release(found, closing=True)
        return _REMOVED if remaining < 1 else remaining

    def getMyOpenSessions(self, call: Call) -> list[Any]:
        """Return the caller's open sessions."""
        return self._read(call, self._own(call))

    def getMyOpenAgentSessions(self, call: Call, agent: str) -> list[Any]:
        """Return the caller's open sessions that a program began."""
        return self._read(
            call, [one for one in self._own(call) if one.login.agent == agent]
        )

    def getMyOpenClientSessions(self, call: Call) -> list[Any]:
        """Return the caller's open sessions that OMERO's own clients began."""
        own = self._own(call)
        return self._read(
            call, [one for one in own if one.login.agent in _CLIENT_AGENTS]
        )

    def createSession(self, call: Call, principal: Any, credentials: str) -> Any:
        """Begin a session with a user's name and password."""
        if principal is None or not principal.name:
            raise ApiUsage("A session needs the name of a user.")
        accounts = Accounts(self._core.database, self._core.config, self._sessions)
        user_id = accounts.check_password(principal.name, credentials)
        with self._core.database.read() as connection:
            caller = caller_for(
                connection,
                self._core.database.tables,
                user_id,
                self._named_group(connection, principal.group),
            )
        login = self._login(call, caller, principal.eventType)
        return self._begin(call, caller, login)

    def createUserSession(
        self, call: Call, to_live: int, to_idle: int, group_name: str
    ) -> Any:
        """Begin another session of the caller's own."""
        call.require_password()
        with self._core.database.read() as connection:
            caller = caller_for(
                connection,
                self._core.database.tables,
                call.caller.user_id,
                self._named_group(connection, group_name),
            )
        _check_limits(self._core, to_live, to_idle)
        login = self._login(call, caller, "")
        login = replace(login, time_to_live=to_live, time_to_idle=to_idle)
        return self._begin(call, caller, login)

    def createSessionWithTimeout(self, call: Call, principal: Any, to_live: int) -> Any:
        """Begin a session on behalf of another user; it lasts for a time."""
        return self.createSessionWithTimeouts(call, principal, to_live, 0)

    def createSessionWithTimeouts(
        self, call: Call, principal: Any, to_live: int, to_idle: int
    ) -> Any:
        """Begin a session on behalf of another user.

        Raises
        ------
        NotAllowed
            The caller is neither an administrator with the privilege Sudo nor leads
            a group of the user.
        """
        with self._core.database.read() as connection:
            target, only_groups = self._sudo_target(connection, call, principal)
        login = replace(
            self._login(call, target, principal.eventType),
            agent="OMERO.sudo",
            time_to_live=to_live,
            time_to_idle=to_idle,
            sudoer_id=call.caller.user_id,
            sudoer_name=call.caller.user_name,
            only_groups=only_groups,
        )
        return self._begin(call, target, login)

    def getInput(self, call: Call, name: str, key: str) -> Any:
        """Return a value that was left for a script."""
        return self._own_session(call, name).inputs.get(key)

    def getOutput(self, call: Call, name: str, key: str) -> Any:
        """Return a value that a script left."""
        return self._own_session(call, name).outputs.get(key)

    def setInput(self, call: Call, name: str, key: str, value: Any) -> None:
        """Leave a value for a script; null takes it away."""
        _put(self._own_session(call, name).inputs, key, value)

    def setOutput(self, call: Call, name: str, key: str, value: Any) -> None:
        """Leave a value as a script does; null takes it away."""
        _put(self._own_session(call, name).outputs, key, value)

    def getInputKeys(self, call: Call, name: str) -> list[str]:
        """Return the names of the values left for a script."""
        return sorted(self._own_session(call, name).inputs)

    def getOutputKeys(self, call: Call, name: str) -> list[str]:
        """Return the names of the values that a script left."""
        return sorted(self._own_session(call, name).outputs)

    def getInputs(self, call: Call, name: str) -> dict[str, Any]:
        """Return the values left for a script."""
        return dict(self._own_session(call, name).inputs)

    def getOutputs(self, call: Call, name: str) -> dict[str, Any]:
        """Return the values that a script left."""
        return dict(self._own_session(call, name).outputs)

    def _find(self, name: str) -> SessionState:
        found = self._sessions.find(name)
        if found is None:
            raise SessionGone(f"No context for {name}")
        return found

    def _own(self, call: Call) -> list[SessionState]:
        user_id = call.caller.user_id
        return [s for s in self._sessions.open_sessions() if s.user_id == user_id]

    def _own_session(self, call: Call, name: str) -> SessionState:
        found = self._find(name)
        self._check_own(call, found)
        return found

    def _check_own(self, call: Call, session: SessionState) -> None:
        if session.user_id != call.caller.user_id and not call.caller.is_admin:
            raise NotAllowed("The session is somebody else's.")

    def _read(self, call: Call, sessions: Collection[SessionState]) -> list[Any]:
        """Read sessions as objects; those of others come without their uuid."""
        if not sessions:
            return []
        with self._core.database.read() as connection:
            found: list[Any] = hql.find(
                connection,
                call,
                "select s from Session s where s.id in (:ids) order by s.id",
                {"ids": [one.id for one in sessions]},
            )
        return found

    def _named_group(self, connection: Connection, name: str) -> int | None:
        if not name or name == "user":
            return None
        return find_group(connection, self._core.database, name)

    def _login(self, call: Call, caller: Caller, event_type: str) -> Login:
        config = self._core.config
        own = call.session
        return Login(
            user_id=caller.user_id,
            user_name=caller.user_name,
            group_id=caller.group_id,
            time_to_idle=config.number("omero.sessions.timeout"),
            time_to_live=config.number("omero.sessions.maximum"),
            event_type=event_type or "User",
            agent=own.login.agent if own else "",
            ip=own.login.ip if own else "",
        )

    def _sudo_target(
        self, connection: Connection, call: Call, principal: Any
    ) -> tuple[Caller, frozenset[int] | None]:
        database = self._core.database
        if principal is None or not principal.name:
            raise ApiUsage("A session needs the name of a user.")
        user_id = find_user(connection, database, principal.name)
        if user_id is None:
            raise ApiUsage(f"No such experimenter: {principal.name}")
        group_id = self._named_group(connection, principal.group)
        target = caller_for(connection, database.tables, user_id, group_id)
        if "Sudo" in call.caller.privileges:
            return target, None
        shared = frozenset(call.caller.leader_of) & frozenset(target.member_of)
        if group_id is None and shared and target.group_id not in shared:
            target = caller_for(connection, database.tables, user_id, min(shared))
        if target.group_id not in shared or target.is_admin:
            raise NotAllowed(
                f"{call.caller.user_name} may not begin a session "
                f"on behalf of {principal.name}."
            )
        return target, shared

    def _begin(self, call: Call, owner: Caller, login: Login) -> Any:
        types = self._core.database.tables["EventType"]
        with self._core.database.read() as connection:
            known = select(types.c.id).where(types.c.value == login.event_type)
            if connection.execute(known).scalar() is None:
                raise ApiUsage(f"There is no type of event called {login.event_type}.")
        # Whoever began it may know its uuid; others see only sessions of their own.
        return self._read(replace(call, caller=owner), [self._sessions.begin(login)])[0]


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value


def _check_limits(core: Core, to_live: int, to_idle: int) -> None:
    for wanted, key in (
        (to_live, "omero.sessions.max_user_time_to_live"),
        (to_idle, "omero.sessions.max_user_time_to_idle"),
    ):
        limit = core.config.number(key)
        if limit and (wanted > limit or wanted == 0):
            raise NotAllowed(f"{wanted} ms is beyond the limit {key} of {limit} ms.")
