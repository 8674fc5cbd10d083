"""Reading from the database what the pixel store must know of a set of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from napari_omero_io.sandbox.errors import Invalid
from napari_omero_io.sandbox.rules.permissions import visible

from .types import PixelsFacts, pixel_type

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.config import Config
    from napari_omero_io.sandbox.core import Call

    from .types import PixelType

_SIZES = ("sizeX", "sizeY", "sizeZ", "sizeC", "sizeT")


def read_facts(connection: Connection, call: Call, pixels_id: int) -> PixelsFacts:
    """Return what the store must know of a set of pixels.

    Raises
    ------
    Invalid
        There are none, or the caller may not see them.
    """
    tables = call.core.database.tables
    pixels, types = tables["Pixels"], tables["PixelsType"]
    query = (
        select(types.c.value, *(pixels.c[name] for name in _SIZES))
        .select_from(pixels.join(types, pixels.c.pixelsType_id == types.c.id))
        .where(pixels.c.id == pixels_id, visible(call.caller, pixels))
    )
    row = connection.execute(query).first()
    if row is None:
        raise Invalid(f"Cannot read pixels id={pixels_id}")
    kind = pixel_type(row.value)
    x, y, z, c, t = row[1:]
    return PixelsFacts(
        id=pixels_id,
        type=kind,
        size_x=x,
        size_y=y,
        size_z=z,
        size_c=c,
        size_t=t,
        needs_pyramid=needs_pyramid(call.core.config, kind, x, y),
    )


def needs_pyramid(config: Config, kind: PixelType, size_x: int, size_y: int) -> bool:
    """Tell whether OMERO handles planes of a size by tiles only.

    The area counts, not the sides; and planes of floats never are too big.
    """
    is_spared = config.get("omero.pixeldata.max_plane_float_override") == "true"
    if kind.is_float and is_spared:
        return False
    width = config.number("omero.pixeldata.max_plane_width")
    height = config.number("omero.pixeldata.max_plane_height")
    return size_x * size_y > width * height
