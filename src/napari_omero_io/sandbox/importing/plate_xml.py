"""What OME-XML says of plates and screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ome_xml import parse, read_color, read_date, read_position, text_of
from .plates import (
    ImportedField,
    ImportedPlate,
    ImportedRun,
    ImportedScreen,
    ImportedWell,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element


def read_plates(text: str | None) -> tuple[ImportedPlate, ...]:
    """Read the plates of an OME-XML text, in order.

    Raises
    ------
    xml.etree.ElementTree.ParseError
        The text is no XML, or declares entities.
    ValueError
        A number is none.
    """
    if not text:
        return ()
    root = parse(text)
    screens = list(_read_screens(root))
    return tuple(_read_plate(plate, screens) for plate in root.iterfind("{*}Plate"))


def _read_screens(root: Element) -> Iterator[tuple[ImportedScreen, set[str]]]:
    """Go through screens, each with what the file calls its plates."""
    for number, screen in enumerate(root.iterfind("{*}Screen")):
        described = ImportedScreen(
            key=screen.get("ID", str(number)),
            name=screen.get("Name") or "Screen",
            description=text_of(screen.find("{*}Description")),
            kind=screen.get("Type"),
            protocol_id=screen.get("ProtocolIdentifier"),
            protocol=screen.get("ProtocolDescription"),
            reagents_id=screen.get("ReagentSetIdentifier"),
            reagents=screen.get("ReagentSetDescription"),
        )
        yield described, {one.get("ID", "") for one in screen.iterfind("{*}PlateRef")}


def _read_plate(
    plate: Element, screens: list[tuple[ImportedScreen, set[str]]]
) -> ImportedPlate:
    # before 2016 a plate named its screens, since then a screen names its plates
    named = {one.get("ID") for one in plate.iterfind("{*}ScreenRef")}
    key = plate.get("ID", "")
    return ImportedPlate(
        name=plate.get("Name"),
        description=text_of(plate.find("{*}Description")),
        status=plate.get("Status"),
        external_id=plate.get("ExternalIdentifier"),
        row_naming=plate.get("RowNamingConvention"),
        column_naming=plate.get("ColumnNamingConvention"),
        origin_x=read_position(plate, "WellOriginX"),
        origin_y=read_position(plate, "WellOriginY"),
        rows=_whole(plate, "Rows"),
        columns=_whole(plate, "Columns"),
        default_field=_whole(plate, "FieldIndex"),
        wells=tuple(_read_well(well) for well in plate.iterfind("{*}Well")),
        runs=tuple(_read_run(run) for run in plate.iterfind("{*}PlateAcquisition")),
        screens=tuple(
            screen for screen, plates in screens if key in plates or screen.key in named
        ),
    )


def _read_well(well: Element) -> ImportedWell:
    fields = sorted(
        well.iterfind("{*}WellSample"), key=lambda one: _whole(one, "Index") or 0
    )
    return ImportedWell(
        row=_whole(well, "Row") or 0,
        column=_whole(well, "Column") or 0,
        fields=tuple(_read_field(field) for field in fields),
        kind=well.get("Type"),
        description=well.get("ExternalDescription"),
        external_id=well.get("ExternalIdentifier"),
        color=read_color(well.get("Color")),
    )


def _read_field(field: Element) -> ImportedField:
    image = field.find("{*}ImageRef")
    return ImportedField(
        sample=field.get("ID", ""),
        image=None if image is None else image.get("ID"),
        position_x=read_position(field, "PositionX"),
        position_y=read_position(field, "PositionY"),
        taken=read_date(field.get("Timepoint")),
    )


def _read_run(run: Element) -> ImportedRun:
    return ImportedRun(
        samples=frozenset(
            one.get("ID", "") for one in run.iterfind("{*}WellSampleRef")
        ),
        name=run.get("Name"),
        description=text_of(run.find("{*}Description")),
        started=read_date(run.get("StartTime")),
        ended=read_date(run.get("EndTime")),
        most_fields=_whole(run, "MaximumFieldCount"),
    )


def _whole(element: Element, name: str) -> int | None:
    value = element.get(name)
    return int(value) if value else None
