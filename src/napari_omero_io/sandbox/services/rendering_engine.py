"""omero.api.RenderingEngine: pictures of one image, and the settings they are made by.

A client chooses pixels, then settings, then loads the pixel buffer; each step needs
the one before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero.api
import omero.model
import omero.romio

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.rendering import stored
from napari_omero_io.sandbox.rendering.composition import pack
from napari_omero_io.sandbox.rendering.painter import (
    Projection,
    paint_projection,
    paint_section,
)
from napari_omero_io.sandbox.rendering.pictures import DEFAULT_QUALITY, encode_jpeg
from napari_omero_io.sandbox.rendering.settings import Model
from napari_omero_io.sandbox.rendering.subject import (
    default_settings,
    find_subject,
)

from .rendering_state import RenderingState

if TYPE_CHECKING:
    import numpy as np

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.rendering.settings import RenderingSettings
    from napari_omero_io.sandbox.sessions import SessionState
    from napari_omero_io.sandbox.store.pixels.buffer import PixelBuffer

_PIXELS = """
    select p from Pixels p
    join fetch p.pixelsType
    left outer join fetch p.channels c
    left outer join fetch c.logicalChannel l
    left outer join fetch l.photometricInterpretation
    left outer join fetch c.statsInfo
    where p.id = :id
"""


class RenderingEngine(RenderingState):
    """Renders the planes of one image."""

    def __init__(self, core: Core, session: SessionState) -> None:
        super().__init__(core)
        self._buffer: PixelBuffer | None = None
        self._quality = DEFAULT_QUALITY

    # Which image, which settings, ready.

    def lookupPixels(self, call: Call, pixels_id: int) -> None:
        """Choose the pixels."""
        self.close(call)
        with self._core.database.read() as connection:
            subject = find_subject(connection, call, pixels_id)
        if subject is None:
            raise Invalid(f"Pixels object with id {pixels_id} not found.")
        self._subject, self._settings = subject, None

    def lookupRenderingDef(self, call: Call, pixels_id: int) -> bool:
        """Choose the caller's settings, else those of the owner; tell if any exist."""
        with self._core.database.read() as connection:
            found = stored.find_definitions_to_show(connection, call, [pixels_id])
        if pixels_id in found:
            self._settings = stored.read_settings(found[pixels_id])
        return pixels_id in found

    def loadRenderingDef(self, call: Call, definition_id: int) -> None:
        """Choose settings by their id."""
        subject = self._chosen_subject()
        with self._core.database.read() as connection:
            found = stored.load_definition(connection, call, definition_id)
        if found is None:
            raise Invalid(f"RenderingDef object with id {definition_id} not found.")
        settings = stored.read_settings(found)
        if len(settings.channels) != subject.facts.size_c:
            raise Invalid(
                f"RenderingDef {definition_id} does not fit Pixels:{subject.facts.id}."
            )
        self._settings = replace(settings, pixels_id=subject.facts.id)

    def load(self, call: Call) -> None:
        """Open the pixels.

        Raises
        ------
        Locked
            They were never written.
        """
        subject = self._chosen_subject()
        self._chosen_settings()
        self._close_buffer()
        self._buffer = self._core.pixels.open(subject.facts)

    def close(self, call: Call) -> None:
        """Give the pixels back."""
        self._close_buffer()

    def getRenderingDefId(self, call: Call) -> int:
        """Return the id of the settings; -1 while they are not stored."""
        identifier = self._chosen_settings().id
        return -1 if identifier is None else identifier

    def getPixels(self, call: Call) -> Any:
        """Return the pixels with their channels."""
        subject = self._chosen_subject()
        with self._core.database.read() as connection:
            (found,) = hql.find(connection, call, _PIXELS, {"id": subject.facts.id})
        return found

    # Pictures.

    def render(self, call: Call, plane: Any) -> Any:
        """Return a picture as three bands."""
        picture = self._paint(plane)
        bands = [picture[..., band].tobytes() for band in range(3)]
        height, width = picture.shape[:2]
        return omero.romio.RGBBuffer(bands, width, height)

    def renderAsPackedInt(self, call: Call, plane: Any) -> list[int]:
        """Return a picture as one number a pixel, 0xAARRGGBB."""
        return self._pack(self._paint(plane))

    def renderCompressed(self, call: Call, plane: Any) -> bytes:
        """Return a picture as JPEG."""
        return encode_jpeg(self._paint(plane), self._quality)

    def renderProjectedAsPackedInt(
        self, call: Call, kind: Any, t: int, stepping: int, start: int, end: int
    ) -> list[int]:
        """Return projected sections as one number a pixel."""
        return self._pack(self._paint_projection(kind, t, stepping, start, end))

    def renderProjectedCompressed(
        self, call: Call, kind: Any, t: int, stepping: int, start: int, end: int
    ) -> bytes:
        """Return projected sections as JPEG."""
        picture = self._paint_projection(kind, t, stepping, start, end)
        return encode_jpeg(picture, self._quality)

    def setCompressionLevel(self, call: Call, quality: float) -> None:
        """Choose the quality of JPEG, 0 to 1."""
        self._quality = quality

    def getCompressionLevel(self, call: Call) -> float:
        """Return the quality of JPEG."""
        return self._quality

    # Resolutions.

    def requiresPixelsPyramid(self, call: Call) -> bool:
        """Tell whether the image is so big that a pyramid is kept."""
        return self._chosen_subject().facts.needs_pyramid

    def getResolutionLevels(self, call: Call) -> int:
        """Return the number of resolutions."""
        return self._loaded().resolution_levels()

    def getResolutionLevel(self, call: Call) -> int:
        """Return the chosen resolution; 0 is the smallest."""
        return self._loaded().resolution_level()

    def setResolutionLevel(self, call: Call, resolution: int) -> None:
        """Choose a resolution; 0 is the smallest."""
        self._loaded().set_resolution_level(resolution)

    def getResolutionDescriptions(self, call: Call) -> list[Any]:
        """Return the sizes of all resolutions, full size first."""
        sizes = self._loaded().resolution_descriptions()
        return [omero.api.ResolutionDescription(size.x, size.y) for size in sizes]

    def getTileSize(self, call: Call) -> list[int]:
        """Return width and height of what is best rendered in one piece."""
        return list(self._loaded().tile_size())

    # Settings in the metadata.

    def resetDefaultSettings(self, call: Call, save: bool) -> int:
        """Choose default settings; store them as the caller's when asked to."""
        subject = self._chosen_subject()
        settings = default_settings(call, subject)
        if not save:
            self._settings = settings
            return self.getRenderingDefId(call)
        pixels_id, user_id = subject.facts.id, call.caller.user_id
        with self._core.database.write() as connection:
            own = stored.find_definitions(connection, call, pixels_id, user_id)
            if own:
                settings = replace(settings, id=own[0].id.val, owner_id=user_id)
            saved = stored.save_settings(connection, call, settings)
        self._settings = stored.read_settings(saved)
        return self.getRenderingDefId(call)

    def saveCurrentSettings(self, call: Call) -> None:
        """Store the settings; those of somebody else are stored as new ones."""
        self._save(call, self._chosen_settings())

    def saveAsNewSettings(self, call: Call) -> int:
        """Store the settings as new ones and return their id."""
        return self._save(call, replace(self._chosen_settings(), id=None))

    def updateSettings(self, call: Call, definition: Any) -> None:
        """Take over what a RenderingDef says; what it leaves open stays."""
        if definition is None or not definition.isLoaded():
            raise ApiUsage("There are no settings to take over.")
        settings = self._chosen_settings()
        if definition.sizeOfWaveRendering() not in (-1, 0, len(settings.channels)):
            raise Invalid("The settings are of another number of channels.")
        self._settings = stored.merge_settings(settings, definition)

    # What holds for all.

    def _loaded(self) -> PixelBuffer:
        self._chosen_settings()
        if self._buffer is None:
            raise ApiUsage(
                "RenderingEngine not ready: renderer is null. Call load() first."
            )
        return self._buffer

    def _close_buffer(self) -> None:
        if self._buffer is not None:
            self._buffer.close()
            self._buffer = None

    def _paint(self, plane: Any) -> np.ndarray:
        buffer = self._loaded()
        if plane is None:
            raise ApiUsage("There is no plane to render.")
        return paint_section(buffer, self._chosen_settings(), plane)

    def _paint_projection(
        self, kind: Any, t: int, stepping: int, start: int, end: int
    ) -> np.ndarray:
        buffer, settings = self._loaded(), self._chosen_settings()
        try:
            projection = Projection(int(getattr(kind, "value", kind)))
        except ValueError:
            raise Invalid(f"{kind} is no projection.") from None
        return paint_projection(buffer, settings, projection, t, stepping, start, end)

    def _pack(self, picture: np.ndarray) -> list[int]:
        settings = self._chosen_settings()
        alpha = 255
        shown = settings.shown_channels()
        if not shown:
            alpha = 0
        elif settings.model is Model.GREYSCALE:
            alpha = settings.channels[shown[0]].color[3]
        packed: list[int] = pack(picture, alpha).ravel().tolist()
        return packed

    def _save(self, call: Call, settings: RenderingSettings) -> int:
        with self._core.database.write() as connection:
            saved = stored.save_settings(connection, call, settings)
        self._settings = stored.read_settings(saved)
        return self.getRenderingDefId(call)
