"""Users, groups and who belongs to what: their rows.

Only how they are written; who may write them is decided by the services.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.passwords import store_password
from napari_omero_io.sandbox.rules.events import Action, History
from napari_omero_io.sandbox.schema.model import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.rules.caller import Caller
    from napari_omero_io.sandbox.store.database import Database

_MAP = "GroupExperimenterMap"


@dataclass(frozen=True, slots=True)
class Membership:
    """That a user belongs to a group.

    Attributes
    ----------
    place
        Among the user's groups; the first that is not `user` is the default.
    """

    id: int
    user_id: int
    group_id: int
    place: int
    is_leader: bool


class Directory:
    """Writes users, groups and memberships within one transaction."""

    def __init__(
        self, database: Database, connection: Connection, caller: Caller
    ) -> None:
        self._database = database
        self._connection = connection
        self._tables = database.tables
        self._history = History(database, connection, caller)

    def insert(self, class_name: str, values: Mapping[str, Any]) -> int:
        """Insert a user or a group and return its id."""
        id_ = self._database.next_id(self._connection, class_name)
        row = {"id": id_, "version": 0, **values}
        self._connection.execute(insert(self._tables[class_name]).values(row))
        self._tell(Action.INSERT, class_name, id_)
        return id_

    def read(self, class_name: str, id_: int) -> Any:
        """Return the row of a user or a group.

        Raises
        ------
        ApiUsage
            There is none.
        """
        table = self._tables[class_name]
        row = self._connection.execute(select(table).where(table.c.id == id_)).first()
        if row is None:
            raise ApiUsage(f"No such {class_name}: {id_}")
        return row

    def store_password(self, user_id: int, password: str) -> None:
        """Change a user's password; an empty one locks the account."""
        store_password(self._connection, self._tables, user_id, password)

    def change(self, class_name: str, id_: int, values: Mapping[str, Any]) -> None:
        """Change fields of a user or a group."""
        table = self._tables[class_name]
        if values:
            self._connection.execute(
                update(table).where(table.c.id == id_).values(dict(values))
            )
            self._tell(Action.UPDATE, class_name, id_)

    def replace_config(
        self, class_name: str, id_: int, pairs: Sequence[tuple[str, str]]
    ) -> None:
        """Replace the named values of a user or a group."""
        field = self._database.model[class_name].fields["config"]
        table = self._tables.pairs(field)
        self._connection.execute(delete(table).where(table.c.parent_id == id_))
        rows = [
            {"parent_id": id_, "index": place, "name": name, "value": value}
            for place, (name, value) in enumerate(pairs)
        ]
        if rows:
            self._connection.execute(insert(table), rows)

    def read_config(self, class_name: str, id_: int) -> list[tuple[str, str]]:
        """Return the named values of a user or a group, in order."""
        field = self._database.model[class_name].fields["config"]
        table = self._tables.pairs(field)
        query = (
            select(table.c.name, table.c.value)
            .where(table.c.parent_id == id_)
            .order_by(table.c.index)
        )
        return [(row.name, row.value) for row in self._connection.execute(query)]

    def memberships_of(self, user_id: int) -> list[Membership]:
        """Return a user's memberships in order."""
        table = self._tables[_MAP]
        query = (
            select(table)
            .where(table.c.child_id == user_id)
            .order_by(table.c.child_index, table.c.id)
        )
        return [
            Membership(row.id, user_id, row.parent_id, row.child_index, bool(row.owner))
            for row in self._connection.execute(query)
        ]

    def add_memberships(self, user_id: int, group_ids: Sequence[int]) -> None:
        """Append a user to groups; existing memberships stay as they are."""
        present = self.memberships_of(user_id)
        known = {one.group_id for one in present}
        place = max((one.place for one in present), default=-1) + 1
        for group_id in dict.fromkeys(group_ids):
            if group_id in known:
                continue
            row = {
                "id": self._database.next_id(self._connection, _MAP),
                "version": 0,
                "parent_id": group_id,
                "child_id": user_id,
                "child_index": place,
                "owner": False,
            }
            self._connection.execute(insert(self._tables[_MAP]).values(row))
            self._tell(Action.INSERT, _MAP, row["id"])
            place += 1

    def remove_memberships(self, user_id: int, group_ids: Sequence[int]) -> None:
        """Take a user out of groups, and close the gaps."""
        table = self._tables[_MAP]
        for one in self.memberships_of(user_id):
            if one.group_id in group_ids:
                self._connection.execute(delete(table).where(table.c.id == one.id))
                self._tell(Action.DELETE, _MAP, one.id)
        self._renumber(self.memberships_of(user_id))

    def put_first(self, user_id: int, group_id: int) -> None:
        """Make a group the first of a user's."""
        present = self.memberships_of(user_id)
        self._renumber(sorted(present, key=lambda one: one.group_id != group_id))

    def set_leader(self, membership: Membership, *, is_leader: bool) -> None:
        """Make a member a leader of the group, or an ordinary member."""
        self.change(_MAP, membership.id, {"owner": is_leader})

    def delete_row(self, class_name: str, id_: int) -> None:
        """Delete a user or a group to which nothing refers but memberships.

        Raises
        ------
        Invalid
            Something else refers to it.
        """
        self._refuse_if_used(class_name, id_)
        table = self._tables[_MAP]
        side = table.c.child_id if class_name == "Experimenter" else table.c.parent_id
        users = self._connection.execute(select(table.c.child_id).where(side == id_))
        members = set(users.scalars())
        self._connection.execute(delete(table).where(side == id_))
        if class_name == "Experimenter":
            passwords = self._tables.password
            self._connection.execute(
                delete(passwords).where(passwords.c.experimenter_id == id_)
            )
        else:
            for user_id in members:
                self._renumber(self.memberships_of(user_id))
        self.replace_config(class_name, id_, ())
        rows = self._tables[class_name]
        self._connection.execute(delete(rows).where(rows.c.id == id_))
        self._tell(Action.DELETE, class_name, id_)

    def has_links_across_owners(self, group_id: int) -> bool:
        """Tell whether, in a group, somebody's objects are linked to another's."""
        return any(
            self._connection.execute(query.limit(1)).first() is not None
            for query in _links_across_owners(self._tables, group_id)
        )

    def finish(self) -> None:
        """Write the history of what was done."""
        self._history.write_log()

    def _renumber(self, memberships: Sequence[Membership]) -> None:
        table = self._tables[_MAP]
        for place, one in enumerate(memberships):
            if one.place != place:
                self._connection.execute(
                    update(table).where(table.c.id == one.id).values(child_index=place)
                )

    def _refuse_if_used(self, class_name: str, id_: int) -> None:
        wanted = f"{class_name}.id"
        for name in dict.fromkeys(self._tables):
            table = self._tables[name]
            if table.name == _MAP:
                continue
            referring = [
                column
                for column in table.c
                for key in column.foreign_keys
                if key.target_fullname == wanted
            ]
            if not referring:
                continue
            used = or_(*(column == id_ for column in referring))
            if self._connection.execute(select(table.c.id).where(used)).first():
                raise Invalid(
                    f"{class_name} {id_} cannot be deleted: rows of {table.name} "
                    "still refer to it (foreign key constraint)."
                )

    def _tell(self, action: Action, class_name: str, id_: int) -> None:
        self._history.tell(action, self._database.model[class_name], [id_])


@contextmanager
def directory(database: Database, caller: Caller) -> Iterator[Directory]:
    """Write users and groups in one transaction.

    Raises
    ------
    Invalid
        A name is taken.
    """
    try:
        with database.write() as connection:
            changes = Directory(database, connection, caller)
            yield changes
            changes.finish()
    except IntegrityError as error:
        raise Invalid(f"could not execute statement: {error.orig}") from error


def _links_across_owners(tables: Any, group_id: int) -> Iterator[Any]:
    model = tables.model
    for one in model.classes.values():
        if not one.is_link or one.is_global or one.is_abstract:
            continue
        link = tables[one.name]
        for end in one.of_kind(Kind.REFERENCE):
            other = tables[end.target].alias()
            if end.name in ("parent", "child") and "owner_id" in other.c:
                near = link.c[tables.column_name(end)]
                yield (
                    select(link.c.id)
                    .join(other, other.c.id == near)
                    .where(link.c.group_id == group_id)
                    .where(link.c.owner_id != other.c.owner_id)
                )
