"""Who a call is made by: users, their groups and privileges, read afresh each time.

A session only remembers a user and a current group; memberships may change while
it lasts.  A call's context may then choose another group (``omero.group``), act
for another user (``omero.user``) or name its event (``omero.event``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed

from .caller import (
    ALL_GROUPS,
    PRIVILEGES,
    SYSTEM_GROUP_ID,
    USER_GROUP_ID,
    Caller,
)
from .permissions import EVERYTHING, Right, Role, has_right

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.schema.tables import Tables

#: An entry ``AdminPrivilege:<name>`` = ``false`` takes a privilege from a user.
_PRIVILEGE_ENTRY = "AdminPrivilege:"


@dataclass(frozen=True, slots=True)
class GroupView:
    """One group as one user stands to it."""

    id: int
    name: str
    permissions: int
    is_member: bool
    is_leader: bool
    place: int

    @property
    def is_readable(self) -> bool:
        """The user sees what others own in it."""
        return (
            self.is_leader
            or (self.is_member and has_right(self.permissions, Role.GROUP, Right.READ))
            or has_right(self.permissions, Role.WORLD, Right.READ)
        )


def caller_for(
    connection: Connection,
    tables: Tables,
    user_id: int,
    group_id: int | None = None,
    *,
    session_id: int = 0,
    session_uuid: str = "",
    event_type: str = "User",
) -> Caller:
    """Read who a user is now.

    Parameters
    ----------
    group_id
        The group to act in; None: the user's default group.

    Raises
    ------
    ApiUsage
        No such user, no such group.
    NotAllowed
        The user may not act in the group.
    """
    users = tables["Experimenter"]
    name = connection.execute(
        select(users.c.omeName).where(users.c.id == user_id)
    ).scalar()
    if name is None:
        raise ApiUsage(f"No such experimenter: {user_id}")
    groups = _read_groups(connection, tables, user_id)
    members = sorted((g for g in groups.values() if g.is_member), key=lambda g: g.place)
    is_admin = any(group.id == SYSTEM_GROUP_ID for group in members)
    caller = Caller(
        user_id=user_id,
        user_name=name,
        group_id=ALL_GROUPS,
        group_name="",
        group_permissions=EVERYTHING,
        member_of=tuple(group.id for group in members),
        leader_of=tuple(group.id for group in members if group.is_leader),
        privileges=_read_privileges(connection, tables, user_id, is_admin),
        session_id=session_id,
        session_uuid=session_uuid,
        event_type=event_type,
        readable_groups=frozenset(g.id for g in groups.values() if g.is_readable),
    )
    if group_id is None:
        group_id = default_group(caller)
    return _entering(caller, group_id, groups)


def default_group(caller: Caller) -> int:
    """Return the first group of a user that is not `user`, or else that.

    Raises
    ------
    NotAllowed
        The user belongs to no group.
    """
    for group_id in caller.member_of:
        if group_id != USER_GROUP_ID:
            return group_id
    if not caller.member_of:
        raise NotAllowed(f"User {caller.user_name} belongs to no group.")
    return USER_GROUP_ID


def in_context(
    connection: Connection, tables: Tables, caller: Caller, context: Mapping[str, str]
) -> Caller:
    """Apply what the context of a call says.

    Raises
    ------
    ApiUsage
        The context names a group, a user or a type of event that there is not.
    NotAllowed
        The caller is no member of the group, or no administrator and speaks for
        another user.
    """
    group_id = _number(context.get("omero.group"))
    if group_id is not None and group_id != caller.group_id:
        groups = _read_groups(connection, tables, caller.user_id)
        caller = _entering(caller, group_id, groups)
    owner_id = _number(context.get("omero.user"))
    if owner_id is not None and owner_id != caller.user_id:
        caller = _speaking_for(connection, tables, caller, owner_id)
    event_type = context.get("omero.event")
    if event_type:
        types = tables["EventType"]
        known = select(types.c.id).where(types.c.value == event_type)
        if connection.execute(known).scalar() is None:
            raise ApiUsage(f"There is no type of event called {event_type}.")
        caller = replace(caller, event_type=event_type)
    return caller


def read_group_permissions(connection: Connection, tables: Tables) -> dict[int, int]:
    """Return ``perm1`` of every group."""
    groups = tables["ExperimenterGroup"]
    rows = connection.execute(select(groups.c.id, groups.c.permissions))
    return {row.id: row.permissions for row in rows}


def _number(text: str | None) -> int | None:
    """Read a number; the server ignores what is none."""
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def _read_groups(
    connection: Connection, tables: Tables, user_id: int
) -> dict[int, GroupView]:
    groups = tables["ExperimenterGroup"]
    maps = tables["GroupExperimenterMap"]
    joined = groups.outerjoin(
        maps, and_(maps.c.parent_id == groups.c.id, maps.c.child_id == user_id)
    )
    query = select(
        groups.c.id,
        groups.c.name,
        groups.c.permissions,
        maps.c.owner,
        maps.c.child_index,
    ).select_from(joined)
    return {
        row.id: GroupView(
            id=row.id,
            name=row.name,
            permissions=row.permissions,
            is_member=row.owner is not None,
            is_leader=bool(row.owner),
            place=row.child_index or 0,
        )
        for row in connection.execute(query)
    }


def _read_privileges(
    connection: Connection, tables: Tables, user_id: int, is_admin: bool
) -> frozenset[str]:
    if not is_admin:
        return frozenset()
    field = tables.model["Experimenter"].fields["config"]
    pairs = tables.pairs(field)
    query = select(pairs.c.name).where(
        pairs.c.parent_id == user_id,
        pairs.c.name.startswith(_PRIVILEGE_ENTRY),
        pairs.c.value == "false",
    )
    lost = {
        name.removeprefix(_PRIVILEGE_ENTRY)
        for name in connection.execute(query).scalars()
    }
    return frozenset(PRIVILEGES) - lost


def _entering(caller: Caller, group_id: int, groups: Mapping[int, GroupView]) -> Caller:
    if group_id == ALL_GROUPS:
        return replace(
            caller,
            group_id=ALL_GROUPS,
            group_name="",
            group_permissions=EVERYTHING,
        )
    group = groups.get(group_id)
    if group is None:
        raise ApiUsage(f"No such group: {group_id}")
    world_reads = has_right(group.permissions, Role.WORLD, Right.READ)
    if not (group.is_member or caller.is_admin or world_reads):
        raise NotAllowed(
            f"User {caller.user_id} is not a member of group {group_id} "
            "and cannot login"
        )
    return replace(
        caller,
        group_id=group.id,
        group_name=group.name,
        group_permissions=group.permissions,
    )


def _speaking_for(
    connection: Connection, tables: Tables, caller: Caller, owner_id: int
) -> Caller:
    if not caller.is_admin:
        raise NotAllowed(
            f"User {caller.user_id} is not an admin and so cannot set uid to {owner_id}"
        )
    users = tables["Experimenter"]
    known = select(users.c.id).where(users.c.id == owner_id)
    if connection.execute(known).scalar() is None:
        raise ApiUsage(f"No such experimenter: {owner_id}")
    return replace(caller, owner_id=owner_id)
