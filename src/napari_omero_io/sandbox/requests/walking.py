"""The walk that a graph request asks for, over all groups of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.rules.graph import Walk
from napari_omero_io.sandbox.rules.membership import read_group_permissions
from napari_omero_io.sandbox.rules.ownership import Judge
from napari_omero_io.sandbox.rules.tracks import Tracks

from .options import read_options
from .targets import classes_named, everywhere

if TYPE_CHECKING:
    from napari_omero_io.sandbox.rules.aims import Aim

    from .work import Work


def walk_for(work: Work, request: Any, aim: Aim) -> Walk:
    """Return a walk with an aim and the options of a request.

    Raises
    ------
    RequestFailed
        An option names an unknown class.
    """
    model, tables = work.call.core.model, work.call.core.database.tables
    ignored = getattr(request, "typesToIgnore", None) or ()
    return Walk(
        Tracks(work.connection, tables),
        judge_of(work),
        aim,
        ignored=[one for name in ignored for one in classes_named(model, name)],
        choose=read_options(model, request.childOptions),
    )


def judge_of(work: Work) -> Judge:
    """Return the checks of a request, which acts in all groups of the caller."""
    tables = work.call.core.database.tables
    caller = everywhere(work.call).caller
    return Judge(caller, read_group_permissions(work.connection, tables))
