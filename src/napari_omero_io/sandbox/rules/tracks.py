"""Asking the database along the graph: who refers to what, and whose it is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from napari_omero_io.sandbox.store.known import standing_of
from napari_omero_io.sandbox.store.rows import in_batches, read_standing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Column, Connection

    from napari_omero_io.sandbox.schema.tables import Tables

    from .ownership import Standing


@dataclass(frozen=True, slots=True)
class Tracks:
    """Reads what a walk over the graph needs."""

    connection: Connection
    tables: Tables

    def read(self, root: str, ids: Collection[int]) -> dict[int, Standing]:
        """Read class, owner and group of objects; missing ones are left out."""
        rows = read_standing(self.connection, self.tables, root, ids)
        return {id_: standing_of(self.tables, root, row) for id_, row in rows.items()}

    def referring(
        self, column: Column[int], ids: Collection[int]
    ) -> Iterator[tuple[int, int]]:
        """Go through rows that refer to some others: their ids, and to which."""
        yield from self._pairs(column, column, ids)

    def referred(
        self, column: Column[int], ids: Collection[int]
    ) -> Iterator[tuple[int, int]]:
        """Go through what some rows refer to: their ids, and to which."""
        for id_, target in self._pairs(column, column.table.c.id, ids):
            if target is not None:
                yield id_, target

    def namespaces(self, ids: Collection[int]) -> dict[int, str | None]:
        """Read the namespaces of annotations."""
        table = self.tables["Annotation"]
        found: dict[int, str | None] = {}
        for batch in in_batches(ids):
            query = select(table.c.id, table.c.ns).where(table.c.id.in_(batch))
            found.update((row.id, row.ns) for row in self.connection.execute(query))
        return found

    def filesets(self, images: Collection[int]) -> dict[int, set[int]]:
        """Return all images of each fileset that one of some images belongs to."""
        column = self.tables["Image"].c.fileset_id
        touched = {fileset for _, fileset in self.referred(column, images)}
        found: dict[int, set[int]] = defaultdict(set)
        for image, fileset in self.referring(column, touched):
            found[fileset].add(image)
        return found

    def _pairs(
        self, column: Column[int], by: Column[int], ids: Collection[int]
    ) -> Iterator[tuple[int, int]]:
        for batch in in_batches(ids):
            query = select(column.table.c.id, column).where(by.in_(batch))
            yield from (tuple(row) for row in self.connection.execute(query))
