"""The references between what leaves a group, or an owner, and what stays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.store.erasing import remaining_references

from .graph_rules import PARTS, USES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import Column

    from napari_omero_io.sandbox.schema.tables import Tables

    from .graph import Key, Walk
    from .ownership import Standing
    from .tracks import Tracks


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """A reference of which one end goes and the other stays.

    Attributes
    ----------
    column
        Where the holder keeps the reference to the target.
    """

    column: Column[int]
    holder: Key
    target: Key
    holder_goes: bool
    standing: Standing

    @property
    def going(self) -> Key:
        """The end that goes."""
        return self.holder if self.holder_goes else self.target

    @property
    def staying(self) -> Key:
        """The end that stays."""
        return self.target if self.holder_goes else self.holder


def crossings(walk: Walk) -> Iterator[Crossing]:
    """Go through the references between what a walk collected and all the rest.

    What has no owner (users, enumerations, links to them) never matters.
    """
    tracks = walk.tracks
    going = {root: set(objects) for root, objects in walk.going.items() if objects}
    for one in remaining_references(tracks.connection, tracks.tables, going):
        standing = tracks.read(one.class_name, [one.id])[one.id]
        if standing.group_id is not None:
            holder, target = (one.class_name, one.id), (one.target_class, one.target_id)
            yield Crossing(one.field, holder, target, False, standing)
    for root, ids in going.items():
        if not tracks.tables.model[root].is_global:
            yield from _outward(tracks, root, ids, going)


def _outward(
    tracks: Tracks, root: str, ids: Collection[int], going: Mapping[str, set[int]]
) -> Iterator[Crossing]:
    for column, target_root in references(tracks.tables, root):
        inside = going.get(target_root, set())
        found = {
            id_: target
            for id_, target in tracks.referred(column, ids)
            if target not in inside
        }
        standings = tracks.read(target_root, set(found.values()))
        for id_, target in found.items():
            holder, key = (root, id_), (target_root, target)
            yield Crossing(column, holder, key, True, standings[target])


@lru_cache(maxsize=512)
def references(tables: Tables, root: str) -> tuple[tuple[Column[int], str], ...]:
    """Return the columns of a table that refer to what somebody owns."""
    found = []
    for column in tables[root].c:
        for key in column.foreign_keys:
            target = key.column.table.name
            if not tables.model[target].is_global:
                found.append((column, target))
    return tuple(found)


@lru_cache(maxsize=4)
def loose_columns(tables: Tables) -> frozenset[Column[int]]:
    """Return the references that may become null: those of no rule, and of folders."""
    ruled = {one.reference for one in PARTS} - {"Folder.parentFolder", "Roi.image"}
    ruled |= {one.reference for one in USES} - {"Roi.source"}
    strict = {tables.column(*reference.split(".")) for reference in ruled}
    return frozenset(
        column
        for name in tables
        for column in tables[name].c
        if column.nullable and column not in strict
    )
