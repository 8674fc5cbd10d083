"""Who a call is made by, read from the database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, insert

from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed
from napari_omero_io.sandbox.rules.caller import ALL_GROUPS
from napari_omero_io.sandbox.rules.membership import caller_for, default_group


def test_a_member(society: Any) -> None:
    caller = society.call("mia").caller
    groups = society.groups
    assert caller.user_name == "mia"
    assert caller.group_name == "lab"
    assert caller.member_of == (groups["lab"], groups["secret"], groups["user"])
    assert caller.leader_of == ()
    assert caller.readable_groups == {groups["lab"], groups["user"]}
    assert not caller.is_admin
    assert not caller.privileges
    assert default_group(caller) == groups["lab"]


def test_a_leader_reads_a_private_group(society: Any) -> None:
    caller = society.call("lea").caller
    assert set(caller.leader_of) == {society.groups["lab"], society.groups["secret"]}
    assert society.groups["secret"] in caller.readable_groups


def test_root_holds_every_privilege(society: Any) -> None:
    assert society.call("root").caller.is_full_admin


def test_a_privilege_may_be_taken(society: Any) -> None:
    database = society.core.database
    pairs = database.tables.pairs(society.core.model["Experimenter"].fields["config"])
    with database.write() as connection:
        row = {"parent_id": 0, "index": 0, "name": "AdminPrivilege:Chown"}
        connection.execute(insert(pairs), [{**row, "value": "false"}])
    caller = society.call("root").caller
    assert caller.is_admin
    assert not caller.is_full_admin
    assert "Chown" not in caller.privileges
    assert len(caller.privileges) == 14


def test_memberships_are_read_afresh(society: Any) -> None:
    database = society.core.database
    society.call("mia", "secret")
    maps = database.tables["GroupExperimenterMap"]
    with database.write() as connection:
        connection.execute(
            delete(maps).where(maps.c.parent_id == society.groups["secret"])
        )
    with pytest.raises(NotAllowed, match="is not a member of group"):
        society.call("mia", "secret")


def test_the_context_chooses_the_group(society: Any) -> None:
    groups = society.groups
    call = society.call("mia", "lab", group=str(groups["secret"]))
    assert call.caller.group_id == groups["secret"]
    assert call.caller.group_permissions == -120
    everywhere = society.call("mia", "lab", group="-1").caller
    assert everywhere.group_id == ALL_GROUPS
    assert society.call("mia", "lab", group="x").caller.group_id == groups["lab"]


def test_groups_one_may_not_enter(society: Any) -> None:
    with pytest.raises(NotAllowed, match="is not a member of group"):
        society.call("mia", "lab", group=str(society.groups["bench"]))
    with pytest.raises(ApiUsage, match="No such group"):
        society.call("root", "lab", group="999")
    assert society.call("root", "lab", group=str(society.groups["bench"]))
    assert society.call("mia", "user")  # the world may read it


def test_only_administrators_speak_for_others(society: Any) -> None:
    users = society.users
    call = society.call("root", "lab", user=str(users["mia"]))
    assert call.caller.owner_id == users["mia"]
    assert call.caller.user_id == users["root"]
    with pytest.raises(NotAllowed, match="cannot set uid"):
        society.call("ned", "lab", user=str(users["mia"]))
    assert society.call("ned", "lab", user=str(users["ned"]))
    with pytest.raises(ApiUsage, match="No such experimenter"):
        society.call("root", "lab", user="999")


def test_the_context_names_the_event(society: Any) -> None:
    assert society.call("mia", event="Import").caller.event_type == "Import"
    with pytest.raises(ApiUsage, match="type of event"):
        society.call("mia", event="Party")


def test_somebody_unknown(society: Any) -> None:
    database = society.core.database
    with database.read() as connection, pytest.raises(ApiUsage, match="No such exp"):
        caller_for(connection, database.tables, 999)
