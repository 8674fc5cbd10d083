"""The database: founding rows, ids, transactions."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from napari_omero_io.sandbox.errors import Internal, Invalid, ResourceFault
from napari_omero_io.sandbox.schema.model import load_model
from napari_omero_io.sandbox.store.database import Database

MODEL = load_model()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "metadata.sqlite"


def test_clients_find_the_ids_they_know(path: Path) -> None:
    with Database(path, MODEL) as database, database.read() as connection:
        tables = database.tables
        users = select(tables["Experimenter"].c["id", "omeName"])
        assert sorted(tuple(row) for row in connection.execute(users)) == [
            (0, "root"),
            (1, "guest"),
        ]
        groups = select(tables["ExperimenterGroup"].c["id", "name", "permissions"])
        assert sorted(tuple(row) for row in connection.execute(groups)) == [
            (0, "system", -120),
            (1, "user", -52),
            (2, "guest", -120),
        ]
        types = select(tables["PixelsType"].c["id", "value", "bitSize"])
        assert (6, "uint16", 16) in [tuple(row) for row in connection.execute(types)]


def test_every_enumeration_has_rows(path: Path) -> None:
    with Database(path, MODEL) as database, database.read() as connection:
        for one in MODEL.classes.values():
            if one.is_enum:
                first = connection.execute(select(database.tables[one.name])).first()
                assert first is not None, one.name


def test_founding_rows_hold_their_references(path: Path) -> None:
    with Database(path, MODEL) as database, database.read() as connection:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        assert broken == []


def test_the_first_user_and_group_of_a_client_are_2_and_3(path: Path) -> None:
    with Database(path, MODEL) as database, database.write() as connection:
        assert database.next_id(connection, "Experimenter") == 2
        assert database.next_id(connection, "ExperimenterGroup") == 3


def test_ids_are_shared_by_a_hierarchy_and_never_given_twice(path: Path) -> None:
    with Database(path, MODEL) as database:
        with database.write() as connection:
            assert database.next_id(connection, "TagAnnotation", 3) == 1
            assert database.next_id(connection, MODEL["MapAnnotation"]) == 4
        with Database(path, MODEL) as again, again.write() as connection:
            assert again.next_id(connection, "Annotation") == 5


def test_a_failed_write_leaves_nothing(path: Path) -> None:
    with Database(path, MODEL) as database:
        table = database.tables["Format"]
        with pytest.raises(ZeroDivisionError), database.write() as connection:
            connection.execute(insert(table), {"id": 900, "value": "Strange"})
            raise ZeroDivisionError
        with database.read() as connection:
            found = connection.execute(select(table).where(table.c.id == 900)).first()
            assert found is None
        with database.write() as connection:  # the turn was given back
            database.next_id(connection, "Image")


def test_references_are_checked_at_the_end_of_a_write(path: Path) -> None:
    with Database(path, MODEL) as database:
        table = database.tables["EventLog"]
        row = {"id": 1, "entityId": 1, "entityType": "x", "action": "INSERT"}
        with pytest.raises(Invalid), database.write() as connection:
            connection.execute(insert(table), {**row, "event_id": 77})
        with database.read() as connection:
            assert connection.execute(select(table)).first() is None


def test_readers_see_the_store_as_it_was_and_do_not_wait(path: Path) -> None:
    with Database(path, MODEL) as database:
        with database.write() as writing, database.read() as reading:
            writing.execute(
                insert(database.tables["Format"]), {"id": 900, "value": "Strange"}
            )
            formats = select(database.tables["Format"].c.value)
            assert "Strange" not in reading.execute(formats).scalars().all()
        with database.read() as reading:
            assert "Strange" in reading.execute(formats).scalars().all()


def test_writers_take_turns(path: Path) -> None:
    with Database(path, MODEL) as database:
        taken: list[int] = []

        def take() -> None:
            for _ in range(5):
                with database.write() as connection:
                    taken.append(database.next_id(connection, "Image"))

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(taken) == list(range(1, 21))


def test_a_write_within_a_write_is_an_error_and_no_deadlock(path: Path) -> None:
    with Database(path, MODEL) as database, database.write():  # noqa: SIM117
        with pytest.raises(Internal), database.write():
            pytest.fail("the second write began")


def test_text_follows_unicode_and_case(path: Path) -> None:
    with Database(path, MODEL) as database, database.read() as connection:
        answer = connection.exec_driver_sql(
            "SELECT lower('ÄRGER'), upper('ß'), 'Abc' LIKE 'a%', lower(NULL)"
        ).one()
        assert tuple(answer) == ("ärger", "SS", 0, None)


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.write_bytes(b"this is a letter to my aunt, and quite a long one, too\n" * 30)
    with pytest.raises(ResourceFault, match=r"metadata\.sqlite"):
        Database(path, MODEL)


def test_a_database_of_another_model_is_refused(path: Path) -> None:
    with Database(path, MODEL) as database, database.write() as connection:
        connection.exec_driver_sql("PRAGMA user_version = 5")
    with pytest.raises(ResourceFault, match="sandbox reset"):
        Database(path, MODEL)
