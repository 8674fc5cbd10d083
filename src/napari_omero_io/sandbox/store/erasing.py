"""Deleting rows, with what belongs to them: links and the members of lists.

This is what IUpdate does.  The rules of `omero.cmd.Delete2`, which follow whole
graphs, are in `rules.graph`; they only use `erase_rows`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from napari_omero_io.sandbox.errors import Invalid
from napari_omero_io.sandbox.rules.events import Action
from napari_omero_io.sandbox.schema.model import Kind

from .known import standing_of
from .protected import refuse_needed
from .rows import columns_referring_to, in_batches, read_standing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import Column, Connection

    from napari_omero_io.sandbox.rules.events import History
    from napari_omero_io.sandbox.rules.ownership import Judge, Standing
    from napari_omero_io.sandbox.schema.model import Field
    from napari_omero_io.sandbox.schema.tables import Tables

#: Ids of rows by the class whose table they are in.
Doomed = dict[str, set[int]]


@dataclass(frozen=True, slots=True)
class RemainingReference:
    """A row that stays and refers to one that is to go."""

    class_name: str
    id: int
    field: Column[int]
    target_class: str
    target_id: int


def erase(
    connection: Connection,
    tables: Tables,
    judge: Judge,
    history: History,
    wanted: Mapping[str, Collection[int]],
) -> None:
    """Delete rows with their links and the members of their lists.

    Raises
    ------
    NotAllowed
        The caller may not delete one of them.
    Invalid
        Something else still refers to one of them, or needs it.
    """
    doomed = with_dependents(connection, tables, wanted)
    standing = list(_standing(connection, tables, doomed))
    for _, object_ in standing:
        judge.check_deletion(object_)
    remaining = next(remaining_references(connection, tables, doomed), None)
    if remaining is not None:
        raise Invalid(
            f"{remaining.target_class}:Id_{remaining.target_id} is still referenced "
            f"by {remaining.class_name}:Id_{remaining.id} "
            f"({remaining.field.name}): foreign key constraint."
        )
    refuse_needed(connection, tables, doomed)
    for id_, object_ in standing:
        history.tell(Action.DELETE, object_.model_class, [id_])
    erase_rows(connection, tables, doomed)


def with_dependents(
    connection: Connection, tables: Tables, wanted: Mapping[str, Collection[int]]
) -> Doomed:
    """Add the links of rows and the members of their lists, theirs, and so on."""
    doomed: Doomed = defaultdict(set)
    waiting = [(root, set(ids)) for root, ids in wanted.items()]
    while waiting:
        root, ids = waiting.pop()
        ids -= doomed[root]
        if not ids:
            continue
        doomed[root] |= ids
        for column in _owning_columns(tables, root):
            found = set(_rows_referring(connection, column, ids))
            waiting.append((column.table.name, {id_ for id_, _ in found}))
    return {root: ids for root, ids in doomed.items() if ids}


def remaining_references(
    connection: Connection,
    tables: Tables,
    doomed: Mapping[str, Collection[int]],
) -> Iterator[RemainingReference]:
    """Go through the references from rows that stay to rows that go."""
    for root, ids in doomed.items():
        for column in columns_referring_to(tables, root):
            table = column.table.name
            if table not in tables:  # pairs of a map go with their object
                continue
            going = doomed.get(table, ())
            for id_, target_id in _rows_referring(connection, column, ids):
                if id_ not in going:
                    yield RemainingReference(table, id_, column, root, target_id)


def erase_rows(
    connection: Connection, tables: Tables, doomed: Mapping[str, Collection[int]]
) -> None:
    """Delete rows and the pairs of their map fields, and nothing else."""
    for root, ids in doomed.items():
        for field in _map_fields(tables, root):
            pairs = tables.pairs(field)
            for batch in in_batches(ids):
                connection.execute(delete(pairs).where(pairs.c.parent_id.in_(batch)))
        table = tables[root]
        for batch in in_batches(ids):
            connection.execute(delete(table).where(table.c.id.in_(batch)))


def _standing(
    connection: Connection, tables: Tables, doomed: Doomed
) -> Iterator[tuple[int, Standing]]:
    for root, ids in doomed.items():
        rows = read_standing(connection, tables, root, ids)
        for id_, row in rows.items():
            yield id_, standing_of(tables, root, row)


def _rows_referring(
    connection: Connection, column: Column[int], ids: Collection[int]
) -> Iterator[tuple[int, int]]:
    """Go through the rows that refer by a column: their ids, and to which row."""
    for batch in in_batches(ids):
        query = select(column.table.c.id, column).where(column.in_(batch))
        yield from (tuple(row) for row in connection.execute(query))


def _owning_columns(tables: Tables, root: str) -> Iterator[Column[int]]:
    """Go through the references of links and list members to their owners."""
    model = tables.model
    seen = set()
    for one in model.below(model[root]):
        for field in one.of_kind(Kind.COLLECTION):
            assert field.target is not None
            assert field.back is not None
            target = model[field.target]
            if (field.is_ordered or target.is_link) and field not in seen:
                seen.add(field)
                back = tables.column_name(target.fields[field.back])
                yield tables[target.name].c[back]


def _map_fields(tables: Tables, root: str) -> set[Field]:
    model = tables.model
    return {
        field
        for one in model.below(model[root])
        for field in one.of_kind(Kind.MAP)
        if field.owner == one.name
    }
