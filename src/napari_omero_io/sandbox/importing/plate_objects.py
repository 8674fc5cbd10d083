"""From the description of a plate to the objects of OMERO's model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero.model
from omero.rtypes import rint, rstring

from .objects import moment, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .objects import Wish
    from .plates import (
        ImportedField,
        ImportedPlate,
        ImportedRun,
        ImportedScreen,
        ImportedWell,
    )


def build_plate(
    plate: ImportedPlate,
    images: Mapping[str | None, Any],
    screens: dict[str, Any],
    wish: Wish,
) -> Any:
    """Return a PlateI with its wells, fields and runs, in its screens.

    Parameters
    ----------
    images
        By what the file calls them.  A field without an image is left out.
    screens
        Those that were built before; what is new is added.
    """
    built = omero.model.PlateI()
    built.name = rstring(wish.name or plate.name or "Plate")
    _set_texts(
        built,
        description=wish.description or plate.description,
        status=plate.status,
        externalIdentifier=plate.external_id,
        rowNamingConvention=plate.row_naming,
        columnNamingConvention=plate.column_naming,
    )
    _set_numbers(
        built,
        rows=plate.rows,
        columns=plate.columns,
        defaultSample=plate.default_field,
    )
    built.wellOriginX = place_of(plate.origin_x)
    built.wellOriginY = place_of(plate.origin_y)
    runs = {}
    for run in plate.runs:
        made = _build_run(run)
        built.addPlateAcquisition(made)
        runs.update(dict.fromkeys(run.samples, made))
    for well in plate.wells:
        built.addWell(_build_well(well, images, runs))
    if wish.screen_id is not None:
        built.linkScreen(omero.model.ScreenI(wish.screen_id, False))
    for screen in plate.screens:
        if screen.key not in screens:
            screens[screen.key] = _build_screen(screen)
        built.linkScreen(screens[screen.key])
    return built


def _build_well(
    well: ImportedWell, images: Mapping[str | None, Any], runs: Mapping[str, Any]
) -> Any:
    built = omero.model.WellI()
    built.row, built.column = rint(well.row), rint(well.column)
    _set_texts(
        built,
        type=well.kind,
        externalDescription=well.description,
        externalIdentifier=well.external_id,
    )
    if well.color is not None:
        built.red, built.green, built.blue, built.alpha = map(rint, well.color)
    for field in well.fields:
        if field.image in images:
            made = _build_field(field, images[field.image])
            built.addWellSample(made)
            if field.sample in runs:
                runs[field.sample].addWellSample(made)
    return built


def _build_field(field: ImportedField, image: Any) -> Any:
    built = omero.model.WellSampleI()
    built.posX, built.posY = place_of(field.position_x), place_of(field.position_y)
    if field.taken is not None:
        built.timepoint = moment(field.taken)
    image.addWellSample(built)
    return built


def _build_run(run: ImportedRun) -> Any:
    built = omero.model.PlateAcquisitionI()
    _set_texts(built, name=run.name, description=run.description)
    _set_numbers(built, maximumFieldCount=run.most_fields)
    if run.started is not None:
        built.startTime = moment(run.started)
    if run.ended is not None:
        built.endTime = moment(run.ended)
    return built


def _build_screen(screen: ImportedScreen) -> Any:
    built = omero.model.ScreenI()
    _set_texts(
        built,
        name=screen.name,
        description=screen.description,
        type=screen.kind,
        protocolIdentifier=screen.protocol_id,
        protocolDescription=screen.protocol,
        reagentSetIdentifier=screen.reagents_id,
        reagentSetDescription=screen.reagents,
    )
    return built


def _set_texts(built: Any, **texts: str | None) -> None:
    for name, text in texts.items():
        if text:
            setattr(built, name, rstring(text))


def _set_numbers(built: Any, **numbers: int | None) -> None:
    for name, number in numbers.items():
        if number is not None:
            setattr(built, name, rint(number))
