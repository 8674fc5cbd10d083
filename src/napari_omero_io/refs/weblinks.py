"""The addresses of OMERO's web applications → references.

Covers the web client, webgateway, iviewer, figure, the JSON API, zarr and pixel
services, and any other page whose query names objects.  The web server's host is
taken for the server's; its port is the web's own and is dropped.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from napari_omero_io.errors import BadReference

from .targets import (
    KINDS,
    SECRETS,
    Link,
    Target,
    read_kind,
    read_numbers,
    shorten,
    warn_of_secret,
)
from .view import View, join_views, read_number, read_view, write_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .reference import OmeroRef

#: Paths below both /webclient/ and /webgateway/.  ``{image}`` is the number of an
#: image (and so on), ``{kind}/{id}`` says its kind itself, ``*`` is anything; what
#: follows a route does not matter.
_PIECES = (
    "img_detail/{image}",
    "imgData/{image}",
    "render_image/{image}/{z}/{t}",
    "render_image/{image}",
    "render_image_region/{image}/{z}/{t}",
    "render_image_region/{image}",
    "render_image_rdef/{image}/{z}/{t}",
    "render_image_rdef/{image}",
    "render_split_channel/{image}/{z}/{t}",
    "render_split_channel/{image}",
    "render_thumbnail/size/*/{image}",
    "render_thumbnail/{image}",
    "get_thumbnail/{image}",
    "render_birds_eye_view/{image}",
    "render_movie/{image}",
    "get_rois_json/{image}",
    "get_shape_json/*/{shape}",
    "render_roi_thumbnail/{roi}",
    "render_shape_thumbnail/{shape}",
    "render_shape_mask/{shape}",
    "histogram_json/{image}",
    "dataset/{dataset}",
    "proj/{project}",
    "well/{well}",
    "wellData/{well}",
    "plate/{plate}",
    "annotations/{kind}/{id}",
    "table/{kind}/{id}",
    "table/{table}",
    "archived_files/download/{image}",
    "original_file_paths/{image}",
    "download_as/{image}",
    "render_ome_tiff/i/{image}",
    "render_ome_tiff/d/{dataset}",
    "render_ome_tiff/p/{project}",
    "saveImgRDef/{image}",
)
_ROUTES = [
    *(f"webgateway/{piece}" for piece in _PIECES),
    *(f"webclient/{piece}" for piece in _PIECES),
    "webclient/*/img_detail/{image}",
    "webclient/metadata_details/{kind}/{id}",
    "webclient/metadata_preview/{kind}/{id}",
    "webclient/metadata_acquisition/{kind}/{id}",
    "webclient/metadata_hierarchy/{kind}/{id}",
    "webclient/load_plate/{kind}/{id}",
    "webclient/omero_table/{table}",
    "webclient/annotation/{annotation}",
    "webclient/get_original_file/{file}",
    "webclient/script_ui/{script}",
    "iviewer/image_data/{image}",
    "iviewer/roi/{roi}",
    "iviewer/shape/{shape}",
    "figure/file/{figure}",
    "zarr/*/{kind}/{id}",
    "tile/{image}/{z}/{c}/{t}",
]
#: The route that says most is tried first.
_ROUTES.sort(key=lambda route: -route.count("/"))

_ELEMENT = re.compile(r"(?P<kind>[A-Za-z]+)(?:\.(?P<key>[A-Za-z]+))?[-=](?P<value>.+)$")
#: Keys of a query that name objects.
_QUERY_KINDS = {word: kind for kind in KINDS for word in (kind, f"{kind}s")} | {
    "acquisition": "run"
}
#: In a query these say whose tree to show, unless they stand alone.
_HINTS = ("experimenter", "group")


def parse_weblink(url: str) -> Link:
    """Read the objects that a web address names, in its order.

    Raises
    ------
    BadReference
        When it names none, or naming the part that was not understood.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket that begins an IPv6 address and does not end one
        raise BadReference(f"“{shorten(url)}” is not a link.") from None
    if parts.password or parts.username:
        warn_of_secret("account")
    pairs = _pairs(parts.query)
    query = dict(reversed(pairs))
    segments = [unquote(part) for part in parts.path.split("/") if part]
    targets: tuple[Target, ...]
    view = _query_view(segments, query)
    if "show" in query:
        targets = _shown("|".join(value for key, value in pairs if key == "show"))
    elif "path" in query:
        targets = _end_of_path(query["path"])
    else:
        route, plane = _match_routes(segments)
        view = join_views(plane, view)
        listing = any(segment.startswith("get_thumbnail") for segment in segments)
        keys = {**_QUERY_KINDS, "id": "image"} if listing else _QUERY_KINDS
        targets = _choose(route, _query_targets(pairs, keys))
    if targets:
        return Link(targets, server=_host(parts), view=view)
    inner = re.search(r"https?://.+", unquote(f"{parts.query}#{parts.fragment}"))
    if inner:
        return parse_weblink(inner[0])
    raise BadReference(
        f"The web address “{_host(parts) or ''}{parts.path}” names no object of OMERO. "
        "Open the image in the web client and copy the address from there."
    )


def write_weblink(ref: OmeroRef, host: str, *others: OmeroRef) -> str:
    """Give the address at which OMERO.web shows an object, the way its view says.

    Images open in whichever viewer the web client is set to, its own or iviewer, since
    both take over that page and its query.  Only iviewer projects some of the sections:
    at the sight of ``p=intmax|1:7`` the web client's own viewer stays empty (its page
    puts the words into a jQuery selector, where they are a mistake).
    That viewer also takes ``x`` and ``y`` for the offset of the window's corner where
    an image has no tiles (ome.viewport.js), while iviewer, and both where there are
    tiles, take them for the centre, as is meant here.

    Parameters
    ----------
    ref
        Known by its number.
    host
        Of the web client, perhaps with the path below which it lies.
    others
        What is shown as one with it: OMERO.web selects all of it in its tree.
    """
    shown = write_view(ref.view, first=1)
    is_one = ref.view is not None and ref.view.arrangement is not None
    if ref.kind != "image" or others or is_one:
        objects = "|".join(f"{each.kind}-{each.id}" for each in (ref, *others))
        query = shown.replace("?", "&", 1) if is_one else ""
        return f"https://{host}/webclient/?show={objects}{query}"
    projection = ref.view.projection if ref.view is not None else None
    if projection is not None and projection.first is not None:
        return f"https://{host}/iviewer/?images={ref.id}&{shown.removeprefix('?')}"
    return f"https://{host}/webclient/img_detail/{ref.id}/{shown}"


def _host(parts: SplitResult) -> str | None:
    host = parts.hostname
    return f"[{host}]" if host and ":" in host else host


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = [(k.lower(), v) for k, v in parse_qsl(query, keep_blank_values=True)]
    if any(key in SECRETS for key, _ in pairs):
        warn_of_secret("session key")
    return [(key, value) for key, value in pairs if key not in SECRETS]


def _shown(text: str) -> tuple[Target, ...]:
    """Read ``image-1|plate.name-P001|well.name-A1``."""
    found: list[Target] = []
    for element in filter(None, text.split("|")):
        target = _read_element(element, found[-1] if found else None)
        if target.within is not None and target.kind == "well":
            found.pop()  # the plate only places the well
        found.append(target)
    if not found:
        raise BadReference("“show=” is empty: it names no object.")
    return tuple(found)


def _end_of_path(text: str) -> tuple[Target, ...]:
    """Read the last element of ``path=``, or those that are marked as selected."""
    found: list[Target] = []
    selected: list[Target] = []
    for element in filter(None, text.split("|")):
        if re.match(r"server[-=]\d+$", element):
            continue  # which server of the web client's own list
        name, colon, _ = element.partition(":selected")
        found.append(_read_element(name, found[-1] if found else None))
        if colon:
            selected.append(found[-1])
    if not found:
        raise BadReference(f"“path={text}” names no object.")
    return tuple(selected or found[-1:])


#: What an object known by name may lie in.
_PLACES = {"well": ("plate", "run"), "dataset": ("project",), "image": ("dataset",)}


def _read_element(element: str, before: Target | None) -> Target:
    match = _ELEMENT.match(element.strip())
    kind = read_kind(match["kind"]) if match else None
    if match is None or kind is None:
        raise BadReference(
            f"“{element}” names no object of OMERO: it should be like image-314."
        )
    key, value = (match["key"] or "id").lower(), match["value"]
    if key == "id":
        if not value.isdecimal():
            raise BadReference(f"“{value}” in “{element}” is no number.")
        return Target(kind, int(value))
    if key != "name":
        raise BadReference(f"“{key}” in “{element}” is neither id nor name.")
    inside = before is not None and before.kind in _PLACES.get(kind, ())
    if kind == "well" and not inside:
        raise BadReference(
            f"“{element}” needs its plate before it, as in plate-5|{element}."
        )
    return Target(kind, name=value, within=before if inside else None)


def _match_routes(segments: list[str]) -> tuple[Target | None, View | None]:
    for start in range(len(segments)):
        rest = segments[start:]
        if rest[0] == "api" and "m" in rest[1:3]:
            return _read_api(rest[rest.index("m") + 1 :]), None
        for route in _ROUTES:
            if (taken := _match(route.split("/"), rest)) is not None:
                return _follow_route(taken)
    return None, None


def _match(route: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(segments) < len(route):
        return None
    taken: dict[str, str] = {}
    for want, have in zip(route, segments, strict=False):
        if not want.startswith("{"):
            if want not in ("*", have):
                return None
            continue
        name = want.strip("{}")
        value = have if name == "kind" else have.removesuffix(".zarr")
        if value.isdecimal() == (name == "kind"):
            return None
        taken[name] = value
    return taken


def _follow_route(taken: dict[str, str]) -> tuple[Target, View | None]:
    # Planes and channels in a path count from 0, channels in a query from 1.
    channel = {"c": str(int(taken["c"]) + 1)} if "c" in taken else {}
    view = read_view({**taken, **channel}, first=0)
    if "kind" in taken:
        word = taken["kind"].partition(".")[0]
        kind = read_kind(word)
        if kind is None:
            raise BadReference(f"“{word}” is not a kind of object on a server.")
        return Target(kind, int(taken["id"])), view
    kind, number = next((k, n) for k, n in taken.items() if k not in ("z", "c", "t"))
    return Target(kind, int(number)), view


def _read_api(segments: list[str]) -> Target | None:
    """Read ``projects/1/datasets/4``: the deepest object counts."""
    found = None
    for word, number in pairwise(segments):
        kind = read_kind(word)
        if kind is not None and number.isdecimal():
            found = Target(kind, int(number))
    return found


def _query_targets(
    pairs: list[tuple[str, str]], kinds: Mapping[str, str]
) -> list[Target]:
    """Read the likes of ``image=1&image=2``, ``images=1,2`` and ``dataset=3``."""
    found: list[Target] = []
    for key, value in pairs:
        if key in kinds and value and value != "-1":
            found += [Target(kinds[key], number) for number in read_numbers(value)]
    return list(dict.fromkeys(found))


def _choose(route: Target | None, query: list[Target]) -> tuple[Target, ...]:
    """Decide which objects a link opens, and which are only context.

    A region beats the images it is shown on, images beat what they lie in, and whose
    tree is shown matters only when nothing else is named.  A script keeps all that it
    is to run on.
    """
    if route is not None and route.kind == "script":
        return (route, *query)
    if route is not None and route.kind != "image":
        return (route,)
    named = ([route] if route else []) + query
    regions = [target for target in query if target.kind in ("roi", "shape")]
    images = [target for target in named if target.kind == "image"]
    others = [target for target in named if target.kind not in _HINTS]
    return tuple(dict.fromkeys(regions or images or others or named))


def _query_view(segments: list[str], query: dict[str, str]) -> View | None:
    if "tile" not in segments:
        return read_view(query, first=1)
    centre = {
        axis: read_number(query[axis], axis) + read_number(query[side], side) / 2
        for axis, side in (("x", "w"), ("y", "h"))
        if query.get(axis) and query.get(side)
    }
    return View(x=centre.get("x"), y=centre.get("y"))
