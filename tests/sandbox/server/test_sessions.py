"""How sessions begin, are shared, run out and end; without Ice."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from napari_omero_io.sandbox.errors import SessionExpired, SessionGone
from napari_omero_io.sandbox.sessions import Login, Sessions


@pytest.fixture
def core(society):
    return society.core


@pytest.fixture
def sessions(core):
    running = Sessions(core.database)
    yield running
    running.close()


def make_login(**more):
    values = {"user_id": 0, "user_name": "root", "group_id": 0, "time_to_idle": 60_000}
    return Login(**{**values, **more})


def read_row(core, session):
    table = core.database.tables["Session"]
    with core.database.read() as connection:
        return connection.execute(select(table).where(table.c.id == session.id)).one()


def test_a_session_is_written_when_it_begins_and_when_it_ends(core, sessions) -> None:
    session = sessions.begin(make_login(agent="test"))
    row = read_row(core, session)
    assert (row.uuid, row.userAgent, row.closed) == (session.uuid, "test", None)
    assert sessions.release(session, closing=True) == 0
    assert read_row(core, session).closed >= row.started
    assert sessions.find(session.uuid) is None


def test_a_joined_session_outlives_its_first_login(sessions) -> None:
    session = sessions.begin(make_login())
    assert sessions.join(session.uuid) is session
    assert sessions.release(session, closing=True) == 1
    session.touch()
    assert sessions.release(session, closing=True) == 0
    with pytest.raises(SessionGone):
        session.touch()
    with pytest.raises(SessionGone):
        sessions.join(session.uuid)


def test_a_detached_session_stays(sessions) -> None:
    session = sessions.begin(make_login())
    assert sessions.release(session, closing=False) == 0
    assert sessions.join(session.uuid) is session


@pytest.mark.parametrize("limit", ["time_to_idle", "time_to_live"])
def test_a_session_runs_out(sessions, limit) -> None:
    session = sessions.begin(make_login(**{"time_to_idle": 0, limit: 5_000}))
    session.touch()
    session.last_used -= 6
    session.began -= 6
    with pytest.raises(SessionExpired, match="exceeded"):
        session.touch()


def test_no_limit_is_no_limit(sessions) -> None:
    session = sessions.begin(make_login(time_to_idle=0))
    session.last_used -= 10**7
    session.touch()


def test_what_ran_out_is_ended_without_being_asked(core) -> None:
    ended = threading.Event()
    sessions = Sessions(core.database, reap_every=0.01)
    try:
        sessions.on_end(lambda _session: ended.set())
        kept = sessions.begin(make_login())
        session = sessions.begin(make_login())
        session.last_used -= 100
        assert ended.wait(60)
        assert session.is_closed
        assert not kept.is_closed
        assert read_row(core, session).closed is not None
    finally:
        sessions.close()


def test_sessions_that_a_killed_server_left_are_closed(core) -> None:
    first = Sessions(core.database)
    left = first.begin(make_login())
    second = Sessions(core.database)
    assert read_row(core, left).closed is not None
    second.close()
    first.close()


def test_rights_are_derived_once_until_the_store_changes(sessions) -> None:
    session = sessions.begin(make_login())
    derived = []

    def derive():
        derived.append(None)
        return len(derived)

    assert session.cached_caller({}, 7, derive) == 1
    assert session.cached_caller({"omero.agent": "x"}, 7, derive) == 1
    assert session.cached_caller({"omero.group": "3"}, 7, derive) == 2
    assert session.cached_caller({}, 8, derive) == 3
    session.forget_callers()
    assert session.cached_caller({}, 8, derive) == 4
