"""What a user may write for a server: ``host``, ``host:port`` or a URL of a transport.

The forms are those that OMERO's own Python client takes, and the address of the web
client, whose host is usually the server's too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_omero_io.errors import BadReference

from .targets import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Ports that OMERO's clients use when none is given.
DEFAULT_PORTS = {"ssl": 4064, "tcp": 4063, "wss": 443, "ws": 80}

_ADDRESS = re.compile(
    r"""(?:(?P<scheme>[a-z]+)://)?
        (?:(?P<user>[^@/]*)@)?
        (?P<host>\[[0-9a-f:.%]+\]|[^\s:/?\#\[\]@]+)
        (?::(?P<port>\d+))?
        (?P<path>/[^\s?\#]*)?$""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a server listens, and how one speaks to it.

    Attributes
    ----------
    transport
        ``ssl``, ``tcp``, ``wss`` or ``ws``.
    path
        The resource of a websocket, such as ``/omero-ws``; otherwise ''.
    """

    host: str
    port: int = DEFAULT_PORTS["ssl"]
    transport: str = "ssl"
    path: str = ""

    @classmethod
    def parse(cls, text: str, port: int | None = None) -> ServerAddress:
        """Read an address.

        Parameters
        ----------
        text
            ``host``, ``host:port``, ``ssl|tcp|ws|wss://host[:port][/path]``, or the
            ``http(s)://`` address of the server's web client, of which only the host
            counts.
        port
            Used when the text has none.

        Raises
        ------
        BadReference
            When it cannot be the address of a server; says what is wrong.
        """
        match = _ADDRESS.match(text.strip())
        if match is None:
            raise BadReference(
                f"“{shorten(text)}” is not the address of a server: write host, "
                "host:port or wss://host/path."
            )
        scheme = (match["scheme"] or "ssl").lower()
        if scheme in ("http", "https"):
            return cls(match["host"].lower(), port or DEFAULT_PORTS["ssl"])
        if scheme not in DEFAULT_PORTS:
            raise BadReference(
                f"“{scheme}://” is not a way to reach an OMERO server: use ssl, tcp, "
                "ws or wss."
            )
        number = int(match["port"] or port or DEFAULT_PORTS[scheme])
        if not 0 < number < 65536:
            raise BadReference(f"{number} is not a port: ports go from 1 to 65535.")
        path = (match["path"] or "").rstrip("/")
        if path and scheme not in ("ws", "wss"):
            raise BadReference(
                f"“{path}” does not belong to the address of a server; only ws:// and "
                "wss:// have a path."
            )
        return cls(match["host"].lower(), number, scheme, path)

    def __str__(self) -> str:
        """Give the shortest form that leaves no doubt: ``host:4064``."""
        if self.transport == "ssl":
            return f"{self.host}:{self.port}"
        return f"{self.transport}://{self.host}:{self.port}{self.path}"


def resolve_alias(text: str, aliases: Mapping[str, str]) -> str:
    """Give the address of the server whose web client is at an address.

    Parameters
    ----------
    text
        An address as the user wrote it.  Only bare hosts and web addresses have
        aliases: whoever writes a port or a transport means just that.
    aliases
        Addresses of servers by host of their web client, in lower case.
    """
    match = _ADDRESS.match(text.strip())
    if match is None:
        return text
    is_web = (match["scheme"] or "").lower() in ("http", "https")
    if is_web or (match["scheme"] is None and match["port"] is None):
        return aliases.get(match["host"].lower(), text)
    return text
