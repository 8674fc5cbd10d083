"""The groups of a server: whose data a user may look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.records import GroupRecord

from .translate import translated
from .wire import read_text

if TYPE_CHECKING:
    from .connection import Connection


def read_groups(connection: Connection) -> list[GroupRecord]:
    """Read the groups of the user, by name; an administrator sees all.

    The groups that OMERO needs for itself, which hold no data, are left out.
    """
    with translated("list groups"):
        admin = connection.service("admin")
        roles = admin.getSecurityRoles()
        if connection.user.is_admin:
            found = admin.lookupGroups()
        else:
            found = admin.containedGroups(connection.user.id)
    internal = {roles.userGroupId, roles.guestGroupId}
    groups = [_make_record(group) for group in found if group.id.val not in internal]
    return sorted(groups, key=lambda group: (group.name.lower(), group.id))


def _make_record(group: Any) -> GroupRecord:
    links = (
        group.copyGroupExperimenterMap() if group.isGroupExperimenterMapLoaded() else []
    )
    members = [link.child for link in links if link is not None]
    names = {read_text(each.omeName) for each in members if each.isLoaded()}
    return GroupRecord(
        group.id.val,
        read_text(group.name),
        str(group.details.permissions),
        tuple(sorted(names, key=str.lower)),
    )
