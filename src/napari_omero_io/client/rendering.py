"""Pictures that the server renders: planes in colour, compressed, for slow lines.

A RenderingEngine serves one thread.  It is given the colours, windows and lookup
tables that the image is to be shown with, so that the picture looks as its layers do.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from napari_omero_io.errors import PixelsUnavailable
from napari_omero_io.records import ChannelRecord

from .appearance import make_quantization, name_enumeration, set_color
from .ice import omero
from .images import MAX_PLANE
from .link import PATIENCE
from .translate import translated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_omero_io.records import ImageRecord
    from napari_omero_io.refs import Projection

    from .connection import Connection

#: Of JPEG.  OMERO.web takes 0.9 where nothing is said.
QUALITY = 0.9
#: OMERO's words for projections of sections.
_PROJECTIONS = {
    "intmax": "MAXIMUMINTENSITY",
    "intmean": "MEANINTENSITY",
    "intsum": "SUMINTENSITY",
}
#: The one channel that the packed pixels of a picture have.
_PACKED = ChannelRecord(
    index=0,
    name="picture",
    color=(255, 255, 255, 255),
    window=(0.0, float(2**32 - 1)),
    limits=(0.0, float(2**32 - 1)),
)


def make_rendering(image: ImageRecord) -> Any:
    """Make the RenderingDef that shows an image as its record says.

    Always in colours: OMERO's grey model is one white channel in the record.
    """
    settings = omero.model.RenderingDefI()
    settings.pixels = omero.model.PixelsI(image.pixels_id, False)
    settings.defaultZ = omero.rtypes.rint(image.default_z)
    settings.defaultT = omero.rtypes.rint(image.default_t)
    settings.model = name_enumeration("RenderingModel", "rgb")
    settings.quantization = make_quantization()
    for channel in image.channels:
        settings.addChannelBinding(_make_binding(channel))
    return settings


def _make_binding(channel: ChannelRecord) -> Any:
    binding = omero.model.ChannelBindingI()
    binding.family = name_enumeration("Family", channel.family)
    binding.coefficient = omero.rtypes.rdouble(channel.coefficient)
    binding.inputStart, binding.inputEnd = map(omero.rtypes.rdouble, channel.window)
    binding.active = omero.rtypes.rbool(channel.active)
    binding.noiseReduction = omero.rtypes.rbool(False)
    # '' takes away a table that the stored settings have; nothing would leave it
    binding.lookupTable = omero.rtypes.rstring(channel.lookup_table)
    set_color(binding, channel.color)
    if channel.inverted:
        context = omero.model.ReverseIntensityContextI()
        context.reverse = omero.rtypes.rbool(True)
        binding.addCodomainMapContext(context)
    return binding


class RenderedReader:
    """Reads rendered tiles through one engine; used by the thread that made it."""

    def __init__(self, connection: Connection, source: RenderedSource) -> None:
        self._connection = connection
        self._generation = connection.generation
        self._source = source
        self._engine, self._level = self._open(), 0

    def read_tile(
        self, level: int, z: int, c: int, t: int, x: int, y: int, w: int, h: int
    ) -> NDArray[Any]:
        """Read `h` rows of `w` pixels, red, green and blue packed into 32 bits.

        Raises
        ------
        PixelsUnavailable
            They are not ready, or the server sent no picture of that size.
        """
        del c  # a picture has all channels
        with translated(f"render image {self._source.shown.id}"):
            data: bytes = self._connection.outlive(
                lambda: self._render(level, z, t, x, y, w, h), self._reopen
            )
        with Image.open(io.BytesIO(data)) as picture:
            pixels = np.asarray(picture.convert("RGB"), np.uint32)
        if pixels.shape != (h, w, 3):
            raise PixelsUnavailable(
                f"The server sent a picture of {pixels.shape[1]} x {pixels.shape[0]} "
                f"pixels for {w} x {h} of image {self._source.shown.id}."
            )
        return pixels[..., 0] | pixels[..., 1] << 8 | pixels[..., 2] << 16

    def close(self) -> None:
        """Give the engine back to the server."""
        with translated(f"close image {self._source.shown.id}"):
            self._engine.close()

    def _open(self) -> Any:
        image = self._source.shown
        context = self._connection.context(image.group_id)
        with translated(f"render image {image.id}"):
            engine = self._connection.open_rendering_engine().ice_invocationTimeout(
                PATIENCE * 1000
            )
            engine.lookupPixels(image.pixels_id, context)
            if not engine.lookupRenderingDef(image.pixels_id, context):
                # not stored: that might not be allowed here
                engine.resetDefaultSettings(False, context)
            engine.load(context)
            engine.updateSettings(make_rendering(image), context)
            engine.setCompressionLevel(QUALITY, context)
        return engine

    def _reopen(self) -> None:
        self._generation = self._connection.generation
        self._engine, self._level = self._open(), 0

    def _render(
        self, level: int, z: int, t: int, x: int, y: int, w: int, h: int
    ) -> bytes:
        if self._generation != self._connection.generation:
            self._reopen()
        levels = self._source.shown.levels
        if level != self._level:
            self._engine.setResolutionLevel(levels[level].resolution)
            self._level = level
        if self._source.projection is not None:
            return self._project(self._source.projection, t)
        plane = omero.romio.PlaneDef()
        plane.slice, plane.z, plane.t = omero.romio.XY, z, t
        if (w, h) != (levels[0].size_x, levels[0].size_y):
            # a reduced level needs one too, if it is whole
            plane.region = omero.romio.RegionDef(x, y, w, h)
        picture: bytes = self._engine.renderCompressed(plane)
        return picture

    def _project(self, projection: Projection, t: int) -> bytes:
        kind = getattr(
            omero.constants.projection.ProjectionType, _PROJECTIONS[projection.kind]
        )
        first, last = find_sections(projection, self._source.shown.size_z)
        picture: bytes = self._engine.renderProjectedCompressed(kind, t, 1, first, last)
        return picture


class RenderedSource:
    """One image as the server renders it, as a source of packed pixels.

    Parameters
    ----------
    shown
        The image with the channels as they are to be shown.
    projection
        Sections to show as one; only of images with a single resolution.

    Attributes
    ----------
    record
        The same image with one channel of 32 bits: red in the lowest eight, then
        green, then blue.
    """

    def __init__(
        self,
        connection: Connection,
        shown: ImageRecord,
        projection: Projection | None = None,
    ) -> None:
        self._connection = connection
        self.shown = shown
        self.projection = projection if can_project(shown) else None
        self.record = replace(
            shown,
            dtype="uint32",
            size_c=1,
            size_z=1 if self.projection is not None else shown.size_z,
            default_z=0 if self.projection is not None else shown.default_z,
            channels=(_PACKED,),
            is_rgb=False,
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by reference: see `tickets`."""
        from .tickets import RenderedTicket, redeem_rendered

        connection = self._connection
        ticket = RenderedTicket(
            connection.address, connection.key, self.shown, self.projection
        )
        return redeem_rendered, (ticket,)

    def __repr__(self) -> str:
        return f"<RenderedSource image {self.shown.id} at {self.server}>"

    @property
    def server(self) -> str:
        """The server as it stands in links."""
        return self._connection.server

    @property
    def looks(self) -> str:
        """Tell these colours and sections from any others of the same pixels."""
        channels = [replace(each, name="") for each in self.shown.channels]
        said = (channels, self.projection and astuple(self.projection), QUALITY)
        return hashlib.sha256(repr(said).encode()).hexdigest()[:16]

    def open_reader(self) -> RenderedReader:
        """Open a reader for the calling thread, which closes it."""
        return RenderedReader(self._connection, self)

    def close(self) -> None:
        """Do nothing: readers close their own engines."""


def can_project(image: ImageRecord) -> bool:
    """Whether the server projects an image's sections; it refuses large planes."""
    return len(image.levels) == 1 and image.size_x * image.size_y <= MAX_PLANE


def find_sections(projection: Projection, size_z: int) -> tuple[int, int]:
    """Give the first and the last section that are projected."""
    last = size_z - 1
    first = min(projection.first or 0, last)
    if projection.last is not None:
        last = min(max(first, projection.last), last)
    return first, last
