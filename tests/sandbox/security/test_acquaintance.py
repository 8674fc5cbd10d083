"""Whose names people see."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rules.membership import caller_for

PEOPLE = "select e from Experimenter e where e.omeName = :name"


@pytest.fixture
def eve(society: Any) -> int:
    """Add somebody who shares the group `user` and a private one with the others."""
    database, groups = society.core.database, society.groups
    tables = database.tables
    with database.write() as connection:
        id_ = database.next_id(connection, "Experimenter")
        row = {"id": id_, "omeName": "eve", "firstName": "Eve", "lastName": "L"}
        row |= {"ldap": False, "email": "eve@x.org", "institution": "elsewhere"}
        connection.execute(insert(tables["Experimenter"]), [row])
        for place, group in enumerate((groups["secret"], 1)):
            join(database, connection, group, id_, place)
    society.users["eve"] = id_
    return int(id_)


def join(database: Any, connection: Any, group: int, user: int, place: int) -> None:
    row = {"parent_id": group, "child_id": user, "child_index": place, "owner": False}
    row["id"] = database.next_id(connection, "GroupExperimenterMap")
    table = database.tables["GroupExperimenterMap"]
    connection.execute(insert(table), [row])


def look_at(society: Any, viewer: str, name: str) -> list[Any]:
    """Return names and addresses of a person as another one sees them."""
    database = society.core.database
    with database.read() as connection:
        caller = caller_for(connection, database.tables, society.users[viewer])
    call = society.call(viewer, caller.group_id)
    with database.read() as connection:
        (found,) = find(connection, call, PEOPLE, {"name": name})
    members = (found.omeName, found.firstName, found.institution, found.email)
    return [one and one.val for one in members]


HIDDEN = ["<hidden>", "<hidden>", None, None]
SEEN = ["eve", "Eve", "elsewhere", "eve@x.org"]


@pytest.mark.parametrize(
    ("viewer", "expected"),
    [("mia", HIDDEN), ("guest", HIDDEN), ("eve", SEEN), ("lea", SEEN), ("root", SEEN)],
)
def test_strangers_have_no_names(
    society: Any, eve: int, viewer: str, expected: list[Any]
) -> None:
    assert look_at(society, viewer, "eve") == expected


def test_those_who_share_a_group_know_each_other(society: Any, eve: int) -> None:
    assert look_at(society, "eve", "mia")[0] == "<hidden>"
    database = society.core.database
    with database.write() as connection:
        join(database, connection, society.groups["lab"], eve, 2)
    assert look_at(society, "eve", "mia")[0] == "mia"
    assert look_at(society, "mia", "eve") == SEEN


@pytest.mark.parametrize("name", ["root", "guest"])
def test_everybody_knows_root_and_guest(society: Any, eve: int, name: str) -> None:
    assert look_at(society, "eve", name)[0] == name
