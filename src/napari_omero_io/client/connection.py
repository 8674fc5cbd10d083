"""A conversation with a server: its services, whose it is, and that it stays alive."""

from __future__ import annotations

import logging
import threading
import weakref
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import SessionLost

from .ice import Ice, omero
from .translate import translated
from .wire import ALL_GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from napari_omero_io.records import UserRecord
    from napari_omero_io.refs import ServerAddress

logger = logging.getLogger(__name__)

#: Seconds between signs of life.  Servers end sessions that are idle for ten minutes.
KEEP_ALIVE = 60.0

#: Seconds for calls that move or hash many pixels, or save many objects.
PATIENCE = 600

_GETTERS = {
    "admin": "getAdminService",
    "config": "getConfigService",
    "container": "getContainerService",
    "pixels": "getPixelsService",
    "query": "getQueryService",
    "roi": "getRoiService",
    "types": "getTypesService",
    "update": "getUpdateService",
}
_SLOW = ("update",)


class Connection:
    """One session on one server; a context manager.

    The stateless services may be called from any thread.  A store serves the thread
    that opened it, and is closed by it.

    Parameters
    ----------
    client
        An `omero.client` that has a session.
    session
        Its ServiceFactory.

    Attributes
    ----------
    address
        Where the server is.
    user
        Who is logged in, and in which group.
    key
        The session's key, with which other processes can join.  It is a secret.
    """

    def __init__(
        self, client: Any, session: Any, address: ServerAddress, user: UserRecord
    ) -> None:
        self.address = address
        self.user = user
        self.key = str(client.getSessionId())
        self._session = session
        self._context: Mapping[str, str] = dict(
            client.getImplicitContext().getContext()
        )
        self._services: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        threading.Thread(
            target=_keep_alive,
            args=(session.ice_invocationTimeout(20_000), self._stop, str(address)),
            name=f"omero-keep-alive-{address}",
            daemon=True,
        ).start()
        # Runs at the end of the program too, if nobody closed the connection.
        self._finish = weakref.finalize(self, _end, client, self._stop, str(address))

    def __repr__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"<Connection {self.user.name}@{self.address}, {state}>"

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def server(self) -> str:
        """The server as it stands in links: ``host:4064``."""
        return str(self.address)

    @property
    def is_open(self) -> bool:
        """Whether it was not closed from this side."""
        return self._finish.alive

    def close(self) -> None:
        """End the session, or leave it when it was joined; harmless when repeated."""
        self._finish()

    def service(self, name: str) -> Any:
        """Give a stateless service.

        Parameters
        ----------
        name
            admin, config, container, pixels, query, roi, types or update.

        Raises
        ------
        SessionLost
            When the connection is closed.
        """
        with self._lock:
            if name not in self._services:
                with translated(f"reach the service “{name}”"):
                    proxy = getattr(self._living_session(), _GETTERS[name])()
                if name in _SLOW:
                    proxy = proxy.ice_invocationTimeout(PATIENCE * 1000)
                self._services[name] = proxy
            elif not self.is_open:
                self._living_session()
            return self._services[name]

    def open_pixel_store(self) -> Any:
        """Open a RawPixelsStore; the caller closes it."""
        store = self._living_session().createRawPixelsStore()
        return store.ice_invocationTimeout(PATIENCE * 1000)

    def open_thumbnail_store(self) -> Any:
        """Open a ThumbnailStore; the caller closes it."""
        return self._living_session().createThumbnailStore()

    def submit(self, request: Any, group_id: int = ALL_GROUPS) -> Any:
        """Begin a request of `omero.cmd`; the caller closes the handle it gets."""
        return self._living_session().submit(request, self.context(group_id))

    def context(self, group_id: int = ALL_GROUPS) -> dict[str, str]:
        """Make the context of a call that sees one group, or all of the user's.

        A context that is given with a call replaces Ice's implicit one, so this holds
        that too.
        """
        return {**self._context, "omero.group": str(group_id)}

    def _living_session(self) -> Any:
        if not self.is_open:
            raise SessionLost(f"The session at {self.address} is closed. Log in again.")
        return self._session


def _keep_alive(session: Any, stop: threading.Event, address: str) -> None:
    """Touch the session until it is closed or lost; runs in a thread of its own."""
    while not stop.wait(KEEP_ALIVE):
        try:
            session.keepAlive(None)
        except Ice.TimeoutException:
            logger.warning("%s is slow to answer", address)
        except Ice.Exception as error:
            # Whoever uses the connection next is told; see `translate`.
            if not stop.is_set():
                name = type(error).__name__
                logger.warning("The session at %s is lost: %s", address, name)
            return


def _end(client: Any, stop: threading.Event, address: str) -> None:
    stop.set()
    logger.info("Leaving %s", address)
    discard(client)


def discard(client: Any) -> None:
    """Close an `omero.client`, whether or not it has a session and a server."""
    try:
        client.closeSession()
    except (Ice.Exception, omero.ClientError) as error:
        # The server may be gone already; the session ends there by itself.
        logger.info("A session was left unclosed: %s", type(error).__name__)
