"""Chmod2: other permissions for a group, and what a private group cannot hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from sqlalchemy import update

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.rules.aims import Clearing
from napari_omero_io.sandbox.rules.deletion import Deletion, carry_out, plan_deletion
from napari_omero_io.sandbox.rules.events import Action
from napari_omero_io.sandbox.rules.mixture import find_mixed
from napari_omero_io.sandbox.rules.permissions import (
    Right,
    Role,
    has_right,
    parse_permissions,
)

from .delete import leave_data
from .failure import RequestFailed
from .targets import is_group, read_targets
from .walking import walk_for

if TYPE_CHECKING:
    from .work import Work


def change_permissions(work: Work, request: Any) -> Any:
    """Change the permissions of groups; a private one loses what people share.

    Raises
    ------
    RequestFailed
        The caller may not, or the permissions cannot be read.
    GraphFailure
        A group cannot become private, since people share what cannot be parted.
    """
    try:
        permissions = parse_permissions(request.permissions or "")
    except ApiUsage as error:
        raise RequestFailed("bad-options", error.message) from error
    groups = read_targets(work, request.targetObjects, is_group)["ExperimenterGroup"]
    caller, tables = work.call.caller, work.call.core.database.tables
    walk = walk_for(work, request, Clearing())
    is_private = not has_right(permissions, Role.GROUP, Right.READ)
    mixed: dict[str, set[int]] = {}
    for group_id in sorted(groups):
        if group_id not in caller.leader_of and "ModifyGroup" not in caller.privileges:
            raise RequestFailed(
                "graph-fail", f"not permitted to change ExperimenterGroup[{group_id}]"
            )
        if is_private:
            for root, ids in find_mixed(walk.tracks, group_id).items():
                mixed.setdefault(root, set()).update(ids)
    deletion = plan_deletion(walk, mixed)
    standings = walk.tracks.read("ExperimenterGroup", groups)
    if not request.dryRun:
        carry_out(work.connection, tables, deletion, work.history)
        leave_data(work, deletion)
        table = tables["ExperimenterGroup"]
        work.connection.execute(
            update(table).where(table.c.id.in_(groups)).values(permissions=permissions)
        )
        model_class = work.call.core.model["ExperimenterGroup"]
        work.history.tell(Action.CHMOD, model_class, sorted(groups))
    included = Deletion({"ExperimenterGroup": standings} if standings else {})
    return omero.cmd.Chmod2Response(included.by_class(), deletion.by_class())
