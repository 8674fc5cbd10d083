"""Plates: runs, wells, fields, and the names of rows and columns."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase
from typing import Literal, TypeAlias

#: Whose fields of a plate are meant: those of the run with this id, those of ``all``
#: runs, or None for a choice of ours.
RunChoice: TypeAlias = int | Literal["all"] | None


@dataclass(frozen=True, slots=True)
class FieldRecord:
    """One image of a well, which OMERO calls a well sample.

    Attributes
    ----------
    id
        Of the well sample.
    index
        Its place among the fields of its well and run, from 0.
    run_id
        None where the plate has no runs.
    position
        x and y, in micrometres; None where the server does not say, or in no unit of
        length.
    """

    id: int
    index: int
    image_id: int
    run_id: int | None = None
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class WellRecord:
    """One well; row and column count from 0.

    Attributes
    ----------
    color
        Red, green, blue, alpha, 0 to 255; None where nobody gave it one.
    """

    id: int
    row: int
    column: int
    status: str = ""
    kind: str = ""
    color: tuple[int, int, int, int] | None = None
    fields: tuple[FieldRecord, ...] = ()

    def fields_of(self, run_id: int | None) -> tuple[FieldRecord, ...]:
        """Return the fields of one run; of all, where that is None."""
        if run_id is None:
            return self.fields
        return tuple(field for field in self.fields if field.run_id == run_id)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One pass over a plate, which OMERO calls a plate acquisition."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PlateRecord:
    """A plate and what is in it.

    Attributes
    ----------
    row_naming, column_naming
        ``letter`` or ``number``.
    wells
        Those that there are, by rows.  A plate may lack some.
    """

    id: int
    name: str
    runs: tuple[RunRecord, ...] = ()
    wells: tuple[WellRecord, ...] = ()
    row_naming: str = "letter"
    column_naming: str = "number"
    group_id: int = -1

    def row_name(self, row: int) -> str:
        """Return what is written beside a row: A … Z, AA …, or 1, 2 …."""
        return _name_line(row, self.row_naming)

    def column_name(self, column: int) -> str:
        """Return what is written above a column."""
        return _name_line(column, self.column_naming)

    def well_name(self, well: WellRecord) -> str:
        """Return what a well is called, such as ``B7``."""
        return self.row_name(well.row) + self.column_name(well.column)


def name_letters(index: int) -> str:
    """Count with letters, from 0: A … Z, AA, AB …."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = ascii_uppercase[letter] + letters
    return letters


def _name_line(index: int, naming: str) -> str:
    return name_letters(index) if naming == "letter" else str(index + 1)
