"""What the metadata say of one set of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from napari_omero_io.sandbox.rules.permissions import visible

from .pixels.types import PixelsFacts, pixel_type

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core


def find_facts(
    connection: Connection, call: Call, pixels_id: int
) -> PixelsFacts | None:
    """Return the facts of pixels; None when there are none that the caller may see."""
    tables = call.core.database.tables
    pixels, kind = tables["Pixels"], tables["PixelsType"]
    row = connection.execute(
        select(pixels, kind.c.value.label("kind"))
        .join(kind, kind.c.id == pixels.c.pixelsType_id)
        .where(pixels.c.id == pixels_id, visible(call.caller, pixels))
    ).first()
    if row is None:
        return None
    type_ = pixel_type(row.kind)
    return PixelsFacts(
        id=pixels_id,
        type=type_,
        size_x=row.sizeX,
        size_y=row.sizeY,
        size_z=row.sizeZ,
        size_c=row.sizeC,
        size_t=row.sizeT,
        needs_pyramid=needs_pyramid(
            call.core, row.sizeX * row.sizeY, is_float=type_.is_float
        ),
    )


def needs_pyramid(core: Core, area: int, *, is_float: bool) -> bool:
    """Tell whether planes are so big that OMERO keeps a pyramid of them.

    What counts is the area, not the sides; planes of floats never have one while the
    server is set so.
    """
    config = core.config
    if is_float and config.get("omero.pixeldata.max_plane_float_override") == "true":
        return False
    width = config.number("omero.pixeldata.max_plane_width")
    height = config.number("omero.pixeldata.max_plane_height")
    return area > width * height
