"""The forms of a reference that are not web addresses.

Links of our own and of imagej-omero, the strings of OMERO's programs (``Image:314``,
``Image:1,2,5-9``), old ``omero:`` macros and LSIDs.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from napari_omero_io.errors import BadReference

from .address import ServerAddress
from .targets import (
    SECRETS,
    Link,
    Target,
    read_kind,
    read_numbers,
    shorten,
    warn_of_secret,
)
from .view import read_view

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBERS = re.compile(r"\d+(?:-\d+)?(?:\s*,\s*\d+(?:-\d+)?)*$")
PROXY = re.compile(r"/?(?P<types>[A-Za-z]+(?:/[A-Za-z]+)*):(?P<ids>[\d\s,-]+)$")
#: The same behind a host, as in ``omero://host:4064/Image:314``.
_HOSTED_PROXY = re.compile(r"(?<=[^/])/(?P<type>[A-Za-z]+):(?P<ids>\d[\d\s,-]*)/?$")
_LSID = re.compile(r"urn:lsid:[^:]*:(?P<kind>[A-Za-z]+):(?P<id>\d+)(?::\d+)?$", re.I)
_OMERO = re.compile(
    r"omero(?:\+(?P<transport>ssl|tcp|ws|wss))?:(?P<rest>.*)$", re.I | re.S
)
#: Keys of old ``omero:`` texts that name an object, the most exact first.
_OLD_IDS = {
    "imageid": "image",
    "iid": "image",
    "pixelsid": "pixels",
    "datasetid": "dataset",
}


def is_assignment(text: str) -> bool:
    """Tell ``omero:server=h&imageID=3`` from ``omero://h/image/3``."""
    return re.match(r"omero:/*\w+=", text, re.I) is not None


def ends_in_object(text: str) -> bool:
    """Whether a text without a scheme ends like ``…/image/314``."""
    host, pairs = _split(text.partition("?")[0])
    return bool(pairs) and "/" not in host


def parse_omero(text: str) -> Link:
    """Read what begins with ``omero:`` or ``omero+wss:``.

    Raises
    ------
    BadReference
        Naming the part that was not understood.
    """
    if is_assignment(text):
        return _parse_assignments(text)
    match = _OMERO.match(text)
    if match is None:
        raise BadReference(
            f"“{text.partition(':')[0]}:” is not a way to reach an OMERO server."
        )
    rest = match["rest"].lstrip("/").partition("#")[0]
    location, _, query = rest.partition("?")
    account, _, location = location.rpartition("@")
    user, colon, _ = account.partition(":")
    if colon:
        warn_of_secret("password")
    view = read_view(_without_secrets(dict(parse_qsl(query))), first=0)
    if proxy := PROXY.match(location.strip("/")):
        return replace(parse_proxy(proxy["types"], proxy["ids"]), view=view)
    location = _HOSTED_PROXY.sub(r"/\g<type>/\g<ids>", location)
    host, pairs = _split(location, needs_host=match["transport"] is not None)
    if not pairs:
        raise BadReference(_say_what_is_missing(location))
    return Link(
        _targets(pairs),
        server=_server(host, match["transport"]),
        user=unquote(user) or None,
        view=view,
    )


def _say_what_is_missing(location: str) -> str:
    word, _, number = location.strip("/").rpartition("/")
    word = word.rpartition("/")[2]
    if NUMBERS.match(number) and read_kind(word) is None and word:
        return f"“{shorten(word)}” is not a kind of object on a server."
    return f"“{shorten(location)}” names no object: a link ends like /image/314."


def parse_proxy(types: str, ids: str) -> Link:
    """Read ``Image:1,2,5-9`` and ``Project/Dataset/Image:51``.

    In OMERO's command line the numbers belong to the first type of a chain: the latter
    means all images in the datasets of project 51, and so does the project itself.
    """
    word = types.split("/")[0]
    kind = read_kind(word)
    if kind is None:
        raise BadReference(f"“{word}” is not a kind of object on a server.")
    return Link(tuple(Target(kind, number) for number in read_numbers(ids)))


def parse_lsid(text: str) -> Link:
    """Read ``urn:lsid:<authority>:Image:314``."""
    match = _LSID.match(text)
    kind = read_kind(match["kind"]) if match else None
    if match is None or kind is None:
        raise BadReference(f"“{shorten(text)}” is not the LSID of an object of OMERO.")
    return Link((Target(kind, int(match["id"])),))


def _server(host: str, transport: str | None) -> str | None:
    if not host:
        return None
    if transport and transport.lower() != "ssl":
        host = f"{transport.lower()}://{host}"
    ServerAddress.parse(host)  # says what is wrong with it
    return host


def _split(
    location: str, needs_host: bool = False
) -> tuple[str, list[tuple[str, str]]]:
    """Split ``host/plate/5/well/name=A1`` into host and (kind, number or name=)."""
    segments = location.strip("/").split("/")
    pairs: list[tuple[str, str]] = []
    while len(segments) >= 2 + needs_host:
        kind, value = read_kind(segments[-2]), segments[-1]
        if kind is None or not (value.startswith("name=") or NUMBERS.match(value)):
            break
        pairs.insert(0, (kind, value))
        del segments[-2:]
    return "/".join(segments), pairs


def _targets(pairs: list[tuple[str, str]]) -> tuple[Target, ...]:
    kind, value = pairs[-1]
    if not value.startswith("name="):
        return tuple(Target(kind, number) for number in read_numbers(value))
    within = _targets(pairs[:-1])[0] if pairs[:-1] else None
    return (Target(kind, name=unquote(value.removeprefix("name=")), within=within),)


def _without_secrets(query: Mapping[str, str]) -> dict[str, str]:
    """Lower the keys and drop what is secret."""
    lowered = {key.lower(): value for key, value in query.items()}
    if SECRETS & lowered.keys():
        warn_of_secret("password or session key")
    return {key: value for key, value in lowered.items() if key not in SECRETS}


def _parse_assignments(text: str) -> Link:
    body = text.partition(":")[2].strip("/").removesuffix(".omero")
    pairs = (part.partition("=") for part in re.split(r"[&;\n]|\\n", body))
    query = _without_secrets({key.strip(): value.strip() for key, _, value in pairs})
    server = None
    if host := query.get("server"):
        plain = query.get("encrypted", "true").lower() in ("false", "0", "no")
        port = f":{query['port']}" if query.get("port") else ""
        server = _server(host + port, "tcp" if plain else None)
    for key, kind in _OLD_IDS.items():
        if value := query.get(key):
            target = Target(kind, read_numbers(value)[0])
            return Link((target,), server, query.get("user") or None)
    raise BadReference("“omero:…” names no object: it needs imageID= or iid=.")
