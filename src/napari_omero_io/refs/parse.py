"""Which form a pasted text has, and lists of such texts."""

from __future__ import annotations

import csv
import re
from urllib.parse import unquote

from napari_omero_io.errors import BadReference

from .targets import Link, Target, read_kind, read_numbers, shorten
from .texts import (
    NUMBERS,
    PROXY,
    ends_in_object,
    is_assignment,
    parse_lsid,
    parse_omero,
    parse_proxy,
)
from .weblinks import parse_weblink

_SCHEME = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://", re.I)
#: ``show=image-1``, ``?path=…``, or only what would follow, ``image-1|dataset-2``.
_QUERY = re.compile(r"\??(?:show|path)=", re.I)
#: A whole link that was made part of another, as mail programs do.
_QUOTED = re.compile(r"[a-z][a-z0-9+.-]*%3A%2F%2F", re.I)
#: Where the path of a web address begins whose host was not copied.
_PATH = re.compile(
    r"/?(webclient|webgateway|iviewer|api|figure(?!/\d+$)|zarr|tile)/", re.I
)
_ELEMENTS = re.compile(r"(?P<kind>[a-z]+)(?:\.[a-z]+)?[-=][^/?]+$", re.I)

#: Columns of a table that may hold references, the most exact first.
_COLUMNS = ("link", "url", "reference", "omero", "image", "image_id", "imageid", "id")


def parse_text(text: str) -> list[Link]:
    """Read every link of a text; see `OmeroRef.parse_all`."""
    text = _unwrap(text)
    if not text:
        raise BadReference("Nothing was given: paste a link or the number of an image.")
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and not is_assignment(text):
        return [_parse_link(_unwrap(cell)) for cell in _cells(lines)]
    return [_parse_link(text)]


def _unwrap(text: str) -> str:
    text = text.strip().strip("\"'<>“”‘’").strip()
    return unquote(text) if _QUOTED.match(text) else text


def _parse_link(text: str) -> Link:
    scheme = _SCHEME.match(text)
    word = scheme["scheme"].lower() if scheme else ""
    if NUMBERS.match(text):
        return Link(tuple(Target("image", number) for number in read_numbers(text)))
    if re.match(r"omero(\+\w+)?:", text, re.I):
        return parse_omero(text)
    if text.lower().startswith("urn:"):
        return parse_lsid(text)
    proxy = PROXY.match(text)
    if proxy and read_kind(proxy["types"].split("/")[0]):
        return parse_proxy(proxy["types"], proxy["ids"])
    if word in ("http", "https"):
        return parse_weblink(text)
    if word:
        raise BadReference(
            f"“{word}://” does not begin a link to an object on an OMERO server."
        )
    return _parse_bare(text)


def _parse_bare(text: str) -> Link:
    """Read a link whose beginning was not copied."""
    if _QUERY.match(text):
        return parse_weblink("?" + text.lstrip("?"))
    if _PATH.match(text):
        return parse_weblink("/" + text.lstrip("/"))
    element = _ELEMENTS.match(text)
    if element and read_kind(element["kind"]):
        return parse_weblink(f"?show={text}")
    if ends_in_object(text):
        return parse_omero(f"omero://{text}")
    if "/" in text or "?" in text:
        return parse_weblink(f"https://{text}")
    raise BadReference(
        f"“{shorten(text)}” is neither a link to an object on an OMERO server nor the "
        "number of an image."
    )


def _cells(lines: list[str]) -> list[str]:
    """Take one text a line, or the column of a CSV table that holds references."""
    column, separator = _find_column(lines[0])
    if column is None:
        return [line for line in lines if not line.lstrip().startswith("#")]
    rows = csv.reader(lines[1:], delimiter=separator)
    return [row[column] for row in rows if len(row) > column and row[column].strip()]


def _find_column(header: str) -> tuple[int | None, str]:
    for separator in "\t;,":
        cells = [
            cell.strip().strip('"').lower().replace(" ", "_")
            for cell in header.split(separator)
        ]
        for name in _COLUMNS:
            if name in cells:
                return cells.index(name), separator
    return None, ","
