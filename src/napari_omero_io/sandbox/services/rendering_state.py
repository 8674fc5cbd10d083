"""The settings that a rendering engine holds, and how clients change them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero.model
import omero.romio
from omero.rtypes import rbool, rint, rstring

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage, Invalid
from napari_omero_io.sandbox.rendering.settings import Family, Model

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.rendering.settings import RenderingSettings
    from napari_omero_io.sandbox.rendering.subject import Subject


class RenderingState:
    """The chosen pixels, and the settings to render them by."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._subject: Subject | None = None
        self._settings: RenderingSettings | None = None

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
        context.reverse = rbool(True)
        return [context]

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

    def _change(self, channel: int, **changes: object) -> None:
        self._settings = self._chosen_settings().with_channel(channel, **changes)

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
