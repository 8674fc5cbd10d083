"""One login over one connection, from `createSession` to its end."""

from __future__ import annotations

import logging
import threading
import uuid
from typing import TYPE_CHECKING, Any

from .ice import Ice, omero

if TYPE_CHECKING:
    from napari_omero_io.sandbox.accounts import Accounts
    from napari_omero_io.sandbox.sessions import Sessions, SessionState

    from .registry import Registry

log = logging.getLogger(__name__)


class Visit:
    """One client in one session.

    Parameters
    ----------
    client
        The uuid that the client gave itself.

    Attributes
    ----------
    category
        Of the identities by which the client can be called back.
    closes_session
        The session ends with this visit if no other is left.
    """

    def __init__(
        self,
        session: SessionState,
        client: str,
        connection: Any,
        *,
        accounts: Accounts,
        sessions: Sessions,
        registry: Registry,
    ) -> None:
        self.session = session
        self.client = client
        self.connection = connection
        self.accounts = accounts
        self.category = uuid.uuid4().hex
        self.closes_session = True
        self._sessions = sessions
        self._registry = registry
        self._key = connection.toString()
        self._lock = threading.Lock()
        self._is_over = False

    def prove_password(self) -> None:
        """Remember that who is at this connection has shown the password."""
        self.session.proven.add(self._key)

    def end(self) -> None:
        """Give the session's reference back, and remove what was this client's."""
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
        self.session.proven.discard(self._key)
        self._registry.remove_factory(self.session, self.client)
        self._registry.remove_client(self.session, self.client)
        self._sessions.release(self.session, closing=self.closes_session)

    def tell_closed(self) -> None:
        """Tell the client that its session is over; it need not hear it."""
        identity = Ice.Identity(self.client, self.category)
        try:
            proxy = self.connection.createProxy(identity).ice_oneway()
            omero.api.ClientCallbackPrx.uncheckedCast(proxy).sessionClosed()
        except Ice.Exception as unreachable:
            log.debug("a client was gone already: %s", unreachable)
