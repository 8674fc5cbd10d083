"""Looking up and down in OMERO's graph: what contains, what is contained.

Unlike a walk, this takes no care of rights to change and of who else uses what.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from .permissions import may_see
from .ties import resolve_ties

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from napari_omero_io.sandbox.schema.model import ModelClass

    from .caller import Caller
    from .graph import Key
    from .ownership import Standing
    from .tracks import Tracks


def children(
    tracks: Tracks, root: str, ids: Collection[int]
) -> Iterator[tuple[str, set[int]]]:
    """Go through what some objects contain, or use alone or with others."""
    ties = resolve_ties(tracks.tables)
    model = tracks.tables.model
    for tie in ties.parts.get(root, ()):
        is_upward = model[tie.source].is_link and tie.column.name == "child_id"
        if not is_upward:
            yield tie.source, {id_ for id_, _ in tracks.referring(tie.column, ids)}
    for tie in ties.uses.get(root, ()):
        yield tie.target, {target for _, target in tracks.referred(tie.column, ids)}


def parents(
    tracks: Tracks, root: str, ids: Collection[int]
) -> Iterator[tuple[str, set[int]]]:
    """Go through what contains some objects, or uses them."""
    ties = resolve_ties(tracks.tables)
    model = tracks.tables.model
    for tie in ties.holders.get(root, ()):
        yield tie.source, {id_ for id_, _ in tracks.referring(tie.column, ids)}
    for target, listed in ties.parts.items():
        for tie in listed:
            is_downward = model[root].is_link and tie.column.name == "child_id"
            if tie.source == root and not is_downward:
                yield target, {one for _, one in tracks.referred(tie.column, ids)}


def relatives(
    tracks: Tracks,
    caller: Caller,
    targets: Mapping[str, Collection[int]],
    step: Callable[
        [Tracks, str, Collection[int]], Iterator[tuple[str, set[int]]]
    ] = children,
    stop_before: Collection[ModelClass] = (),
) -> dict[Key, Standing]:
    """Collect objects and all that one comes to from them, as far as one sees it.

    Parameters
    ----------
    targets
        Ids by the roots of their classes; they are part of the result.
    step
        Which way to go: `children` or `parents`.
    stop_before
        Objects of these classes are left out, and what lies behind them.
    """
    found: dict[Key, Standing] = {}
    seen: dict[str, set[int]] = defaultdict(set)
    waiting = [(root, set(ids)) for root, ids in targets.items()]
    while waiting:
        root, ids = waiting.pop()
        ids -= seen[root]
        seen[root] |= ids
        inside = set()
        for id_, one in tracks.read(root, ids).items():
            if not _sees(caller, one) or one.model_class in stop_before:
                continue
            found[root, id_] = one
            inside.add(id_)
        if inside:
            waiting += step(tracks, root, inside)
    return found


def _sees(caller: Caller, one: Standing) -> bool:
    if one.owner_id is None or one.group_id is None:
        return True
    return may_see(caller, one.owner_id, one.group_id)
