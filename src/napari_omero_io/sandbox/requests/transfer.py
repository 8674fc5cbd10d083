"""Chgrp2 and Chown2: moving objects to another group, giving them to another user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from sqlalchemy import select

from napari_omero_io.sandbox.rules.aims import Giving, Moving
from napari_omero_io.sandbox.rules.permissions import Right, Role, has_right
from napari_omero_io.sandbox.rules.transfer import carry_out_transfer, plan_transfer

from .delete import leave_data
from .failure import RequestFailed
from .targets import is_chgrp_target, is_chown_target, read_targets
from .walking import walk_for

if TYPE_CHECKING:
    from collections.abc import Collection

    from napari_omero_io.sandbox.rules.transfer import Transfer
    from napari_omero_io.sandbox.store.erasing import Doomed

    from .work import Work


def change_group(work: Work, request: Any) -> Any:
    """Move what a `Chgrp2` names, or only tell what would be moved.

    Raises
    ------
    RequestFailed
        There is no such group, or the caller is no member of it.
    GraphFailure
        Something may not be moved.
    """
    group_id = int(request.groupId)
    groups = work.call.core.database.tables["ExperimenterGroup"]
    query = select(groups.c.permissions).where(groups.c.id == group_id)
    permissions = work.connection.execute(query).scalar()
    caller = work.call.caller
    if permissions is None:
        raise RequestFailed("bad-group", f"no such group: {group_id}")
    if group_id not in caller.member_of and "Chgrp" not in caller.privileges:
        raise RequestFailed("not-in-group", f"not a member of group {group_id}")
    is_private = not has_right(permissions, Role.GROUP, Right.READ)
    walk = walk_for(work, request, Moving(group_id, is_private))
    targets = read_targets(work, request.targetObjects, is_chgrp_target)
    transfer = plan_transfer(walk, targets)
    _finish(work, request, transfer)
    return omero.cmd.Chgrp2Response(
        transfer.included.by_class(), transfer.deleted.by_class()
    )


def change_owner(work: Work, request: Any) -> Any:
    """Give away what a `Chown2` names, or only tell what would be given.

    Raises
    ------
    RequestFailed
        There is no such user, or the user is no member of a group.
    GraphFailure
        Something may not be given away.
    """
    user_id = int(request.userId)
    users = work.call.core.database.tables["Experimenter"]
    query = select(users.c.id).where(users.c.id == user_id)
    if work.connection.execute(query).first() is None:
        raise RequestFailed("bad-user", f"no such user: {user_id}")
    caller = work.call.caller
    if not (caller.leader_of or "Chown" in caller.privileges):
        raise RequestFailed(
            "graph-fail", "only leaders of groups and administrators may give away"
        )
    walk = walk_for(work, request, Giving(user_id))
    targets = read_targets(work, request.targetObjects, is_chown_target)
    for root, ids in _owned_by(work, request.targetUsers or ()).items():
        targets[root] |= ids
    transfer = plan_transfer(walk, targets)
    _check_membership(work, user_id, transfer)
    _finish(work, request, transfer)
    return omero.cmd.Chown2Response(
        transfer.included.by_class(), transfer.deleted.by_class()
    )


def _finish(work: Work, request: Any, transfer: Transfer) -> None:
    if request.dryRun:
        return
    tables = work.call.core.database.tables
    carry_out_transfer(work.connection, tables, transfer, work.history)
    leave_data(work, transfer.deleted)


def _owned_by(work: Work, user_ids: Collection[int]) -> Doomed:
    """Return all that users own where the caller may give it away."""
    caller, tables = work.call.caller, work.call.core.database.tables
    found: Doomed = {}
    if not user_ids:
        return found
    for one in work.call.core.model.classes.values():
        if one.ancestors or one.is_global:
            continue
        table = tables[one.name]
        query = select(table.c.id).where(table.c.owner_id.in_(list(user_ids)))
        if "Chown" not in caller.privileges:
            query = query.where(table.c.group_id.in_(caller.leader_of))
        ids = set(work.connection.execute(query).scalars())
        if ids:
            found[one.name] = ids
    return found


def _check_membership(work: Work, user_id: int, transfer: Transfer) -> None:
    """Refuse to give to a user what lies in a group of which the user is no member."""
    maps = work.call.core.database.tables["GroupExperimenterMap"]
    query = select(maps.c.parent_id).where(maps.c.child_id == user_id)
    groups = set(work.connection.execute(query).scalars())
    needed = {
        object_.group_id
        for objects in transfer.included.going.values()
        for object_ in objects.values()
    }
    if missing := sorted(one for one in needed - groups if one is not None):
        raise RequestFailed(
            "not-in-group", f"user {user_id} is not a member of group {missing[0]}"
        )
