"""One login: a client of OMERO's, its session, and the services it was asked for."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

from .ice import Ice, omero
from .translate import translated

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_omero_io.records import UserRecord

logger = logging.getLogger(__name__)

#: Seconds for calls that move or hash many pixels, or save many objects.
PATIENCE = 600

#: Milliseconds for a sign of life.
_SIGN_OF_LIFE = 20_000

_GETTERS = {
    "admin": "getAdminService",
    "config": "getConfigService",
    "container": "getContainerService",
    "pixels": "getPixelsService",
    "query": "getQueryService",
    "roi": "getRoiService",
    "script": "getScriptService",
    "session": "getSessionService",
    "types": "getTypesService",
    "update": "getUpdateService",
}
_SLOW = ("update",)


class CallContext(dict[str, str]):
    """The context of a call: its group, and which login it comes from.

    The login is written anew when the call is repeated after another login.
    """


class Link:
    """A login, until its connection is lost or it is left.

    Parameters
    ----------
    client
        An `omero.client` that has a session.
    session
        Its ServiceFactory.
    is_owner
        Whether the session was begun by this program, and ends when the last who
        uses it leaves.

    Attributes
    ----------
    key
        The session's key.
    user
        Who is logged in.
    certificate
        Fingerprint of the server's, None without encryption.
    is_cut
        Whether its connection is closed.
    is_first
        Whether no certificate of the server was remembered before.
    """

    def __init__(
        self,
        client: Any,
        session: Any,
        user: UserRecord,
        *,
        is_owner: bool,
        certificate: str | None = None,
    ) -> None:
        self.key = str(client.getSessionId())
        self.user = user
        self.session = session
        self.is_owner = is_owner
        self.certificate = certificate
        self.is_cut = False
        self.is_first = False
        self._client = client
        self._context = dict(client.getImplicitContext().getContext())
        self._services: dict[str, Any] = {}
        self._lock = threading.Lock()

    def context(self, group_id: int | str) -> CallContext:
        """Make the context of a call.

        It replaces Ice's implicit one, so it holds that too.
        """
        return CallContext({**self._context, "omero.group": str(group_id)})

    def renew_context(self, context: CallContext) -> CallContext:
        """Give the context of another login for this one."""
        return CallContext({**context, **self._context})

    def service(self, name: str) -> Any:
        """Give the proxy of a stateless service, or of the session itself."""
        if name == "":
            return self.session
        with self._lock:
            if name not in self._services:
                proxy = getattr(self.session, _GETTERS[name])()
                if name in _SLOW:
                    proxy = proxy.ice_invocationTimeout(PATIENCE * 1000)
                self._services[name] = proxy
            return self._services[name]

    def touch(self, seconds: float = _SIGN_OF_LIFE / 1000) -> None:
        """Keep the session alive.

        Raises
        ------
        OmeroIOError
            It has ended, or the server does not answer in time.
        """
        with translated("keep the session alive"):
            self.session.ice_invocationTimeout(int(seconds * 1000)).keepAlive(None)

    def forget_services(self) -> None:
        """Ask for the services anew."""
        with self._lock:
            self._services.clear()

    def watch(self, on_loss: Callable[[], None]) -> None:
        """Have a function called from any thread when connection or session ends."""
        self._client.onSessionClosed(on_loss)
        self.session.ice_getCachedConnection().setCallback(_Watch(self, on_loss))

    def sever(self) -> None:
        """Let nothing be sent any more: Ice would open another connection for it."""
        try:
            self._client.getCommunicator().destroy()
        except omero.ClientError as error:
            logger.debug("It was left before: %s", error)

    def close(self) -> None:
        """Leave; a session of our own ends with the last who uses it."""
        if self.is_cut:
            self.sever()
        elif self.is_owner:
            try:
                quick = self.session.ice_invocationTimeout(_SIGN_OF_LIFE // 4)
                quick.closeOnDestroy()
            except Ice.Exception as error:
                logger.info("A session was left unclosed: %s", type(error).__name__)
        discard(self._client)


class _Watch(Ice.ConnectionCallback):  # type: ignore[misc]
    """Notes that a connection is closed, from whichever side."""

    def __init__(self, link: Link, on_loss: Callable[[], None]) -> None:
        self._link = link
        self._on_loss = on_loss

    def heartbeat(self, connection: Any) -> None:
        """Do nothing: Ice itself counts heartbeats."""

    def closed(self, connection: Any) -> None:
        """Pass it on."""
        self._link.is_cut = True
        self._on_loss()


def discard(client: Any) -> None:
    """Close an `omero.client`, whether or not it has a session and a server."""
    try:
        client.closeSession()
    except (Ice.Exception, omero.ClientError) as error:
        # The server may be gone already; the session ends there by itself.
        logger.info("A session was left unclosed: %s", type(error).__name__)
