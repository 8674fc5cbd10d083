"""The rows that a new database has from the beginning.

Their ids are part of OMERO's protocol: clients know that root is 0, the group
`system` 0, `user` 1, `guest` 2.
"""

from __future__ import annotations

import time
import tomllib
import uuid
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

from napari_omero_io.sandbox import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.schema.tables import Tables

_PRIVATE = -120  # rw----
_WORLD_READABLE = -52  # rwr-r-

_USERS = (
    {"id": 0, "omeName": "root", "firstName": "root", "lastName": "root"},
    {"id": 1, "omeName": "guest", "firstName": "Guest", "lastName": "Account"},
)
_GROUPS = (
    {"id": 0, "name": "system", "permissions": _PRIVATE},
    {"id": 1, "name": "user", "permissions": _WORLD_READABLE},
    {"id": 2, "name": "guest", "permissions": _PRIVATE},
)
_MEMBERSHIPS = (
    {"id": 0, "parent_id": 0, "child_id": 0, "child_index": 0, "owner": True},
    {"id": 1, "parent_id": 1, "child_id": 0, "child_index": 1, "owner": False},
    {"id": 2, "parent_id": 2, "child_id": 1, "child_index": 0, "owner": False},
)
_BOOTSTRAP = {"id": 0, "value": "Bootstrap"}


def insert_founding_rows(connection: Connection, tables: Tables) -> None:
    """Insert users, groups, enumerations, the first event, and the sequences of ids."""
    now = time.time_ns() // 1_000_000
    _insert(connection, tables, "Experimenter", [{**u, "ldap": False} for u in _USERS])
    _insert(
        connection, tables, "ExperimenterGroup", [{**g, "ldap": False} for g in _GROUPS]
    )
    _insert(connection, tables, "GroupExperimenterMap", list(_MEMBERSHIPS))
    for name, rows in original_enumerations().items():
        _insert(connection, tables, name, rows)
    node = {"id": 0, "uuid": str(uuid.uuid4()), "conn": "sandbox", "up": now}
    _insert(connection, tables, "Node", [node])
    session = {
        "discriminator": "Session",
        "node_id": 0,
        "timeToIdle": 0,
        "timeToLive": 0,
        "started": now,
        "closed": now,
        "defaultEventType": "Bootstrap",
    }
    sessions = [
        {**session, "id": owner, "Session_owner_id": owner, "uuid": str(uuid.uuid4())}
        for owner in (0, 1)
    ]
    _insert(connection, tables, "Session", sessions)
    event = {
        "id": 0,
        "time": now,
        "experimenter_id": 0,
        "experimenterGroup_id": 0,
        "type_id": 0,
        "session_id": 0,
        "status": "BOOTSTRAP",
    }
    _insert(connection, tables, "Event", [event])
    patch = {
        "id": 1,
        "currentVersion": "OMERO5.4",
        "currentPatch": 0,
        "previousVersion": "OMERO5.4",
        "previousPatch": 0,
        "finished": now,
        "message": "Database ready.",
    }
    _insert(connection, tables, "DBPatch", [patch])
    _start_sequences(connection, tables)


def _insert(
    connection: Connection, tables: Tables, name: str, rows: list[dict[str, Any]]
) -> None:
    connection.execute(insert(tables[name]), rows)


def original_enumerations() -> dict[str, list[dict[str, Any]]]:
    """Return the rows that enumerations have from the beginning, by class."""
    text = files(schema).joinpath("enumerations.toml").read_text(encoding="utf-8")
    values = tomllib.loads(text)
    bit_size = values.pop("bit_size")
    found = {
        name: [{"id": id_, "value": value} for id_, value in enumerate(listed, 1)]
        for name, listed in values.items()
    }
    found["EventType"].insert(0, dict(_BOOTSTRAP))
    for row in found["PixelsType"]:
        row["bitSize"] = bit_size[row["value"]]
    return found


def _start_sequences(connection: Connection, tables: Tables) -> None:
    rows = []
    for name in sorted({tables[one].name for one in tables}):
        last = connection.execute(select(func.max(tables[name].c.id))).scalar()
        rows.append({"name": name, "next": 1 if last is None else last + 1})
    connection.execute(insert(tables.sequence), rows)
