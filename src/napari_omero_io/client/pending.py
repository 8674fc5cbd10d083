"""Stores that are opened while something else is asked, to save a round trip."""

from __future__ import annotations

from typing import Any

from .ice import Ice, omero


class PendingStore:
    """A thumbnail store that is being opened; closed without waiting for the server.

    Parameters
    ----------
    session
        The connection's session service.
    """

    def __init__(self, session: Any) -> None:
        self._session = session
        self._pending = session.begin_createThumbnailStore()
        self._store: Any = None

    def wait(self) -> Any:
        """Give the store."""
        if self._store is None:
            self._store = self._session.end_createThumbnailStore(self._pending)
        return self._store

    def close(self) -> None:
        """Close it; what goes wrong is the server's business, which ends it anyway."""
        try:
            self.wait().begin_close()
        except (Ice.Exception, omero.ClientError):
            # The session is lost, and the store with it.
            self._store = None
