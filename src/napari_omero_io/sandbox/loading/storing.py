"""Rows of a dataset → an empty database, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.rules.caller import GUEST_ID, ROOT_ID

from .dataset import BadDataset

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.schema.tables import Tables
    from napari_omero_io.sandbox.store.database import Database

    from .dataset import Dataset

#: What a server writes of itself before anybody has stored anything.
_HISTORY = frozenset({"Session", "Event", "EventLog", "Node", "DBPatch"})
_PEOPLE = frozenset({"Experimenter", "ExperimenterGroup", "GroupExperimenterMap"})


def store_dataset(database: Database, dataset: Dataset) -> int:
    """Store a dataset in an empty database; return the number of its objects.

    Rows that the database has from the beginning give way, table by table, to those
    that the dataset has: a dataset with formats of its own has these only.  Users of
    the dataset have no passwords.

    Raises
    ------
    ApiUsage
        The database is not empty.
    BadDataset
        A reference leads nowhere, or a value that is unique occurs twice.
    """
    tables = database.tables
    with database.write() as connection:
        _refuse_full(connection, tables)
        replaced = {tables[name].name for name in dataset.rows}
        kept = _take_passwords(connection, tables)
        for root in replaced:
            connection.execute(delete(tables.metadata.tables[root]))
        for name, rows in dataset.rows.items():
            _insert(connection, tables, name, rows)
        for field, rows in dataset.pairs:
            if rows:
                connection.execute(insert(tables.pairs(field)), rows)
        _check_references(connection, tables, dataset)
        _check_kept(connection, tables, replaced)
        _advance_sequences(connection, tables, replaced)
        if kept:
            connection.execute(insert(tables.password), kept)
        # those that the dataset leaves open stay so
        database.mark_given(connection, "Session")
    return sum(map(len, dataset.rows.values()))


def _refuse_full(connection: Connection, tables: Tables) -> None:
    """Refuse a database in which somebody has stored something."""
    for name in sorted({tables[one].name for one in tables}):
        if name in _HISTORY or tables.model[name].is_enum:
            continue
        ids = tables[name].c.id
        last = connection.execute(select(func.max(ids))).scalar()
        if last is not None and not (name in _PEOPLE and last <= 2):
            raise ApiUsage(
                f"The sandbox is not empty: it has a {name} with id {last}. Empty it "
                "with `napari-omero-io sandbox reset`, or choose another folder with "
                "--data."
            )


def _take_passwords(connection: Connection, tables: Tables) -> list[dict[str, object]]:
    """Remove all passwords; return those of the users that are always there."""
    passwords = tables.password
    rows = connection.execute(select(passwords)).mappings().all()
    connection.execute(delete(passwords))
    always = (ROOT_ID, GUEST_ID)
    return [dict(row) for row in rows if row["experimenter_id"] in always]


def _insert(
    connection: Connection, tables: Tables, name: str, rows: list[dict[str, object]]
) -> None:
    for row in rows:
        try:
            connection.execute(insert(tables[name]), row)
        except IntegrityError as error:
            raise BadDataset(f"{name} {row['id']}: {error.orig}.") from error


def _ids(connection: Connection, tables: Tables, root: str) -> set[int]:
    return set(connection.execute(select(tables[root].c.id)).scalars())


def _check_references(connection: Connection, tables: Tables, dataset: Dataset) -> None:
    known: dict[str, set[int]] = {}
    for name, rows in dataset.rows.items():
        for column, key, target in dataset.references[name]:
            if target not in known:
                known[target] = _ids(connection, tables, target)
            for row in rows:
                if row[column] is not None and row[column] not in known[target]:
                    raise BadDataset(
                        f"{name} {row['id']}, {key}: there is no {target} "
                        f"{row[column]}."
                    )


def _check_kept(
    connection: Connection, tables: Tables, replaced: Collection[str]
) -> None:
    """Refuse a dataset that takes away what the rest of the database needs."""
    for user_id in (ROOT_ID, GUEST_ID):
        if user_id not in _ids(connection, tables, "Experimenter"):
            raise BadDataset(f"Experimenter: {user_id} is missing.")
    for table, id_, target, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        if table not in replaced and target in replaced:
            raise BadDataset(
                f"{target}: the dataset has none that {table} {id_} refers to; add "
                f"{table} to the dataset too."
            )


def _advance_sequences(
    connection: Connection, tables: Tables, roots: Collection[str]
) -> None:
    """Have new rows begin behind the ids of the dataset."""
    sequence = tables.sequence
    for root in roots:
        last = connection.execute(select(func.max(tables[root].c.id))).scalar()
        beyond = func.max(sequence.c.next, 1 if last is None else last + 1)
        connection.execute(
            update(sequence).where(sequence.c.name == root).values(next=beyond)
        )
