"""Pixels that clients write through the API, plane by plane, once.

As on OMERO.server, whether a store may write is decided when it opens the pixels: it
may if they were never written or read before.  The first write, or read, makes the
file, full of zeros; every store opened from then on only reads.
"""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.sandbox.errors import ApiUsage, Internal, ResourceFault

from .arrays import ArrayLevels, create_arrays
from .buffer import PixelBuffer
from .descriptor import Descriptor, Kind, write_descriptor
from .types import Place, Region, Size, band_size

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from .arrays import Levels
    from .cache import TileCache
    from .types import PixelsFacts


class RawFile:
    """One raw file while stores may write it; shared by all of them.

    Attributes
    ----------
    writers
        Stores that were opened before the file existed and are not closed.
    saved_events
        Events in which these stores saved the row of the pixels.
    """

    def __init__(self, facts: PixelsFacts, folder: Path) -> None:
        self.facts = facts
        self.folder = folder
        self.writers = 0
        self.saved_events: set[int] = set()
        self.lock = threading.RLock()
        self._arrays: ArrayLevels | None = None
        self._is_deleted = False

    @property
    def exists(self) -> bool:
        """Something was written or read."""
        return self._arrays is not None

    @property
    def sizes(self) -> tuple[Size, ...]:
        """Of the only level."""
        return (self.facts.size,)

    def read(self, level: int, place: Place, region: Region) -> NDArray[Any]:
        """Return a rectangle; makes the file if need be."""
        return self._open().read(level, place, region)

    def write_bytes(self, offset: int, content: bytes) -> None:
        """Write bytes from an offset in the file on, whatever they cover."""
        if offset < 0 or offset + len(content) > self.facts.total_bytes:
            raise Internal(
                f"{len(content)} bytes from {offset} on are not within the "
                f"{self.facts.total_bytes} bytes of Pixels:{self.facts.id}."
            )
        plane_bytes = self.facts.plane_bytes
        with self.lock:
            self._open()
            while content:
                index, start = divmod(offset, plane_bytes)
                part = content[: plane_bytes - start]
                self._patch(index, start, part)
                offset += len(part)
                content = content[len(part) :]

    def delete(self) -> None:
        """Remove the file; stores that are open find nothing any more."""
        with self.lock:
            self._is_deleted = True
            self._arrays = None

    def _open(self) -> ArrayLevels:
        with self.lock:
            if self._is_deleted:
                raise ResourceFault(f"Cannot find path. Deleted? {self.folder}")
            if self._arrays is None:
                # What a server left here that was killed is nobody's.
                shutil.rmtree(self.folder, ignore_errors=True)
                self.folder.mkdir(parents=True)
                descriptor = self._descriptor()
                self._arrays = create_arrays(self.folder, descriptor)
                # As on OMERO.server the file is there from now on, whatever becomes of
                # its writer: what was acknowledged survives the end of the server.
                write_descriptor(self.folder, descriptor)
            return self._arrays

    def _descriptor(self) -> Descriptor:
        facts = self.facts
        tile = band_size(facts)
        chunk = Size(tile.x, max(1, tile.y))
        return Descriptor(Kind.RAW, facts.type, facts.shape, (facts.size,), chunk)

    def _patch(self, index: int, start: int, content: bytes) -> None:
        """Write bytes within one plane."""
        facts = self.facts
        place = facts.place(index)
        first, end = start // facts.row_bytes, start + len(content)
        last = -(-end // facts.row_bytes)
        rows = Region(0, first, facts.size_x, last - first)
        if start % facts.row_bytes or end % facts.row_bytes:
            old = self._open().read(0, place, rows)
            patched = bytearray(old.astype(facts.type.wire).tobytes())
            begin = start - first * facts.row_bytes
            patched[begin : begin + len(content)] = content
            content = bytes(patched)
        pixels = np.frombuffer(content, facts.type.wire).astype(facts.type.dtype)
        pixels = pixels.reshape(rows.height, rows.width)
        self._open().write(0, place, 0, first, pixels)


class RawBuffer(PixelBuffer):
    """A raw file as one store sees it.

    Parameters
    ----------
    levels
        The file while it may be written, or what is on disk.
    file
        The file, where the store may write it.
    release
        Told when the store is closed.
    """

    def __init__(
        self,
        facts: PixelsFacts,
        levels: Levels,
        cache: TileCache,
        file: RawFile | None = None,
        release: Callable[[RawFile], None] | None = None,
    ) -> None:
        super().__init__(facts, levels, cache)
        self.file = file
        self._release = release

    def close(self) -> None:
        """Let others know that this store writes no more."""
        if self.file is not None and self._release is not None:
            self._release(self.file)
            self._release = None

    @property
    def is_writable(self) -> bool:
        """Whether pixels may be written through this buffer."""
        return self.file is not None

    @property
    def is_final(self) -> bool:
        """Nobody will write these pixels any more."""
        levels = self._levels
        return not isinstance(levels, RawFile) or levels.writers == 0

    def tile_size(self) -> Size:
        """Return full rows of about 1 MiB."""
        return band_size(self.facts)

    def set_resolution_level(self, resolution_level: int) -> None:
        """Refuse: there is one level."""
        raise Internal("Cannot set resolution levels on a ROMIO pixel buffer.")

    def refuse_place(self, message: str) -> None:
        """Raise what a client gets that reads outside the image."""
        raise ApiUsage(message)

    def refuse_writing(self, *, by_tile: bool) -> None:
        """Raise what a client gets that comes too late."""
        raise ApiUsage("Write-method not permitted.")

    def plane_region(self, place: Place, count: int, offset: int) -> bytes:
        """Return pixels of a plane from an index on."""
        width = self.facts.type.bytes
        start = self.plane_offset(place)
        if offset < 0 or count < 0 or (offset + count) * width > self.plane_bytes:
            raise ApiUsage(f"{count} pixels from {offset} on are not within the plane.")
        return self.region(count * width, start + offset * width)

    def region(self, size: int, offset: int) -> bytes:
        """Return bytes of the file from an offset on."""
        if offset < 0 or size < 0 or offset + size > self.facts.total_bytes:
            raise ApiUsage(f"{size} bytes from {offset} on are not within the file.")
        first, skip = divmod(offset, self.plane_bytes)
        last = -(-(offset + size) // self.plane_bytes)
        content = b"".join(map(self.plane, map(self.facts.place, range(first, last))))
        return content[skip : skip + size]

    def set_tile(self, buf: bytes, place: Place, region: Region) -> None:
        """Write full rows; the number of bytes alone decides how many."""
        file = self._writable()
        x, y, width, height = region
        self.check_place(place, x, y)
        self.check_place(place, x + width - 1, y + height - 1)
        if x != 0:
            raise Internal("ROMIO pixel buffer only supports 0 offseted tile writes.")
        if width != self.facts.size_x:
            raise Internal("ROMIO pixel buffer only supports full row writes.")
        file.write_bytes(self.plane_offset(place) + y * self.row_bytes, buf)

    def set_plane(self, buf: bytes, place: Place) -> None:
        """Write a plane."""
        file = self._writable()
        start = self.plane_offset(place)
        check_exact(buf, self.plane_bytes)
        file.write_bytes(start, buf)

    def set_row(self, buf: bytes, place: Place, y: int) -> None:
        """Write a row, and what follows it if the bytes are more."""
        file = self._writable()
        self.check_place(place, 0, y)
        file.write_bytes(self.plane_offset(place) + y * self.row_bytes, buf)

    def set_stack(self, buf: bytes, c: int, t: int) -> None:
        """Write all sections of a channel at a time point."""
        file = self._writable()
        start = self.plane_offset(Place(0, c, t))
        check_exact(buf, self.plane_bytes * self.facts.size_z)
        file.write_bytes(start, buf)

    def set_timepoint(self, buf: bytes, t: int) -> None:
        """Write all planes of a time point."""
        file = self._writable()
        start = self.plane_offset(Place(0, 0, t))
        check_exact(buf, self.plane_bytes * self.facts.size_z * self.facts.size_c)
        file.write_bytes(start, buf)

    def set_region(self, buf: bytes, size: int, offset: int) -> None:
        """Write bytes from an offset on."""
        self._writable().write_bytes(offset, buf[:size])

    def _writable(self) -> RawFile:
        if self.file is None:
            raise ApiUsage("Write-method not permitted.")
        return self.file


def check_exact(buf: bytes, expected: int) -> None:
    """Refuse a buffer of the wrong length, with the words of the server."""
    if len(buf) < expected:
        raise ResourceFault("BufferUnderflowException: null")
    if len(buf) > expected:
        raise ResourceFault("BufferOverflowException: null")
