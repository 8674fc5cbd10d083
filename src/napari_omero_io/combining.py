"""Stacks and mosaics: from the images of a server to one source of their pixels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from .arrays.composite import Caption, CompositeSource, compose
from .arrays.mosaic import lay_out
from .arrays.stack import stack_parts
from .client.images import read_image
from .client.parts import read_parts
from .client.patches import PatchSource
from .client.plates import find_plate, read_plate
from .errors import BadReference, CannotCombine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .client.connection import Connection
    from .records import FieldRecord, PlateRecord, RunRecord, WellRecord


def open_stack(connection: Connection, image_ids: Sequence[int]) -> CompositeSource:
    """Put images of the same size behind each other.

    Raises
    ------
    CannotCombine
        They differ; the message says which image and in what.
    """
    parts = read_parts(connection, image_ids)
    placements = stack_parts(parts)
    reference = read_image(connection, parts[0].image_id)
    if len(parts) > 1:
        # From one image to the next, no time passes that anybody knows.
        reference = replace(reference, time_increment=None)
    name = parts[0].name if len(parts) == 1 else f"{parts[0].name} … {parts[-1].name}"
    captions = [
        Caption(each.part.name, "image", each.part.image_id, t=each.t + time)
        for each in placements
        for time in range(each.part.size_t)
    ]
    return compose(name, placements, reference, PatchSource(connection), captions)


def open_mosaic(
    connection: Connection,
    named: Sequence[tuple[str, int]],
    *,
    run_id: int | None = None,
    field: int | None = None,
) -> CompositeSource:
    """Put wells of one plate where they are on it.

    Parameters
    ----------
    named
        Kinds and ids: one plate, one run, or wells of one plate.
    run_id
        Whose fields; None for the run that is named, or else the first that has any.
    field
        The number of the one field of each well, from 0; None for all.

    Raises
    ------
    BadReference
        These are no parts of one plate.
    CannotCombine
        There is no image there, or they have different types of pixels.
    """
    kinds = {kind for kind, _ in named}
    if len(kinds) != 1 or (len(named) > 1 and kinds != {"well"}):
        raise BadReference("Give one plate, one run, or wells of one plate.")
    plate_id = find_plate(connection, *named[0])
    plate = read_plate(connection, plate_id, positions=True)
    wells = _choose_wells(plate, named)
    run = _choose_run(plate, wells, named[0], run_id)
    shown = [(well, _choose_fields(well, run, field)) for well in wells]
    ids = [each.image_id for _, fields in shown for each in fields]
    if not ids:
        raise CannotCombine(f"There are no images in {_name(plate, wells, run)}.")
    parts = {part.image_id: part for part in read_parts(connection, ids)}
    most = max(parts.values(), key=lambda part: part.size_c)
    reference = read_image(connection, most.image_id)
    size_x, size_y = reference.pixel_size_x, reference.pixel_size_y
    pixel_size = (size_x, size_y) if size_x and size_y else None
    mosaic = lay_out(shown, parts, pixel_size)
    captions = [
        Caption(plate.well_name(place.well), "well", place.well.id, place.y, place.x)
        for place in mosaic.wells
    ]
    return compose(
        _name(plate, wells, run),
        mosaic.placements,
        reference,
        PatchSource(connection),
        captions,
        mosaic.pitch,
    )


def _choose_run(
    plate: PlateRecord,
    wells: Sequence[WellRecord],
    named: tuple[str, int],
    run_id: int | None,
) -> RunRecord | None:
    """Return the run that is shown; None where the plate has none."""
    wanted = named[1] if named[0] == "run" else run_id
    if wanted is None:
        filled = {each.run_id for well in wells for each in well.fields}
        return next((run for run in plate.runs if run.id in filled), None)
    for run in plate.runs:
        if run.id == wanted:
            return run
    raise BadReference(f"There is no run {wanted} of plate “{plate.name}”.")


def _choose_wells(
    plate: PlateRecord, named: Sequence[tuple[str, int]]
) -> tuple[WellRecord, ...]:
    if named[0][0] != "well":
        return plate.wells
    wanted = {well_id for _, well_id in named}
    wells = tuple(well for well in plate.wells if well.id in wanted)
    if len(wells) != len(wanted):
        raise BadReference(
            f"Not all of these wells are on the plate “{plate.name}”; a mosaic shows "
            "one plate."
        )
    return wells


def _choose_fields(
    well: WellRecord, run: RunRecord | None, field: int | None
) -> tuple[FieldRecord, ...]:
    """Return what is shown of a well: of one run, all fields or one."""
    fields = well.fields_of(None if run is None else run.id)
    return tuple(each for each in fields if field is None or each.index == field)


def _name(
    plate: PlateRecord, wells: Sequence[WellRecord], run: RunRecord | None
) -> str:
    """Name a mosaic by its plate, its run where there are several, and its wells."""
    words = [plate.name]
    if run is not None and len(plate.runs) > 1:
        words.append(run.name)
    if len(wells) < len(plate.wells):
        names = [plate.well_name(well) for well in wells]
        words.append(", ".join(names) if len(names) <= 4 else f"{len(names)} wells")
    return " · ".join(words)
