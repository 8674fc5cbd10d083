"""What all sides of a session have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_omero_io.arrays.fetch import Fetcher
    from napari_omero_io.client.connection import Connection


class Side:
    """A side of `Session`, such as what it does with images, or with tables.

    Attributes
    ----------
    connection
        The conversation with the server.
    """

    connection: Connection
    _fetcher: Fetcher

    @property
    def server(self) -> str:
        """The server as it stands in links: ``host:4064``."""
        return self.connection.server

    @property
    def fetcher(self) -> Fetcher:
        """What fetches the session's pixels and keeps them."""
        return self._fetcher
