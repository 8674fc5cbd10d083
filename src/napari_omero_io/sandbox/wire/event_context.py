"""Who am I: the answer that clients ask for most often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from omero.rtypes import rlong, rstring

from .ice import omero

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call


def event_context(call: Call) -> Any:
    """Return the `omero.sys.EventContext` of a call."""
    caller = call.caller
    context = omero.sys.EventContext()
    context.shareId = -1
    context.sessionId = caller.session_id
    context.sessionUuid = caller.session_uuid
    context.userId = caller.user_id
    context.userName = caller.user_name
    context.groupId = caller.group_id
    context.groupName = caller.group_name
    context.isAdmin = caller.is_admin
    context.adminPrivileges = sorted(caller.privileges)
    context.eventId = -1
    context.eventType = caller.event_type
    context.memberOfGroups = list(caller.member_of)
    context.leaderOfGroups = list(caller.leader_of)
    context.groupPermissions = make_permissions(caller.group_permissions)
    if call.session is not None and call.session.login.sudoer_id is not None:
        context.sudoerId = rlong(call.session.login.sudoer_id)
        context.sudoerName = rstring(call.session.login.sudoer_name)
    return context


def make_permissions(perm1: int) -> Any:
    """Return `perm1` as the object that travels."""
    permissions = omero.model.PermissionsI()
    permissions._perm1 = perm1
    return permissions
