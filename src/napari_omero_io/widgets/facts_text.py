"""Details of an object as text for a label; everything that came from afar is escaped.

Pure functions; `dim` is the colour of what is read second.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from napari_omero_io.client.facts import AnnotationRecord, Details, ImageFacts

#: More than this are counted, not named.
_NAMED_CHANNELS = 8
_NAMED_FILES = 5
#: Letters that are shown of annotations of rarer types, of which some are documents.
_LONGEST = 500

#: What users write, and what needs no heading of its own.
_EDITABLE = "openmicroscopy.org/omero/client/mapAnnotation"


def describe_facts(details: Details, dim: str) -> str:
    """Say what kind of thing it is, whose, and what its metadata tell, as a table."""
    facts: list[tuple[str, str]] = []
    if details.image is not None:
        facts += _describe_image(details.image)
    facts += [
        ("Owner", escape(details.owner)),
        ("Group", escape(details.group)),
        ("Imported" if details.image else "Made", _local_date(details.created)),
        ("ID", f"{details.kind} {details.id}"),
        ("About", escape(details.description).replace("\n", "<br>")),
    ]
    return _table(facts, dim)


def describe_annotations(details: Details, dim: str) -> str:
    """Show everything that is attached, type by type."""
    notes = details.annotations
    parts = []
    tags = [escape(note.text) for note in notes if note.kind == "tag"]
    if tags:
        parts += [_heading("Tags", dim), "  ·  ".join(tags)]
    ratings = [int(note.text) for note in notes if note.kind == "rating"]
    if ratings:
        parts += [_heading("Ratings", dim)]
        parts += ["<br>".join("★" * n + "☆" * (5 - n) for n in ratings)]
    for namespace in dict.fromkeys(n.namespace for n in notes if n.kind == "map"):
        maps = [n for n in notes if n.kind == "map" and n.namespace == namespace]
        name = "" if namespace == _EDITABLE else f"  {escape(namespace)}"
        parts.append(_heading(f"Key-value pairs{name}", dim))
        parts += [
            _table([(escape(k), escape(v) or "–") for k, v in note.pairs], dim)
            for note in maps
        ]
    comments = [note for note in notes if note.kind == "comment"]
    if comments:
        parts.append(_heading("Comments", dim))
        parts += [_comment(note, dim) for note in comments]
    for kind, name in (("file", "Files"), ("table", "Tables")):
        files = [note for note in notes if note.kind == kind]
        if files:
            parts.append(_heading(name, dim))
            parts += [f"<div>{_file(n.text, n.size)}</div>" for n in files]
    parts += _describe_others(notes, dim)
    return "".join(parts)


def _describe_others(notes: Iterable[AnnotationRecord], dim: str) -> list[str]:
    known = ("tag", "rating", "map", "comment", "file", "table")
    others = [
        (escape(note.namespace or note.kind), escape(_shorten(note.text)) or "–")
        for note in notes
        if note.kind not in known
    ]
    return [_heading("Other annotations", dim), _table(others, dim)] if others else []


def _describe_image(image: ImageFacts) -> list[tuple[str, str]]:
    return [
        ("Size", describe_size(image)),
        ("Channels", _describe_channels(image)),
        ("Type", escape(image.pixel_type)),
        ("Pixel", describe_pixel_size(image)),
        # The clock of the microscope, which is stored as if it stood at UTC.
        ("Acquired", _date(image.acquired)),
        ("Regions", str(image.roi_count) if image.roi_count else ""),
        ("Originals", _describe_files(image)),
    ]


def describe_size(image: ImageFacts) -> str:
    """Say the extent of an image: ``1100 × 680, 31 Z, 48 T``."""
    t, _, z, y, x = image.shape
    parts = [f"{x} × {y}"]
    if z > 1:
        parts.append(f"{z} Z")
    if t > 1:
        parts.append(f"{t} T")
    return ", ".join(parts)


def describe_pixel_size(image: ImageFacts) -> str:
    """Say the size of a pixel in micrometres, '' when the server does not know."""
    x, y, z = image.pixel_size
    if x is None or y is None:
        return ""
    sides = [x, y] if z is None else [x, y, z]
    return " × ".join(f"{side:.4g}" for side in sides) + " µm"


def describe_bytes(size: int) -> str:
    """Say how many bytes, as people do: ``1.2 MB``."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} TB"


def _describe_channels(image: ImageFacts) -> str:
    if len(image.channels) > _NAMED_CHANNELS:
        return str(len(image.channels))
    names = []
    for index, channel in enumerate(image.channels):
        name = escape(channel.name or str(index))
        dot = ""
        if channel.color is not None:
            red, green, blue = channel.color
            dot = f'<span style="color: rgb({red},{green},{blue})">●</span>&nbsp;'
        names.append(dot + name)
    return "  ".join(names)


def _describe_files(image: ImageFacts) -> str:
    files = image.files
    lines = [_file(file.name, file.size) for file in files[:_NAMED_FILES]]
    if len(files) > _NAMED_FILES:
        total = sum(file.size for file in files)
        lines.append(f"{len(files)} files, {describe_bytes(total)} in all")
    return "<br>".join(lines)


def _file(name: str, size: int | None) -> str:
    return escape(name) + (f"  ({describe_bytes(size)})" if size is not None else "")


def _comment(note: AnnotationRecord, dim: str) -> str:
    head = "  ".join(filter(None, (escape(note.owner), _local_date(note.when))))
    text = escape(note.text).replace("\n", "<br>")
    return f'<div><span style="color: {dim}">{head}</span><br>{text}</div>'


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _local_date(when: datetime | None) -> str:
    """Write an instant as the user's own clock showed it."""
    return _date(when.astimezone() if when else None)


def _date(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M}" if when else ""


def _heading(text: str, dim: str) -> str:
    return f'<p style="margin: 8px 0 2px 0; color: {dim}"><b>{text}</b></p>'


def _table(facts: Iterable[tuple[str, str]], dim: str) -> str:
    rows = "".join(
        f'<tr><td style="color: {dim}; padding-right: 10px">{key}</td>'
        f"<td>{value}</td></tr>"
        for key, value in facts
        if value
    )
    return f"<table cellspacing='1'>{rows}</table>"
