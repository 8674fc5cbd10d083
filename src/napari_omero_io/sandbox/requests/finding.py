"""FindParents and FindChildren: what contains objects, what objects contain."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.rules.kinship import children, parents, relatives
from napari_omero_io.sandbox.rules.tracks import Tracks

from .failure import RequestFailed
from .targets import classes_named, everywhere, is_owned, read_targets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .work import Work


def find_parents(work: Work, request: Any) -> Any:
    """Return the ids of what contains the targets, of some classes."""
    found = _find(work, request, request.typesOfParents, parents)
    return omero.cmd.FoundParents(found)


def find_children(work: Work, request: Any) -> Any:
    """Return the ids of what the targets contain, of some classes."""
    found = _find(work, request, request.typesOfChildren, children)
    return omero.cmd.FoundChildren(found)


def _find(
    work: Work, request: Any, names: Iterable[str] | None, step: Any
) -> dict[str, list[int]]:
    model, tables = work.call.core.model, work.call.core.database.tables
    wanted = {one for name in names or () for one in classes_named(model, name)}
    if not wanted:
        raise RequestFailed("bad-options", "no types to find are named")
    barriers = {
        one for name in request.stopBefore or () for one in classes_named(model, name)
    }
    targets = read_targets(work, request.targetObjects, is_owned)
    tracks = Tracks(work.connection, tables)
    caller = everywhere(work.call).caller
    found: dict[str, list[int]] = defaultdict(list)
    for (root, id_), one in relatives(tracks, caller, targets, step, barriers).items():
        is_target = id_ in targets.get(root, ())
        if one.model_class in wanted and not is_target:
            found[one.model_class.java_name].append(id_)
    return {name: sorted(ids) for name, ids in sorted(found.items())}
