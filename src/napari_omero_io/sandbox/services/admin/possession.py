"""The part of IAdmin that moves single objects to other owners and groups.

Deprecated on OMERO.server, which moves nothing along with the object but the pixels of
an image: clients use the requests `Chown2`, `Chgrp2` and `Chmod2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero.model
from sqlalchemy import func, select, update

from napari_omero_io.sandbox.errors import ApiUsage, NotAllowed
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rules.caller import USER_GROUP_ID
from napari_omero_io.sandbox.rules.events import Action, History
from napari_omero_io.sandbox.rules.roles import require_privilege_or_lead
from napari_omero_io.sandbox.schema.model import Kind
from napari_omero_io.sandbox.store.saving import save

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.schema.model import ModelClass

    from .groups import Groups


class Possession:
    """Changes owner, group and permissions of single objects."""

    _core: Core

    def changeOwner(self, call: Call, one: Any, name: str) -> None:
        """Give an object to another user, as saving it with that owner does."""
        with self._core.database.write() as connection:
            _, copy = self._read(connection, call, one)
            owner = self._find_id(connection, "Experimenter", "omeName", name)
            copy._details._owner = omero.model.ExperimenterI(owner, False)
            save(connection, call, [copy])

    def changeGroup(self, call: Call, one: Any, name: str) -> None:
        """Move one's own object to another of one's groups.

        Raises
        ------
        NotAllowed
            It is another's, the group is none of the caller's, or something that
            stays in the old group refers to the object.
        """
        caller = call.caller
        with self._core.database.write() as connection:
            model_class, copy = self._read(connection, call, one)
            group_id = self._find_id(connection, "ExperimenterGroup", "name", name)
            owner_id = copy._details._owner._id.val
            if owner_id != caller.user_id and not caller.is_admin:
                raise NotAllowed(
                    f"Cannot change group for: {_label(model_class, copy)}"
                )
            if group_id == USER_GROUP_ID:
                raise NotAllowed("Use moveToCommonSpace for moving to user group")
            if group_id not in caller.member_of:
                raise NotAllowed(f"Can't change to group; not a member of {group_id}")
            id_ = int(copy._id.val)
            self._move(connection, call, model_class, [id_], group_id)
            if model_class.name == "Image":
                pixels = self._core.database.tables["Pixels"]
                own = select(pixels.c.id).where(pixels.c.Pixels_image_id == id_)
                ids = list(connection.execute(own).scalars())
                self._move(connection, call, self._core.model["Pixels"], ids, group_id)
            locks = dict(self._locks(connection, model_class, id_, group_id))
            if locks:
                raise NotAllowed(f"Locks: {locks}")

    def changePermissions(self: Any, call: Call, one: Any, permissions: Any) -> None:
        """Change the permissions of a group; other objects have those of theirs.

        Raises
        ------
        ApiUsage
            The object is no group.
        """
        if not isinstance(one, omero.model.ExperimenterGroup):
            raise ApiUsage("Permissions are those of the group: use a group.")
        groups: Groups = self
        with self._core.database.read() as connection:
            _, group = self._read(connection, call, one)
        group._details._permissions = permissions
        groups.updateGroup(call, group)

    def moveToCommonSpace(self, call: Call, several: Sequence[Any]) -> None:
        """Move objects to the group `user`, where everybody may read them.

        Raises
        ------
        NotAllowed
            The caller neither leads their group nor has ``ModifyGroup``.
        """
        with self._core.database.write() as connection:
            for one in filter(None, several):
                model_class, copy = self._read(connection, call, one)
                group_id = copy._details._group._id.val
                if group_id == USER_GROUP_ID:
                    continue
                require_privilege_or_lead(call.caller, "ModifyGroup", [group_id])
                ids = [int(copy._id.val)]
                self._move(connection, call, model_class, ids, USER_GROUP_ID)

    def _read(
        self, connection: Connection, call: Call, one: Any
    ) -> tuple[ModelClass, Any]:
        """Return the class of an object, and the object as it is stored."""
        if one is None or one._id is None:
            raise ApiUsage("Argument may not be null, and must have an id.")
        model_class = self._core.model.resolve(one.ice_id())
        text = f"select x from {model_class.name} x where x.id = :id"
        found = find(connection, call, text, {"id": int(one._id.val)})
        if not found:
            raise NotAllowed(f"Cannot read {_label(model_class, one)}")
        return self._core.model.resolve(found[0].ice_id()), found[0]

    def _find_id(
        self, connection: Connection, class_name: str, column: str, value: str
    ) -> int:
        table = self._core.database.tables[class_name]
        query = select(table.c.id).where(table.c[column] == value)
        found = connection.execute(query).scalar()
        if found is None:
            what = "experimenter" if class_name == "Experimenter" else "group"
            raise ApiUsage(f"No such {what}: {value}")
        return int(found)

    def _move(
        self,
        connection: Connection,
        call: Call,
        model_class: ModelClass,
        ids: Sequence[int],
        group_id: int,
    ) -> None:
        database = self._core.database
        table = database.tables[model_class.name]
        if "group_id" not in table.c:
            raise ApiUsage(f"{model_class.name} is in no group")
        history = History(database, connection, call.caller)
        values = {"group_id": group_id}
        if "update_event_id" in table.c:
            values["update_event_id"] = history.event_id
        statement = update(table).where(table.c.id.in_(ids))
        connection.execute(statement.values(values))
        history.tell(Action.UPDATE, model_class, ids)
        history.write_log()

    def _locks(
        self,
        connection: Connection,
        model_class: ModelClass,
        id_: int,
        group_id: int,
    ) -> Iterator[tuple[str, int]]:
        """Go through what refers to an object from other groups, with its number."""
        tables = self._core.database.tables
        for one in self._core.model.classes.values():
            for field in one.of_kind(Kind.REFERENCE):
                target = self._core.model[str(field.target)]
                if field.owner != one.name or not model_class.is_a(target):
                    continue
                table = tables[one.name]
                if "group_id" not in table.c:
                    continue
                column = table.c[tables.column_name(field)]
                query = select(func.count()).select_from(table)
                query = query.where(column == id_, table.c.group_id != group_id)
                if count := connection.execute(query).scalar_one():
                    yield f"{one.name}.{field.name}", count


def _label(model_class: ModelClass, one: Any) -> str:
    return f"{model_class.java_name}:Id_{one._id.val}"
