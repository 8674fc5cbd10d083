"""RawPixelsStore: reading and writing pixels as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
from omero.rtypes import rstring
from sqlalchemy import select

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rendering.statistics import (
    plane_histogram,
    read_global_ranges,
)
from napari_omero_io.sandbox.store.pixels.facts import read_facts
from napari_omero_io.sandbox.store.pixels.raw import RawBuffer
from napari_omero_io.sandbox.store.pixels.types import Place, Region
from napari_omero_io.sandbox.store.saving import save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState
    from napari_omero_io.sandbox.store.pixels.buffer import PixelBuffer


class RawPixelsStore:
    """One set of pixels at a time, for one client."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core
        self._buffer: PixelBuffer | None = None
        self._row: Any = None
        self._has_written = False

    # Opening and closing.

    def setPixelsId(self, call: Call, pixels_id: int, _bypass: bool) -> None:
        """Open pixels for reading, and for writing if they were never written."""
        if self._buffer is not None and self._buffer.facts.id == pixels_id:
            return
        self.close(call)
        with self._core.database.read() as connection:
            facts = read_facts(connection, call, pixels_id)
        self._row = None
        self._buffer = self._core.pixels.open(facts, for_writing=True)
        if self._buffer.is_writable:
            query = "select p from Pixels p where p.id = :id"
            with self._core.database.read() as connection:
                (self._row,) = find(connection, call, query, {"id": pixels_id})

    def prepare(self, _call: Call, _pixels_ids: Sequence[int]) -> None:
        """Accept what will be opened: there is nothing to read ahead."""

    def save(self, call: Call) -> Any:
        """Store the digest of what was written; return the Pixels, else None."""
        if self._buffer is None:
            raise _not_ready()
        if not self._has_written:
            return None
        digest = self._reading().digest().hexdigest()
        siblings = self._sibling_events()
        with self._core.database.write() as connection:
            table = self._core.database.tables["Pixels"]
            pixels_id = self._buffer.facts.id
            query = select(table.c.update_id).where(table.c.id == pixels_id)
            event_id = connection.execute(query).scalar()
            if event_id in siblings:
                # Another store wrote other planes of the same pixels: no conflict.
                text = "select p from Pixels p where p.id = :id"
                (self._row,) = find(connection, call, text, {"id": pixels_id})
            self._row._sha1 = rstring(digest)
            (self._row,) = save(connection, call, [self._row])
        siblings.add(self._row._details._updateEvent._id.getValue())
        self._has_written = False
        return self._row

    def close(self, call: Call) -> None:
        """Save what was written, and give the pixels back."""
        if self._buffer is None:
            return
        try:
            self.save(call)
        finally:
            buffer, self._buffer = self._buffer, None
            self._has_written = False
            buffer.close()

    def calculateMessageDigest(self, _call: Call) -> bytes:
        """Return the SHA-1 of all planes in the order T, C, Z."""
        return self._reading().digest().digest()

    # What is open.

    def getPixelsId(self, _call: Call) -> int:
        """Return the id of the open pixels."""
        return self._opened().facts.id

    def getPixelsPath(self, _call: Call) -> str:
        """Return where the pixels are kept."""
        return str(self._core.pixels.path(self._opened().facts.id))

    def getByteWidth(self, _call: Call) -> int:
        """Return the bytes of a pixel."""
        return self._reading().facts.type.bytes

    def isSigned(self, _call: Call) -> bool:
        """Tell whether pixels may be negative."""
        return self._reading().facts.type.is_signed

    def isFloat(self, _call: Call) -> bool:
        """Tell whether pixels are fractions."""
        return self._reading().facts.type.is_float

    def requiresPixelsPyramid(self, _call: Call) -> bool:
        """Tell whether planes are handled by tiles only."""
        return self._opened().facts.needs_pyramid

    def getTileSize(self, _call: Call) -> list[int]:
        """Return width and height of what should be read and written at a time."""
        return list(self._opened().tile_size())

    def getResolutionLevels(self, _call: Call) -> int:
        """Return the number of levels."""
        return self._opened().resolution_levels()

    def getResolutionLevel(self, _call: Call) -> int:
        """Return the level that is read; 0 is the smallest."""
        return self._opened().resolution_level()

    def setResolutionLevel(self, _call: Call, level: int) -> None:
        """Choose the level that is read; 0 is the smallest."""
        self._opened().set_resolution_level(level)

    def getResolutionDescriptions(self, _call: Call) -> list[Any]:
        """Return the sizes of the levels, the full size first."""
        return [
            omero.api.ResolutionDescription(*size)
            for size in self._opened().resolution_descriptions()
        ]

    # Sizes and offsets in bytes.

    def getRowSize(self, _call: Call) -> int:
        """Return the bytes of a row."""
        return self._reading().row_bytes

    def getPlaneSize(self, _call: Call) -> int:
        """Return the bytes of a plane."""
        return self._reading().plane_bytes

    def getStackSize(self, call: Call) -> int:
        """Return the bytes of all sections of a channel."""
        return self.getPlaneSize(call) * self._opened().facts.size_z

    def getTimepointSize(self, call: Call) -> int:
        """Return the bytes of a time point."""
        return self.getStackSize(call) * self._opened().facts.size_c

    def getTotalSize(self, call: Call) -> int:
        """Return the bytes of all planes."""
        return self.getTimepointSize(call) * self._opened().facts.size_t

    def getRowOffset(self, _call: Call, y: int, z: int, c: int, t: int) -> int:
        """Return the bytes before a row."""
        buffer = self._reading()
        buffer.check_place(Place(z, c, t), 0, y)
        return buffer.plane_offset(Place(z, c, t)) + y * buffer.row_bytes

    def getPlaneOffset(self, _call: Call, z: int, c: int, t: int) -> int:
        """Return the bytes before a plane."""
        return self._reading().plane_offset(Place(z, c, t))

    def getStackOffset(self, _call: Call, c: int, t: int) -> int:
        """Return the bytes before a channel of a time point."""
        return self._reading().plane_offset(Place(0, c, t))

    def getTimepointOffset(self, _call: Call, t: int) -> int:
        """Return the bytes before a time point."""
        return self._reading().plane_offset(Place(0, 0, t))

    # Reading.

    def getTile(
        self, _call: Call, z: int, c: int, t: int, x: int, y: int, w: int, h: int
    ) -> bytes:
        """Return a rectangle of a plane; it is not clipped."""
        return self._reading().tile(Place(z, c, t), Region(x, y, w, h))

    def getPlane(self, _call: Call, z: int, c: int, t: int) -> bytes:
        """Return a plane."""
        return self._reading().plane(Place(z, c, t))

    def getRow(self, _call: Call, y: int, z: int, c: int, t: int) -> bytes:
        """Return a row."""
        return self._reading().row(Place(z, c, t), y)

    def getCol(self, _call: Call, x: int, z: int, c: int, t: int) -> bytes:
        """Return a column."""
        return self._reading().column(Place(z, c, t), x)

    def getStack(self, _call: Call, c: int, t: int) -> bytes:
        """Return all sections of a channel."""
        return self._reading().stack(c, t)

    def getTimepoint(self, _call: Call, t: int) -> bytes:
        """Return all planes of a time point: channels, in each the sections."""
        return self._reading().timepoint(t)

    def getHypercube(
        self,
        _call: Call,
        offset: Sequence[int],
        size: Sequence[int],
        step: Sequence[int],
    ) -> bytes:
        """Return every n-th pixel of a block as (T, C, Z, Y, X)."""
        return self._reading().hypercube(offset, size, step)

    def getPlaneRegion(
        self, _call: Call, z: int, c: int, t: int, size: int, offset: int
    ) -> bytes:
        """Return pixels of a plane from an index on."""
        return self._reading().plane_region(Place(z, c, t), size, offset)

    def getRegion(self, _call: Call, size: int, offset: int) -> bytes:
        """Return bytes of the file from an offset on."""
        return self._reading().region(size, offset)

    # Writing.

    def setTile(
        self,
        _call: Call,
        buf: bytes,
        z: int,
        c: int,
        t: int,
        x: int,
        y: int,
        w: int,
        h: int,
    ) -> None:
        """Write a rectangle of a plane."""
        self._opened().set_tile(buf, Place(z, c, t), Region(x, y, w, h))
        self._has_written = True

    def setPlane(self, _call: Call, buf: bytes, z: int, c: int, t: int) -> None:
        """Write a plane."""
        self._opened().set_plane(buf, Place(z, c, t))
        self._has_written = True

    def setRow(self, _call: Call, buf: bytes, y: int, z: int, c: int, t: int) -> None:
        """Write a row."""
        self._opened().set_row(buf, Place(z, c, t), y)
        self._has_written = True

    def setStack(self, _call: Call, buf: bytes, _z: int, c: int, t: int) -> None:
        """Write all sections of a channel."""
        self._opened().set_stack(buf, c, t)
        self._has_written = True

    def setTimepoint(self, _call: Call, buf: bytes, t: int) -> None:
        """Write all planes of a time point."""
        self._opened().set_timepoint(buf, t)
        self._has_written = True

    def setRegion(self, _call: Call, size: int, offset: int, buf: bytes) -> None:
        """Write bytes from an offset on."""
        self._opened().set_region(buf, size, offset)
        self._has_written = True

    # Looking at values.

    def findMinMax(
        self, _call: Call, channels: Sequence[int]
    ) -> dict[int, list[float]]:
        """Return the extremes of middle planes; nothing of big images."""
        buffer = self._reading()
        if buffer.facts.needs_pyramid:
            return {}
        facts = buffer.facts
        z, t = (facts.size_z - 1) // 2, (facts.size_t - 1) // 2
        return {c: list(buffer.find_range(Place(z, c, t))) for c in channels}

    def getHistogram(
        self,
        call: Call,
        channels: Sequence[int],
        bin_count: int,
        global_range: bool,
        plane: Any,
    ) -> dict[int, list[int]]:
        """Count the values of a plane of some channels, at a level of handy size."""
        buffer = self._reading()
        ranges = {}
        if global_range:
            with self._core.database.read() as connection:
                ranges = read_global_ranges(connection, call, buffer.facts.id)
        limit = self._core.config.number("omero.pixeldata.max_plane_width")
        return plane_histogram(buffer, channels, bin_count, ranges, plane, limit)

    def _opened(self) -> PixelBuffer:
        if self._buffer is None:
            raise _not_ready()
        return self._buffer

    def _reading(self) -> PixelBuffer:
        """Return the buffer to read from; big pixels are not written any more."""
        buffer = self._opened()
        self._buffer = reader = buffer.reading()
        return reader

    def _sibling_events(self) -> set[int]:
        """Return the events in which stores saved that write the same file."""
        buffer = self._buffer
        if isinstance(buffer, RawBuffer) and buffer.file is not None:
            return buffer.file.saved_events
        return set()


def _not_ready() -> ApiUsage:
    return ApiUsage(
        "This RawPixelsStore has not been properly initialized. Set the id of the "
        "pixels before anything else."
    )
