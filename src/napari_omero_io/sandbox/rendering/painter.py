"""Planes of an image as pictures."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.sandbox.errors import ApiUsage, Internal, Invalid
from napari_omero_io.sandbox.store.pixels.types import Place, Region

from .composition import compose
from .lookup_tables import LookupTables

if TYPE_CHECKING:
    from napari_omero_io.sandbox.store.pixels.buffer import PixelBuffer
    from napari_omero_io.sandbox.store.pixels.types import PixelType

    from .settings import RenderingSettings

#: The tables that the sandbox brings.
TABLES = LookupTables()


class Projection(IntEnum):
    """How the sections of a stack become one plane."""

    MAXIMUM = 0
    MEAN = 1
    SUM = 2


def paint_section(
    buffer: PixelBuffer, settings: RenderingSettings, plane: Any
) -> np.ndarray:
    """Return the picture of a plane as clients describe it, (Y, X, 3) of uint8.

    Parameters
    ----------
    plane
        `omero.romio.PlaneDef`; a region that reaches over the edge is cut.
    """
    import omero.romio

    step = max(plane.stride, 0) + 1
    if plane.slice == omero.romio.XY:
        region = cut_region(buffer, plane.region)
        return paint_plane(buffer, settings, plane.z, plane.t, region, step)
    if len(buffer.sizes) > 1:
        raise Internal("Not supported.")
    planes = {}
    for channel in settings.shown_channels():
        sections = range(buffer.facts.size_z)
        places = (Place(z, channel, plane.t) for z in sections)
        stack = np.stack([buffer.read_plane(place) for place in places])
        if plane.slice == omero.romio.XZ:
            _check(plane.y, buffer.size.y, "Y")
            planes[channel] = stack[:, plane.y, :][::step, ::step]
        else:
            _check(plane.x, buffer.size.x, "X")
            planes[channel] = stack[:, :, plane.x].T[::step, ::step]
    return _finish(planes, settings, (1, 1))


def paint_plane(
    buffer: PixelBuffer,
    settings: RenderingSettings,
    z: int,
    t: int,
    region: Region | None = None,
    step: int = 1,
) -> np.ndarray:
    """Return the picture of a plane or a region of it, (Y, X, 3) of uint8."""
    _check(z, buffer.facts.size_z, "Z")
    _check(t, buffer.facts.size_t, "T")
    region = region or Region(0, 0, *buffer.size)
    planes = {
        channel: buffer.read(Place(z, channel, t), region)[::step, ::step]
        for channel in settings.shown_channels()
    }
    return _finish(
        planes, settings, (-(-region.height // step), -(-region.width // step))
    )


def paint_projection(
    buffer: PixelBuffer,
    settings: RenderingSettings,
    projection: Projection,
    t: int,
    stepping: int,
    start: int,
    end: int,
) -> np.ndarray:
    """Return the picture of projected sections, (Y, X, 3) of uint8."""
    planes = {
        channel: project(buffer, projection, channel, t, stepping, start, end)
        for channel in settings.shown_channels()
    }
    return _finish(planes, settings, (buffer.size.y, buffer.size.x))


def project(
    buffer: PixelBuffer,
    projection: Projection,
    c: int,
    t: int,
    stepping: int,
    start: int,
    end: int,
    kind: PixelType | None = None,
) -> np.ndarray:
    """Return sections projected to one plane, by default of the type of the pixels.

    As on OMERO.server the maximum includes the last section, mean and sum do not,
    and the maximum begins at zero.
    """
    last = buffer.facts.size_z - 1
    if not (0 <= start <= last and 0 <= end <= last and start <= end):
        raise Invalid(f"Sections {start} to {end} are not within 0 to {last}.")
    if stepping < 1:
        raise Invalid(f"stepping: {stepping} <= 0")
    _check(t, buffer.facts.size_t, "T")
    stop = end + 1 if projection is Projection.MAXIMUM else end
    shape = (buffer.size.y, buffer.size.x)
    total = np.zeros(shape, np.float64)
    sections = range(start, stop, stepping)
    for z in sections:
        plane = buffer.read_plane(Place(z, c, t)).astype(np.float64)
        if projection is Projection.MAXIMUM:
            np.maximum(total, plane, out=total)
        else:
            total += plane
    if projection is Projection.MEAN and len(sections):
        total /= len(sections)
    dtype = (kind or buffer.facts.type).dtype
    if dtype.kind != "f":
        info = np.iinfo(dtype)
        np.clip(total, info.min, info.max, out=total)
    return total.astype(dtype)


def cut_region(buffer: PixelBuffer, region: Any) -> Region | None:
    """Return a region that lies within the plane; None for the whole plane."""
    if region is None:
        if buffer.level:
            raise Internal("A reduced resolution is rendered by region only.")
        return None
    _check(region.x, buffer.size.x, "X")
    _check(region.y, buffer.size.y, "Y")
    width = min(region.width, buffer.size.x - region.x)
    height = min(region.height, buffer.size.y - region.y)
    if width < 1 or height < 1:
        raise ApiUsage("A region needs at least one pixel.")
    return Region(region.x, region.y, width, height)


def paint_small(
    buffer: PixelBuffer, settings: RenderingSettings, z: int, t: int, longest: int
) -> np.ndarray:
    """Return the picture of a plane at the smallest resolution that is large enough."""
    fits = [level for level, size in enumerate(buffer.sizes) if max(size) >= longest]
    buffer.level = fits[-1] if fits else 0
    size = buffer.size
    step = max(1, max(size) // max(longest, 1)) if len(buffer.sizes) == 1 else 1
    return paint_plane(buffer, settings, z, t, step=step)


def _finish(
    planes: dict[int, np.ndarray], settings: RenderingSettings, shape: tuple[int, int]
) -> np.ndarray:
    if planes:
        height, width = next(iter(planes.values())).shape
        shape = (height, width)
    return compose(planes, settings, TABLES, shape)


def _check(place: int, size: int, axis: str) -> None:
    if not 0 <= place < size:
        raise ApiUsage(f"{axis} '{place}' greater than size{axis} '{size}'.")
