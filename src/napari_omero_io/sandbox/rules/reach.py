"""Finding what objects contain, whoever it belongs to and whoever else uses it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .ties import resolve_ties

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from napari_omero_io.sandbox.schema.model import ModelClass

    from .ownership import Standing
    from .tracks import Tracks


def reach(
    tracks: Tracks,
    targets: Mapping[str, Collection[int]],
    wanted: Collection[ModelClass],
) -> Iterator[tuple[int, Standing]]:
    """Go through the first objects of some classes below others.

    Parameters
    ----------
    targets
        Ids by the roots of their classes.
    wanted
        Where to stop: what these contain is not looked at.
    """
    ties = resolve_ties(tracks.tables)
    seen: dict[str, set[int]] = defaultdict(set)
    waiting = [(root, set(ids)) for root, ids in targets.items()]
    while waiting:
        root, ids = waiting.pop()
        ids -= seen[root]
        seen[root] |= ids
        below = set()
        for id_, object_ in tracks.read(root, ids).items():
            if object_.model_class in wanted:
                yield id_, object_
            else:
                below.add(id_)
        if not below:
            continue
        for tie in ties.parts.get(root, ()):
            found = {id_ for id_, _ in tracks.referring(tie.column, below)}
            waiting.append((tie.source, found))
        for tie in ties.uses.get(root, ()):
            found = {target for _, target in tracks.referred(tie.column, below)}
            waiting.append((tie.target, found))
