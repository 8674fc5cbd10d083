"""Reading rows by their ids, and finding the rows that refer to others."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Column, Connection, RowMapping

    from napari_omero_io.sandbox.schema.model import ModelClass
    from napari_omero_io.sandbox.schema.tables import Tables

#: SQLite takes at most 32766 parameters in a statement.
_BATCH = 10_000

#: What tells whose a row is; read as far as the table has them.
_STANDING = ("id", "discriminator", "owner_id", "group_id", "update_id")


def in_batches(ids: Collection[int]) -> Iterator[list[int]]:
    """Cut ids into lists that fit into a statement."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), _BATCH):
        yield ordered[start : start + _BATCH]


def read_rows(
    connection: Connection, tables: Tables, root: str, ids: Collection[int]
) -> dict[int, RowMapping]:
    """Read whole rows of one table by id; those that are not there are left out."""
    table = tables[root]
    found: dict[int, RowMapping] = {}
    for batch in in_batches(ids):
        rows = connection.execute(select(table).where(table.c.id.in_(batch)))
        found.update((row["id"], row) for row in rows.mappings())
    return found


def read_standing(
    connection: Connection,
    tables: Tables,
    root: str,
    ids: Collection[int],
    *more: Column[Any],
) -> dict[int, RowMapping]:
    """Read class, owner and group of rows, and some columns more."""
    table = tables[root]
    columns = [table.c[name] for name in _STANDING if name in table.c]
    found: dict[int, RowMapping] = {}
    for batch in in_batches(ids):
        query = select(*columns, *more).where(table.c.id.in_(batch))
        rows = connection.execute(query)
        found.update((row["id"], row) for row in rows.mappings())
    return found


def class_of(tables: Tables, root: str, row: RowMapping) -> ModelClass:
    """Return the class of a row: of a hierarchy, what its discriminator says."""
    model = tables.model
    if "discriminator" not in row:
        return model[root]
    return _classes_by_discriminator(tables, root)[row["discriminator"]]


@lru_cache(maxsize=512)
def _classes_by_discriminator(tables: Tables, root: str) -> dict[str, ModelClass]:
    model = tables.model
    return {one.discriminator: one for one in model.below(model[root])}


@lru_cache(maxsize=512)
def columns_referring_to(tables: Tables, root: str) -> tuple[Column[Any], ...]:
    """Return every column of any table that refers to rows of one table."""
    target = tables[root].c.id
    return tuple(
        column
        for table in tables.metadata.tables.values()
        for column in table.c
        if column.references(target)
    )
