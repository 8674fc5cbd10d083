"""Rendering settings in the database: finding, reading, and filling their objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.model
from omero.rtypes import rbool, rdouble, rint, rstring
from sqlalchemy import select

from napari_omero_io.sandbox.errors import Invalid
from napari_omero_io.sandbox.hql import find

from .settings import ChannelSettings, Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call

_DEFINITION = (
    "select r from RenderingDef r"
    " join fetch r.details.owner join fetch r.details.updateEvent e"
    " join fetch r.quantization join fetch r.model"
    " left outer join fetch r.waveRendering w"
    " left outer join fetch w.family"
    " left outer join fetch w.spatialDomainEnhancement"
    " left outer join fetch r.projections j"
    " left outer join fetch j.axis left outer join fetch j.type"
)
_NEWEST_FIRST = " order by e.time desc, r.id desc"


def find_definitions(
    connection: Connection, call: Call, pixels_id: int, owner_id: int = -1
) -> list[Any]:
    """Return the settings of pixels, fully loaded, newest first.

    Parameters
    ----------
    owner_id
        Whose; of everybody if negative.
    """
    where = " where r.pixels.id = :pixels"
    values = {"pixels": pixels_id}
    if owner_id >= 0:
        where += " and r.details.owner.id = :owner"
        values["owner"] = owner_id
    return find(connection, call, _DEFINITION + where + _NEWEST_FIRST, values)


def find_definition(connection: Connection, call: Call, pixels_id: int) -> Any:
    """Return the caller's newest settings, else those of the pixels' owner, else None."""
    for owner_id in (call.caller.user_id, owner_of(connection, call, pixels_id)):
        found = find_definitions(connection, call, pixels_id, owner_id)
        if found:
            return found[0]
    return None


def load_definition(connection: Connection, call: Call, definition_id: int) -> Any:
    """Return settings by their id, fully loaded; None if there are none."""
    text = f"{_DEFINITION} where r.id = :id"
    found = find(connection, call, text, {"id": definition_id})
    return found[0] if found else None


def owner_of(connection: Connection, call: Call, pixels_id: int) -> int:
    """Return the id of the pixels' owner.

    Raises
    ------
    Invalid
        There are no such pixels.
    """
    table = call.core.database.tables["Pixels"]
    query = select(table.c.owner_id).where(table.c.id == pixels_id)
    found = connection.execute(query).scalar()
    if found is None:
        raise Invalid(f"Pixels object with id {pixels_id} not found.")
    return int(found)


def owns(call: Call, definition: Any) -> bool:
    """Tell whether settings are the caller's own."""
    owner_id: int = definition._details._owner._id._val
    return owner_id == call.caller.user_id


def read_settings(definition: Any) -> Settings:
    """Return the values of a loaded `RenderingDef`."""
    quantum = definition._quantization
    return Settings(
        z=definition._defaultZ._val,
        t=definition._defaultT._val,
        model=definition._model._value._val,
        channels=tuple(map(_read_channel, definition._waveRenderingSeq)),
        darkest=quantum._cdStart._val,
        brightest=quantum._cdEnd._val,
        bit_resolution=quantum._bitResolution._val,
    )


def new_definition(pixels_id: int, settings: Settings) -> Any:
    """Return a `RenderingDef` that was not saved yet."""
    definition = omero.model.RenderingDefI()
    definition._pixels = omero.model.PixelsI(pixels_id, False)
    definition._quantization = omero.model.QuantumDefI()
    for _ in settings.channels:
        definition.addChannelBinding(omero.model.ChannelBindingI())
    fill_definition(definition, settings)
    return definition


def fill_definition(definition: Any, settings: Settings) -> None:
    """Write values into a loaded `RenderingDef` with as many bindings as channels."""
    definition._defaultZ = rint(settings.z)
    definition._defaultT = rint(settings.t)
    definition._model = enumeration("RenderingModel", settings.model)
    quantum = definition._quantization
    quantum._cdStart = rint(settings.darkest)
    quantum._cdEnd = rint(settings.brightest)
    quantum._bitResolution = rint(settings.bit_resolution)
    bindings = definition._waveRenderingSeq
    for binding, channel in zip(bindings, settings.channels, strict=True):
        _fill_binding(binding, channel)


def enumeration(class_name: str, value: str) -> Any:
    """Return an enumeration that is named by its value; saving finds its row."""
    made = getattr(omero.model, f"{class_name}I")()
    made._value = rstring(value)
    return made


def _read_channel(binding: Any) -> ChannelSettings:
    table = binding._lookupTable
    contexts = binding._spatialDomainEnhancementSeq
    return ChannelSettings(
        start=binding._inputStart._val,
        end=binding._inputEnd._val,
        color=(
            binding._red._val,
            binding._green._val,
            binding._blue._val,
            binding._alpha._val,
        ),
        is_active=binding._active._val,
        family=binding._family._value._val,
        coefficient=binding._coefficient._val,
        has_noise_reduction=binding._noiseReduction._val,
        lookup_table=table._val if table is not None else None,
        is_reversed=any(map(_reverses, contexts)),
    )


def _reverses(context: Any) -> bool:
    is_reverse = isinstance(context, omero.model.ReverseIntensityContextI)
    return is_reverse and bool(context._reverse._val)


def _fill_binding(binding: Any, channel: ChannelSettings) -> None:
    binding._inputStart = rdouble(channel.start)
    binding._inputEnd = rdouble(channel.end)
    names = ("_red", "_green", "_blue", "_alpha")
    for name, value in zip(names, channel.color, strict=True):
        setattr(binding, name, rint(value))
    binding._active = rbool(channel.is_active)
    binding._family = enumeration("Family", channel.family)
    binding._coefficient = rdouble(channel.coefficient)
    binding._noiseReduction = rbool(channel.has_noise_reduction)
    table = channel.lookup_table
    binding._lookupTable = rstring(table) if table is not None else None
    contexts = binding._spatialDomainEnhancementSeq
    if channel.is_reversed == any(map(_reverses, contexts)):
        return
    binding.clearSpatialDomainEnhancement()
    if channel.is_reversed:
        context = omero.model.ReverseIntensityContextI()
        context._reverse = rbool(True)
        binding.addCodomainMapContext(context)
