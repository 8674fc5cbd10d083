"""The tables whose rows are about the labels, shapes and regions of one image."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from .client.tables import TableReader, find_tables
from .convert.features import TableRows, find_links, names_objects
from .errors import OmeroIOError

if TYPE_CHECKING:
    from .client.connection import Connection
    from .records import TableRecord

#: Rows about one image above which a table is not read by itself.
MOST_ROWS = 100_000


class TableLeftOut(UserWarning):
    """A table about an image could not be read."""


def read_object_tables(connection: Connection, image_id: int) -> list[TableRows]:
    """Read the rows about an image of the tables that name its objects.

    Tables of very many rows are left to be looked at by parts.

    Warns
    -----
    TableLeftOut
        One cannot be read; the others are.
    """
    found = []
    for record in find_tables(connection, "image", image_id):
        try:
            rows = _read_rows(connection, record, image_id)
        except OmeroIOError as error:
            warnings.warn(
                f"The table “{record.name}” is left out: {error}",
                TableLeftOut,
                stacklevel=2,
            )
        else:
            if rows is not None:
                found.append(rows)
    return found


def _read_rows(
    connection: Connection, record: TableRecord, image_id: int
) -> TableRows | None:
    with TableReader(connection, record.id) as table:
        if not names_objects(table.columns):
            return None
        wanted = [
            column.name
            for column in table.columns
            if not column.kind.endswith("array") and column.kind != "mask"
        ]
        image = find_links(table.columns).get("image")
        if image is None:
            if table.row_count > MOST_ROWS:
                return None
            values = table.read(wanted)
        else:
            rows = table.find_rows(f"`{image}` == {image_id}")
            if not 0 < len(rows) <= MOST_ROWS:
                return None
            if np.array_equal(rows, np.arange(table.row_count)):
                values = table.read(wanted)
            else:
                values = table.read_rows(rows, wanted)
    return TableRows(record.name, table.columns, values)
