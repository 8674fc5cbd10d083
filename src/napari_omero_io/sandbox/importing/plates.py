"""A plate as a file describes it: wells, fields, runs, screens; values only.

Knows nothing of OMERO's model or of the sandbox's stores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from .imported import Position


@dataclass(frozen=True, slots=True)
class ImportedField:
    """One image of a well.

    Attributes
    ----------
    sample
        What the file calls the field; runs name their fields by it.
    image
        What the file calls the image; None when it names none.
    """

    sample: str
    image: str | None
    position_x: Position | None = None
    position_y: Position | None = None
    taken: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportedWell:
    """A well; `row` and `column` begin at 0, `fields` are in their order."""

    row: int
    column: int
    fields: tuple[ImportedField, ...] = ()
    kind: str | None = None
    description: str | None = None
    external_id: str | None = None
    color: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """One walk over a plate; `samples` are what the file calls the fields taken."""

    samples: frozenset[str]
    name: str | None = None
    description: str | None = None
    started: datetime | None = None
    ended: datetime | None = None
    most_fields: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedScreen:
    """A screen that plates belong to."""

    key: str
    name: str
    description: str | None = None
    kind: str | None = None
    protocol_id: str | None = None
    protocol: str | None = None
    reagents_id: str | None = None
    reagents: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedPlate:
    """A plate.

    Attributes
    ----------
    row_naming, column_naming
        ``letter`` or ``number``.
    default_field
        Which field of each well stands for it.
    """

    name: str | None = None
    description: str | None = None
    status: str | None = None
    external_id: str | None = None
    row_naming: str | None = None
    column_naming: str | None = None
    origin_x: Position | None = None
    origin_y: Position | None = None
    rows: int | None = None
    columns: int | None = None
    default_field: int | None = None
    wells: tuple[ImportedWell, ...] = ()
    runs: tuple[ImportedRun, ...] = ()
    screens: tuple[ImportedScreen, ...] = ()
