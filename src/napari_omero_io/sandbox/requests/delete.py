"""Delete2: deleting objects with all that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.rules.aims import Deleting
from napari_omero_io.sandbox.rules.deletion import carry_out, plan_deletion

from .targets import read_targets
from .walking import walk_for

if TYPE_CHECKING:
    from napari_omero_io.sandbox.rules.deletion import Deletion

    from .work import Work


def delete(work: Work, request: Any) -> Any:
    """Delete what a `Delete2` names, or only tell what would be deleted.

    Raises
    ------
    RequestFailed
        The request names unknown classes or ones that may not be deleted so.
    GraphFailure
        Something may not be deleted.
    """
    walk = walk_for(work, request, Deleting())
    deletion = plan_deletion(walk, read_targets(work, request.targetObjects))
    if not request.dryRun:
        tables = work.call.core.database.tables
        carry_out(work.connection, tables, deletion, work.history)
        leave_data(work, deletion)
    return omero.cmd.Delete2Response(deletion.by_class())


def leave_data(work: Work, deletion: Deletion) -> None:
    """Remember binary data whose metadata go."""
    work.leftovers.pixels += deletion.ids("Pixels")
    work.leftovers.files += deletion.ids("OriginalFile")
