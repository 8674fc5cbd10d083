"""The metadata store: one SQLite file, many readers, one writer at a time.

A write that was committed survives the end of the process and of the machine
(write-ahead log, synchronised at every commit).  What SQL means to SQLite is
brought in line with what OMERO's clients know from PostgreSQL: `lower` and
`upper` follow Unicode, `like` is case-sensitive, foreign keys are held; more of its
functions are in `sql_functions`.
"""

from __future__ import annotations

import sqlite3
import threading
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError

from napari_omero_io.sandbox.errors import Internal, Invalid, ResourceFault
from napari_omero_io.sandbox.schema.tables import build_tables

from .founding import insert_founding_rows
from .sql_functions import add_functions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.schema.model import Model, ModelClass

#: Before a table's name, in the table of sequences.
_GIVEN = "given "

#: Connections that are kept; more are made when needed, which takes a millisecond.
_CONNECTIONS = 32
#: Seconds a write waits for one of another process.
_BUSY_TIMEOUT = 30.0


class Database:
    """The metadata of one sandbox.

    Parameters
    ----------
    path
        The file; made, with its built-in rows, when it is not there.

    Raises
    ------
    ResourceFault
        The file is no database, or one of another model.

    Attributes
    ----------
    tables
        Where everything is.
    commits
        Number of writes so far; what was derived from the store before the last one
        may be out of date.
    """

    def __init__(self, path: Path, model: Model) -> None:
        self.path = path
        self.model = model
        self.tables = build_tables(model)
        self._engine = create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": _BUSY_TIMEOUT, "check_same_thread": False},
            pool_size=_CONNECTIONS,
            max_overflow=-1,
        )
        event.listen(self._engine, "connect", _prepare_connection)
        self._turn = threading.Lock()
        self._writer: int | None = None
        self.commits = 0
        try:
            self._create_or_check()
        except DatabaseError as error:
            self.close()
            raise ResourceFault(f"{path} cannot be used: {error.orig}.") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees the store as it was when it first looked."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give the one connection that may write; commit at the end.

        An exception undoes everything.  Waits while another thread writes.
        """
        if self._writer == threading.get_ident():
            raise Internal("A write began within a write of the same thread.")
        with self._turn, self._engine.connect() as connection:
            self._writer = threading.get_ident()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.exec_driver_sql("COMMIT")
                self.commits += 1
            except BaseException as error:
                if connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
                    connection.exec_driver_sql("ROLLBACK")
                if isinstance(error, OperationalError) and _is_disk_full(error):
                    raise ResourceFault(
                        f"{self.path.name} cannot be written: {error.orig}."
                    ) from error
                if isinstance(error, IntegrityError):
                    # references are checked last: when all is committed
                    raise Invalid(
                        f"could not execute statement: {error.orig}"
                    ) from error
                raise
            finally:
                self._writer = None

    def next_id(
        self, connection: Connection, model_class: ModelClass | str, count: int = 1
    ) -> int:
        """Take ids for new rows of a class; return the first of them.

        Ids are never given twice, also not after a row was deleted.
        """
        if isinstance(model_class, str):
            model_class = self.model.resolve(model_class)
        sequence = self.tables.sequence
        name = model_class.root.name
        taken = (
            update(sequence)
            .where(sequence.c.name == name)
            .values(next=sequence.c.next + count)
            .returning(sequence.c.next)
        )
        return int(connection.execute(taken).scalar_one()) - count

    def all_ids(self, class_name: str) -> frozenset[int]:
        """Return the ids of all rows of a class, whoever may see them."""
        table = self.tables[class_name]
        with self.read() as connection:
            return frozenset(connection.execute(select(table.c.id)).scalars())

    def mark_given(self, connection: Connection, name: str) -> None:
        """Note that the rows of a table are a dataset's, not of the server's making."""
        sequence = self.tables.sequence
        following = select(sequence.c.next).where(sequence.c.name == name)
        row = {"name": _GIVEN + name, "next": following.scalar_subquery()}
        connection.execute(insert(sequence).values(row))

    def first_own_id(self, connection: Connection, name: str) -> int:
        """Return the first id of a table that a dataset has not given."""
        sequence = self.tables.sequence
        given = select(sequence.c.next).where(sequence.c.name == _GIVEN + name)
        return int(connection.execute(given).scalar() or 0)

    def _create_or_check(self) -> None:
        stamp = self._stamp()
        with self.read() as connection:
            found = connection.exec_driver_sql("PRAGMA user_version").scalar()
        if found == stamp:
            return
        with self.write() as connection:
            found = connection.exec_driver_sql("PRAGMA user_version").scalar()
            tables = connection.exec_driver_sql("SELECT 1 FROM sqlite_schema").first()
            if found == 0 and tables is None:
                self.tables.metadata.create_all(connection, checkfirst=False)
                insert_founding_rows(connection, self.tables)
                connection.exec_driver_sql(f"PRAGMA user_version = {stamp}")
            elif found != stamp:
                raise ResourceFault(
                    f"{self.path} was made by another version of the sandbox or of "
                    "omero-py; move it away or run `napari-omero-io sandbox reset`."
                )

    def _stamp(self) -> int:
        """Return a number that changes whenever a table does."""
        digest = 0
        for table in sorted(self.tables.metadata.tables.values(), key=lambda t: t.name):
            for column in table.c:
                text = f"{table.name}.{column.name} {column.type} {column.nullable};"
                digest = zlib.crc32(text.encode(), digest)
        return digest & 0x7FFFFFFF or 1


def _is_disk_full(error: OperationalError) -> bool:
    # The low byte is the kind; SQLite reports a disk that fills up as either.
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _prepare_connection(raw: sqlite3.Connection, _record: Any) -> None:
    raw.isolation_level = None  # transactions begin where `read` and `write` say so
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "case_sensitive_like = ON",
        "cache_size = -32768",
        "temp_store = MEMORY",
    ):
        raw.execute(f"PRAGMA {pragma}").close()
    add_functions(raw)
