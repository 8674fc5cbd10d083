"""How a link shows its object: plane, place, magnification and channels.

The words are those of OMERO.web's viewers: webgateway reads ``z t c m p maps``,
iviewer these and ``x y zm``.
"""

from __future__ import annotations

import json
import re
from dataclasses import astuple, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from napari_omero_io.errors import BadReference

from .targets import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NUMBER = r"-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?"
_CHANNEL = re.compile(
    r"(?P<off>-)?(?P<index>\d+)"
    rf"(?:\|(?P<start>{_NUMBER}):(?P<end>{_NUMBER})(?P<reverse>-?r)?)?"
    r"(?:\$(?P<color>[^$|]+))?$"
)
#: What `p` may say; `split` was a page of the old web viewer, not a projection.
_PROJECTION = re.compile(
    r"(?P<kind>normal|split|intmax|intmean|intsum)(?:\|(?P<first>\d+):(?P<last>\d+))?$"
)
_FAMILIES = ("linear", "polynomial", "exponential", "logarithmic")


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
    inverted
        Whether intensities are reversed; None likewise.
    family, coefficient
        How values are bent, as in `records.ChannelRecord`; None likewise.
    """

    index: int
    active: bool = True
    window: tuple[float, float] | None = None
    color: str | None = None
    inverted: bool | None = None
    family: str | None = None
    coefficient: float | None = None


@dataclass(frozen=True, slots=True)
class Projection:
    """Sections that a link shows as one.

    Attributes
    ----------
    kind
        ``intmax``, ``intmean`` or ``intsum``.
    first, last
        Sections counted from 0, the last included; None for all.
    """

    kind: str
    first: int | None = None
    last: int | None = None


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
        Centre, in pixels of the full image, counted from its corner.
    zoom
        Per cent: 100 shows a pixel of the image as one of the screen.
    model
        ``c`` for colours, ``g`` for one channel in grey.
    p
        How sections are projected, such as ``intmax|0:10``; `projection` reads it.
    maps
        What `c` cannot say of the same channels, as the JSON of OMERO's links.
    arrangement
        ``stack`` or ``mosaic`` where all that the link names is shown as one; `t` and
        `x`, `y` are then those of the whole.
    run
        Of a mosaic: the id of the run that is shown, or ``all``.
    field
        Of a mosaic: the number of the one field of each well, counted from 0.
    """

    z: int | None = None
    t: int | None = None
    c: str | None = None
    x: float | None = None
    y: float | None = None
    zoom: float | None = None
    model: str | None = None
    p: str | None = None
    maps: str | None = None
    arrangement: Literal["stack", "mosaic"] | None = None
    run: int | Literal["all"] | None = None
    field: int | None = None

    def __post_init__(self) -> None:
        _add_maps(read_channels(self.c or ""), self.maps or "")
        _read_projection(self.p or "normal")

    @property
    def channels(self) -> tuple[ChannelView, ...]:
        """The channels that `c` speaks of, in its order."""
        return _add_maps(read_channels(self.c or ""), self.maps or "")

    @property
    def projection(self) -> Projection | None:
        """How sections are projected, None where they are not."""
        return _read_projection(self.p or "normal")


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
                inverted=match["reverse"] == "r" if match["reverse"] else None,
            )
        )
    return tuple(views)


def write_channels(channels: Sequence[ChannelView]) -> tuple[str, str | None]:
    """Write the ``c=`` and the ``maps=`` of OMERO's links; the latter only if needed.

    iviewer understands a channel only with both its window and its colour.
    """
    parts = []
    for channel in channels:
        window = ""
        if channel.window is not None:
            window = "|" + ":".join(map(_plain, channel.window))
        color = f"${channel.color}" if channel.color else ""
        off = "" if channel.active else "-"
        parts.append(f"{off}{channel.index + 1}{window}{color}")
    maps = [_write_map(channel) for channel in channels]
    text = json.dumps(maps, separators=(",", ":")) if any(maps) else None
    return ",".join(parts), text


def _write_map(channel: ChannelView) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if channel.inverted is not None:
        said["inverted"] = {"enabled": channel.inverted}
    if channel.family is not None:
        said["quantization"] = {
            "family": channel.family,
            "coefficient": channel.coefficient or 1.0,
        }
    return said


def _add_maps(channels: tuple[ChannelView, ...], text: str) -> tuple[ChannelView, ...]:
    """Complete channels with what the JSON says of each, in the same order."""
    if not text:
        return channels
    try:
        maps = json.loads(text)
    except ValueError:
        maps = None
    if not isinstance(maps, list):
        raise BadReference(f"“maps={shorten(text)}” is not a list in JSON.")
    padded = [each if isinstance(each, dict) else {} for each in maps]
    padded += [{}] * (len(channels) - len(padded))
    return tuple(map(_add_map, channels, padded))


def _add_map(channel: ChannelView, said: dict[str, Any]) -> ChannelView:
    # “reverse” is what OMERO.web before 5.4 said
    reverse = said.get("inverted", said.get("reverse"))
    if isinstance(reverse, dict):
        channel = replace(channel, inverted=reverse.get("enabled") in (True, "true"))
    bent = said.get("quantization", said)
    if isinstance(bent, dict) and bent.get("family") in _FAMILIES:
        number = bent.get("coefficient")
        power = float(number) if isinstance(number, int | float) else 1.0
        channel = replace(channel, family=bent["family"], coefficient=power)
    return channel


def _read_projection(text: str) -> Projection | None:
    match = _PROJECTION.match(text)
    if match is None:
        raise BadReference(
            f"“p={shorten(text)}” is not a projection: it should be like intmax or "
            "intmax|0:10."
        )
    if match["kind"] in ("normal", "split"):
        return None
    if match["first"] is None:
        return Projection(match["kind"])
    return Projection(match["kind"], int(match["first"]), int(match["last"]))


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
    if zoom and read_number(zoom, "zm") <= 0:
        raise BadReference(f"“zm={shorten(zoom)}” is no magnification in per cent.")
    view = View(
        z=planes.get("z"),
        t=planes.get("t"),
        c=query.get("c") or None,
        x=centre.get("x"),
        y=centre.get("y"),
        zoom=read_number(zoom, "zm") if zoom else None,
        model=query["m"] if query.get("m") in ("c", "g") else None,
        p=(query.get("p") or "").lower() or None,
        maps=query.get("maps") or None,
        **_read_arrangement(query, first),
    )
    return None if view == View() else view


def _read_arrangement(query: Mapping[str, str], first: int) -> dict[str, Any]:
    """Read how several images are shown as one: words of our own, strange to OMERO."""
    arrangement = (query.get("open") or "").lower()
    if arrangement not in ("stack", "mosaic"):
        return {}
    read: dict[str, Any] = {"arrangement": arrangement}
    if run := (query.get("run") or "").lower():
        read["run"] = run if run == "all" else int(read_number(run, "run"))
    if query.get("field"):
        read["field"] = max(0, int(read_number(query["field"], "field")) - first)
    return read


def join_views(first: View | None, second: View | None) -> View | None:
    """Take from the second what the first does not say."""
    if first is None or second is None:
        return first or second
    return View(
        *(
            theirs if mine is None else mine
            for mine, theirs in zip(astuple(first), astuple(second), strict=True)
        )
    )


def write_view(view: View | None, first: int = 0) -> str:
    """Write the query that links end with, or ''.

    Parameters
    ----------
    first
        What the link calls the first plane; see `read_view`.
    """
    if view is None:
        return ""
    z, t, field = (
        None if n is None else n + first for n in (view.z, view.t, view.field)
    )
    values = zip(
        ("z", "t", "c", "x", "y", "zm", "m", "p", "maps", "open", "run", "field"),
        astuple(replace(view, z=z, t=t, field=field)),
        strict=True,
    )
    shown = [f"{k}={quote(_plain(v), safe=',|:$')}" for k, v in values if v is not None]
    return "?" + "&".join(shown) if shown else ""


def _plain(value: float | str) -> str:
    """Write 20.0 as 20 and 1e-05 as 0.00001, which is how links write them."""
    if isinstance(value, str):
        return value
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
