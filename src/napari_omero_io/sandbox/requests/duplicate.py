"""Duplicate: copies of objects, with their pixels and files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd

from napari_omero_io.sandbox.rules.copying import carry_out_copying, plan_copying
from napari_omero_io.sandbox.rules.permissions import Right, Role, has_right
from napari_omero_io.sandbox.rules.tracks import Tracks

from .failure import RequestFailed
from .targets import classes_named, everywhere, is_duplicate_target, read_targets
from .walking import judge_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_omero_io.sandbox.rules.graph import Key
    from napari_omero_io.sandbox.rules.ownership import Standing
    from napari_omero_io.sandbox.schema.model import ModelClass

    from .work import Work


def duplicate(work: Work, request: Any) -> Any:
    """Copy what a `Duplicate` names, or only tell what would be copied.

    Raises
    ------
    RequestFailed
        A class is unknown or may not be copied so, or is named in two ways.
    GraphFailure
        Only a part of a fileset would be copied, or something may not be without
        what is to be left out.
    """
    model = work.call.core.model

    def classes(names: Iterable[str] | None) -> set[ModelClass]:
        return {one for name in names or () for one in classes_named(model, name)}

    copied = classes(request.typesToDuplicate)
    referred = classes(request.typesToReference)
    left_out = classes(request.typesToIgnore)
    if copied & referred or copied & left_out or referred & left_out:
        raise RequestFailed("bad-options", "a type may be named in one way only")
    tracks = Tracks(work.connection, work.call.core.database.tables)
    caller = everywhere(work.call).caller
    targets = read_targets(work, request.targetObjects, is_duplicate_target)
    permissions = judge_of(work).group_permissions
    private = [
        group_id
        for group_id, perm1 in permissions.items()
        if not has_right(perm1, Role.GROUP, Right.READ)
    ]
    copying = plan_copying(tracks, caller, targets, referred, left_out, private)
    _check_groups(work, copying.originals)
    if request.dryRun:
        new_ids = {key: key[1] for key in copying.originals}
    else:
        database = work.call.core.database
        new_ids = carry_out_copying(database, copying, caller, work.history)
        _copy_data(work, new_ids)
    found: dict[str, list[int]] = defaultdict(list)
    for key, id_ in new_ids.items():
        found[copying.originals[key].model_class.java_name].append(id_)
    return omero.cmd.DuplicateResponse(
        {name: sorted(ids) for name, ids in sorted(found.items())}
    )


def _check_groups(work: Work, originals: Mapping[Key, Standing]) -> None:
    """Refuse copies in groups where the caller may not write."""
    judge = judge_of(work)
    caller = judge.caller
    for group_id in sorted(
        {one.group_id for one in originals.values() if one.group_id is not None}
    ):
        permissions = judge.group_permissions[group_id]
        is_open = has_right(permissions, Role.WORLD, Right.WRITE)
        if not (group_id in caller.member_of or caller.is_admin or is_open):
            raise RequestFailed("not-in-group", f"not a member of group {group_id}")


def _copy_data(work: Work, new_ids: dict[Key, int]) -> None:
    pixels, files = work.call.core.pixels, work.call.core.files
    for (root, old), new in new_ids.items():
        if root == "Pixels":
            work.drafts.pixels.append(new)
            pixels.copy(old, new)
        elif root == "OriginalFile":
            work.drafts.files.append(new)
            files.copy(old, new)
