"""The door to repositories, tables and processors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all

from napari_omero_io.sandbox import hql

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call


class SharedResources:
    """`omero.grid.SharedResources`: lists repositories; there are no tables yet."""

    def areTablesEnabled(self, _call: Call) -> bool:
        """Tell clients not to ask for tables."""
        return False

    def repositories(self, call: Call) -> Any:
        """Describe the repositories.

        None of them can be written over the wire, so their proxies are null, as
        those of repositories that are not running.
        """
        with call.core.database.read() as connection:
            found = hql.find(
                connection,
                call,
                "select f from OriginalFile f where f.mimetype = 'Repository'",
            )
        return omero.grid.RepositoryMap(descriptions=found, proxies=[None] * len(found))
