"""Exporter: one image as an OME-TIFF, or its metadata as OME-XML."""

from __future__ import annotations

import tempfile
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import tifffile

from napari_omero_io.sandbox.errors import ApiUsage, Internal, SandboxError
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.store.pixels.facts import read_facts
from napari_omero_io.sandbox.store.pixels.types import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState
    from napari_omero_io.sandbox.store.pixels.buffer import PixelBuffer
    from napari_omero_io.sandbox.store.pixels.types import PixelsFacts

#: Bytes of one read.
_READ = 1_048_576
_AXES = "TCZYX"
_QUERY = (
    "select p from Image i join i.pixels p join fetch p.image "
    "left outer join fetch p.channels c left outer join fetch c.logicalChannel "
    "where i.id = :id order by index(p)"
)


class Exporter:
    """Takes an image, makes a file of it, and lets the file be read."""

    def __init__(self, core: Core, _session: SessionState) -> None:
        self._core = core
        self._pixels: Any = None
        self._output: IO[bytes] | None = None

    def addImage(self, call: Call, image_id: int) -> None:
        """Choose the image."""
        if self._output is not None:
            raise ApiUsage("Cannot configure during output")
        with self._core.database.read() as connection:
            found = find(connection, call, _QUERY, {"id": image_id})
        if not found:
            raise ApiUsage(f"There is no Image:{image_id} with pixels.")
        self._pixels = found[0]

    def generateXml(self, call: Call) -> int:
        """Write the metadata; return the bytes there are to read."""
        facts = self._begin(call)
        planes = facts.size_t * facts.size_c * facts.size_z
        xml = tifffile.OmeXml()
        xml.addimage(
            facts.type.dtype,
            _shape(facts),
            (planes, 1, 1, facts.size_y, facts.size_x, 1),
            axes=_AXES,
            **_describe(self._pixels),
        )
        output = tempfile.TemporaryFile()  # noqa: SIM115 - open until it was read
        output.write(xml.tostring().encode())
        return self._finish(output)

    def generateTiff(self, call: Call) -> int:
        """Write pixels and metadata; return the bytes there are to read."""
        facts = self._begin(call)
        if facts.needs_pyramid:
            raise Internal("Error during TIFF generation: the image is too big.")
        # Of this name, since a server that is killed removes it at its next start.
        output = tempfile.NamedTemporaryFile(  # noqa: SIM115 - open until it was read
            dir=self._core.files.folder, prefix="incoming-"
        )
        try:
            self._write_tiff(output, facts)
        except (SandboxError, OSError) as error:
            output.close()
            raise Internal(f"Error during TIFF generation: {error}") from error
        except BaseException:
            output.close()
            raise
        return self._finish(output)

    def read(self, _call: Call, position: int, length: int) -> bytes:
        """Return bytes of the file; fewer where it ends."""
        if self._output is None:
            raise ApiUsage("Call a generate method first")
        if not 0 <= length <= _READ:
            raise ApiUsage(f"Read between 0 and {_READ} bytes at a time: {length}")
        if position < 0:
            raise ApiUsage(f"Cannot read from {position} on.")
        self._output.seek(position)
        return self._output.read(length)

    def close(self, _call: Call) -> None:
        """Remove the file."""
        if self._output is not None:
            self._output.close()
            self._output = None

    def _begin(self, call: Call) -> PixelsFacts:
        if self._output is not None:
            raise ApiUsage("Cannot configure during output")
        if self._pixels is None:
            raise ApiUsage("Add an image first.")
        with self._core.database.read() as connection:
            return read_facts(connection, call, int(self._pixels.id.val))

    def _finish(self, output: IO[bytes]) -> int:
        self._output = output
        return output.seek(0, 2)

    def _write_tiff(self, output: IO[bytes], facts: PixelsFacts) -> None:
        buffer = self._core.pixels.open(facts)
        try:
            with tifffile.TiffWriter(output, ome=True) as writer:
                writer.write(
                    _planes(buffer, facts),
                    shape=_shape(facts),
                    dtype=facts.type.dtype,
                    photometric="minisblack",
                    metadata={"axes": _AXES, **_describe(self._pixels)},
                )
        finally:
            buffer.close()


def _shape(facts: PixelsFacts) -> tuple[int, ...]:
    return (facts.size_t, facts.size_c, facts.size_z, facts.size_y, facts.size_x)


def _planes(buffer: PixelBuffer, facts: PixelsFacts) -> Iterator[np.ndarray]:
    for t, c, z in np.ndindex(facts.size_t, facts.size_c, facts.size_z):
        yield np.ascontiguousarray(buffer.read_plane(Place(z, c, t)), facts.type.dtype)


def _describe(pixels: Any) -> dict[str, Any]:
    """Return what is known of an image, in the words of OME-XML."""
    said: dict[str, Any] = {"Name": pixels.image.name.val}
    if pixels.image.description is not None and pixels.image.description.val:
        said["Description"] = pixels.image.description.val
    for name in ("PhysicalSizeX", "PhysicalSizeY", "PhysicalSizeZ"):
        length = getattr(pixels, f"_{name[0].lower()}{name[1:]}")
        if length is not None:
            said[name], said[f"{name}Unit"] = length.getValue(), length.getSymbol()
    channels = pixels.copyChannels()
    names = [
        channel.logicalChannel.name.val if channel.logicalChannel.name else None
        for channel in channels
    ]
    channel_words: dict[str, Any] = {}
    if all(names):
        channel_words["Name"] = names
    colors = [_color(channel) for channel in channels]
    if None not in colors:
        channel_words["Color"] = colors
    if channel_words:
        said["Channel"] = channel_words
    return said


def _color(channel: Any) -> int | None:
    """Return red, green, blue and alpha as one signed number, as OME-XML has it."""
    parts = [channel.red, channel.green, channel.blue, channel.alpha]
    if any(part is None for part in parts):
        return None
    packed = bytes(int(part.val) for part in parts)
    return int.from_bytes(packed, "big", signed=True)
