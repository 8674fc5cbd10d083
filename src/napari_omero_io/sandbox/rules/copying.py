"""Making copies of objects with all that they contain."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.schema.tables import DETAILS
from napari_omero_io.sandbox.store.rows import in_batches, read_rows

from .events import Action
from .graph import GraphFailure, label
from .kinship import relatives

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Column, RowMapping

    from napari_omero_io.sandbox.schema.model import ModelClass
    from napari_omero_io.sandbox.store.database import Database

    from .caller import Caller
    from .events import History
    from .graph import Key
    from .ownership import Standing
    from .tracks import Tracks

#: Of these, only what the owner of the pixels made is copied.
_PERSONAL = ("RenderingDef", "Thumbnail")
_DETAILS = frozenset(column for column, _ in DETAILS.values())


@dataclass(frozen=True, slots=True)
class Copying:
    """What is copied.

    Attributes
    ----------
    originals
        Everything of which there will be a copy.
    left_out
        Classes to which copies do not refer either.
    private_groups
        There, copies do not refer to what others own.
    """

    tracks: Tracks
    originals: Mapping[Key, Standing]
    left_out: Collection[ModelClass]
    private_groups: Collection[int]


def plan_copying(
    tracks: Tracks,
    caller: Caller,
    targets: Mapping[str, Collection[int]],
    referred: Collection[ModelClass] = (),
    left_out: Collection[ModelClass] = (),
    private_groups: Collection[int] = (),
) -> Copying:
    """Decide what is copied with some objects.

    Parameters
    ----------
    targets
        Ids by the roots of their classes.
    referred
        Classes of which no copies are made: copies refer to the originals.
    left_out
        Classes that copies do without.
    private_groups
        Where people see only what is their own.

    Raises
    ------
    GraphFailure
        A part of a fileset would be copied.
    """
    barriers = {*referred, *left_out}
    found = relatives(tracks, caller, targets, stop_before=barriers)
    fileset = tracks.tables.model["Fileset"]
    if fileset not in barriers:
        found |= relatives(
            tracks,
            caller,
            {"Fileset": _whole_filesets(tracks, found)},
            stop_before=barriers,
        )
    for key in _of_others(tracks, found):
        del found[key]
    # links that lead to nothing, such as to what the caller does not see
    for key in _broken_links(tracks, found, referred):
        del found[key]
    return Copying(tracks, found, left_out, private_groups)


def carry_out_copying(
    database: Database, copying: Copying, caller: Caller, history: History
) -> dict[Key, int]:
    """Insert the copies, owned by the caller; return their ids by the originals."""
    new_ids = _take_ids(database, copying)
    by_root: dict[str, list[int]] = defaultdict(list)
    for root, id_ in new_ids:
        by_root[root].append(id_)
    tracks = copying.tracks
    for root, ids in by_root.items():
        table = tracks.tables[root]
        rows = read_rows(tracks.connection, tracks.tables, root, ids)
        written = [
            _copy_row(copying, root, row, new_ids, caller, history)
            for row in rows.values()
        ]
        tracks.connection.execute(insert(table), written)
        _copy_pairs(copying, root, ids, new_ids)
        for id_ in ids:
            model_class = copying.originals[root, id_].model_class
            history.tell(Action.INSERT, model_class, [new_ids[root, id_]])
    return new_ids


def _take_ids(database: Database, copying: Copying) -> dict[Key, int]:
    by_root: dict[str, list[int]] = defaultdict(list)
    for root, id_ in copying.originals:
        by_root[root].append(id_)
    taken: dict[Key, int] = {}
    for root, ids in by_root.items():
        first = database.next_id(copying.tracks.connection, root, len(ids))
        for offset, id_ in enumerate(sorted(ids)):
            taken[root, id_] = first + offset
    return taken


def _copy_row(
    copying: Copying,
    root: str,
    row: RowMapping,
    new_ids: Mapping[Key, int],
    caller: Caller,
    history: History,
) -> dict[str, Any]:
    table = copying.tracks.tables[root]
    copied = dict(row)
    for column in table.c:
        value = copied[column.name]
        if value is None or column.name in _DETAILS or not column.foreign_keys:
            continue
        copied[column.name] = _copied_reference(
            copying, root, row, column, new_ids, caller
        )
    copied["id"] = new_ids[root, row["id"]]
    if "owner_id" in copied:
        copied["owner_id"] = caller.user_id
    for name in ("creation_id", "update_id"):
        if name in copied:
            copied[name] = history.event_id
    for name in ("external_id", "repo"):  # in a repository, a path is there once
        if name in copied:
            copied[name] = None
    return copied


def _copied_reference(
    copying: Copying,
    root: str,
    row: RowMapping,
    column: Column[int],
    new_ids: Mapping[Key, int],
    caller: Caller,
) -> int | None:
    """Return what the copy of a row refers to: a copy, the original, or nothing."""
    (key,) = column.foreign_keys
    target = key.column.table.name
    value: int = row[column.name]
    if (target, value) in new_ids:
        return new_ids[target, value]
    is_private = row.get("group_id") in copying.private_groups
    is_global = copying.tracks.tables.model[target].is_global
    if is_global or not (copying.left_out or is_private):
        return value
    standing = copying.tracks.read(target, [value])[value]
    is_strange = is_private and standing.owner_id != caller.user_id
    if standing.model_class not in copying.left_out and not is_strange:
        return value
    if not column.nullable:
        holder = copying.originals[root, row["id"]]
        raise GraphFailure(
            f"may not duplicate {label(holder.model_class, row['id'])} "
            f"without {label(standing.model_class, value)}"
        )
    return None


def _copy_pairs(
    copying: Copying, root: str, ids: Collection[int], new_ids: Mapping[Key, int]
) -> None:
    tracks = copying.tracks
    model = tracks.tables.model
    fields = {
        field
        for one in model.below(model[root])
        for field in one.of_kind(Kind.MAP)
        if field.owner == one.name
    }
    for field in fields:
        pairs = tracks.tables.pairs(field)
        for batch in in_batches(ids):
            query = select(pairs).where(pairs.c.parent_id.in_(batch))
            rows = [dict(row) for row in tracks.connection.execute(query).mappings()]
            for row in rows:
                row["parent_id"] = new_ids[root, row["parent_id"]]
            if rows:
                tracks.connection.execute(insert(pairs), rows)


def _whole_filesets(tracks: Tracks, found: Mapping[Key, Standing]) -> set[int]:
    copied = {id_ for root, id_ in found if root == "Image"}
    filesets = tracks.filesets(copied)
    for fileset, images in filesets.items():
        if staying := images - copied:
            raise GraphFailure(
                f"within Fileset[{fileset}] may not duplicate "
                f"Image[{min(images & copied)}] while Image[{min(staying)}] remains"
            )
    return set(filesets)


def _of_others(tracks: Tracks, found: Mapping[Key, Standing]) -> set[Key]:
    """Find settings and thumbnails that others made, with what belongs to them."""
    unwanted: dict[str, set[int]] = defaultdict(set)
    for name in _PERSONAL:
        ids = {id_ for root, id_ in found if root == name}
        for id_, pixels in tracks.referred(tracks.tables.column(name, "pixels"), ids):
            owner = found.get(("Pixels", pixels))
            if owner is not None and found[name, id_].owner_id != owner.owner_id:
                unwanted[name].add(id_)
    keys: set[Key] = {(name, id_) for name, ids in unwanted.items() for id_ in ids}
    for source, field, target in (
        ("ChannelBinding", "renderingDef", "RenderingDef"),
        ("ProjectionDef", "renderingDef", "RenderingDef"),
        ("CodomainMapContext", "channelBinding", "ChannelBinding"),
    ):
        above = {id_ for root, id_ in keys if root == target}
        column = tracks.tables.column(source, field)
        keys |= {(source, id_) for id_, _ in tracks.referring(column, above)}
    return keys & found.keys()


def _broken_links(
    tracks: Tracks, found: Mapping[Key, Standing], referred: Collection[ModelClass]
) -> set[Key]:
    broken: set[Key] = set()
    for name in {root for root, _ in found}:
        if not tracks.tables.model[name].is_link:
            continue
        ids = {id_ for root, id_ in found if root == name}
        for field in ("parent", "child"):
            column = tracks.tables.column(name, field)
            (key,) = column.foreign_keys
            target = key.column.table.name
            ends = dict(tracks.referred(column, ids))
            standings = tracks.read(target, set(ends.values()))
            broken |= {
                (name, id_)
                for id_, end in ends.items()
                if (target, end) not in found
                and standings[end].model_class not in referred
            }
    return broken
