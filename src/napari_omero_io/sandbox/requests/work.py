"""The one transaction in which a request is done."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import ResourceFault
from napari_omero_io.sandbox.rules.membership import in_context

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.rules.events import History

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Leftovers:
    """Binary data without metadata: of what was deleted, or was never to be."""

    pixels: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def remove(self, core: Core) -> None:
        """Remove the data; what cannot be removed is told to the log only."""
        if self.pixels:
            _remove(core.pixels.delete, "pixels", self.pixels)
        if self.files:
            _remove(core.files.delete, "files", self.files)


@dataclass(frozen=True, slots=True)
class Work:
    """What a request is done with.

    Attributes
    ----------
    call
        With the rights and the group under which this request is done.
    leftovers
        Data to be removed when the transaction holds.
    drafts
        Data to be removed when it does not.
    """

    connection: Connection
    call: Call
    history: History
    leftovers: Leftovers
    drafts: Leftovers

    def within(self, context: Mapping[str, str]) -> Work:
        """Return the work of an inner request with a context of its own."""
        tables = self.call.core.database.tables
        caller = in_context(self.connection, tables, self.call.caller, context)
        merged = {**self.call.context, **context}
        return replace(self, call=replace(self.call, caller=caller, context=merged))


def _remove(
    delete: Callable[[Sequence[int]], object], what: str, ids: Sequence[int]
) -> None:
    try:
        delete(ids)
    except (OSError, ResourceFault):
        log.exception("the data of deleted %s %s stays behind", what, ids)
