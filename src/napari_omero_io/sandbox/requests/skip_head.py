"""SkipHead: doing a request on what its targets contain, not on themselves."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.rules.reach import reach
from napari_omero_io.sandbox.rules.tracks import Tracks

from .failure import RequestFailed
from .targets import classes_named, read_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from .work import Work


def skip_head(work: Work, request: Any, perform: Callable[[Work, Any], Any]) -> Any:
    """Do the inner request on the first objects of some classes below the targets.

    Raises
    ------
    RequestFailed
        No class to start from is named, or an unknown one.
    """
    if not request.startFrom:
        raise RequestFailed("bad-options", "SkipHead must name classes to start from")
    if request.request is None:
        raise RequestFailed("bad-request", "SkipHead must carry a request")
    model = work.call.core.model
    wanted = {one for name in request.startFrom for one in classes_named(model, name)}
    tracks = Tracks(work.connection, work.call.core.database.tables)
    targets = read_targets(work, request.targetObjects)
    found: dict[str, list[int]] = defaultdict(list)
    for id_, object_ in reach(tracks, targets, wanted):
        found[object_.model_class.java_name].append(id_)
    inner = copy.copy(request.request)
    inner.targetObjects = {name: sorted(ids) for name, ids in found.items()}
    inner.childOptions = inner.childOptions or request.childOptions
    inner.dryRun = inner.dryRun or request.dryRun
    return perform(work, inner)
