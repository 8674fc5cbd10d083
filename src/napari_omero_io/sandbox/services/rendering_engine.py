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
from omero.rtypes import rint, rstring

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
from napari_omero_io.sandbox.rendering.settings import Family, Model
from napari_omero_io.sandbox.rendering.subject import (
    Subject,
    default_settings,
    find_subject,
)

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


class RenderingEngine:
    """Renders the planes of one image."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core
        self._subject: Subject | None = None
        self._settings: RenderingSettings | None = None
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

    # Settings of the image.

    def getModel(self, call: Call) -> Any:
        """Return the model, rgb or greyscale."""
        return self._enumeration(call, "RenderingModel", self._chosen_settings().model)

    def setModel(self, call: Call, model: Any) -> None:
        """Choose the model."""
        value = self._value_of(call, "RenderingModel", model)
        self._settings = replace(self._chosen_settings(), model=Model(value))

    def getDefaultZ(self, call: Call) -> int:
        """Return the section that is shown first."""
        return self._chosen_settings().default_z

    def setDefaultZ(self, call: Call, z: int) -> None:
        """Choose the section that is shown first."""
        _check_place(z, self._chosen_subject().facts.size_z, "Z")
        self._settings = replace(self._chosen_settings(), default_z=z)

    def getDefaultT(self, call: Call) -> int:
        """Return the time point that is shown first."""
        return self._chosen_settings().default_t

    def setDefaultT(self, call: Call, t: int) -> None:
        """Choose the time point that is shown first."""
        _check_place(t, self._chosen_subject().facts.size_t, "T")
        self._settings = replace(self._chosen_settings(), default_t=t)

    def getQuantumDef(self, call: Call) -> Any:
        """Return how values are counted to levels."""
        settings = self._chosen_settings()
        quantum = omero.model.QuantumDefI()
        quantum.cdStart, quantum.cdEnd = map(rint, settings.interval)
        quantum.bitResolution = rint(settings.bit_resolution)
        return quantum

    def setQuantumStrategy(self, call: Call, bit_resolution: int) -> None:
        """Choose the number of levels."""
        self._settings = self._chosen_settings().with_bit_resolution(bit_resolution)

    def setCodomainInterval(self, call: Call, start: int, end: int) -> None:
        """Choose the lowest and the highest level."""
        self._settings = self._chosen_settings().with_interval(start, end)

    def getAvailableModels(self, call: Call) -> list[Any]:
        """Return all models."""
        return self._enumerations(call, "RenderingModel")

    def getAvailableFamilies(self, call: Call) -> list[Any]:
        """Return all families."""
        return self._enumerations(call, "Family")

    def isPixelsTypeSigned(self, call: Call) -> bool:
        """Tell whether the type of the pixels has negative values."""
        return self._chosen_subject().facts.type.is_signed

    def getPixelsTypeLowerBound(self, call: Call, channel: int) -> float:
        """Return the smallest value to be expected."""
        self._chosen_settings().channel(channel)
        return self._chosen_subject().type_range[0]

    def getPixelsTypeUpperBound(self, call: Call, channel: int) -> float:
        """Return the largest value to be expected."""
        self._chosen_settings().channel(channel)
        return self._chosen_subject().type_range[1]

    # Settings of a channel.

    def isActive(self, call: Call, channel: int) -> bool:
        """Tell whether a channel is shown."""
        return self._chosen_settings().channel(channel).active

    def setActive(self, call: Call, channel: int, active: bool) -> None:
        """Show or hide a channel."""
        self._change(channel, active=active)

    def getChannelWindowStart(self, call: Call, channel: int) -> float:
        """Return the value shown as the lowest level."""
        return self._chosen_settings().channel(channel).window[0]

    def getChannelWindowEnd(self, call: Call, channel: int) -> float:
        """Return the value shown as the highest level."""
        return self._chosen_settings().channel(channel).window[1]

    def setChannelWindow(
        self, call: Call, channel: int, start: float, end: float
    ) -> None:
        """Choose the window; one that makes no sense becomes that of the type."""
        low, high = self._chosen_subject().type_range
        if start > end or (
            not self._chosen_subject().facts.type.is_float
            and (start < low or end > high)
        ):
            start, end = low, high
        self._change(channel, window=(start, end))

    def getRGBA(self, call: Call, channel: int) -> list[int]:
        """Return the colour of a channel."""
        return list(self._chosen_settings().channel(channel).color)

    def setRGBA(
        self, call: Call, channel: int, red: int, green: int, blue: int, alpha: int
    ) -> None:
        """Choose the colour of a channel."""
        color = (red, green, blue, alpha)
        if not all(0 <= part <= 255 for part in color):
            raise ApiUsage(f"{color} is no colour: its parts must be within 0 to 255.")
        self._change(channel, color=color)

    def getChannelFamily(self, call: Call, channel: int) -> Any:
        """Return the family of a channel."""
        family = self._chosen_settings().channel(channel).family
        return self._enumeration(call, "Family", family)

    def getChannelCurveCoefficient(self, call: Call, channel: int) -> float:
        """Return the coefficient of a channel's family."""
        return self._chosen_settings().channel(channel).coefficient

    def getChannelNoiseReduction(self, call: Call, channel: int) -> bool:
        """Tell whether noise is reduced."""
        return self._chosen_settings().channel(channel).noise_reduction

    def setQuantizationMap(
        self, call: Call, channel: int, family: Any, coefficient: float, noise: bool
    ) -> None:
        """Choose family, coefficient and noise reduction of a channel."""
        value = Family(self._value_of(call, "Family", family))
        self._change(
            channel, family=value, coefficient=coefficient, noise_reduction=noise
        )

    def getChannelLookupTable(self, call: Call, channel: int) -> str:
        """Return the file name of a channel's lookup table, or ''."""
        return self._chosen_settings().channel(channel).lookup_table

    def setChannelLookupTable(self, call: Call, channel: int, name: str) -> None:
        """Choose a lookup table; '' shows the colour again."""
        self._change(channel, lookup_table=name or "")

    def getChannelStats(self, call: Call, channel: int) -> list[float]:
        """Return nothing, as OMERO.server does."""
        self._chosen_settings().channel(channel)
        return []

    def addCodomainMapToChannel(self, call: Call, context: Any, channel: int) -> None:
        """Reverse the intensity of a channel."""
        _check_reverse(context)
        self._change(channel, inverted=True)

    def removeCodomainMapFromChannel(
        self, call: Call, context: Any, channel: int
    ) -> None:
        """Show the intensity of a channel as it is."""
        _check_reverse(context)
        self._change(channel, inverted=False)

    def getCodomainMapContext(self, call: Call, channel: int) -> list[Any]:
        """Return what is applied to the levels of a channel."""
        if not self._chosen_settings().channel(channel).inverted:
            return []
        context = omero.model.ReverseIntensityContextI()
        context.reverse = omero.rtypes.rbool(True)
        return [context]

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
        """Take over what a RenderingDef says."""
        if definition is None or not definition.isLoaded():
            raise ApiUsage("There are no settings to take over.")
        given = stored.read_settings(definition)
        settings = self._chosen_settings()
        if len(given.channels) != len(settings.channels):
            raise Invalid("The settings are of another number of channels.")
        self._settings = replace(
            given,
            id=settings.id,
            owner_id=settings.owner_id,
            pixels_id=settings.pixels_id,
        )

    # What holds for all.

    def _chosen_subject(self) -> Subject:
        if self._subject is None:
            raise ApiUsage("RenderingEngine not ready: Pixels object not set.")
        return self._subject

    def _chosen_settings(self) -> RenderingSettings:
        self._chosen_subject()
        if self._settings is None:
            raise ApiUsage("RenderingEngine not ready: RenderingDef object not set.")
        return self._settings

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

    def _change(self, channel: int, **changes: object) -> None:
        self._settings = self._chosen_settings().with_channel(channel, **changes)

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

    def _enumerations(self, call: Call, class_name: str) -> list[Any]:
        text = f"select e from {class_name} e order by e.id"
        with self._core.database.read() as connection:
            return list(hql.find(connection, call, text))

    def _enumeration(self, call: Call, class_name: str, value: str) -> Any:
        text = f"select e from {class_name} e where e.value = :value"
        with self._core.database.read() as connection:
            (found,) = hql.find(connection, call, text, {"value": rstring(value)})
        return found

    def _value_of(self, call: Call, class_name: str, given: Any) -> str:
        """Return the value of an enumeration; a client may send only its id."""
        if given is None:
            raise ApiUsage(f"There is no {class_name}.")
        if given.isLoaded() and given.value is not None:
            return str(given.value.val)
        for one in self._enumerations(call, class_name):
            if given.id is not None and one.id.val == given.id.val:
                return str(one.value.val)
        raise Invalid(f"There is no such {class_name}.")


def _check_place(place: int, size: int, axis: str) -> None:
    if not 0 <= place < size:
        raise ApiUsage(f"{axis} '{place}' greater than size{axis} '{size}'.")


def _check_reverse(context: Any) -> None:
    if not isinstance(context, omero.romio.ReverseIntensityMapContext):
        raise ApiUsage("Only the reversal of intensity can be applied to a channel.")
