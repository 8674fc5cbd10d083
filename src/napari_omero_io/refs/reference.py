"""One object on a server, how to look at it, and its canonical link.

The canonical link is ``omero://[user@]host[:port]/kind/id?z=&t=&c=&x=&y=&zm=``.
Without a server it is ``omero:///kind/id``; another transport than ssl is written
``omero+wss://host/path/kind/id``; an object known by name is ``/kind/name=My%20name``,
preceded by what it lies in: ``/plate/5/well/name=A1``.  Several objects that are shown
as one are ``/image/1-5,9?open=stack`` and ``/plate/5?open=mosaic&run=all&field=0``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from napari_omero_io.errors import BadReference

from .address import ServerAddress
from .parse import parse_text
from .targets import KINDS, Link, Target, write_numbers
from .view import View, write_view

#: Servers count with 64 bits.
_LARGEST_ID = 2**63 - 1


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class OmeroRef:
    """One object on a server.

    Attributes
    ----------
    server
        ``host``, ``host:port``, ``wss://host/path`` … or None for "the current one".
    kind
        One of `KINDS`.
    id, name
        Exactly one of them is set.
    view
        How the link shows the object, or None.
    user
        Whose account the link suggests, or None.
    within
        What an object that is known by name lies in: wells have names only within
        their plate.
    """

    server: str | None
    kind: str
    id: int | None = None
    name: str | None = None
    view: View | None = None
    user: str | None = None
    within: OmeroRef | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadReference(f"“{self.kind}” is not a kind of object on a server.")
        if (self.id is None) == (self.name is None):
            raise BadReference(f"This {self.kind} needs either a number or a name.")
        if self.id is not None and self.id < 1:
            raise BadReference(
                f"{self.kind.capitalize()}:{self.id} is a number inside a file; on a "
                "server numbers begin at 1."
            )
        if self.id is not None and self.id > _LARGEST_ID:
            raise BadReference(
                f"{self.kind.capitalize()}:{self.id} is a larger number than a server "
                "can give."
            )
        if self.name == "":
            raise BadReference(f"The name of the {self.kind} is empty.")
        if self.server is not None:
            object.__setattr__(self, "server", _tidy_server(self.server))
        if self.view == View():
            object.__setattr__(self, "view", None)

    @classmethod
    def parse_all(cls, text: str, default_server: str | None = None) -> list[OmeroRef]:
        """Read every object that a pasted text names, in the text's order.

        Parameters
        ----------
        text
            A link of OMERO.web, iviewer, figure, the JSON API …; ``Image:314`` and
            the other strings of OMERO's programs; a number, which means an image;
            several of them, one a line.
        default_server
            Used where the text names none.

        Raises
        ------
        BadReference
            Naming the part that was not understood.

        Warns
        -----
        SecretIgnored
            When the text carries a password or a session key.
        """
        return [
            cls._of(target, link, link.server or default_server)
            for link in parse_text(text)
            for target in link.targets
        ]

    @classmethod
    def parse(cls, text: str, default_server: str | None = None) -> OmeroRef:
        """Read the one object that a pasted text names; see `parse_all`."""
        found = cls.parse_all(text, default_server)
        if len(found) > 1:
            raise BadReference(
                f"This names {len(found)} objects where one is wanted: {found[0]}, "
                f"{found[1]}{', …' if len(found) > 2 else ''}."
            )
        return found[0]

    @classmethod
    def _of(cls, target: Target, link: Link, server: str | None) -> OmeroRef:
        outer = target.within
        within = cls._of(outer, replace(link, view=None), server) if outer else None
        return cls(
            server, target.kind, target.id, target.name, link.view, link.user, within
        )

    def __str__(self) -> str:
        """Give the canonical link, which `parse` reads back."""
        return _origin(self.server, self.user) + _path(self) + write_view(self.view)


def gather(refs: Iterable[OmeroRef]) -> list[tuple[OmeroRef, ...]]:
    """Put those together that a link shows as one; each other stays by itself."""
    groups: list[tuple[OmeroRef, ...]] = []
    for ref in refs:
        last = groups[-1][-1] if groups else None
        is_one = ref.view is not None and ref.view.arrangement is not None
        if (
            last is not None
            and is_one
            and (last.server, last.kind, last.view) == (ref.server, ref.kind, ref.view)
        ):
            groups[-1] += (ref,)
        else:
            groups.append((ref,))
    return groups


def write_link(refs: Sequence[OmeroRef]) -> str:
    """Give the canonical link of objects that are shown as one.

    Parameters
    ----------
    refs
        Of one kind, at one server, with one view; all known by their number if there
        are several.
    """
    first = refs[0]
    if len(refs) == 1:
        return str(first)
    numbers = write_numbers([ref.id for ref in refs if ref.id is not None])
    path = f"/{first.kind}/{numbers}"
    return _origin(first.server, first.user) + path + write_view(first.view)


def _tidy_server(server: str) -> str:
    """Keep what was written, without a scheme that says nothing new."""
    address = ServerAddress.parse(server)
    scheme, _, rest = server.strip().rpartition("://")
    if scheme.lower() in ("http", "https"):
        return address.host
    return f"{scheme.lower()}://{rest}" if scheme and scheme.lower() != "ssl" else rest


def _origin(server: str | None, user: str | None) -> str:
    scheme, separator, rest = (server or "").partition("://")
    prefix = f"omero+{scheme}://" if separator else "omero://"
    account = quote(user, safe="") + "@" if user else ""
    return prefix + account + (rest if separator else scheme)


def _path(ref: OmeroRef) -> str:
    outer = _path(ref.within) if ref.within is not None else ""
    if ref.name is None:
        return f"{outer}/{ref.kind}/{ref.id}"
    return f"{outer}/{ref.kind}/name={quote(ref.name, safe='')}"
