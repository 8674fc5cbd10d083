"""Rendering settings in the metadata: RenderingDef ⇄ values.

Settings belong to a user.  Who has none of his own sees those of the owner of the
pixels; saving never changes those of another, it makes new ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import omero.model
from omero.rtypes import rbool, rdouble, rint, rstring

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.store.saving import save

from .settings import ChannelSettings, Family, Model, RenderingSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call

_FETCH = """
    select r from RenderingDef r
    join fetch r.model
    join fetch r.quantization
    left outer join fetch r.waveRendering binding
    left outer join fetch binding.family
    left outer join fetch binding.spatialDomainEnhancement
    left outer join fetch r.projections projection
    left outer join fetch projection.axis
    left outer join fetch projection.type
    left outer join fetch r.details.owner
    left outer join fetch r.details.updateEvent event
"""
_NEWEST_FIRST = " order by event.time desc, r.id desc"


def find_definitions(
    connection: Connection, call: Call, pixels_id: int, owner_id: int | None = None
) -> list[Any]:
    """Return the RenderingDefs of pixels, newest first.

    Parameters
    ----------
    owner_id
        None for those of all users.
    """
    where = " where r.pixels.id = :pixels"
    parameters = {"pixels": pixels_id}
    if owner_id is not None:
        where += " and r.details.owner.id = :owner"
        parameters["owner"] = owner_id
    text = _FETCH + where + _NEWEST_FIRST
    return list(hql.find(connection, call, text, parameters))


def load_definition(connection: Connection, call: Call, id_: int) -> Any | None:
    """Return one RenderingDef, or None."""
    found = hql.find(connection, call, f"{_FETCH} where r.id = :id", {"id": id_})
    return found[0] if found else None


def find_definitions_to_show(
    connection: Connection, call: Call, pixels_ids: Sequence[int]
) -> dict[int, Any]:
    """Return for each pixels the RenderingDef that the caller is to see.

    The caller's own newest, else the newest of the owner of the pixels; pixels
    without either are left out.
    """
    if not pixels_ids:
        return {}
    text = f"""{_FETCH} join fetch r.pixels pixels
        where pixels.id in (:ids)
        and (r.details.owner.id = :caller
             or r.details.owner.id = pixels.details.owner.id)
        {_NEWEST_FIRST}"""
    parameters = {"ids": list(pixels_ids), "caller": call.caller.user_id}
    found: dict[int, Any] = {}
    for definition in hql.find(connection, call, text, parameters):
        pixels_id = definition.pixels.id.val
        known = found.get(pixels_id)
        is_own = definition.details.owner.id.val == call.caller.user_id
        if known is None or (
            is_own and known.details.owner.id.val != call.caller.user_id
        ):
            found[pixels_id] = definition
    return found


def read_settings(definition: Any) -> RenderingSettings:
    """Return the values of a RenderingDef."""
    quantum = definition.quantization
    return RenderingSettings(
        id=definition.id.val if definition.id is not None else None,
        owner_id=definition.details.owner.id.val
        if definition.details is not None and definition.details.owner is not None
        else None,
        pixels_id=definition.pixels.id.val,
        model=Model(definition.model.value.val),
        default_z=definition.defaultZ.val,
        default_t=definition.defaultT.val,
        interval=(quantum.cdStart.val, quantum.cdEnd.val),
        bit_resolution=quantum.bitResolution.val,
        channels=tuple(
            _read_binding(binding) for binding in definition.copyWaveRendering()
        ),
    )


def merge_settings(settings: RenderingSettings, definition: Any) -> RenderingSettings:
    """Return settings changed by whatever a RenderingDef says; nulls say nothing."""
    changes: dict[str, Any] = {}
    if definition.model is not None and definition.model.isLoaded():
        changes["model"] = Model(definition.model.value.val)
    quantum = definition.quantization
    if quantum is not None and quantum.isLoaded():
        low, high = settings.interval
        changes["interval"] = (
            _value(quantum.cdStart, low),
            _value(quantum.cdEnd, high),
        )
        bits = _value(quantum.bitResolution, settings.bit_resolution)
        changes["bit_resolution"] = bits
    bindings = definition.copyWaveRendering() or [None] * len(settings.channels)
    return replace(
        settings,
        default_z=_value(definition.defaultZ, settings.default_z),
        default_t=_value(definition.defaultT, settings.default_t),
        channels=tuple(
            _merge_binding(channel, binding) if binding is not None else channel
            for channel, binding in zip(settings.channels, bindings, strict=True)
        ),
        **changes,
    )


def save_settings(
    connection: Connection, call: Call, settings: RenderingSettings
) -> Any:
    """Store settings as the caller's: into those of the same id, else as new ones."""
    definition = None
    if settings.id is not None and settings.owner_id == call.caller.user_id:
        definition = load_definition(connection, call, settings.id)
    if definition is None:
        definition = omero.model.RenderingDefI()
    fill_definition(definition, settings)
    (saved,) = save(connection, call, [definition])
    return load_definition(connection, call, saved.id.val)


def fill_definition(definition: Any, settings: RenderingSettings) -> None:
    """Write values into a RenderingDef, a stored one or a new one."""
    if definition.pixels is None:
        definition.pixels = omero.model.PixelsI(settings.pixels_id, False)
    if definition.quantization is None:
        definition.quantization = omero.model.QuantumDefI()
    for _ in settings.channels[max(0, definition.sizeOfWaveRendering()) :]:
        definition.addChannelBinding(omero.model.ChannelBindingI())
    definition.model = omero.model.RenderingModelI()
    definition.model.value = rstring(settings.model)
    definition.defaultZ = rint(settings.default_z)
    definition.defaultT = rint(settings.default_t)
    quantum = definition.quantization
    quantum.cdStart, quantum.cdEnd = map(rint, settings.interval)
    quantum.bitResolution = rint(settings.bit_resolution)
    bindings = definition.copyWaveRendering()
    for binding, channel in zip(bindings, settings.channels, strict=True):
        _write_binding(binding, channel)


def _read_binding(binding: Any) -> ChannelSettings:
    table = binding.lookupTable
    return ChannelSettings(
        active=binding.active.val,
        window=(binding.inputStart.val, binding.inputEnd.val),
        color=(
            binding.red.val,
            binding.green.val,
            binding.blue.val,
            binding.alpha.val,
        ),
        family=Family(binding.family.value.val),
        coefficient=binding.coefficient.val,
        noise_reduction=binding.noiseReduction.val,
        lookup_table=table.val if table is not None else "",
        inverted=_reverses(binding),
    )


def _merge_binding(channel: ChannelSettings, binding: Any) -> ChannelSettings:
    family = channel.family
    if binding.family is not None and binding.family.isLoaded():
        family = Family(binding.family.value.val)
    red, green, blue, alpha = channel.color
    return ChannelSettings(
        active=_value(binding.active, channel.active),
        window=(
            _value(binding.inputStart, channel.window[0]),
            _value(binding.inputEnd, channel.window[1]),
        ),
        color=(
            _value(binding.red, red),
            _value(binding.green, green),
            _value(binding.blue, blue),
            _value(binding.alpha, alpha),
        ),
        family=family,
        coefficient=_value(binding.coefficient, channel.coefficient),
        noise_reduction=_value(binding.noiseReduction, channel.noise_reduction),
        lookup_table=_value(binding.lookupTable, channel.lookup_table),
        inverted=_reverses(binding),
    )


def _value(given: Any, otherwise: Any) -> Any:
    """Return what a boxed value holds, or what holds without it."""
    return otherwise if given is None else given.val


def _reverses(binding: Any) -> bool:
    return any(
        isinstance(context, omero.model.ReverseIntensityContext)
        and context.reverse is not None
        and context.reverse.val
        for context in binding.copySpatialDomainEnhancement()
    )


def _write_binding(binding: Any, channel: ChannelSettings) -> None:
    binding.active = rbool(channel.active)
    binding.inputStart, binding.inputEnd = map(rdouble, channel.window)
    colors = map(rint, channel.color)
    binding.red, binding.green, binding.blue, binding.alpha = colors
    binding.family = omero.model.FamilyI()
    binding.family.value = rstring(channel.family)
    binding.coefficient = rdouble(channel.coefficient)
    binding.noiseReduction = rbool(channel.noise_reduction)
    binding.lookupTable = rstring(channel.lookup_table)
    contexts = [
        context
        for context in binding.copySpatialDomainEnhancement()
        if not isinstance(context, omero.model.ReverseIntensityContext)
    ]
    if channel.inverted:
        context = omero.model.ReverseIntensityContextI()
        context.reverse = rbool(True)
        contexts.append(context)
    binding.clearSpatialDomainEnhancement()
    for context in contexts:
        binding.addCodomainMapContext(context)
