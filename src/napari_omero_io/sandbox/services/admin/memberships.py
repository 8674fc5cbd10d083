"""The part of IAdmin that says who belongs to which group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.rules.caller import (
    ROOT_ID,
    SYSTEM_GROUP_ID,
    USER_GROUP_ID,
)
from napari_omero_io.sandbox.rules.roles import (
    require_no_escalation,
    require_privilege,
    require_privilege_or_lead,
)
from napari_omero_io.sandbox.store.directory import directory

from .incoming import id_of, ids_of, privileges_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.rules.caller import Caller
    from napari_omero_io.sandbox.store.directory import Directory, Membership

_PRIVILEGE = "ModifyGroupMembership"


class Memberships:
    """Puts users into groups, out of them, and at their head."""

    _core: Core

    def addGroups(self, call: Call, user: Any, groups: Sequence[Any]) -> None:
        """Add a user to groups; existing memberships stay."""
        group_ids = ids_of(groups, "group")
        require_privilege_or_lead(call.caller, _PRIVILEGE, group_ids)
        user_id = id_of(user, "experimenter")
        with directory(self._core.database, call.caller) as changes:
            if SYSTEM_GROUP_ID in group_ids:
                config = changes.read_config("Experimenter", user_id)
                require_no_escalation(call.caller, privileges_by(config))
            changes.add_memberships(user_id, group_ids)
            _keep_real_group_first(changes, user_id)

    def removeGroups(self, call: Call, user: Any, groups: Sequence[Any]) -> None:
        """Take a user out of groups.

        Raises
        ------
        Invalid
            Root would leave a built-in group, callers would lock themselves out, or
            nothing but the group `user` would be left.
        """
        group_ids = ids_of(groups, "group")
        require_privilege_or_lead(call.caller, _PRIVILEGE, group_ids)
        user_id = id_of(user, "experimenter")
        with directory(self._core.database, call.caller) as changes:
            present = {one.group_id for one in changes.memberships_of(user_id)}
            _check_removal(call.caller, user_id, present, set(group_ids))
            changes.remove_memberships(user_id, group_ids)
            _keep_real_group_first(changes, user_id)

    def setDefaultGroup(self, call: Call, user: Any, group: Any) -> None:
        """Make a group the one in which a user works when nothing else is said."""
        user_id, group_id = id_of(user, "experimenter"), id_of(group, "group")
        if user_id != call.caller.user_id:
            require_privilege(call.caller, "ModifyUser")
        if group_id == USER_GROUP_ID:
            raise ApiUsage('The group "user" cannot be a default group.')
        with directory(self._core.database, call.caller) as changes:
            _membership(changes, user_id, group_id)
            changes.put_first(user_id, group_id)

    def setGroupOwner(self, call: Call, group: Any, owner: Any) -> None:
        """Make a member a leader of a group."""
        self._set_leaders(call, group, [owner], is_leader=True)

    def unsetGroupOwner(self, call: Call, group: Any, owner: Any) -> None:
        """Make a leader an ordinary member of a group."""
        self._set_leaders(call, group, [owner], is_leader=False)

    def addGroupOwners(self, call: Call, group: Any, owners: Sequence[Any]) -> None:
        """Make members leaders of a group."""
        self._set_leaders(call, group, owners, is_leader=True)

    def removeGroupOwners(self, call: Call, group: Any, owners: Sequence[Any]) -> None:
        """Make leaders ordinary members of a group."""
        self._set_leaders(call, group, owners, is_leader=False)

    def _set_leaders(
        self, call: Call, group: Any, users: Sequence[Any], *, is_leader: bool
    ) -> None:
        group_id = id_of(group, "group")
        require_privilege_or_lead(call.caller, _PRIVILEGE, [group_id])
        user_ids = ids_of(users, "experimenter")
        with directory(self._core.database, call.caller) as changes:
            for user_id in user_ids:
                membership = _membership(changes, user_id, group_id)
                changes.set_leader(membership, is_leader=is_leader)


def _membership(changes: Directory, user_id: int, group_id: int) -> Membership:
    for one in changes.memberships_of(user_id):
        if one.group_id == group_id:
            return one
    raise ApiUsage(f"User {user_id} is not a member of group {group_id}.")


def _keep_real_group_first(changes: Directory, user_id: int) -> None:
    present = changes.memberships_of(user_id)
    if len(present) > 1 and present[0].group_id == USER_GROUP_ID:
        changes.put_first(user_id, present[1].group_id)


def _check_removal(
    caller: Caller, user_id: int, present: set[int], wanted: set[int]
) -> None:
    built_in = wanted & {SYSTEM_GROUP_ID, USER_GROUP_ID}
    if built_in and user_id == ROOT_ID:
        raise Invalid('Root cannot leave the groups "system" and "user".')
    if built_in and user_id == caller.user_id:
        raise Invalid('Nobody can leave the groups "system" and "user" by themselves.')
    left = present - wanted
    if not left:
        raise Invalid(f"User {user_id} would belong to no group.")
    if left == {USER_GROUP_ID}:
        raise Invalid(f'User {user_id} would belong to no group but "user".')
