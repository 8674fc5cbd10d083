"""Logging in, as the Glacier2 router of an OMERO server does it.

Clients reach every servant through the connection on which they logged in.  The
real router stands in front of the server; here it is part of it.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import (
    ApiUsage,
    SessionExpired,
    SessionGone,
    WrongPassword,
)

from .arguments import CarefulObject, describe_operation
from .faults import as_fault, as_refused_login
from .ice import Glacier2, Ice
from .servant import operations_of
from .service_factory import ServiceFactory
from .visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_omero_io.sandbox.accounts import Accounts
    from napari_omero_io.sandbox.sessions import Sessions, SessionState
    from napari_omero_io.sandbox.simulate import Network

    from .arguments import Arguments
    from .registry import Registry

log = logging.getLogger(__name__)

IDENTITY = Ice.Identity("router", "OMERO.Glacier2")

_CLIENT_UUID = "omero.client.uuid"
#: Seconds; clients that ask ping the router more often than that.
_SESSION_TIMEOUT = 600
_NOWHERE = "tcp -h 127.0.0.1 -p 0"


class Router(CarefulObject, Glacier2.Router):  # type: ignore[misc]
    """Begins and ends logins, one for each connection."""

    def __init__(
        self,
        adapter: Any,
        accounts: Accounts,
        sessions: Sessions,
        registry: Registry,
        network: Network,
    ) -> None:
        self._adapter = adapter
        self._accounts = accounts
        self._sessions = sessions
        self._registry = registry
        self._network = network
        self._lock = threading.Lock()
        self._visits: dict[str, Visit] = {}
        # Two hundred clients that vanish at once must not take all threads that serve.
        self._farewells = ThreadPoolExecutor(1, thread_name_prefix="farewell")
        sessions.on_end(self._tell_visitors)

    def createSession_async(
        self, callback: Any, arguments: Arguments, current: Any
    ) -> None:
        """Log in; a second wrong password is answered late."""
        try:
            user, password = arguments.values("createSession")
            proxy = self._log_in(user, password, current)
        except WrongPassword as refused:
            reason = Glacier2.PermissionDeniedException(str(refused))
            at = self._network.arrival("Router") + refused.delay
            self._network.deliver(at, partial(callback.ice_exception, reason))
        except Exception as error:  # noqa: BLE001 - without an answer the client hangs
            refusal = as_refused_login(error)
            self._send(partial(callback.ice_exception, refusal))
        else:
            self._send(partial(callback.ice_response, proxy))

    def createSessionFromSecureConnection(self, _current: Any) -> None:
        """Refuse: certificates of clients mean nothing here."""
        reason = "Log in with a user name and a password."
        raise Glacier2.PermissionDeniedException(reason)

    def refreshSession(self, current: Any) -> None:
        """Keep a session alive."""
        visit = self._visits.get(current.con.toString())
        try:
            if visit is not None:
                visit.session.touch()
                return
        except (SessionExpired, SessionGone) as over:
            log.info("%s", over)
        raise Glacier2.SessionNotExistException

    def destroySession(self, current: Any) -> None:
        """Log out."""
        if not self._end_visit(current.con):
            raise Glacier2.SessionNotExistException

    def getCategoryForClient(self, current: Any) -> str:
        """Return the category of the identities by which a client is called back."""
        visit = self._visits.get(current.con.toString())
        return "" if visit is None else visit.category

    def getServerProxy(self, _current: Any) -> Any:
        """Return a proxy whose endpoints become those of the client's own adapter.

        No service may be found at one of them: clients in Java or C++ would look for
        it at home, as Ice answers what is addressed to itself without the network.
        Port 0 is nobody's; clients are called back on the connection they opened.
        """
        server = Ice.Identity("server", IDENTITY.category)
        name = self._adapter.getCommunicator().identityToString(server)
        return self._adapter.getCommunicator().stringToProxy(f"{name}:{_NOWHERE}")

    def getClientProxy(self, _current: Any) -> None:
        """Return none: clients keep to the address at which they found the router."""

    def addProxies(self, _arguments: Arguments, _current: Any) -> list[Any]:
        """Do nothing: every servant can be reached by every connection."""
        return []

    def getSessionTimeout(self, _current: Any) -> int:
        """Return the seconds after which an idle session is closed."""
        return _SESSION_TIMEOUT

    def getACMTimeout(self, _current: Any) -> int:
        """Return 0: idle connections are not closed."""
        return 0

    def drop_connections(self) -> int:
        """Close the connections of all logins, without a word; return how many."""
        with self._lock:
            visits = list(self._visits.values())
        for visit in visits:
            visit.connection.close(True)
        return len(visits)

    def _send(self, answer: Callable[[], None]) -> None:
        """Send an answer as late as the network would bring it."""
        if self._network.is_perfect:
            answer()
        else:
            self._network.deliver(self._network.arrival("Router"), answer)

    def _log_in(self, user: str, password: str, current: Any) -> Any:
        client = current.ctx.get(_CLIENT_UUID)
        if not client:
            raise ApiUsage("No omero.client.uuid key provided in context.")
        key = current.con.toString()
        if key in self._visits:
            raise Glacier2.CannotCreateSessionException("session exists")
        joined = self._accounts.join(user, password)
        session = joined or self._accounts.log_in(user, password, current.ctx)
        visit = self._begin_visit(session, client, current.con)
        if joined is None:
            visit.prove_password()
        proxy = self._registry.add_factory(
            session, client, ServiceFactory(self._registry, visit)
        )
        log.info("%s logged in from %s", session.user_name, key.splitlines()[-1])
        return Glacier2.SessionPrx.uncheckedCast(proxy)

    def _begin_visit(
        self, session: SessionState, client: str, connection: Any
    ) -> Visit:
        visit = Visit(
            session,
            client,
            connection,
            accounts=self._accounts,
            sessions=self._sessions,
            registry=self._registry,
        )
        with self._lock:
            self._visits[connection.toString()] = visit
        connection.setCallback(_Watch(self))
        return visit

    def _end_visit(self, connection: Any) -> bool:
        with self._lock:
            visit = self._visits.pop(connection.toString(), None)
        if visit is None:
            return False
        visit.end()
        return True

    def close(self) -> None:
        """Wait until the logins of lost connections have ended."""
        self._farewells.shutdown()

    def connection_lost(self, connection: Any) -> None:
        """End the login of a connection that is gone, soon."""
        if connection.toString() not in self._visits:
            return
        try:
            self._farewells.submit(self._end_lost_visit, connection)
        except RuntimeError:  # the server is stopping, and all sessions end
            log.debug("a client went away at the end")

    def _end_lost_visit(self, connection: Any) -> None:
        try:
            if self._end_visit(connection):
                log.info("a client went away without logging out")
        except Exception:
            log.exception("ending a login after its connection was lost failed")

    def _tell_visitors(self, session: SessionState) -> None:
        with self._lock:
            visits = [v for v in self._visits.values() if v.session is session]
        for visit in visits:
            visit.tell_closed()


def _face(operation: str) -> Callable[..., None]:
    """Answer an operation with what the method of its name returns, late."""

    def answer(self: Router, callback: Any, *arguments: Any) -> None:
        try:
            result = getattr(self, operation)(*arguments)
        except Exception as error:  # noqa: BLE001 - without an answer the client hangs
            fault = as_fault(error, f"Router.{operation}")
            self._send(partial(callback.ice_exception, fault))
        else:
            self._send(partial(callback.ice_response, result))

    return answer


for _operation in operations_of(Glacier2.Router):
    setattr(
        Router, f"_op_{_operation}", describe_operation(Glacier2.Router, _operation)
    )
    if _operation != "createSession":
        setattr(Router, f"{_operation}_async", _face(_operation))


class _Watch(Ice.ConnectionCallback):  # type: ignore[misc]
    """Tells the router when a connection is gone."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def heartbeat(self, connection: Any) -> None:
        """Do nothing: Ice itself counts heartbeats."""

    def closed(self, connection: Any) -> None:
        """End the login."""
        self._router.connection_lost(connection)
