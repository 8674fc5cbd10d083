"""How another process comes to read the same image: the session's key and the record.

A `Ticket` travels in pickles to workers that read the server themselves.  The key is
a secret: it is in no representation of a ticket and in no log.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from .connect import connect
from .patches import PatchSource
from .pixels import PixelSource
from .rendering import RenderedSource

if TYPE_CHECKING:
    from napari_omero_io.records import ImageRecord
    from napari_omero_io.refs import Projection, ServerAddress

    from .connection import Connection

#: Sessions and images that a worker keeps; the least recently used go first.
_SESSIONS = 8
_IMAGES = 32

_joining = threading.Lock()


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a process needs to read an image.

    Attributes
    ----------
    key
        Of a session that somebody else keeps; joining does not end it.
    """

    address: ServerAddress
    key: str = field(repr=False)
    record: ImageRecord

    def redeem(self) -> PixelSource:
        """Join the session, and give the image's pixels: the same for equal tickets.

        Raises
        ------
        LoginRefused
            The session has ended.
        CannotConnect
            The server cannot be reached from here.
        """
        with _joining:
            return _find_source(self)


@lru_cache(_IMAGES)
def _find_source(ticket: Ticket) -> PixelSource:
    return PixelSource(_join(ticket.address, ticket.key), ticket.record)


@lru_cache(_SESSIONS)
def _join(address: ServerAddress, key: str) -> Connection:
    return connect(address, session_key=key)


@dataclass(frozen=True, slots=True)
class PatchTicket:
    """What a process needs to read any images of a session; see `Ticket`."""

    address: ServerAddress
    key: str = field(repr=False)


def redeem_patches(ticket: PatchTicket) -> PatchSource:
    """Join the session, and give patches of its images."""
    with _joining:
        return PatchSource(_join(ticket.address, ticket.key))


@dataclass(frozen=True, slots=True)
class RenderedTicket:
    """What a process needs to have an image rendered; see `Ticket`.

    Attributes
    ----------
    shown
        The image with the channels as they are to be shown.
    """

    address: ServerAddress
    key: str = field(repr=False)
    shown: ImageRecord
    projection: Projection | None


def redeem_rendered(ticket: RenderedTicket) -> RenderedSource:
    """Join the session, and give the picture: the same for equal tickets."""
    with _joining:
        return _find_rendered(ticket)


@lru_cache(_IMAGES)
def _find_rendered(ticket: RenderedTicket) -> RenderedSource:
    connection = _join(ticket.address, ticket.key)
    return RenderedSource(connection, ticket.shown, ticket.projection)


def redeem(ticket: Ticket) -> PixelSource:
    """Redeem a ticket; the name that stands in pickles."""
    return ticket.redeem()
