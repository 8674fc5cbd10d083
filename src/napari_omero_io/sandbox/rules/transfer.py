"""Moving objects to another group, or giving them to another user."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from napari_omero_io.sandbox.store.rows import in_batches

from .aims import Clearing, Giving, Moving
from .borders import Crossing, crossings, loose_columns
from .deletion import Deletion, carry_out, plan_deletion
from .events import Action
from .graph import GraphFailure, Walk, label

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.schema.tables import Tables
    from napari_omero_io.sandbox.store.erasing import Doomed

    from .events import History
    from .graph import Key

#: What of others' is deleted rather than made theirs in a private group: its class,
#: and the reference that leads to whom it should belong to.
_PERSONAL = (
    ("RenderingDef", "pixels"),
    ("Thumbnail", "pixels"),
    ("Roi", "image"),
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """What changes its group or owner, and what goes because it cannot.

    Attributes
    ----------
    values
        The columns that change.
    loosened
        References that become null.
    """

    included: Deletion
    deleted: Deletion
    values: Mapping[str, int]
    action: Action
    loosened: tuple[Crossing, ...] = ()


def plan_transfer(walk: Walk, targets: Mapping[str, Collection[int]]) -> Transfer:
    """Decide what is moved or given with some objects.

    Parameters
    ----------
    walk
        Its aim is `Moving` or `Giving`.
    targets
        Ids by the roots of their classes.

    Raises
    ------
    GraphFailure
        Something may not go, or what stays shares something with what goes.
    """
    aim = walk.aim
    assert isinstance(aim, (Moving, Giving))
    walk.follow(targets)
    cut: Doomed = defaultdict(set)
    loosened = []
    for crossing in crossings(walk):
        if not aim.separates(walk.judge, crossing.standing):
            continue
        root, id_ = crossing.holder
        if walk.tracks.tables.model[root].is_link:
            cut[root].add(id_)
        elif crossing.column in loose_columns(walk.tracks.tables):
            loosened.append(crossing)
        else:
            raise GraphFailure(_refusal(walk, crossing))
    if isinstance(aim, Moving):
        values, action = {"group_id": aim.group_id}, Action.CHGRP
        if aim.is_private:
            _add_personal(walk, cut)
    else:
        values, action = {"owner_id": aim.user_id}, Action.CHOWN
        _add_repeated_links(walk, cut, aim.user_id)
    clearing = Walk(walk.tracks, walk.judge, Clearing(), choose=walk.choose)
    deleted = plan_deletion(clearing, cut)
    included = {
        root: {
            id_: one
            for id_, one in objects.items()
            if one.group_id is not None and id_ not in deleted.going.get(root, ())
        }
        for root, objects in walk.going.items()
    }
    return Transfer(Deletion(included), deleted, values, action, tuple(loosened))


def carry_out_transfer(
    connection: Connection, tables: Tables, transfer: Transfer, history: History
) -> None:
    """Do what was decided, and tell it to the history."""
    carry_out(connection, tables, transfer.deleted, history)
    for crossing in transfer.loosened:
        root, id_ = crossing.holder
        table = tables[root]
        values = {crossing.column.name: None}
        connection.execute(update(table).where(table.c.id == id_).values(values))
    for root, objects in transfer.included.going.items():
        table = tables[root]
        for batch in in_batches(objects):
            statement = update(table).where(table.c.id.in_(batch))
            connection.execute(statement.values(transfer.values))
        for id_, object_ in objects.items():
            history.tell(transfer.action, object_.model_class, [id_])


def _refusal(walk: Walk, crossing: Crossing) -> str:
    """Say what keeps an object back."""
    verb = walk.aim.verb
    if not crossing.holder_goes:
        return (
            f"may not {verb} {_label(walk, crossing.going)} "
            f"while {_label(walk, crossing.staying)} remains"
        )
    root = crossing.holder[0]
    going = walk.going[root]
    sharing = walk.tracks.referring(crossing.column, [crossing.target[1]])
    remaining = [id_ for id_, _ in sharing if id_ not in going]
    target = _label(walk, crossing.target)
    if not remaining:
        return f"may not {verb} {_label(walk, crossing.holder)} while {target} remains"
    return (
        f"may not {verb} {_label(walk, crossing.holder)} "
        f"while {_label(walk, (root, min(remaining)))} remains "
        f"as they share {target}"
    )


def _label(walk: Walk, key: Key) -> str:
    root, id_ = key
    return label(walk.tracks.read(root, [id_])[id_].model_class, id_)


def _add_personal(walk: Walk, cut: Doomed) -> None:
    """Add the settings, thumbnails and regions that others made of what goes."""
    tables = walk.tracks.tables
    for name, field in _PERSONAL:
        going = walk.going[name]
        whole_root = str(tables.model[name].fields[field].target)
        for id_, whole in walk.tracks.referred(tables.column(name, field), going):
            owner = walk.going[whole_root].get(whole)
            if owner is not None and owner.owner_id != going[id_].owner_id:
                cut[name].add(id_)


def _add_repeated_links(walk: Walk, cut: Doomed, user_id: int) -> None:
    """Add links that the new owner has already: nobody links the same twice."""
    tables, connection = walk.tracks.tables, walk.tracks.connection
    for root, going in walk.going.items():
        if not tables.model[root].is_link or tables.model[root].is_global:
            continue
        links = tables[root].c
        parents = {parent for _, parent in walk.tracks.referred(links.parent_id, going)}
        known: set[tuple[int, int]] = set()
        rows = [
            row
            for batch in in_batches(parents)
            for row in connection.execute(
                select(links.id, links.parent_id, links.child_id, links.owner_id).where(
                    links.parent_id.in_(batch)
                )
            )
        ]
        # what is the new owner's already comes first: it stays
        for row in sorted(rows, key=lambda row: (row.owner_id != user_id, row.id)):
            if row.owner_id != user_id and row.id not in going:
                continue
            if (row.parent_id, row.child_id) in known:
                cut[root].add(row.id)
            known.add((row.parent_id, row.child_id))
