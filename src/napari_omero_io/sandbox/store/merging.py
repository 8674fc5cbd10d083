"""Deciding what a save writes: rows to insert, columns to change, rows to delete.

Nothing is written here.  OMERO's rules: an object without id is new; one that is
loaded overwrites its row, nulls included; a collection that is loaded becomes the
new content.  An object counts as changed only when something really differs, and
only then rights on it are asked for.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from napari_omero_io.sandbox.errors import Invalid, NotAllowed, StaleObject
from napari_omero_io.sandbox.rules.ownership import Standing, read_claims
from napari_omero_io.sandbox.rules.permissions import PRIVATE
from napari_omero_io.sandbox.schema.model import Kind

from .columns import (
    changed,
    check_values,
    columns_of,
    fill_defaults,
    membership_columns,
)
from .incoming import Key, Node, State
from .known import read_pairs
from .protected import refuse_if_used

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from napari_omero_io.sandbox.rules.ownership import Claims, Judge
    from napari_omero_io.sandbox.schema.model import Field, ModelClass
    from napari_omero_io.sandbox.schema.tables import Tables

    from .known import Known

Pairs = list[tuple[str | None, str | None]]


@dataclass(slots=True)
class Plan:
    """What one save writes.

    Attributes
    ----------
    inserts
        New rows, but for their events, by class.
    changes
        Columns that change, by object; empty for a list whose members change.
    pairs
        New content of map fields, by the field and the object's id.
    orphans
        Rows that fell out of a list or a collection of links, by class.
    """

    inserts: dict[ModelClass, list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    changes: dict[Key, dict[str, Any]] = field(default_factory=dict)
    pairs: dict[tuple[str, str], dict[int, Pairs]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    orphans: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    @property
    def is_empty(self) -> bool:
        """Nothing is to be written."""
        return not (self.inserts or self.changes or self.pairs or self.orphans)


@dataclass(frozen=True, slots=True)
class Merger:
    """Plans one save.

    Attributes
    ----------
    known
        What the database holds of the graph; standings of new objects are added.
    may_set_repository
        The sandbox itself may say in which repository a file is, clients may not.
    """

    connection: Connection
    tables: Tables
    judge: Judge
    known: Known
    may_set_repository: bool = False
    plan: Plan = field(default_factory=Plan)

    def merge(self, nodes: Sequence[Node]) -> Plan:
        """Plan what is to be written of all nodes; all have ids.

        Raises
        ------
        Invalid, ApiUsage
            A value is missing or out of bounds.
        StaleObject
            Somebody saved an object in between.
        NotAllowed
            The caller may not create, change or link an object.
        """
        for node in nodes:
            if node.state is State.NEW:
                self._settle(node)
        for node in nodes:
            if node.is_written:
                fill_defaults(node)
                check_values(node)
            if node.state is State.NEW:
                self._insert(node)
            elif node.state is State.LOADED:
                self._overwrite(node)
            elif node.places:
                self._move(node)
        for (key, name), ids in self.known.lost.items():
            target = self._collection(key, name).target
            self.plan.orphans[self.tables.model[str(target)].root.name] |= ids
        self._touch_owners_of_lists(nodes)
        return self.plan

    def _settle(self, node: Node) -> None:
        """Decide whose a new object becomes."""
        model_class = node.model_class
        if model_class.is_global:
            self.judge.check_system_type(model_class)
            owner_id = group_id = None
        else:
            claims = read_claims(node.source._details)
            owner_id, group_id = self.judge.owner_and_group(model_class, claims)
        self.known.standing[node.key] = Standing(
            node.name, model_class, owner_id, group_id
        )

    def _insert(self, node: Node) -> None:
        model_class = node.model_class
        table = self.tables[model_class.name]
        standing = self.known.standing[node.key]
        row = columns_of(self.tables, node)
        row["id"] = node.id
        if "discriminator" in table.c:
            row["discriminator"] = model_class.discriminator
        if not model_class.is_global:
            row["owner_id"], row["group_id"] = standing.owner_id, standing.group_id
        if model_class.name == "ExperimenterGroup":
            claimed = read_claims(node.source._details).permissions
            row["permissions"] = PRIVATE if claimed is None else claimed
        row["external_id"] = node.external.id if node.external else None
        self._guard_file(node, None)
        self._check_links(node, set(node.references))
        self.plan.inserts[model_class].append(row)
        for one in model_class.of_kind(Kind.MAP):
            if node.values[one.name]:
                pairs = self.plan.pairs[one.owner, one.name]
                pairs[node.key[1]] = node.values[one.name]

    def _overwrite(self, node: Node) -> None:
        row = self.known.rows[node.key]
        claims = read_claims(node.source._details)
        if claims.update_id is not None and claims.update_id != row.get("update_id"):
            raise StaleObject(
                f"{node.name} was saved by somebody else in between "
                f"(event {row.get('update_id')}, not {claims.update_id})."
            )
        columns = columns_of(self.tables, node)
        if node.source._details is not None:
            columns["external_id"] = node.external.id if node.external else None
        columns.update(self._claimed_columns(node, claims))
        # an object sent twice: the second copy overwrites the first
        columns = changed(columns, {**row, **self.plan.changes.get(node.key, {})})
        pairs = self._changed_pairs(node)
        if not columns and not pairs:
            return
        standing = self.known.standing[node.key]
        self.judge.check_change(standing, claims, row.get("creation_id"))
        self._guard_file(node, row)
        if node.model_class.name == "Namespace" and "name" in columns:
            refuse_if_used(self.connection, self.tables, row["name"])
        moved = {
            name
            for name in node.references
            if self.tables.column_name(node.model_class.fields[name]) in columns
        }
        self._check_links(node, moved)
        self._change(node.key, columns)
        for (owner, name), content in pairs.items():
            self.plan.pairs[owner, name][node.key[1]] = content

    def _move(self, node: Node) -> None:
        """Put an object that is not loaded into its place in a list."""
        columns = membership_columns(self.tables, node)
        (row,) = self._read_columns(node, columns)
        columns = changed(columns, row)
        if columns:
            standing = self.known.standing[node.key]
            self.judge.check_change(standing, read_claims(None), None)
            self._check_links(node, set(node.places))
            self._change(node.key, columns)

    def _read_columns(self, node: Node, columns: Mapping[str, Any]) -> Any:
        table = self.tables[node.model_class.name]
        query = select(*(table.c[name] for name in columns))
        found = self.connection.execute(query.where(table.c.id == node.id))
        return found.mappings().all()

    def _claimed_columns(self, node: Node, claims: Claims) -> dict[str, Any]:
        """Return owner, group and permissions, where the details claim others."""
        columns: dict[str, Any] = {}
        is_group = node.model_class.name == "ExperimenterGroup"
        if is_group and claims.permissions is not None:
            columns["permissions"] = claims.permissions
        if node.model_class.is_global:
            return columns
        if claims.owner_id is not None:
            columns["owner_id"] = claims.owner_id
        if claims.group_id is not None:
            columns["group_id"] = claims.group_id
        return columns

    def _changed_pairs(self, node: Node) -> dict[tuple[str, str], Pairs]:
        found = {}
        for one in node.model_class.of_kind(Kind.MAP):
            content = node.values[one.name] or []
            stored = read_pairs(self.connection, self.tables, one, [node.key[1]])
            if content != stored.get(node.key[1], []):
                found[one.owner, one.name] = content
        return found

    def _check_links(self, node: Node, names: set[str]) -> None:
        source = self.known.standing[node.key]
        for name in names:
            target = node.references[name]
            # what the same call makes is the caller's own
            if target is not None and target.state is not State.NEW:
                self.judge.check_link(source, name, self.known.standing[target.key])

    def _guard_file(self, node: Node, row: RowMapping | None) -> None:
        """Keep clients from turning files into repositories or directories."""
        if node.model_class.name != "OriginalFile":
            return
        before = row["repo"] if row else None
        if node.values["repo"] != before and not self.may_set_repository:
            raise NotAllowed(f"The repository of {node.name} may not be set.")
        if row is None:
            return
        kinds = {row["mimetype"], node.values["mimetype"]}
        if len(kinds) == 2 and kinds & {"Directory", "Repository"}:
            raise Invalid(f"The mimetype of {node.name} may not change.")

    def _collection(self, key: Key, name: str) -> Field:
        return self.known.standing[key].model_class.fields[name]

    def _change(self, key: Key, columns: Mapping[str, Any]) -> None:
        self.plan.changes.setdefault(key, {}).update(columns)

    def _touch_owners_of_lists(self, nodes: Sequence[Node]) -> None:
        """Count the owner of a list as changed when a member comes, goes or moves."""
        for node in nodes:
            if node.state is not State.LOADED or node.key in self.plan.changes:
                continue
            if any(self._list_differs(node, name) for name in node.collections):
                standing = self.known.standing[node.key]
                claims = read_claims(node.source._details)
                creation_id = self.known.rows[node.key].get("creation_id")
                self.judge.check_change(standing, claims, creation_id)
                self._change(node.key, {})

    def _list_differs(self, node: Node, name: str) -> bool:
        collection = node.model_class.fields[name]
        if not collection.is_ordered:
            return False
        assert collection.target is not None
        assert collection.back is not None
        target = self.tables.model[collection.target]
        back = self.tables.column_name(target.fields[collection.back])
        place = self.tables.index_name(target.fields[collection.back])
        for member in node.collections[name]:
            if member.state is State.NEW:
                return True
            if {back, place} & self.plan.changes.get(member.key, {}).keys():
                return True
        return bool(self.known.lost.get((node.key, name)))
