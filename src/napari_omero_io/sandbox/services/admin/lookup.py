"""The part of IAdmin that reads: who is who, and who is where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rlist

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.rules.caller import (
    GUEST_GROUP_ID,
    GUEST_ID,
    PRIVILEGES,
    ROOT_ID,
    SYSTEM_GROUP_ID,
    USER_GROUP_ID,
)
from napari_omero_io.sandbox.rules.membership import caller_for, default_group
from napari_omero_io.sandbox.rules.roles import require_admin
from napari_omero_io.sandbox.wire.event_context import event_context

from .incoming import id_of, privileges_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_omero_io.sandbox.core import Call, Core

_USERS = (
    "select e from Experimenter e "
    "left outer join fetch e.groupExperimenterMap m "
    "left outer join fetch m.parent"
)
_GROUPS = (
    "select g from ExperimenterGroup g "
    "left outer join fetch g.groupExperimenterMap m "
    "left outer join fetch m.child"
)
_GROUPS_DEEP = (
    f"{_GROUPS} e left outer join fetch e.groupExperimenterMap n "
    "left outer join fetch n.parent"
)


class Lookup:
    """Reads users, groups and privileges."""

    _core: Core

    def getEventContext(self, call: Call) -> Any:
        """Return who makes the call, in which group, with which privileges."""
        return event_context(call)

    def getSecurityRoles(self, _call: Call) -> Any:
        """Return the ids and names of the built-in users and groups."""
        return omero.sys.Roles(
            rootId=ROOT_ID,
            rootName="root",
            systemGroupId=SYSTEM_GROUP_ID,
            systemGroupName="system",
            userGroupId=USER_GROUP_ID,
            userGroupName="user",
            guestId=GUEST_ID,
            guestName="guest",
            guestGroupId=GUEST_GROUP_ID,
            guestGroupName="guest",
        )

    def getExperimenter(self, call: Call, id_: int) -> Any:
        """Return a user with memberships and groups."""
        found = self._find(call, f"{_USERS} where e.id = :id", {"id": id_})
        return _only(found, f"No such experimenter: {id_}")

    def lookupExperimenter(self, call: Call, name: str) -> Any:
        """Return a user by name, with memberships and groups."""
        found = self._find(call, f"{_USERS} where e.omeName = :name", {"name": name})
        return _only(found, f"No such experimenter: {name}")

    def lookupExperimenters(self, call: Call) -> list[Any]:
        """Return all users with memberships and groups."""
        return self._find(call, _USERS)

    def getGroup(self, call: Call, id_: int) -> Any:
        """Return a group with memberships and members."""
        found = self._find(call, f"{_GROUPS} where g.id = :id", {"id": id_})
        return _only(found, f"No such group: {id_}")

    def lookupGroup(self, call: Call, name: str) -> Any:
        """Return a group by name, with memberships and members."""
        found = self._find(call, f"{_GROUPS} where g.name = :name", {"name": name})
        return _only(found, f"No such group: {name}")

    def lookupGroups(self, call: Call) -> list[Any]:
        """Return all groups with members, and those with their memberships."""
        return self._find(call, _GROUPS_DEEP)

    def containedExperimenters(self, call: Call, group_id: int) -> list[Any]:
        """Return the members of a group."""
        query = (
            f"{_USERS} where e.id in (select x.child.id from GroupExperimenterMap x "
            "where x.parent.id = :id)"
        )
        return self._find(call, query, {"id": group_id})

    def containedGroups(self, call: Call, user_id: int) -> list[Any]:
        """Return the groups of a user."""
        query = (
            f"{_GROUPS} where g.id in (select x.parent.id from GroupExperimenterMap x "
            "where x.child.id = :id)"
        )
        return self._find(call, query, {"id": user_id})

    def getDefaultGroup(self, call: Call, user_id: int) -> Any:
        """Return the group in which a user works when nothing else is said.

        Raises
        ------
        Invalid
            The user belongs to no group but `user`.
        """
        tables = self._core.database.tables
        with self._core.database.read() as connection:
            group_id = default_group(caller_for(connection, tables, user_id))
        if group_id == USER_GROUP_ID:
            raise Invalid(f"The user {user_id} has no default group.")
        return self.getGroup(call, group_id)

    def getMemberOfGroupIds(self, call: Call, user: Any) -> list[int]:
        """Return the ids of a user's groups, the default group first."""
        return list(self._groups_of(call, user)[0])

    def getLeaderOfGroupIds(self, call: Call, user: Any) -> list[int]:
        """Return the ids of the groups that a user leads."""
        return list(self._groups_of(call, user)[1])

    def getCurrentAdminPrivileges(self, call: Call) -> list[Any]:
        """Return the caller's privileges."""
        return self._privileges(call, call.caller.privileges)

    def getAdminPrivileges(self, call: Call, user: Any) -> list[Any]:
        """Return a user's privileges; those of ordinary users are none."""
        tables = self._core.database.tables
        with self._core.database.read() as connection:
            found = caller_for(connection, tables, id_of(user, "experimenter"))
        return self._privileges(call, found.privileges)

    def getAdminsWithPrivileges(
        self, call: Call, privileges: Sequence[Any]
    ) -> list[Any]:
        """Return the administrators who have all of some privileges."""
        wanted = privileges_of(privileges)
        tables = self._core.database.tables
        admins = self.containedExperimenters(call, SYSTEM_GROUP_ID)
        with self._core.database.read() as connection:
            return [
                admin
                for admin in admins
                if wanted <= caller_for(connection, tables, admin.id.val).privileges
            ]

    def lookupLdapAuthExperimenter(self, call: Call, _id: int) -> str:
        """Return nothing: nobody logs in through LDAP."""
        require_admin(call.caller)
        return ""

    def lookupLdapAuthExperimenters(self, call: Call) -> Any:
        """Return nobody: nobody logs in through LDAP."""
        require_admin(call.caller)
        return rlist([])

    def canUpdate(self, call: Call, object_: Any) -> bool:
        """Tell whether the caller may change an object."""
        if object_ is None or object_.id is None:
            raise ApiUsage("Only an object with an id can be asked about.")
        class_name = self._core.model.resolve(object_.ice_id()).name
        query = f"select x from {class_name} x where x.id = :id"
        found = _only(
            self._find(call, query, {"id": object_.id.val}),
            f"No such {class_name}: {object_.id.val}",
        )
        return bool(found.details.permissions.canEdit())

    def _find(
        self, call: Call, query: str, values: Mapping[str, Any] | None = None
    ) -> list[Any]:
        with self._core.database.read() as connection:
            found: list[Any] = hql.find(connection, call, query, values)
        return found

    def _privileges(self, call: Call, names: frozenset[str]) -> list[Any]:
        if not names:
            return []
        query = "select p from AdminPrivilege p where p.value in (:names)"
        known = sorted(names & set(PRIVILEGES))
        return self._find(call, query, {"names": known})

    def _groups_of(
        self, call: Call, user: Any
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        user_id = id_of(user, "experimenter") if user else call.caller.user_id
        tables = self._core.database.tables
        with self._core.database.read() as connection:
            found = caller_for(connection, tables, user_id)
        return found.member_of, found.leader_of


def _only(found: Sequence[Any], complaint: str) -> Any:
    if not found:
        raise ApiUsage(complaint)
    return found[0]
