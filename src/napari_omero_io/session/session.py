"""A user's session on a server: open, browse, search, save."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.refs import OmeroRef

from .layers import Layers
from .saving import Saving
from .tables import Tables
from .tree import Tree

if TYPE_CHECKING:
    from napari_omero_io.arrays.disk import DiskCache
    from napari_omero_io.client.connection import Connection
    from napari_omero_io.client.lifeline import State
    from napari_omero_io.records import UserRecord

#: Sessions that are open in this process, the last one last.
_open_sessions: list[Session] = []
_lock = threading.Lock()


def find_session(server: str | None = None) -> Session | None:
    """Give the newest session that is open in this process, or None.

    Parameters
    ----------
    server
        Where; None for anywhere.
    """
    with _lock:
        for session in reversed(_open_sessions):
            if session.is_open and (server is None or session.is_at(server)):
                return session
    return None


def list_sessions() -> list[Session]:
    """Give the sessions that are open in this process, the oldest first."""
    with _lock:
        return [session for session in _open_sessions if session.is_open]


class Session(Layers, Tables, Tree, Saving):
    """A user's session on one server; a context manager.

    Attributes
    ----------
    connection
        The conversation with the server.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._fetcher = _make_fetcher()
        connection.state_changed.connect(self._note_state)
        with _lock:
            _open_sessions.append(self)

    def __repr__(self) -> str:
        return f"<Session {self.user.name} at {self.server}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def user(self) -> UserRecord:
        """Who is logged in, and in which group."""
        return self.connection.user

    @property
    def is_open(self) -> bool:
        """Whether it was not closed from this side."""
        return self.connection.is_open

    def is_at(self, server: str) -> bool:
        """Whether a link to that server means this one.

        Web links name no port of OMERO's, so a host without one matches any.
        """
        from napari_omero_io.client.references import is_same_server

        return is_same_server(self.connection.address, server)

    @property
    def web_host(self) -> str:
        """Host of the web client, '' unless it was learned that it is elsewhere."""
        from napari_omero_io.settings import load_settings

        hosts = load_settings().aliases.items()
        return next((host for host, address in hosts if self.is_at(address)), "")

    def link(self, kind: str, object_id: int) -> str:
        """Give the canonical link of an object; asks nobody."""
        return str(OmeroRef(self.server, kind, object_id))

    def close(self) -> None:
        """End the session; images that were opened by it cannot be read any more."""
        with _lock:
            if self in _open_sessions:
                _open_sessions.remove(self)
        self._fetcher.close()
        self.connection.close()

    def _note_state(self, state: State, _text: str) -> None:
        """Let layers ask again for what could not be had while the server was gone."""
        if state.value == "connected":
            self._fetcher.forget_failures()


def _make_fetcher() -> Fetcher:
    """Make what fetches pixels, with caches as large as the user wants them."""
    from napari_omero_io.arrays.memory import TileCache
    from napari_omero_io.settings import load_settings

    return Fetcher(TileCache(load_settings().memory_cache), disk=open_disk_cache())


def open_disk_cache() -> DiskCache:
    """Give the tiles on the disk, which all sessions and programs of the user share."""
    from napari_omero_io.arrays.disk import DiskCache
    from napari_omero_io.client.thumbnail_cache import find_folder
    from napari_omero_io.settings import load_settings

    return DiskCache(find_folder() / "tiles", load_settings().disk_cache)
