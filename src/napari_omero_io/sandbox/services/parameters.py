"""The options of `omero.sys.Parameters` that services other than IQuery know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """What a call asks for beside ids; None and False where it is silent.

    Attributes
    ----------
    leaves
        Load the images of containers too.
    orphans
        Add what is in no container.
    acquisition
        Load how images were acquired.
    start, end
        Milliseconds since 1970.
    """

    leaves: bool = False
    orphans: bool = False
    acquisition: bool = False
    owner_id: int | None = None
    group_id: int | None = None
    offset: int | None = None
    limit: int | None = None
    start: int | None = None
    end: int | None = None

    @property
    def is_paged(self) -> bool:
        """A part of the result is asked for."""
        return self.offset is not None or self.limit is not None


def read_options(parameters: Any) -> Options:
    """Read the parameters of a call, which may be absent in every part."""
    filter_ = parameters.theFilter if parameters is not None else None
    options = parameters.theOptions if parameters is not None else None

    def of(source: Any, name: str) -> Any:
        value = getattr(source, name) if source is not None else None
        return None if value is None else value.getValue()

    return Options(
        leaves=bool(of(options, "leaves")),
        orphans=bool(of(options, "orphan")),
        acquisition=bool(of(options, "acquisitionData")),
        owner_id=of(filter_, "ownerId"),
        group_id=of(filter_, "groupId"),
        offset=of(filter_, "offset"),
        limit=of(filter_, "limit"),
        start=of(filter_, "startTime"),
        end=of(filter_, "endTime"),
    )
