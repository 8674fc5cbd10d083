"""Who makes a call, in which group, with which rights.  Values only."""

from __future__ import annotations

from dataclasses import dataclass

ROOT_ID = 0
GUEST_ID = 1
SYSTEM_GROUP_ID = 0
USER_GROUP_ID = 1
GUEST_GROUP_ID = 2
ALL_GROUPS = -1

#: The 15 privileges of an administrator, in the order of the enumeration.
PRIVILEGES = (
    "Chgrp",
    "Chown",
    "DeleteFile",
    "DeleteManagedRepo",
    "DeleteOwned",
    "DeleteScriptRepo",
    "ModifyGroup",
    "ModifyGroupMembership",
    "ModifyUser",
    "ReadSession",
    "Sudo",
    "WriteFile",
    "WriteManagedRepo",
    "WriteOwned",
    "WriteScriptRepo",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The rights under which one call runs.

    Attributes
    ----------
    group_id
        The group the call runs in; `ALL_GROUPS` reads every visible group.
    group_permissions
        ``perm1`` of that group; -1 for all groups.
    member_of, leader_of
        Ids of groups; the default group first.
    readable_groups
        Groups in which the user sees everybody's objects: a leader, a member of a
        group that is not private, anybody where the world may read.
    privileges
        Those the user holds; empty for anybody outside the group `system`.
    owner_id
        Owner of what the call creates: another user when an administrator says so.
    session_id
        Row id of the session, for events.
    """

    user_id: int
    user_name: str
    group_id: int
    group_name: str
    group_permissions: int
    member_of: tuple[int, ...]
    leader_of: tuple[int, ...]
    privileges: frozenset[str]
    session_id: int
    session_uuid: str = ""
    event_type: str = "User"
    owner_id: int = -1
    readable_groups: frozenset[int] = frozenset()

    @property
    def is_admin(self) -> bool:
        """Member of `system`, with all or some of the privileges."""
        return SYSTEM_GROUP_ID in self.member_of

    @property
    def is_full_admin(self) -> bool:
        """Administrator with every privilege."""
        return self.is_admin and len(self.privileges) == len(PRIVILEGES)

    @property
    def is_guest(self) -> bool:
        """The built-in guest."""
        return self.user_id == GUEST_ID


def knows_everybody(caller: Caller) -> bool:
    """Tell whether somebody sees the names of all people: who has to care for some."""
    return caller.is_admin or bool(caller.leader_of)


def groups_of_acquaintances(caller: Caller) -> frozenset[int]:
    """Return the groups whose members know each other: those that are not private.

    Everybody is in the group `user`, which introduces nobody.
    """
    return (frozenset(caller.member_of) & caller.readable_groups) - {USER_GROUP_ID}
