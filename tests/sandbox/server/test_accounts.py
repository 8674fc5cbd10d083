"""Passwords, and who may log in to what."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_omero_io.sandbox.accounts import Accounts, WrongPassword
from napari_omero_io.sandbox.config import Config
from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed, SessionGone
from napari_omero_io.sandbox.passwords import hash_password, is_right, store_password
from napari_omero_io.sandbox.sessions import Sessions


@pytest.fixture
def accounts(society, tmp_path):
    database = society.core.database
    sessions = Sessions(database)
    accounts = Accounts(database, Config(tmp_path / "config.json"), sessions)
    accounts.ensure_root_password("secret")
    with database.write() as connection:
        store_password(connection, database.tables, society.users["ned"], "ned's")
    yield accounts
    sessions.close()


@settings(max_examples=10)
@given(st.text(), st.text())
def test_a_password_is_right_when_it_is_the_same(first, second) -> None:
    stored = hash_password(first)
    assert is_right(first, stored)
    assert is_right(second, stored) == (first == second)
    assert stored != hash_password(first)
    assert not first or len(first) < 8 or first not in stored


def test_the_right_password_gets_in(accounts, society) -> None:
    session = accounts.log_in("ned", "ned's", {"omero.agent": "test"})
    assert session.user_id == society.users["ned"]
    assert session.login.agent == "test"


@pytest.mark.parametrize("name", ["ned", "nobody"])
def test_others_do_not_and_must_wait_from_the_second_time_on(accounts, name) -> None:
    delays = []
    for _ in range(3):
        with pytest.raises(WrongPassword, match=name) as caught:
            accounts.log_in(name, "wrong", {})
        delays.append(caught.value.delay)
    assert delays == [0, 3, 3]


def test_a_right_password_ends_the_waiting(accounts) -> None:
    for _ in range(2):
        with pytest.raises(WrongPassword):
            accounts.log_in("ned", "wrong", {})
    accounts.log_in("ned", "ned's", {})
    with pytest.raises(WrongPassword) as caught:
        accounts.log_in("ned", "wrong", {})
    assert caught.value.delay == 0


def test_an_account_without_password_is_open_to_the_guest_only(
    accounts, society
) -> None:
    assert accounts.log_in("guest", "guest", {}).user_id == 1
    database = society.core.database
    with database.write() as connection:
        store_password(connection, database.tables, society.users["mia"], "")
    with pytest.raises(WrongPassword):
        accounts.log_in("mia", "", {})
    with pytest.raises(WrongPassword):
        accounts.log_in("lea", "", {})


def test_the_group_of_a_login_is_named(accounts, society) -> None:
    first = accounts.log_in("ned", "ned's", {})
    assert first.group_id == society.groups["lab"]
    named = accounts.log_in("ned", "ned's", {"omero.group": "bench"})
    assert named.group_id == society.groups["bench"]
    assert (
        accounts.log_in("ned", "ned's", {"omero.group": "user"}).group_id
        == (society.groups["lab"])
    )


def test_a_group_that_is_not_ones_own_is_refused(accounts) -> None:
    with pytest.raises((ApiUsage, NotAllowed), match="not a member"):
        accounts.log_in("ned", "ned's", {"omero.group": "guest"})
    with pytest.raises(ApiUsage, match="No such group"):
        accounts.log_in("ned", "ned's", {"omero.group": "no such"})
    assert accounts.log_in("root", "secret", {"omero.group": "secret"})


def test_joining_takes_the_uuid_twice(accounts) -> None:
    session = accounts.log_in("ned", "ned's", {})
    assert accounts.join(session.uuid, session.uuid) is session
    assert accounts.join("ned", "ned's") is None
    for name, password in (("ned", session.uuid), (session.uuid, "ned's")):
        with pytest.raises(WrongPassword, match="must be equal"):
            accounts.join(name, password)


def test_a_session_that_is_over_cannot_be_joined(accounts) -> None:
    session = accounts.log_in("ned", "ned's", {})
    accounts._sessions.release(session, closing=True)
    with pytest.raises((WrongPassword, SessionGone)):
        accounts.log_in(session.uuid, session.uuid, {})


def test_root_keeps_the_password_of_the_first_start(accounts) -> None:
    accounts.ensure_root_password("another")
    assert accounts.log_in("root", "secret", {})
