"""The rules of permissions, against a plain reading of OMERO's truth tables."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.rules.caller import (
    ALL_GROUPS,
    GUEST_GROUP_ID,
    GUEST_ID,
    PRIVILEGES,
    ROOT_ID,
    SYSTEM_GROUP_ID,
    USER_GROUP_ID,
    Caller,
)
from napari_omero_io.sandbox.rules.permissions import (
    PRIVATE,
    READ_ANNOTATE,
    READ_ONLY,
    READ_WRITE,
    Restrictions,
    class_facts,
    may_see,
    parse_permissions,
    permissions_text,
    restrictions,
    visible,
)

LAB = 3
OTHER_LAB = 4
IMAGE = class_facts("Image")
PIXELS = class_facts("Pixels")
FILE = class_facts("OriginalFile")
TAG = class_facts("TagAnnotation", ancestors=("TextAnnotation", "Annotation"))
ENUM = class_facts("Binning", is_global=True)
USER = class_facts("Experimenter", is_global=True)
LEVELS = (PRIVATE, READ_ONLY, READ_ANNOTATE, READ_WRITE)

MEMBER = Caller(
    user_id=5,
    user_name="mia",
    group_id=LAB,
    group_name="Lab",
    group_permissions=READ_ANNOTATE,
    member_of=(LAB, USER_GROUP_ID),
    leader_of=(),
    privileges=frozenset(),
    session_id=1,
    readable_groups=frozenset({LAB, USER_GROUP_ID}),
)
LEADER = replace(MEMBER, user_id=6, user_name="lea", leader_of=(LAB,))
ADMIN = replace(
    MEMBER,
    user_id=ROOT_ID,
    user_name="root",
    member_of=(SYSTEM_GROUP_ID, USER_GROUP_ID),
    privileges=frozenset(PRIVILEGES),
)
GUEST = replace(MEMBER, user_id=GUEST_ID, member_of=(GUEST_GROUP_ID,))


@pytest.mark.parametrize(
    ("text", "perm1"),
    [
        ("rw----", -120),
        ("rwr---", -56),
        ("rwra--", -40),
        ("rwrw--", -8),
        ("rwr-r-", -52),
        ("rwrwrw", -1),
        ("------", -1912),
    ],
)
def test_permissions_are_written_and_read_as_omero_does(text: str, perm1: int) -> None:
    assert parse_permissions(text) == perm1
    assert permissions_text(perm1) == text


@given(
    st.lists(
        st.sampled_from(["--", "r-", "ra", "rw", "-a", "-w"]), min_size=3, max_size=3
    )
)
def test_reading_is_the_inverse_of_writing(pairs: list[str]) -> None:
    text = "".join(pairs)
    assert permissions_text(parse_permissions(text)) == text


@pytest.mark.parametrize("text", ["", "rw", "rwrwr", "rwrwrww", "xwr---", "rwrr--"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ApiUsage):
        parse_permissions(text)


def allowed(found: Restrictions | None) -> set[str]:
    if found is None:
        return set(Restrictions._fields)
    return {
        name for name, no in zip(Restrictions._fields, found, strict=True) if not no
    }


def test_an_owner_may_do_everything_but_give_away() -> None:
    for level in LEVELS:
        found = restrictions(MEMBER, MEMBER.user_id, LAB, level, IMAGE)
        assert found == Restrictions(False, False, False, False, False, True)


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (READ_ONLY, set()),
        (READ_ANNOTATE, {"annotate"}),
        (READ_WRITE, {"annotate", "link", "edit", "delete"}),
    ],
)
def test_what_a_member_may_do_with_others_data(level: int, expected: set[str]) -> None:
    assert allowed(restrictions(MEMBER, 99, LAB, level, IMAGE)) == expected


@pytest.mark.parametrize("caller", [LEADER, ADMIN])
def test_in_a_private_group_nobody_links_other_peoples_data(caller: Caller) -> None:
    found = restrictions(caller, 99, LAB, PRIVATE, IMAGE)
    assert {"edit", "delete"} <= allowed(found)
    assert not {"link", "annotate"} & allowed(found)
    assert {"link", "annotate"} <= allowed(
        restrictions(caller, caller.user_id, LAB, PRIVATE, IMAGE)
    )


def test_a_full_administrator_may_do_everything_elsewhere() -> None:
    assert restrictions(ADMIN, 99, LAB, READ_ONLY, IMAGE) is None


def test_a_leader_may_give_away_but_not_move_others_data() -> None:
    found = restrictions(LEADER, 99, LAB, READ_ONLY, IMAGE)
    assert found == Restrictions(False, False, False, False, True, False)


def test_a_light_administrator_may_do_what_the_privileges_say() -> None:
    writer = replace(ADMIN, user_id=7, privileges=frozenset({"WriteOwned"}))
    deleter = replace(ADMIN, user_id=7, privileges=frozenset({"DeleteOwned"}))
    mover = replace(ADMIN, user_id=7, privileges=frozenset({"Chgrp", "Chown"}))
    files = replace(ADMIN, user_id=7, privileges=frozenset({"WriteFile", "DeleteFile"}))
    level = READ_ONLY
    assert allowed(restrictions(writer, 99, LAB, level, IMAGE)) == {
        "link",
        "edit",
        "annotate",
    }
    assert allowed(restrictions(deleter, 99, LAB, level, IMAGE)) == {"delete"}
    assert allowed(restrictions(mover, 99, LAB, level, IMAGE)) == {"chgrp", "chown"}
    assert allowed(restrictions(files, 99, LAB, level, IMAGE)) == set()
    assert {"edit", "delete"} <= allowed(restrictions(files, 99, LAB, level, FILE))
    assert allowed(restrictions(writer, 99, LAB, PRIVATE, IMAGE)) == {"edit"}


def test_guests_may_do_nothing() -> None:
    for level in (*LEVELS, -1):
        assert not allowed(restrictions(GUEST, GUEST_ID, GUEST_GROUP_ID, level, IMAGE))


def test_outsiders_have_the_rights_of_the_world() -> None:
    outsider = replace(MEMBER, member_of=(OTHER_LAB,))
    assert not allowed(restrictions(outsider, 99, LAB, READ_WRITE, IMAGE))
    open_group = parse_permissions("rwrwra")
    assert allowed(restrictions(outsider, 99, LAB, open_group, IMAGE)) == {"annotate"}


def test_the_group_user_is_judged_as_if_private() -> None:
    found = restrictions(MEMBER, 99, USER_GROUP_ID, READ_WRITE, IMAGE)
    assert not allowed(found)


def test_only_some_classes_move_between_groups_and_owners() -> None:
    assert restrictions(ADMIN, 99, LAB, READ_ONLY, TAG) is None
    found = restrictions(ADMIN, 99, LAB, READ_ONLY, PIXELS)
    assert found == Restrictions(False, False, False, False, True, True)


def test_only_administrators_change_system_types() -> None:
    assert allowed(restrictions(MEMBER, None, None, -1, ENUM)) == {"link", "annotate"}
    assert {"edit", "delete"} <= allowed(restrictions(ADMIN, None, None, -1, ENUM))
    light = replace(ADMIN, user_id=7, privileges=frozenset({"ModifyGroup"}))
    assert not {"edit", "delete"} & allowed(restrictions(light, None, None, -1, USER))
    assert not allowed(restrictions(GUEST, None, None, -1, ENUM))


# --- visibility, in SQL and in Python -------------------------------------------

ROWS = Table(
    "rows",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("owner_id", Integer),
    Column("group_id", Integer),
)
USERS = (ROOT_ID, 5, 6)
GROUPS = (SYSTEM_GROUP_ID, USER_GROUP_ID, LAB, OTHER_LAB)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Caller, dict[int, int]]:
    """Draw a caller of any kind, and the permissions of each group."""
    levels = [*LEVELS, parse_permissions("rwr-r-")]
    permissions = {group: draw(st.sampled_from(levels)) for group in GROUPS}
    permissions[USER_GROUP_ID] = parse_permissions("rwr-r-")
    member_of = draw(st.sets(st.sampled_from(GROUPS), min_size=1))
    leader_of = draw(st.sets(st.sampled_from(sorted(member_of))))
    readable = {
        group
        for group, perm1 in permissions.items()
        if group in leader_of
        or (group in member_of and permissions_text(perm1)[2] == "r")
        or permissions_text(perm1)[4] == "r"
    }
    caller = replace(
        MEMBER,
        user_id=draw(st.sampled_from(USERS)),
        group_id=draw(st.sampled_from((*GROUPS, ALL_GROUPS))),
        member_of=tuple(sorted(member_of)),
        leader_of=tuple(sorted(leader_of)),
        readable_groups=frozenset(readable),
    )
    return caller, permissions


def sees(caller: Caller, permissions: dict[int, int], owner: int, group: int) -> bool:
    """OMERO's words, one by one."""
    text = permissions_text(permissions[group])
    reads_all = (
        caller.is_admin
        or group in caller.leader_of
        or (group in caller.member_of and text[2] == "r")
        or text[4] == "r"
    )
    if caller.group_id == ALL_GROUPS:
        return reads_all or owner == caller.user_id
    if group == USER_GROUP_ID:
        return True
    return group == caller.group_id and (reads_all or owner == caller.user_id)


@given(situations())
def test_rows_are_seen_as_omero_words_it(
    situation: tuple[Caller, dict[int, int]],
) -> None:
    caller, permissions = situation
    rows = list(itertools.product(USERS, GROUPS))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        ROWS.metadata.create_all(connection)
        connection.execute(
            insert(ROWS),
            [{"owner_id": owner, "group_id": group} for owner, group in rows],
        )
        alias = ROWS.alias("x")
        query = select(alias.c.owner_id, alias.c.group_id)
        found = {
            tuple(row)
            for row in connection.execute(query.where(visible(caller, alias)))
        }
    engine.dispose()
    expected = {row for row in rows if sees(caller, permissions, *row)}
    assert found == expected
    assert {row for row in rows if may_see(caller, *row)} == expected


@given(situations(), st.sampled_from(USERS), st.sampled_from(GROUPS))
def test_rights_never_exceed_what_the_group_grants(
    situation: tuple[Caller, dict[int, int]], owner: int, group: int
) -> None:
    caller, permissions = situation
    can = allowed(restrictions(caller, owner, group, permissions[group], IMAGE))
    text = "rw----" if group == USER_GROUP_ID else permissions_text(permissions[group])
    plain = not caller.is_admin and group not in caller.leader_of
    if plain and owner != caller.user_id:
        in_group = group in caller.member_of
        assert ("edit" in can) == ("w" in (text[3] if in_group else "", text[5]))
        assert ("annotate" in can) == bool(
            (in_group and text[3] in "wa") or text[5] in "wa"
        )
        assert "chown" not in can
        assert "chgrp" not in can
    if plain and owner == caller.user_id:
        assert {"link", "edit", "delete", "annotate", "chgrp"} <= can
    assert ("link" in can) <= ("annotate" in can)
