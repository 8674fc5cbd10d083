"""Deleting by OMERO's graph rules: deciding what goes, then letting it go."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update

from napari_omero_io.sandbox.errors import Invalid
from napari_omero_io.sandbox.store.erasing import (
    RemainingReference,
    erase_rows,
    remaining_references,
)
from napari_omero_io.sandbox.store.protected import refuse_needed

from .events import Action
from .graph import GraphFailure, Walk, label
from .ties import annotation_links

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.schema.tables import Tables

    from .events import History
    from .ownership import Standing


@dataclass(frozen=True, slots=True)
class Deletion:
    """All that goes, and the references that lose their target and become null."""

    going: Mapping[str, Mapping[int, Standing]]
    loosened: tuple[RemainingReference, ...] = ()

    def by_class(self) -> dict[str, list[int]]:
        """Return the ids of what goes, by full Java name, in order."""
        found: dict[str, list[int]] = defaultdict(list)
        for objects in self.going.values():
            for id_, object_ in objects.items():
                found[object_.model_class.java_name].append(id_)
        return {name: sorted(ids) for name, ids in sorted(found.items())}

    def ids(self, root: str) -> list[int]:
        """Return the ids of what goes of one class."""
        return sorted(self.going.get(root, ()))


def plan_deletion(walk: Walk, targets: Mapping[str, Collection[int]]) -> Deletion:
    """Decide what goes when some objects are deleted.

    Parameters
    ----------
    targets
        Ids by the roots of their classes.

    Raises
    ------
    GraphFailure
        Something may not go, or something that stays cannot be without it.
    """
    walk.follow(targets)
    going = {root: objects for root, objects in walk.going.items() if objects}
    _check_tags(walk, targets.get("Annotation", ()))
    loosened = []
    tracks = walk.tracks
    for remaining in remaining_references(tracks.connection, tracks.tables, going):
        if not remaining.field.nullable:
            target = going[remaining.target_class][remaining.target_id]
            user = tracks.read(remaining.class_name, [remaining.id])[remaining.id]
            raise GraphFailure(
                f"may not delete {label(target.model_class, remaining.target_id)} "
                f"while {label(user.model_class, remaining.id)} remains"
            )
        loosened.append(remaining)
    try:
        refuse_needed(tracks.connection, tracks.tables, going)
    except Invalid as error:
        raise GraphFailure(error.message) from error
    return Deletion(going, tuple(loosened))


def carry_out(
    connection: Connection, tables: Tables, deletion: Deletion, history: History
) -> None:
    """Delete what was decided, and tell it to the history."""
    if not deletion.going:
        return
    for remaining in deletion.loosened:
        table = tables[remaining.class_name]
        values: dict[str, int | None] = {remaining.field.name: None}
        if "update_id" in table.c:
            values["update_id"] = history.event_id
        connection.execute(
            update(table).where(table.c.id == remaining.id).values(values)
        )
    for objects in deletion.going.values():
        for id_, object_ in objects.items():
            history.tell(Action.DELETE, object_.model_class, [id_])
    erase_rows(connection, tables, deletion.going)


def _check_tags(walk: Walk, annotations: Collection[int]) -> None:
    """Refuse to take a tag away from objects that the caller may not delete."""
    going = walk.going["Annotation"]
    tags = {
        id_
        for id_ in annotations
        if id_ in going and going[id_].model_class.name == "TagAnnotation"
    }
    if not tags:
        return
    tracks = walk.tracks
    for child, parent, root in annotation_links(tracks.tables):
        tagged = dict(tracks.referring(child, tags))
        parents = dict(tracks.referred(parent, tagged))
        objects = tracks.read(root, set(parents.values()))
        for link, id_ in parents.items():
            object_ = objects[id_]
            if id_ not in walk.going[root] and not walk.allows(object_):
                raise GraphFailure(
                    f"may not delete TagAnnotation[{tagged[link]}] "
                    f"while {label(object_.model_class, id_)} remains"
                )
