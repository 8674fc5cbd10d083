"""What a reference means on the server that one is connected to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_omero_io.errors import BadReference, NotFound
from napari_omero_io.refs import OmeroRef, ServerAddress, resolve_alias
from napari_omero_io.settings import load_settings

from . import browse
from .figures import find_figure_images

if TYPE_CHECKING:
    from napari_omero_io.records import ObjectRecord

    from .connection import Connection

#: Children that are looked through for a name.
_LOOKED_THROUGH = 10_000


def is_same_server(address: ServerAddress, server: str) -> bool:
    """Whether a link to `server` means the server at `address`.

    Web links name no port of OMERO's, so a host without one matches any; and the host
    of a web client may stand for a server elsewhere.
    """
    server = resolve_alias(server, load_settings().aliases)
    there = ServerAddress.parse(server)
    same_host = _plain_host(address.host) == _plain_host(there.host)
    has_port = server.rpartition(":")[2].partition("/")[0].isdecimal()
    return same_host and (not has_port or address.port == there.port)


def locate(connection: Connection, reference: OmeroRef) -> tuple[str, int]:
    """Give kind and id, asking the server for what is known by name only.

    Raises
    ------
    BadReference
        The object is on another server, or its kind is not found by name.
    NotFound
        There is no object of that name, or more than one.
    """
    there = reference.server
    if there is not None and not is_same_server(connection.address, there):
        raise BadReference(
            f"{reference} is at {there}, but this session is at {connection.server}. "
            "Log in there; if both are one server, give the number."
        )
    if reference.id is not None:
        return reference.kind, reference.id
    found = _find_named(connection, reference)
    if len(found) != 1:
        count = f"{len(found)} objects" if found else "no object"
        raise NotFound(
            f"There is {count} of kind {reference.kind} with the name "
            f"“{reference.name}” at {connection.server}, where one is wanted."
        )
    return found[0].kind, found[0].id


def find_images(
    connection: Connection,
    references: list[OmeroRef],
    limit: int = 1000,
    run_id: int | None = None,
) -> list[int]:
    """Give the ids of the images that references name or contain, each once."""
    found: list[int] = []
    for reference in references:
        kind, object_id = locate(connection, reference)
        if kind == "figure":
            found += find_figure_images(connection, object_id)
        else:
            found += browse.find_images(connection, kind, object_id, limit, run_id)
    return list(dict.fromkeys(found))[:limit]


def _find_named(connection: Connection, reference: OmeroRef) -> list[ObjectRecord]:
    if reference.within is not None:
        parent = locate(connection, reference.within)
        rows = browse.list_children(connection, *parent, limit=_LOOKED_THROUGH)
        return [row for row in rows if row.name == reference.name]
    if reference.kind not in browse.NAMED:
        raise BadReference(f"{reference}: a {reference.kind} is found by its number.")
    return browse.find_by_name(connection, reference.kind, reference.name or "")


def _plain_host(host: str) -> str:
    return "127.0.0.1" if host in ("localhost", "[::1]") else host
