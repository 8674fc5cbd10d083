"""What people share in a group, and what of it a private group cannot hold."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from .borders import references
from .graph import GraphFailure, label

if TYPE_CHECKING:
    from napari_omero_io.sandbox.store.erasing import Doomed

    from .tracks import Tracks

#: What somebody makes of another's images is given up.
_PERSONAL = frozenset({"RenderingDef", "Thumbnail", "Roi"})


def find_mixed(tracks: Tracks, group_id: int) -> Doomed:
    """Find the links and settings of a group that join what different people own.

    Raises
    ------
    GraphFailure
        People share something that cannot be parted, such as an instrument.
    """
    found: Doomed = defaultdict(set)
    model = tracks.tables.model
    for one in model.classes.values():
        if one.ancestors or one.is_global:
            continue
        table = tracks.tables[one.name]
        for column, target_root in references(tracks.tables, one.name):
            target = tracks.tables[target_root].alias()
            query = (
                select(table.c.id, target.c.id)
                .select_from(table.join(target, column == target.c.id))
                .where(
                    table.c.group_id == group_id,
                    target.c.group_id == group_id,
                    table.c.owner_id != target.c.owner_id,
                )
            )
            pairs = [tuple(row) for row in tracks.connection.execute(query)]
            if one.is_link or one.name in _PERSONAL:
                found[one.name] |= {id_ for id_, _ in pairs}
            elif pairs and one.name not in _GOING_ALONG:
                holder, shared = min(pairs)
                raise GraphFailure(
                    "cannot downgrade to private as "
                    f"{_label(tracks, one.name, holder)} and "
                    f"{_label(tracks, target_root, shared)} have different owners"
                )
    return found


#: Parts of what is given up, which go with it whoever made them.
_GOING_ALONG = frozenset({"ChannelBinding", "CodomainMapContext", "ProjectionDef"})


def _label(tracks: Tracks, root: str, id_: int) -> str:
    return label(tracks.read(root, [id_])[id_].model_class, id_)
