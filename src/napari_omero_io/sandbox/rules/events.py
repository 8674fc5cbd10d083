"""The history: one event for every call that writes, and a log of what it did."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.schema.model import ModelClass
    from napari_omero_io.sandbox.store.database import Database

    from .caller import Caller


class Action(StrEnum):
    """What a log entry says was done."""

    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    CHGRP = "CHGRP"
    CHOWN = "CHOWN"
    CHMOD = "CHMOD"


@dataclass(slots=True)
class History:
    """The event of one writing call, made when the first change asks for it.

    Attributes
    ----------
    connection
        Inside the transaction whose changes are told of.
    """

    database: Database
    connection: Connection
    caller: Caller
    _event_id: int | None = None
    _logged: dict[tuple[Action, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @property
    def event_id(self) -> int:
        """Id of the call's event."""
        if self._event_id is None:
            self._event_id = new_event(self.database, self.connection, self.caller)
        return self._event_id

    def tell(self, action: Action, model_class: ModelClass, ids: Iterable[int]) -> None:
        """Remember what was done to objects of a class."""
        self._logged[action, model_class.java_name].extend(ids)

    def write_log(self) -> None:
        """Insert what was told as rows of `EventLog`."""
        entries = [
            {"entityId": id_, "entityType": name, "action": str(action)}
            for (action, name), ids in self._logged.items()
            for id_ in ids
        ]
        self._logged.clear()
        if not entries:
            return
        first = self.database.next_id(self.connection, "EventLog", len(entries))
        rows = [
            {**entry, "id": first + offset, "event_id": self.event_id}
            for offset, entry in enumerate(entries)
        ]
        self.connection.execute(insert(self.database.tables["EventLog"]), rows)


def new_event(database: Database, connection: Connection, caller: Caller) -> int:
    """Insert the event of a writing call and return its id.

    The group is the one that the call runs in; of a call over all groups, the
    caller's default group.
    """
    types = database.tables["EventType"]
    type_id = connection.execute(
        select(types.c.id).where(types.c.value == caller.event_type)
    ).scalar_one()
    event_id = database.next_id(connection, "Event")
    group_id = caller.group_id
    if group_id < 0:
        group_id = caller.member_of[0]
    row = {
        "id": event_id,
        "time": time.time_ns() // 1_000_000,
        "experimenter_id": caller.user_id,
        "experimenterGroup_id": group_id,
        "type_id": type_id,
        "session_id": caller.session_id,
    }
    connection.execute(insert(database.tables["Event"]), [row])
    return event_id
