"""Delete2: deleting objects with all that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.rules.deletion import carry_out, plan_deletion
from napari_omero_io.sandbox.rules.graph import Walk
from napari_omero_io.sandbox.rules.membership import read_group_permissions
from napari_omero_io.sandbox.rules.ownership import Judge
from napari_omero_io.sandbox.rules.tracks import Tracks

from .options import read_options
from .targets import classes_named, everywhere, read_targets

if TYPE_CHECKING:
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
    model, tables = work.call.core.model, work.call.core.database.tables
    caller = everywhere(work.call).caller
    walk = Walk(
        Tracks(work.connection, tables),
        Judge(caller, read_group_permissions(work.connection, tables)),
        ignored=[
            one
            for name in request.typesToIgnore or ()
            for one in classes_named(model, name)
        ],
        choose=read_options(model, request.childOptions),
    )
    deletion = plan_deletion(walk, read_targets(work, request.targetObjects))
    if not request.dryRun:
        carry_out(work.connection, tables, deletion, work.history)
        work.leftovers.pixels += deletion.ids("Pixels")
        work.leftovers.files += deletion.ids("OriginalFile")
    return omero.cmd.Delete2Response(deletion.by_class())
