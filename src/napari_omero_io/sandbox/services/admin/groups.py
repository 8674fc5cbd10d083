"""The part of IAdmin that makes, changes and deletes groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import Invalid, NotAllowed
from napari_omero_io.sandbox.rules.caller import (
    GUEST_GROUP_ID,
    SYSTEM_GROUP_ID,
    USER_GROUP_ID,
)
from napari_omero_io.sandbox.rules.permissions import PRIVATE, permissions_text
from napari_omero_io.sandbox.rules.roles import (
    require_privilege,
    require_privilege_or_lead,
)
from napari_omero_io.sandbox.store.directory import directory

from .incoming import config_of, fields_of, id_of, permissions_of

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.store.directory import Directory

_BUILT_IN = (SYSTEM_GROUP_ID, USER_GROUP_ID, GUEST_GROUP_ID)
_FIELDS = ("name", "description", "ldap")
_REQUIRED = ("name", "ldap")
_KIND = "ExperimenterGroup"


class Groups:
    """Makes, changes and deletes groups."""

    _core: Core

    def createGroup(self, call: Call, group: Any) -> int:
        """Make a group; private unless its details say otherwise."""
        require_privilege(call.caller, "ModifyGroup")
        values = fields_of(group, _FIELDS, _REQUIRED)
        permissions = permissions_of(group)
        values["permissions"] = PRIVATE if permissions is None else permissions
        with directory(self._core.database, call.caller) as changes:
            group_id = changes.insert(_KIND, values)
            changes.replace_config(_KIND, group_id, config_of(group) or ())
        return group_id

    def updateGroup(self, call: Call, group: Any) -> None:
        """Change a group, also its permissions.

        Raises
        ------
        NotAllowed
            Links between objects of different people need the permissions that the
            group would lose.
        """
        group_id = id_of(group, "group")
        require_privilege_or_lead(call.caller, "ModifyGroup", [group_id])
        values = fields_of(group, _FIELDS, _REQUIRED)
        permissions = permissions_of(group)
        config = config_of(group)
        with directory(self._core.database, call.caller) as changes:
            row = changes.read(_KIND, group_id)
            if group_id in _BUILT_IN and values["name"] != row.name:
                raise Invalid(f"The group {row.name} cannot be renamed.")
            if permissions is not None and permissions != row.permissions:
                _check_reduction(changes, group_id, row.permissions, permissions)
                values["permissions"] = permissions
            changes.change(_KIND, group_id, values)
            if config is not None:
                changes.replace_config(_KIND, group_id, config)

    def deleteGroup(self, call: Call, group: Any) -> None:
        """Delete a group that holds nothing."""
        require_privilege(call.caller, "ModifyGroup")
        group_id = id_of(group, "group")
        if group_id in _BUILT_IN:
            raise Invalid("Built-in groups cannot be deleted.")
        with directory(self._core.database, call.caller) as changes:
            changes.read(_KIND, group_id)
            changes.delete_row(_KIND, group_id)


def _check_reduction(changes: Directory, group_id: int, old: int, new: int) -> None:
    is_reduced = bool(old & ~new)
    if is_reduced and changes.has_links_across_owners(group_id):
        raise NotAllowed(
            f"Cannot change the permissions of group {group_id} from "
            f"{permissions_text(old)} to {permissions_text(new)} due to locks: "
            "objects of different people are linked to each other."
        )
