"""What a plate is like: its wells, their fields, and where these lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import BadReference, NotFound
from napari_omero_io.records import (
    FieldRecord,
    PlateRecord,
    RunRecord,
    WellRecord,
)

from . import plate_queries
from .translate import translated
from .wire import make_parameters, read_place, read_text, unbox

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .connection import Connection

#: How the plate is found that something is a part of.
_PLATE_OF = {"run": plate_queries.PLATE_OF_RUN, "well": plate_queries.PLATE_OF_WELL}
#: What a plate, or a part of one, is called.
KINDS = ("plate", *_PLATE_OF)


def read_plate(
    connection: Connection, plate_id: int, *, positions: bool = False
) -> PlateRecord:
    """Read the wells of a plate and the images in them, in one round trip.

    Parameters
    ----------
    positions
        Whether to read as well where the fields lie, which is much more to send.

    Raises
    ------
    NotFound
        There is no such plate, or the user may not see it.
    """
    query, context = connection.service("query"), connection.context()
    wanted = make_parameters(id=plate_id)
    with translated(f"read plate {plate_id}"):
        asked = [
            query.begin_projection(text, wanted, _ctx=context)
            for text in (plate_queries.PLATE, plate_queries.RUNS, plate_queries.FIELDS)
        ]
        wells_asked = query.begin_findAllByQuery(
            plate_queries.WELLS, wanted, _ctx=context
        )
        samples = (
            query.findAllByQuery(plate_queries.POSITIONS, wanted, context)
            if positions
            else []
        )
        wells = query.end_findAllByQuery(wells_asked)
        plates, runs, fields = map(query.end_projection, asked)
    if not plates:
        raise NotFound(
            f"There is no plate {plate_id} at {connection.server}, or you may not see "
            "it."
        )
    found_id, name, rows, columns, group = map(unbox, plates[0])
    in_wells = _sort_fields(
        fields, {one.id.val: _read_position(one) for one in samples}
    )
    return PlateRecord(
        id=found_id,
        name=name or f"Plate {found_id}",
        runs=tuple(
            RunRecord(unbox(run_id), unbox(run_name) or f"Run {unbox(run_id)}")
            for run_id, run_name in runs
        ),
        wells=tuple(_make_well(well, in_wells.get(well.id.val, ())) for well in wells),
        row_naming="number" if rows == "number" else "letter",
        column_naming="letter" if columns == "letter" else "number",
        group_id=group,
    )


def find_plate(connection: Connection, kind: str, object_id: int) -> int:
    """Give the id of the plate that something is, or is a part of.

    Raises
    ------
    BadReference
        It is nothing of a plate.
    NotFound
        There is no such thing, or the user may not see it.
    """
    if kind == "plate":
        return object_id
    if kind not in _PLATE_OF:
        raise BadReference(f"A {kind} is no plate and no part of one.")
    with translated(f"find the plate of {kind} {object_id}"):
        rows = connection.service("query").projection(
            _PLATE_OF[kind], make_parameters(id=object_id), connection.context()
        )
    if not rows:
        raise NotFound(
            f"There is no {kind} {object_id} at {connection.server}, or you may not "
            "see it."
        )
    return int(unbox(rows[0][0]))


def _sort_fields(
    rows: Iterable[Any], positions: dict[int, tuple[float, float] | None]
) -> dict[int, tuple[FieldRecord, ...]]:
    """Put fields into their wells, and number them within their runs.

    OMERO counts on from run to run; its viewers count from the first of the run.
    """
    wells: dict[int, list[FieldRecord]] = {}
    numbers: dict[tuple[int, int | None], int] = {}
    for row in rows:
        well_id, sample_id, run_id, image_id = map(unbox, row)
        index = numbers.get((well_id, run_id), 0)
        numbers[well_id, run_id] = index + 1
        wells.setdefault(well_id, []).append(
            FieldRecord(sample_id, index, image_id, run_id, positions.get(sample_id))
        )
    return {well_id: tuple(fields) for well_id, fields in wells.items()}


def _read_position(sample: Any) -> tuple[float, float] | None:
    x, y = read_place(sample.posX), read_place(sample.posY)
    return None if x is None or y is None else (x, y)


def _make_well(well: Any, fields: tuple[FieldRecord, ...]) -> WellRecord:
    color = tuple(map(unbox, (well.red, well.green, well.blue, well.alpha)))
    return WellRecord(
        id=well.id.val,
        row=unbox(well.row) or 0,
        column=unbox(well.column) or 0,
        status=read_text(well.status),
        kind=read_text(well.type),
        # alpha 0 and nothing else is what importers leave behind
        color=None if None in color or not color[3] else color,
        fields=fields,
    )
