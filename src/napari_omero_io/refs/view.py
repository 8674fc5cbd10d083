"""How a link shows its object: plane, place, magnification and channels."""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from napari_omero_io.errors import BadReference

from .targets import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHANNEL = re.compile(
    r"(?P<off>-)?(?P<index>\d+)"
    r"(?:\|(?P<start>-?\d+(?:\.\d+)?):(?P<end>-?\d+(?:\.\d+)?)(?P<reverse>-?r)?)?"
    r"(?:\$(?P<color>[^$|]+))?$"
)


@dataclass(frozen=True, slots=True)
class ChannelView:
    """How a link shows one channel.

    Attributes
    ----------
    index
        Counted from 0, although links count from 1.
    window
        The values shown as black and as full colour; None leaves the server's.
    color
        Six hexadecimal digits, or the name of a lookup table; None likewise.
    """

    index: int
    active: bool = True
    window: tuple[float, float] | None = None
    color: str | None = None
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """Which plane, place and magnification a link shows; None where it does not say.

    Attributes
    ----------
    z, t
        Counted from 0.
    c
        The channels in the notation of OMERO's links, such as
        ``1|100:600$00FF00,-2``: counted from 1, minus for off, then the window and
        the colour.  `channels` reads it.
    x, y
        Centre, in pixels of the full image.
    zoom
        Per cent.
    """

    z: int | None = None
    t: int | None = None
    c: str | None = None
    x: float | None = None
    y: float | None = None
    zoom: float | None = None

    def __post_init__(self) -> None:
        read_channels(self.c or "")

    @property
    def channels(self) -> tuple[ChannelView, ...]:
        """The channels that `c` speaks of, in its order."""
        return read_channels(self.c or "")


def read_channels(text: str) -> tuple[ChannelView, ...]:
    """Read the ``c=`` of OMERO's links.

    Raises
    ------
    BadReference
        Naming the channel that cannot be read.
    """
    views = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _CHANNEL.match(part)
        if match is None or match["index"] == "0":
            raise BadReference(f"“{part}” is not a channel in “c={text}”.")
        window = None
        if match["start"] is not None:
            window = (float(match["start"]), float(match["end"]))
        views.append(
            ChannelView(
                index=int(match["index"]) - 1,
                active=match["off"] is None,
                window=window,
                color=match["color"],
                inverted=match["reverse"] == "r",
            )
        )
    return tuple(views)


def read_number(value: str, what: str) -> float:
    """Read a coordinate of a link, or name it as not understood."""
    try:
        number = float(value)
    except ValueError:
        raise BadReference(f"“{what}={shorten(value)}” is not a number.") from None
    if abs(number) > 1e12 or number != number:
        raise BadReference(f"“{what}={shorten(value)}” lies outside any image.")
    return number


def read_view(query: Mapping[str, str], first: int) -> View | None:
    """Read how a link shows its object.

    Parameters
    ----------
    query
        Lower-case keys.
    first
        What the link calls the first plane: our links count from 0, iviewer's from 1.
    """
    planes = {
        key: max(0, int(read_number(query[key], key)) - first)
        for key in ("z", "t")
        if query.get(key)
    }
    centre = {k: read_number(query[k], k) for k in ("x", "y") if query.get(k)}
    zoom = query.get("zm") or query.get("zoom")
    view = View(
        z=planes.get("z"),
        t=planes.get("t"),
        c=query.get("c") or None,
        x=centre.get("x"),
        y=centre.get("y"),
        zoom=read_number(zoom, "zm") if zoom else None,
    )
    return None if view == View() else view


def join_views(first: View | None, second: View | None) -> View | None:
    """Take from the second what the first does not say."""
    if first is None or second is None:
        return first or second
    z, t, c, x, y, zoom = (
        theirs if mine is None else mine
        for mine, theirs in zip(astuple(first), astuple(second), strict=True)
    )
    return View(z, t, c, x, y, zoom)


def write_view(view: View | None) -> str:
    """Write the query that our links end with, or ''."""
    if view is None:
        return ""
    values = zip(("z", "t", "c", "x", "y", "zm"), astuple(view), strict=True)
    shown = [f"{k}={quote(_plain(v), safe=',|:$')}" for k, v in values if v is not None]
    return "?" + "&".join(shown) if shown else ""


def _plain(value: float | str) -> str:
    """Write 20.0 as 20, which is how links write it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
