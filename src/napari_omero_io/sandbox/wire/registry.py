"""The servants of every session, by the identities that OMERO's clients expect.

=================  ==================  ==========================================
object             category            name
=================  ==================  ==========================================
service factory    ``session-`` +      session's uuid
                   client's uuid
stateless service  session's uuid      client's uuid + ``omero.api.IQuery``
stateful service   session's uuid      new uuid + ``omero.api.RawPixelsStore``
handle             session's uuid      ``IHandle`` + new uuid
table, import      session's uuid      new uuid + ``omero.grid.Table``
script's process   ``ProcessCallback`` new uuid
=================  ==================  ==========================================

A proxy is good for every connection of its session: clients store them as text and
use them again over a connection that joined.
"""

from __future__ import annotations

import importlib
import logging
import sys
import threading
import uuid
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox import services
from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed, Overuse
from napari_omero_io.sandbox.rules.caller import GUEST_ID

from .desk import SessionDesk
from .event_context import event_context
from .ice import Ice, omero
from .servant import make_servant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState
    from napari_omero_io.sandbox.simulate import Network

    from .servant import Servant

log = logging.getLogger(__name__)

_PREFIX = "omero.api."
_STATEFUL_BASE = omero.api.StatefulServiceInterface
#: Operations that every stateful service has, whatever serves it.
OWN_OPERATIONS = frozenset({"activate", "close", "getCurrentEventContext", "passivate"})
#: Where it is not the session's uuid.  OMERO.web takes a job for a script by its
#: proxy's first word, and makes an element's id of what follows the slash.
_CATEGORIES = {omero.grid.ScriptProcess: omero.constants.categories.PROCESSCALLBACK}
#: What a guest may use, to learn what server this is.
_FOR_GUESTS = frozenset({"IAdmin", "IConfig", "ISession"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One servant.

    Attributes
    ----------
    client
        Uuid of the client it goes with; None when it goes with the session.
    must_finish
        The service is closed with its session.
    """

    proxy: Any
    servant: Servant
    is_stateful: bool
    client: str | None
    must_finish: bool


class Registry:
    """Makes, finds and removes the servants of all sessions.

    Parameters
    ----------
    adapter
        Ice's, where the servants are added.
    network
        Lies between the servants and their clients.
    """

    def __init__(self, core: Core, adapter: Any, network: Network) -> None:
        self._core = core
        self._adapter = adapter
        self._network = network
        self._lock = threading.RLock()
        self._entries: dict[str, dict[str, Entry]] = {}
        self._stateless: dict[tuple[str, str], object] = {}
        self._desks: dict[str, SessionDesk] = {}
        core.sessions.on_end(self.remove_session)

    def desk(self, session: SessionState) -> SessionDesk:
        """Return the desk where a session's calls are admitted."""
        with self._lock:
            found = self._desks.get(session.uuid)
            if found is None:
                publish = partial(self.add_resource, session)
                found = SessionDesk(self._core, session, self._network, publish)
                self._desks[session.uuid] = found
            return found

    def get(self, session: SessionState, client: str, interface: str) -> Any:
        """Return the proxy of a stateless service; always the same for a client."""
        name = f"{client}{_PREFIX}{interface}"
        with self._lock:
            found = self.find(session, name)
            if found is not None:
                return found
            _check_guest(session, interface)
            return self._add(
                session,
                name,
                getattr(omero.api, interface),
                self._stateless_service(session, interface),
                client=client,
            )

    def create(self, session: SessionState, interface: str) -> Any:
        """Make a stateful service and return its proxy."""
        _check_guest(session, interface)
        service = _make_service(services.STATEFUL, interface, self._core, session)
        name = f"{uuid.uuid4()}{_PREFIX}{interface}"

        def close(call: Call) -> None:
            entry = self._take(session, name)
            if entry is not None:
                entry.servant.finish(call)

        extra = {
            "activate": _do_nothing,
            "close": close,
            "getCurrentEventContext": event_context,
            "passivate": _do_nothing,
        }
        return self._add(
            session,
            name,
            getattr(omero.api, interface),
            service,
            extra=extra,
            is_stateful=True,
        )

    def get_resources(self, session: SessionState, client: str, service: object) -> Any:
        """Return the proxy of a client's `SharedResources`; always the same."""
        name = f"{client}omero.grid.SharedResources"
        with self._lock:
            return self.find(session, name) or self._add(
                session, name, omero.grid.SharedResources, service, client=client
            )

    def add_handle(self, session: SessionState, handle: object) -> Any:
        """Add the handle of a request and return its proxy; closing removes it."""
        name = f"IHandle{uuid.uuid4()}"
        extra = {"close": lambda _call: self._take(session, name)}
        return self._add(session, name, omero.cmd.Handle, handle, extra=extra)

    def add_resource(self, session: SessionState, interface: type, service: Any) -> Any:
        """Add a table, a process … and return its proxy.

        The servant is removed when the client calls `close`, or with its session;
        the service's own `close` is called in both cases.
        """
        category = _CATEGORIES.get(interface)
        name = str(uuid.uuid4())
        if category is None:
            name += f"{interface.__module__}.{interface.__name__}"

        def close(call: Call, *arguments: Any) -> None:
            if self._take(session, name) is not None:
                service.close(call, *arguments)

        extra = {"close": close} if hasattr(service, "close") else {}
        return self._add(
            *(session, name, interface, service),
            extra=extra,
            finish=True,
            category=category,
        )

    def add_factory(self, session: SessionState, client: str, service: object) -> Any:
        """Add the service factory of one login and return its proxy."""
        interface = omero.api.ServiceFactory
        identity = Ice.Identity(session.uuid, f"session-{client}")
        servant = make_servant(interface, service, self.desk(session))
        return _cast(self._adapter.add(servant, identity), interface)

    def remove_factory(self, session: SessionState, client: str) -> None:
        """Remove the service factory of one login."""
        self._forget(Ice.Identity(session.uuid, f"session-{client}"))

    def find(self, session: SessionState, name: str) -> Any | None:
        """Return the proxy of an active servant of a session by its name."""
        entry = self._entries.get(session.uuid, {}).get(name)
        return None if entry is None else entry.proxy

    def holds(self, session: SessionState, proxy: Any) -> bool:
        """Tell whether the servant of a proxy is active in a session."""
        identity = proxy.ice_getIdentity()
        found = self.find(session, identity.name)
        return found is not None and bool(found.ice_getIdentity() == identity)

    def names(self, session: SessionState) -> list[str]:
        """Return the names of all active servants of a session."""
        with self._lock:
            return list(self._entries.get(session.uuid, {}))

    def stateful_names(self, session: SessionState) -> list[str]:
        """Return the names of the active stateful services of a session."""
        with self._lock:
            entries = self._entries.get(session.uuid, {})
            return [name for name, entry in entries.items() if entry.is_stateful]

    def remove_client(self, session: SessionState, client: str) -> None:
        """Remove what goes with a client of a session."""
        with self._lock:
            entries = self._entries.get(session.uuid, {})
            gone = [name for name, entry in entries.items() if entry.client == client]
        for name in gone:
            self._take(session, name)

    def remove_session(self, session: SessionState) -> None:
        """Remove all servants of a session, closing its stateful services."""
        with self._lock:
            names = self.names(session)
        for name in names:
            entry = self._take(session, name)
            if entry is None or not entry.must_finish:
                continue
            try:
                with entry.servant.turn:
                    entry.servant.finish(self.desk(session).call())
            except Exception:
                log.exception("closing %s with its session failed", name)
        with self._lock:
            self._entries.pop(session.uuid, None)
            self._desks.pop(session.uuid, None)
            for key in [key for key in self._stateless if key[0] == session.uuid]:
                del self._stateless[key]

    def _stateless_service(
        self, session: SessionState, interface: str
    ) -> object | None:
        key = (session.uuid, interface)
        if key not in self._stateless:
            self._stateless[key] = _make_service(
                services.STATELESS, interface, self._core, session
            )
        return self._stateless[key]

    def _add(
        self,
        session: SessionState,
        name: str,
        interface: type,
        service: object | None,
        *,
        extra: Mapping[str, Callable[..., Any]] | None = None,
        client: str | None = None,
        is_stateful: bool = False,
        finish: bool = False,
        category: str | None = None,
    ) -> Any:
        servant = make_servant(
            interface,
            service,
            self.desk(session),
            extra=extra,
            one_at_a_time=is_stateful,
        )
        limit = self._core.config.number("omero.throttling.servants_per_session")
        with self._lock:
            session.check()
            entries = self._entries.setdefault(session.uuid, {})
            if len(entries) >= limit:
                raise Overuse(f"servantsPerSession reached for {session.uuid}: {limit}")
            identity = Ice.Identity(name, category or session.uuid)
            proxy = _cast(self._adapter.add(servant, identity), interface)
            entries[name] = Entry(
                proxy, servant, is_stateful, client, must_finish=is_stateful or finish
            )
        return proxy

    def _take(self, session: SessionState, name: str) -> Entry | None:
        with self._lock:
            entry = self._entries.get(session.uuid, {}).pop(name, None)
            if entry is not None:
                self._forget(entry.proxy.ice_getIdentity())
        return entry

    def _forget(self, identity: Any) -> None:
        try:
            self._adapter.remove(identity)
        except (Ice.NotRegisteredException, Ice.ObjectAdapterDeactivatedException):
            log.debug("%s was gone already", identity.name)


def interface_named(name: str) -> str:
    """Return the interface that ``omero.api.IQuery`` names.

    Raises
    ------
    ApiUsage
        There is no such service.
    """
    interface = name.removeprefix(_PREFIX)
    known = {*services.STATELESS, *services.STATEFUL, *services.REFUSED}
    if interface not in known:
        raise ApiUsage(f"{name} is an unknown service")
    return interface


def is_stateful(interface: str) -> bool:
    """Tell whether every request for a service makes a new one."""
    return issubclass(getattr(omero.api, interface), _STATEFUL_BASE)


def _make_service(
    table: Mapping[str, str], interface: str, core: Core, session: SessionState
) -> object | None:
    """Make a service; None when the sandbox refuses all of its operations."""
    if interface in services.REFUSED:
        return None
    module, _, name = table[interface].partition(":")
    made: object = getattr(importlib.import_module(module), name)(core, session)
    return made


def _check_guest(session: SessionState, interface: str) -> None:
    if session.user_id == GUEST_ID and interface not in _FOR_GUESTS:
        raise NotAllowed(f"Access denied to guest user: {_PREFIX}{interface}")


def _cast(proxy: Any, interface: type) -> Any:
    return _proxy_class(interface).uncheckedCast(proxy)


def _proxy_class(interface: type) -> Any:
    return getattr(sys.modules[interface.__module__], f"{interface.__name__}Prx")


def _do_nothing(_call: Call) -> None:
    """Serve `activate` and `passivate`: nothing is moved out of memory here."""
