"""Objects of one answer: each row is one object, wherever it is referred to.

First every object that the answer needs is read, a statement for each table; then
the references between them are set, to the loaded object where there is one and
else to an unloaded one that has the right class and id.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import omero.model

from napari_omero_io.sandbox.rules.caller import (
    GUEST_ID,
    ROOT_ID,
    groups_of_acquaintances,
    knows_everybody,
)
from napari_omero_io.sandbox.rules.permissions import facts_of, restrictions
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.wire.values import BOXERS, make_permissions

from .reading import ReferenceReader, python_class_of, reader_of, unloaded_members

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.rules.permissions import Restrictions
    from napari_omero_io.sandbox.schema.model import Field, ModelClass

    from .reading import ClassReader, Row

#: What people without acquaintance see of each other.
_HIDDEN = "<hidden>"
_NAMES = ("_omeName", "_firstName", "_lastName")
_PRIVATE = ("_middleName", "_institution", "_email")
_DETAILS_MEMBERS = dict(vars(omero.model.DetailsI()))


class ObjectGraph:
    """Reads objects by their ids and joins them.

    Parameters
    ----------
    call
        For whom: decides on the permissions that objects show.

    Examples
    --------
    ::

        graph = ObjectGraph(connection, call)
        graph.read("Image", [1, 2])
        graph.join()
        image = graph.find("Image", 1)
    """

    def __init__(self, connection: Connection, call: Call) -> None:
        self._connection = connection
        self._caller = call.caller
        self._tables = call.core.database.tables
        self._objects: dict[str, dict[int, Any]] = defaultdict(dict)
        self._rows: dict[str, dict[int, tuple[ClassReader, Row]]] = defaultdict(dict)
        self._proxies: dict[tuple[str, int], Any] = {}
        self._permissions: dict[Any, Any] = {}
        self._restrictions: dict[Any, Restrictions | None] = {}
        self._group_permissions: dict[int, int] = {}
        self._offered: dict[str, set[int | None]] = {}
        self._kept_pairs: dict[Field, Mapping[int, Collection[int]]] = {}

    @property
    def size(self) -> int:
        """Number of objects so far."""
        return sum(map(len, self._objects.values()))

    def offer(self, root: str, ids: set[int | None]) -> None:
        """Name objects that are to be loaded as soon as another refers to them."""
        self._offered.setdefault(root, set()).update(ids)

    def keep_pairs(self, field: Field, indexes: Mapping[int, Collection[int]]) -> None:
        """Shorten maps to some of their pairs: for each owner's id, their places."""
        self._kept_pairs[field] = indexes

    def read(self, root: str, ids: Iterable[int | None]) -> None:
        """Read objects of a table, and what has to be loaded together with them."""
        wanted: dict[str, set[int]] = {root: {id_ for id_ in ids if id_ is not None}}
        while wanted:
            name, some = wanted.popitem()
            new = some - self._objects[name].keys()
            if new:
                self._read_rows(name, new, wanted)

    def find(self, root: str, id_: int | None) -> Any:
        """Return an object that was read; None if there is none."""
        return None if id_ is None else self._objects[root].get(id_)

    def refer_to(self, model_class: ModelClass, id_: int | None) -> Any:
        """Return an object that was read, or else an unloaded one."""
        if id_ is None:
            return None
        found = self.find(model_class.root.name, id_)
        return self._make_proxy(model_class, id_) if found is None else found

    def place_of(self, root: str, id_: int, reference: str) -> int:
        """Return the place of an object in an ordered collection."""
        reader, row = self._rows[root][id_]
        return int(row[reader.places[reference]])

    def fill(
        self, root: str, field: Field, members: dict[int, dict[int, None]]
    ) -> None:
        """Give objects their collections: for each owner's id those of its members."""
        assert field.target is not None
        assert field.back is not None
        target = self._tables.model[field.target].root.name
        for owner_id, ids in members.items():
            owner = self._objects[root].get(owner_id)
            if owner is None or not owner._loaded:
                continue
            found = [id_ for id_ in ids if id_ in self._objects[target]]
            if field.is_ordered:
                back = field.back
                found.sort(key=lambda id_: self.place_of(target, id_, back))
            else:
                found.sort()
            objects = self._objects[target]
            setattr(owner, f"_{field.name}Seq", [objects[id_] for id_ in found])
            setattr(owner, f"_{field.name}Loaded", True)

    def count_links(self, root: str, field: Field) -> None:
        """Give the objects of a table the counts of their links per owner."""
        assert field.target is not None
        assert field.back is not None
        owners = self._objects[root]
        table = self._tables[field.target]
        counts: dict[int, dict[int, int]] = defaultdict(dict)
        if "owner_id" in table.c:
            back = self._tables.column(field.target, field.back).name
            sql = (
                f'SELECT "{back}", owner_id, count(*) FROM "{table.name}" '
                f'WHERE "{back}" IN (SELECT value FROM json_each(?)) GROUP BY 1, 2'
            )
            for owner_id, user_id, count in self._select(sql, owners):
                counts[owner_id][user_id] = count
        for owner_id, owner in owners.items():
            setattr(owner, f"_{field.name}CountPerOwner", counts[owner_id])

    def join(self) -> None:
        """Set references, map fields and details of everything that was read."""
        self._read_group_permissions()
        self._hide_people()
        for root, rows in self._rows.items():
            self._read_pairs(root)
            for id_, (reader, row) in rows.items():
                members = self._objects[root][id_].__dict__
                for reference in reader.references:
                    members[reference.attribute] = self._follow(reference, row)
                members["_details"] = self._make_details(root, reader, row)

    def permissions(
        self, model_class: ModelClass, owner_id: int | None, group_id: int | None
    ) -> tuple[int, Restrictions | None]:
        """Return the permissions of an object, and what they forbid the caller."""
        perm1 = self._caller.group_permissions
        if group_id is not None:
            perm1 = self._permissions_of_group(group_id)
        key = (model_class, owner_id, group_id)
        if key not in self._restrictions:
            facts = facts_of(model_class)
            found = restrictions(self._caller, owner_id, group_id, perm1, facts)
            self._restrictions[key] = found
        return perm1, self._restrictions[key]

    def _read_rows(self, name: str, ids: set[int], wanted: dict[str, set[int]]) -> None:
        table = reader_of(self._tables, name)
        objects, rows = self._objects[name], self._rows[name]
        for row in self._select(table.sql, ids):
            reader = table.class_of(row)
            id_ = row[table.positions["id"]]
            if self._is_closed(name, reader, row, table.positions):
                objects[id_] = self._make_proxy(reader.model_class, id_)
                continue
            objects[id_] = reader.make(row)
            rows[id_] = (reader, row)
            for reference in reader.references:
                key = row[reference.position]
                if reference.is_eager and key is not None:
                    wanted.setdefault(reference.root, set()).add(key)
            if self._offered:
                self._accept_offers(reader, row, wanted)

    def _accept_offers(
        self, reader: ClassReader, row: Row, wanted: dict[str, set[int]]
    ) -> None:
        for reference in (*reader.references, *reader.details):
            key = row[reference.position]
            if key is not None and key in self._offered.get(reference.root, ()):
                wanted.setdefault(reference.root, set()).add(key)

    def _is_closed(
        self, name: str, reader: ClassReader, row: Row, positions: dict[str, int]
    ) -> bool:
        """Tell whether an object is never shown loaded: other people's sessions."""
        if name == "Node" or reader.model_class.name == "Share":
            return True
        if name != "Session" or "ReadSession" in self._caller.privileges:
            return False
        return bool(row[positions["Session_owner_id"]] != self._caller.user_id)

    def _select(self, sql: str, ids: Iterable[int]) -> Sequence[Any]:
        """Run a statement over a list of ids."""
        return self._connection.exec_driver_sql(
            sql, (json.dumps(list(ids)),)
        ).fetchall()

    def _follow(self, reference: ReferenceReader, row: Row) -> Any:
        id_ = row[reference.position]
        if id_ is None:
            return None
        found = self._objects[reference.root].get(id_)
        return self._make_proxy(reference.target, id_) if found is None else found

    def _make_proxy(self, model_class: ModelClass, id_: int) -> Any:
        key = (model_class.root.name, id_)
        made = self._proxies.get(key)
        if made is None:
            python_class = python_class_of(model_class.name)
            made = python_class.__new__(python_class)
            made.__dict__.update(unloaded_members(model_class.name))
            made._id = BOXERS[Kind.LONG](id_)
            self._proxies[key] = made
        return made

    def _make_details(self, root: str, reader: ClassReader, row: Row) -> Any:
        made = omero.model.DetailsI.__new__(omero.model.DetailsI)
        members = made.__dict__
        members.update(_DETAILS_MEMBERS)
        for reference in reader.details:
            members[reference.attribute] = self._follow(reference, row)
        positions = reader_of(self._tables, root).positions
        owner_id = group_id = None
        if not reader.model_class.is_global:
            owner_id = row[positions["owner_id"]]
            group_id = row[positions["group_id"]]
        perm1, forbidden = self.permissions(reader.model_class, owner_id, group_id)
        if root == "ExperimenterGroup":
            perm1 = row[positions["permissions"]]
        members["_permissions"] = self._share_permissions(perm1, forbidden)
        return made

    def _hide_people(self) -> None:
        """Take their names from people whom the caller has no reason to know."""
        people = self._rows.get("Experimenter")
        if not people or knows_everybody(self._caller):
            return
        groups = groups_of_acquaintances(self._caller)
        maps = self._tables["GroupExperimenterMap"].name
        sql = (
            f'SELECT DISTINCT child_id FROM "{maps}" '
            "WHERE parent_id IN (SELECT value FROM json_each(?))"
        )
        known = {ROOT_ID, GUEST_ID, self._caller.user_id}
        known.update(row[0] for row in self._select(sql, groups))
        for id_ in people.keys() - known:
            members = self._objects["Experimenter"][id_].__dict__
            members.update(dict.fromkeys(_NAMES, BOXERS[Kind.STRING](_HIDDEN)))
            members.update(dict.fromkeys(_PRIVATE))

    def _share_permissions(self, perm1: int, forbidden: Restrictions | None) -> Any:
        key = (perm1, forbidden)
        if key not in self._permissions:
            self._permissions[key] = make_permissions(perm1, forbidden)
        return self._permissions[key]

    def _read_pairs(self, root: str) -> None:
        """Read the map fields of the objects of a table."""
        owners: dict[Field, dict[int, list[Any]]] = defaultdict(dict)
        for id_, (reader, _) in self._rows[root].items():
            for field in reader.maps:
                pairs = owners[field][id_] = []
                setattr(self._objects[root][id_], f"_{field.name}", pairs)
        for field, lists in owners.items():
            table = self._tables.pairs(field)
            sql = (
                f'SELECT parent_id, "index", name, value FROM "{table.name}" '
                "WHERE parent_id IN (SELECT value FROM json_each(?)) "
                'ORDER BY parent_id, "index"'
            )
            kept = self._kept_pairs.get(field, {})
            for owner_id, index, name, value in self._select(sql, lists):
                if owner_id not in kept or index in kept[owner_id]:
                    lists[owner_id].append(omero.model.NamedValue(name, value))

    def _read_group_permissions(self) -> None:
        """Read the permissions of all groups that objects of the answer lie in."""
        groups = set()
        for root, rows in self._rows.items():
            position = reader_of(self._tables, root).positions.get("group_id")
            if position is not None:
                groups |= {row[position] for _, row in rows.values()}
        groups -= self._group_permissions.keys()
        if groups:
            table = reader_of(self._tables, "ExperimenterGroup")
            position = table.positions["permissions"]
            for row in self._select(table.sql, groups):
                group_id = row[table.positions["id"]]
                self._group_permissions[group_id] = row[position]

    def _permissions_of_group(self, group_id: int) -> int:
        if group_id not in self._group_permissions:
            table = reader_of(self._tables, "ExperimenterGroup")
            (row,) = self._select(table.sql, [group_id])
            self._group_permissions[group_id] = row[table.positions["permissions"]]
        return self._group_permissions[group_id]
