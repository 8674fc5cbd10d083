"""The rows by which a server tells clients what repositories it has.

A repository is an original file of the type ``Repository``; its hash holds the
repository's name for the files in it, ``OriginalFile.repo``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import omero.model
from omero.rtypes import rstring

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.core import Call
from napari_omero_io.sandbox.rules.caller import ROOT_ID, USER_GROUP_ID
from napari_omero_io.sandbox.rules.membership import caller_for

from .saving import save

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Core

#: Where scripts lie.  Every OMERO.server calls it so.
SCRIPTS = "ScriptRepo"
#: Where imported files lie.
MANAGED = "ManagedRepo"
#: Name of each repository, and its hash.
_REPOSITORIES = (
    ("files", "LegacyRepo"),
    ("scripts", SCRIPTS),
    ("ManagedRepository", MANAGED),
)
_QUERY = "select f.hash from OriginalFile f where f.mimetype = 'Repository'"


def ensure_repositories(core: Core) -> None:
    """Make the rows that are not there yet."""
    call = as_root(core)
    with core.database.read() as connection:
        if not _missing(connection, call):
            return
    with core.database.write() as connection:
        rows = []
        for name, key in _missing(connection, call):
            row = omero.model.OriginalFileI()
            row.name, row.path = rstring(name), rstring("/")
            row.mimetype, row.hash = rstring("Repository"), rstring(key)
            rows.append(row)
        save(connection, call, rows)


def as_root(core: Core) -> Call:
    """Return a call of root's in the group `user`, which everybody may read."""
    with core.database.read() as connection:
        caller = caller_for(connection, core.database.tables, ROOT_ID, USER_GROUP_ID)
    return Call(core, caller)


def _missing(connection: Connection, call: Call) -> list[tuple[str, str]]:
    known = {row[0].val for row in hql.project(connection, call, _QUERY) if row[0]}
    return [one for one in _REPOSITORIES if one[1] not in known]
