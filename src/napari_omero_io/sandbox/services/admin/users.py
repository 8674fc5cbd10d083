"""The part of IAdmin that makes, changes and deletes users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.accounts import find_group
from napari_omero_io.sandbox.errors import Invalid, NotAllowed
from napari_omero_io.sandbox.rules.caller import (
    GUEST_ID,
    PRIVILEGES,
    ROOT_ID,
    SYSTEM_GROUP_ID,
    USER_GROUP_ID,
)
from napari_omero_io.sandbox.rules.membership import caller_for
from napari_omero_io.sandbox.rules.roles import (
    require_no_escalation,
    require_privilege,
    require_privilege_or_lead,
)
from napari_omero_io.sandbox.store.directory import directory

from .incoming import (
    PRIVILEGE_ENTRY,
    config_of,
    fields_of,
    id_of,
    privileges_by,
    privileges_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.rules.caller import Caller
    from napari_omero_io.sandbox.store.directory import Directory

_BUILT_IN = (ROOT_ID, GUEST_ID)
_OWN_FIELDS = ("firstName", "middleName", "lastName", "email", "institution")
_FIELDS = ("omeName", *_OWN_FIELDS, "ldap")
_REQUIRED = ("omeName", "firstName", "lastName", "ldap")
_KIND = "Experimenter"


class Users:
    """Makes, changes and deletes users."""

    _core: Core

    def createUser(self, call: Call, user: Any, group_name: str) -> int:
        """Make a user in a group and in `user`."""
        with self._core.database.read() as connection:
            group_id = find_group(connection, self._core.database, group_name)
        return self._create(call, user, [group_id, USER_GROUP_ID], "")

    def createExperimenter(
        self, call: Call, user: Any, default_group: Any, groups: Sequence[Any]
    ) -> int:
        """Make a user without a password."""
        return self._create(call, user, _group_ids(default_group, groups), "")

    def createExperimenterWithPassword(
        self,
        call: Call,
        user: Any,
        password: Any,
        default_group: Any,
        groups: Sequence[Any],
    ) -> int:
        """Make a user with a password."""
        group_ids = _group_ids(default_group, groups)
        return self._create(call, user, group_ids, text_of(password))

    def createSystemUser(self, call: Call, user: Any) -> int:
        """Make an administrator with all privileges."""
        return self._create_admin(call, user, set(PRIVILEGES), "")

    def createRestrictedSystemUser(
        self, call: Call, user: Any, privileges: Sequence[Any]
    ) -> int:
        """Make an administrator with some privileges."""
        return self._create_admin(call, user, privileges_of(privileges), "")

    def createRestrictedSystemUserWithPassword(
        self, call: Call, user: Any, privileges: Sequence[Any], password: Any
    ) -> int:
        """Make an administrator with some privileges and a password."""
        names = privileges_of(privileges)
        return self._create_admin(call, user, names, text_of(password))

    def setAdminPrivileges(
        self, call: Call, user: Any, privileges: Sequence[Any]
    ) -> None:
        """Give an administrator exactly some privileges."""
        require_privilege(call.caller, "ModifyUser")
        names = privileges_of(privileges)
        require_no_escalation(call.caller, names)
        user_id = id_of(user, "experimenter")
        if user_id == ROOT_ID and names != set(PRIVILEGES):
            raise NotAllowed("Root keeps all privileges.")
        self._check_not_above(call.caller, user_id)
        with directory(self._core.database, call.caller) as changes:
            _write_privileges(changes, user_id, names)

    def updateSelf(self, call: Call, user: Any) -> None:
        """Change one's own names, e-mail address and institution."""
        values = fields_of(user, _OWN_FIELDS, ("firstName", "lastName"))
        with directory(self._core.database, call.caller) as changes:
            changes.change(_KIND, call.caller.user_id, values)

    def updateExperimenter(self, call: Call, user: Any) -> None:
        """Change a user."""
        self._update(call, user, None)

    def updateExperimenterWithPassword(
        self, call: Call, user: Any, password: Any
    ) -> None:
        """Change a user and the password."""
        self._update(call, user, text_of(password))

    def deleteExperimenter(self, call: Call, user: Any) -> None:
        """Delete a user to whom nothing refers: who never logged in."""
        require_privilege(call.caller, "ModifyUser")
        user_id = id_of(user, "experimenter")
        if user_id in _BUILT_IN:
            raise Invalid("Built-in users cannot be deleted.")
        self._check_not_above(call.caller, user_id)
        with directory(self._core.database, call.caller) as changes:
            changes.delete_row(_KIND, user_id)

    def _create(
        self, call: Call, user: Any, group_ids: Sequence[int], password: str
    ) -> int:
        led = [one for one in group_ids if one != USER_GROUP_ID]
        require_privilege_or_lead(call.caller, "ModifyUser", led)
        if SYSTEM_GROUP_ID in group_ids:
            require_no_escalation(call.caller, privileges_by(config_of(user) or ()))
        with directory(self._core.database, call.caller) as changes:
            return _insert(changes, user, group_ids, password)

    def _create_admin(
        self, call: Call, user: Any, names: Collection[str], password: str
    ) -> int:
        require_privilege(call.caller, "ModifyUser")
        require_no_escalation(call.caller, names)
        groups = [SYSTEM_GROUP_ID, USER_GROUP_ID]
        with directory(self._core.database, call.caller) as changes:
            user_id = _insert(changes, user, groups, password)
            _write_privileges(changes, user_id, names)
        return user_id

    def _update(self, call: Call, user: Any, password: str | None) -> None:
        require_privilege(call.caller, "ModifyUser")
        user_id = id_of(user, "experimenter")
        self._check_not_above(call.caller, user_id)
        values = fields_of(user, _FIELDS, _REQUIRED)
        config = config_of(user)
        with directory(self._core.database, call.caller) as changes:
            known = changes.read(_KIND, user_id).omeName
            if user_id in _BUILT_IN and values["omeName"] != known:
                raise Invalid(f"The user {known} cannot be renamed.")
            changes.change(_KIND, user_id, values)
            if config is not None:
                groups = {one.group_id for one in changes.memberships_of(user_id)}
                if SYSTEM_GROUP_ID in groups:
                    require_no_escalation(call.caller, privileges_by(config))
                changes.replace_config(_KIND, user_id, config)
            if password is not None:
                changes.store_password(user_id, password)

    def _check_not_above(self, caller: Caller, user_id: int) -> None:
        """Refuse to touch an administrator who has more privileges than the caller."""
        database = self._core.database
        with database.read() as connection:
            found = caller_for(connection, database.tables, user_id)
        require_no_escalation(caller, found.privileges)


def _group_ids(default_group: Any, groups: Sequence[Any]) -> list[int]:
    first = id_of(default_group, "default group")
    return [first, *(id_of(one, "group") for one in groups or () if one is not None)]


def _insert(
    changes: Directory, user: Any, group_ids: Sequence[int], password: str
) -> int:
    values = fields_of(user, _FIELDS, _REQUIRED)
    if not values["omeName"].strip():
        raise Invalid("A user needs a name to log in with.")
    user_id = changes.insert(_KIND, values)
    changes.replace_config(_KIND, user_id, config_of(user) or ())
    changes.add_memberships(user_id, group_ids)
    changes.store_password(user_id, password)
    return user_id


def _write_privileges(changes: Directory, user_id: int, names: Collection[str]) -> None:
    """Write down the privileges that an administrator does *not* have."""
    others = [
        pair
        for pair in changes.read_config(_KIND, user_id)
        if not pair[0].startswith(PRIVILEGE_ENTRY)
    ]
    lost = [name for name in PRIVILEGES if name not in names]
    entries = [(f"{PRIVILEGE_ENTRY}{name}", "false") for name in lost]
    changes.replace_config(_KIND, user_id, others + entries)
