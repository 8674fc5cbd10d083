"""Stacks and mosaics: from the images of a server to one source of their pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .arrays.composite import Caption, CompositeSource, Origin, compose
from .arrays.mosaic import lay_out
from .arrays.stack import stack_parts
from .client.images import read_image
from .client.parts import read_parts
from .client.patches import PatchSource
from .client.plates import find_plate, read_plate
from .errors import BadReference, CannotCombine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .arrays.mosaic import Mosaic
    from .client.connection import Connection
    from .records import (
        FieldRecord,
        PlateRecord,
        RunChoice,
        RunRecord,
        WellRecord,
    )


def open_stack(
    connection: Connection, image_ids: Sequence[int], origin: Origin | None = None
) -> CompositeSource:
    """Put images of the same size behind each other.

    Parameters
    ----------
    origin
        What contains the images, if that was named in their place.

    Raises
    ------
    CannotCombine
        They differ; the message says which image and in what.
    """
    parts = read_parts(connection, image_ids)
    placements = stack_parts(parts)
    reference = read_image(connection, parts[0].image_id)
    name = parts[0].name if len(parts) == 1 else f"{parts[0].name} … {parts[-1].name}"
    captions = [
        Caption(each.part.name, "image", each.part.image_id, t=each.t + time)
        for each in placements
        for time in range(each.part.size_t)
    ]
    steps = "image" if len(parts) > 1 else ""
    patches = PatchSource(connection)
    objects = tuple(("image", part.image_id) for part in parts)
    return compose(
        name,
        placements,
        reference,
        patches,
        captions,
        steps=steps,
        origin=origin or Origin("stack", objects),
    )


@dataclass(frozen=True, slots=True)
class _Pass:
    """The wells as one run saw them, or those fields that are of no run."""

    run: RunRecord | None
    wells: tuple[tuple[WellRecord, tuple[FieldRecord, ...]], ...]


def open_mosaic(
    connection: Connection,
    named: Sequence[tuple[str, int]],
    *,
    run: RunChoice = None,
    field: int | None = None,
) -> CompositeSource:
    """Put wells of one plate where they are on it.

    Parameters
    ----------
    named
        Kinds and ids: one plate, one run, or wells of one plate.
    run
        Whose fields; None for the run that is named, or else the first that has any;
        ``all`` puts the runs behind each other.
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
    passes = [
        _Pass(one, tuple((well, _choose_fields(well, one, field)) for well in wells))
        for one in _choose_runs(plate, wells, named[0], run)
    ]
    if run == "all" and passes[0].run is not None:
        passes.append(_take_strays(wells, field))
    passes = [one for one in passes if any(fields for _, fields in one.wells)]
    shown = [each for one in passes for each in one.wells if each[1]]
    name = _name(plate, wells, [one.run for one in passes])
    if not shown:
        raise CannotCombine(f"There are no images in {name}.")
    ids = [each.image_id for _, fields in shown for each in fields]
    parts = {part.image_id: part for part in read_parts(connection, ids)}
    most = max(parts.values(), key=lambda part: part.size_c)
    reference = read_image(connection, most.image_id)
    size_x, size_y = reference.pixel_size_x, reference.pixel_size_y
    pixel_size = (size_x, size_y) if size_x and size_y else None
    mosaic = lay_out(shown, parts, pixel_size)
    size_t = max(part.size_t for part in parts.values())
    times = [
        size_t * number
        for number, one in enumerate(passes)
        for _, fields in one.wells
        for _ in fields
    ]
    return compose(
        name,
        [replace(p, t=t) for p, t in zip(mosaic.placements, times, strict=True)],
        reference,
        PatchSource(connection),
        [*_name_wells(plate, mosaic), *_name_runs(passes, size_t)],
        mosaic.pitch,
        "run" if len(passes) > 1 else "",
        Origin("mosaic", tuple(named), run, field),
    )


def _name_wells(plate: PlateRecord, mosaic: Mosaic) -> list[Caption]:
    places = {place.well.id: place for place in mosaic.wells}
    return [
        Caption(plate.well_name(place.well), "well", place.well.id, place.y, place.x)
        for place in places.values()
    ]


def _name_runs(passes: Sequence[_Pass], size_t: int) -> list[Caption]:
    """Name the runs at each of their time points, where there are several."""
    if len(passes) < 2:
        return []
    return [
        Caption(
            "in no run" if one.run is None else one.run.name,
            "run",
            -1 if one.run is None else one.run.id,
            t=size_t * number + time,
        )
        for number, one in enumerate(passes)
        for time in range(size_t)
    ]


def _choose_runs(
    plate: PlateRecord,
    wells: Sequence[WellRecord],
    named: tuple[str, int],
    wanted: RunChoice,
) -> list[RunRecord | None]:
    """Return the runs that are shown; None alone where the plate has none."""
    run_id = named[1] if named[0] == "run" else wanted
    if run_id is None or run_id == "all":
        filled = {each.run_id for well in wells for each in well.fields}
        runs = [run for run in plate.runs if run.id in filled]
        return list(runs if run_id == "all" else runs[:1]) or [None]
    for run in plate.runs:
        if run.id == run_id:
            return [run]
    raise BadReference(f"There is no run {run_id} of plate “{plate.name}”.")


def _take_strays(wells: Sequence[WellRecord], field: int | None) -> _Pass:
    """Return the fields that are of no run, on a plate that has runs."""
    return _Pass(
        None,
        tuple(
            (
                well,
                tuple(
                    each
                    for each in well.fields
                    if each.run_id is None and field in (None, each.index)
                ),
            )
            for well in wells
        ),
    )


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
    plate: PlateRecord,
    wells: Sequence[WellRecord],
    runs: Sequence[RunRecord | None],
) -> str:
    """Name a mosaic by its plate, its run where there are several, and its wells."""
    words = [plate.name]
    if len(runs) > 1:
        words.append(f"{len(runs)} runs")
    elif runs and runs[0] is not None and len(plate.runs) > 1:
        words.append(runs[0].name)
    if len(wells) < len(plate.wells):
        names = [plate.well_name(well) for well in wells]
        words.append(", ".join(names) if len(names) <= 4 else f"{len(names)} wells")
    return " · ".join(words)
