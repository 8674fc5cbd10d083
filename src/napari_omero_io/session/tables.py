"""What a session does with tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .references import parse_reference
from .side import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_omero_io.client.tables import TableReader
    from napari_omero_io.records import TableRecord
    from napari_omero_io.refs import OmeroRef


class Tables(Side):
    """The part of `Session` that finds and reads tables."""

    def tables(self, reference: str | int | OmeroRef) -> list[TableRecord]:
        """Find the tables about an object: attached to it, or to what it belongs to.

        Parameters
        ----------
        reference
            One object; a number is an image's.
        """
        from napari_omero_io.client.references import locate
        from napari_omero_io.client.tables import find_tables

        [ref] = parse_reference(reference)
        return find_tables(self.connection, *locate(self.connection, ref))

    def open_table(self, table: TableRecord | int) -> TableReader:
        """Open a table, of any size, to read parts of it; a context manager.

        Parameters
        ----------
        table
            One of `tables`, or the number of its file.
        """
        from napari_omero_io.client.tables import TableReader

        number = table if isinstance(table, int) else table.id
        return TableReader(self.connection, number)

    def read_table(
        self,
        table: TableRecord | int,
        columns: Sequence[str] | None = None,
        condition: str = "",
    ) -> dict[str, NDArray[Any]]:
        """Read a table: an array of each column, by its name.

        Parameters
        ----------
        columns
            None for all of them.
        condition
            Reads the rows that meet it, such as ``(Area > 50) & (Class == "mitotic")``.

        Raises
        ------
        ServerRefused
            The condition is not understood; the message says what to write.
        """
        from napari_omero_io.client.tables import read_table

        number = table if isinstance(table, int) else table.id
        return read_table(self.connection, number, columns, condition)
