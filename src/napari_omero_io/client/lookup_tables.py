"""Lookup tables of a server: 256 colours by the name of their file."""

from __future__ import annotations

import threading
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.errors import ServerRefused

from .translate import translated
from .wire import read_text

if TYPE_CHECKING:
    from napari_omero_io.records import ImageRecord

    from .connection import Connection

_MIMETYPE = "text/x-lut"
_COLORS = 256
_ICOL_HEADER = 32
#: The largest file that may be a table: 256 rows of text.
_MOST_BYTES = 64 * 1024

#: Tables that were read, for each connection; b"" for those that cannot be had.
_known: weakref.WeakKeyDictionary[Connection, dict[str, bytes]] = (
    weakref.WeakKeyDictionary()
)
_lock = threading.Lock()


def add_lookup_tables(connection: Connection, record: ImageRecord) -> ImageRecord:
    """Complete an image's channels with the colours of their lookup tables.

    Asks nothing where no channel has one; each table is read once a connection.  A
    channel whose table the server does not have, or does not show, is left as it is:
    OMERO then takes the channel's colour, too.
    """
    names = {channel.lookup_table for channel in record.channels} - {""}
    if not names:
        return record
    with _lock:
        tables = _known.setdefault(connection, {})
        if missing := names - tables.keys():
            found = _read_tables(connection, missing)
            tables.update({name: found.get(name, b"") for name in missing})
    channels = tuple(
        replace(channel, lookup_colors=tables.get(channel.lookup_table, b""))
        for channel in record.channels
    )
    return replace(record, channels=channels)


def parse_table(content: bytes) -> bytes:
    """Read a table as 256 times red, green, blue; b"" if it is none.

    OMERO knows three forms: 768 bytes, all reds first, then greens, then blues; the
    same behind a header of 32 bytes that begins with ``ICOL``; text of 256 rows, whose
    last three columns are the colour.
    """
    start = _ICOL_HEADER if content[:4] == b"ICOL" else 0
    if len(content) == start + 3 * _COLORS:
        planes = np.frombuffer(content, np.uint8, offset=start).reshape(3, _COLORS)
        return planes.T.tobytes()
    rows = []
    for line in content.decode("latin-1").splitlines():
        words = line.replace(",", " ").split()
        if 3 <= len(words) <= 4 and all(word.isdigit() for word in words):
            rows.append([int(word) for word in words[-3:]])
    if len(rows) != _COLORS or max(map(max, rows)) > 255:
        return b""
    return np.array(rows, np.uint8).tobytes()


def _read_tables(connection: Connection, names: set[str]) -> dict[str, bytes]:
    """Read tables by their names; those that cannot be had are missing."""
    try:
        with translated("list the lookup tables"):
            files = connection.service("script").getScriptsByMimetype(
                _MIMETYPE, connection.context()
            )
            wanted = [file for file in files if read_text(file.name) in names]
            return {
                read_text(file.name): parse_table(_read_file(connection, file))
                for file in wanted
            }
    except ServerRefused:
        return {}


def _read_file(connection: Connection, file: Any) -> bytes:
    store = connection.open_file_store()
    try:
        store.setFileId(file.id.val, connection.context())
        return bytes(store.read(0, min(int(store.size()), _MOST_BYTES)))
    finally:
        store.close()
