"""Thumbnail stores that are open before they are needed.

A new store costs a distant server two round trips before its first answer: it is made,
and its router is told of it.  So one is opened while rows are listed, and is handed on
from one page of thumbnails to the next.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .ice import Ice, omero

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)


class SpareStores:
    """Opens thumbnail stores, and keeps one of them.  Safe to use from any thread.

    Parameters
    ----------
    session
        The connection's session service.
    get_generation
        Tells how often the login was replaced, with which all stores end.
    """

    def __init__(self, session: Any, get_generation: Callable[[], int]) -> None:
        self._session = session
        self._get_generation = get_generation
        self._lock = threading.Lock()
        self._spare: tuple[int, Future[Any]] | None = None

    def prepare(self) -> None:
        """Begin to open a store, unless there is one; asks nobody in this thread."""
        generation = self._get_generation()
        with self._lock:
            if self._spare is None or self._spare[0] != generation:
                self._spare = (generation, _open(self._session))

    @contextmanager
    def lend(self) -> Iterator[Future[Any]]:
        """Give a store that is open or will be, for the calling thread alone.

        One that was of no use, because something failed meanwhile, is not kept.
        """
        generation = self._get_generation()
        with self._lock:
            spare, self._spare = self._spare, None
        store = spare[1] if spare and spare[0] == generation else _open(self._session)
        try:
            yield store
        except BaseException:
            _close(store)
            raise
        with self._lock:
            is_kept = self._spare is None
            if is_kept:
                self._spare = (generation, store)
        if not is_kept:
            _close(store)

    def close(self) -> None:
        """Close the one that is kept."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is not None and spare[0] == self._get_generation():
            _close(spare[1])


def _open(session: Any) -> Future[Any]:
    opened: Future[Any] = Future()

    def work() -> None:
        try:
            store = session.createThumbnailStore()
        except Exception as error:  # noqa: BLE001 - it is handed to whoever waits
            opened.set_exception(error)
            return
        opened.set_result(store)
        try:
            # any first call makes Ice tell the router
            store.ice_ping()
        except Ice.Exception as error:
            logger.debug("A new thumbnail store does not answer: %s", error)

    threading.Thread(target=work, name="omero-thumbnail-store", daemon=True).start()
    return opened


def _close(opened: Future[Any]) -> None:
    """Close a store without waiting for the server, which ends it anyway."""

    def close(done: Future[Any]) -> None:
        if done.exception() is None:
            try:
                done.result().begin_close()
            except (Ice.Exception, omero.ClientError) as error:
                logger.debug("A thumbnail store was left open: %s", error)

    opened.add_done_callback(close)
