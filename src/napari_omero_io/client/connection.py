"""A conversation with a server: its services, whose it is, and that it stays alive.

It lives longer than any one login: when that is lost, `lifeline` joins the session
again, or begins another for the same user, and calls go on.
"""

from __future__ import annotations

import logging
import threading
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from napari_omero_io.errors import OmeroIOError, SessionLost

from .ice import omero
from .lifeline import Lifeline, State
from .link import PATIENCE, CallContext, Link
from .services import Service, outlive
from .spare_stores import SpareStores
from .translate import Loss, find_loss
from .wire import ALL_GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from psygnal import SignalInstance

    from napari_omero_io.refs import ServerAddress

logger = logging.getLogger(__name__)

#: Seconds between signs of life.  Servers end sessions that are idle for ten minutes.
KEEP_ALIVE = 60.0

_SERVICES = (
    *("admin", "config", "container", "pixels", "query", "roi", "session", "types"),
    *("script", "update"),
)

T = TypeVar("T")


class Connection:
    """One user's session on one server; a context manager.

    The stateless services may be called from any thread.  A store serves the thread
    that opened it, and is closed by it.

    Parameters
    ----------
    link
        The first login.
    rejoin
        Logs in again, as `Lifeline` takes it.
    log_in_again
        Makes another login with a password, for when the user has to help.
    on_end
        Called after the session has ended.

    Attributes
    ----------
    address
        Where the server is.
    user
        Who is logged in, and in which group new objects go.
    """

    def __init__(
        self,
        link: Link,
        address: ServerAddress,
        rejoin: Callable[[Link], Link],
        log_in_again: Callable[[Link, str], Link],
        on_end: Callable[[], None],
    ) -> None:
        self.address = address
        self.user = link.user
        self._lifeline: Lifeline[Link] = Lifeline(
            link, rejoin, str(address), on_install=_watch
        )
        self._log_in_again = log_in_again
        self._keeper = _Keeper(self._lifeline)
        _watch(link, self._lifeline)
        self._services = {
            name: Service(self._lifeline, name, self._keeper.hurry)
            for name in _SERVICES
        }
        self._session = Service(self._lifeline, "", self._keeper.hurry)
        self._thumbnail_stores = SpareStores(
            self._session, lambda: self._lifeline.generation
        )
        # Runs at the end of the program too, if nobody closed the connection.
        self._finish = weakref.finalize(
            self, _end, self._lifeline, self._keeper, on_end
        )

    def __repr__(self) -> str:
        return f"<Connection {self.user.name}@{self.address}, {self.state.value}>"

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def server(self) -> str:
        """The server as it stands in links: ``host:4064``."""
        return str(self.address)

    @property
    def key(self) -> str:
        """The session's key, with which other processes can join.  It is a secret."""
        return self._lifeline.link.key

    @property
    def certificate(self) -> str | None:
        """The SHA-256 of the server's certificate, None without encryption."""
        return self._lifeline.link.certificate

    @property
    def generation(self) -> int:
        """How often another login replaced a lost one, whose stores ended with it."""
        return self._lifeline.generation

    @property
    def is_first(self) -> bool:
        """Whether this is the first time that the certificate is seen."""
        return self._lifeline.link.is_first

    @property
    def is_open(self) -> bool:
        """Whether it was not closed from this side."""
        return self._finish.alive

    @property
    def state(self) -> State:
        """How the session stands; `state_changed` tells when it changes."""
        return self._lifeline.state

    @property
    def state_changed(self) -> SignalInstance:
        """Emits the new `State` and a sentence for the user, from any thread."""
        return self._lifeline.state_changed

    def close(self) -> None:
        """End the session, or leave it when it was joined; harmless when repeated."""
        self._thumbnail_stores.close()
        self._finish()

    def resume(self, password: str) -> None:
        """Log the same user in again, for all who use this connection.

        Raises
        ------
        CannotConnect, LoginRefused
            It stays lost.
        """
        self._lifeline.resume(lambda lost: self._log_in_again(lost, password))

    def work_in(self, group_id: int, group_name: str) -> None:
        """Put new objects into another group, and list that one's."""
        self.user = replace(self.user, group_id=group_id, group_name=group_name)

    def service(self, name: str) -> Any:
        """Give a stateless service, which outlives losses of the connection.

        Parameters
        ----------
        name
            admin, config, container, pixels, query, roi, script, session, types or
            update.

        Raises
        ------
        SessionLost
            When the connection is closed.
        """
        if not self.is_open:
            raise SessionLost(f"The session at {self.address} is closed. Log in again.")
        return self._services[name]

    def open_pixel_stores(self, count: int) -> list[Any]:
        """Open RawPixelsStores, in one round trip; the caller closes them."""
        session = self._session
        asked = [session.begin_createRawPixelsStore() for _ in range(count)]
        stores = [session.end_createRawPixelsStore(each) for each in asked]
        return [store.ice_invocationTimeout(PATIENCE * 1000) for store in stores]

    def open_pixel_store(self) -> Any:
        """Open a RawPixelsStore; the caller closes it."""
        return self.open_pixel_stores(1)[0]

    def open_rendering_engine(self) -> Any:
        """Open a RenderingEngine; the caller closes it."""
        return self._session.createRenderingEngine()

    def open_file_store(self) -> Any:
        """Open a RawFileStore; the caller closes it."""
        return self._session.createRawFileStore()

    @property
    def thumbnail_stores(self) -> SpareStores:
        """Lends ThumbnailStores; to be prepared when thumbnails will be asked for."""
        return self._thumbnail_stores

    def find_repository(self) -> Any:
        """Give the repository that takes imports; None where there is none."""
        found = self._session.sharedResources().repositories()
        for proxy in found.proxies:
            managed = proxy and omero.grid.ManagedRepositoryPrx.checkedCast(proxy)
            if managed:
                return managed.ice_invocationTimeout(PATIENCE * 1000)
        return None

    def open_table(self, file_id: int) -> Any:
        """Open a table by the id of its file; the caller closes it."""
        file = omero.model.OriginalFileI(file_id, False)
        found = self._session.sharedResources().openTable(file, self.context())
        return found and found.ice_invocationTimeout(PATIENCE * 1000)

    def submit(self, request: Any, group_id: int = ALL_GROUPS) -> Any:
        """Begin a request of `omero.cmd`; the caller closes the handle it gets."""
        return self._session.submit(request, self.context(group_id))

    def context(self, group_id: int = ALL_GROUPS) -> CallContext:
        """Make the context of a call that sees one group, or all of the user's."""
        return self._lifeline.link.context(group_id)

    def outlive(self, work: Callable[[], T], reopen: Callable[[], None]) -> T:
        """Do something with a store, and once more with a new one if it is lost.

        Parameters
        ----------
        work
            Only reads.
        reopen
            Replaces the store.

        Raises
        ------
        SessionLost
            The session does not come back.
        """
        is_first = True

        def try_with(_: Link) -> T:
            nonlocal is_first
            if not is_first:
                reopen()
            is_first = False
            return work()

        result: T = outlive(
            self._lifeline, try_with, self._keeper.hurry, is_repeatable=True
        )
        return result


def _watch(link: Link, lifeline: Lifeline[Link]) -> None:
    """Report the loss of a link as soon as it happens."""
    known = weakref.ref(lifeline)

    def report() -> None:
        alive = known()
        if alive is not None and alive.link is link:
            alive.report_loss(alive.generation)

    link.watch(report)


class _Keeper:
    """Touches a session until its lifeline is closed, in a thread of its own."""

    def __init__(self, lifeline: Lifeline[Link]) -> None:
        self._lifeline = lifeline
        self._wake = threading.Event()
        self._is_over = False
        threading.Thread(
            target=self._run, name=f"omero-keep-alive-{lifeline.name}", daemon=True
        ).start()

    def hurry(self) -> None:
        """Look at once, because a call was not answered in time."""
        self._wake.set()

    def stop(self) -> None:
        """End."""
        self._is_over = True
        self._wake.set()

    def _run(self) -> None:
        late = 0
        while True:
            self._wake.wait(KEEP_ALIVE)
            self._wake.clear()
            if self._is_over:
                return
            now = self._lifeline.peek()
            if now is None:
                continue
            try:
                now[1].touch()
            except OmeroIOError as error:
                late = late + 1 if _is_late(error) else _LATE
                if late >= _LATE:
                    self._lifeline.report_loss(now[0])
                    late = 0
                else:
                    logger.warning("%s is slow to answer", self._lifeline.name)
                    self._wake.set()
            else:
                late = 0


#: Signs of life in a row that stay unanswered when a connection is given up.
_LATE = 2


def _is_late(error: OmeroIOError) -> bool:
    return find_loss(error.__cause__) is Loss.LATE


def _end(lifeline: Lifeline[Link], keeper: _Keeper, on_end: Callable[[], None]) -> None:
    keeper.stop()
    logger.info("Leaving %s", lifeline.name)
    lifeline.close()
    on_end()
