"""Loading how images were acquired: instruments, and the settings of channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.hql import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call

#: Parts of an instrument: the collection, the class, what is loaded with it.
_PARTS = (
    ("objective", "Objective", ("x.immersion", "x.correction")),
    ("detector", "Detector", ("x.type",)),
    ("filter", "Filter", ("x.type", "x.transmittanceRange")),
    ("filterSet", "FilterSet", ("x.dichroic",)),
    ("dichroic", "Dichroic", ()),
    (
        "otf",
        "OTF",
        (
            "x.pixelsType",
            "x.filterSet",
            "x.objective o",
            "o.immersion",
            "o.correction",
        ),
    ),
)

#: Light sources that are handed out; OMERO.server drops the other kinds.
_LIGHT_SOURCES = (
    ("Laser", ("x.type", "x.laserMedium", "x.pulse", "x.pump", "x.instrument")),
    ("Arc", ("x.type", "x.instrument")),
    ("Filament", ("x.type", "x.instrument")),
    ("LightEmittingDiode", ("x.instrument",)),
)

_CHANNEL = (
    "x.mode",
    "x.illumination",
    "x.contrastMethod",
    "x.photometricInterpretation",
    "x.detectorSettings ds",
    "ds.binning",
    "ds.detector dt",
    "dt.type",
    "x.lightSourceSettings ls",
    "ls.microbeamManipulation",
    "x.otf otf",
    "otf.pixelsType",
    "otf.objective o",
    "o.immersion",
    "o.correction",
    "otf.filterSet ofs",
    "ofs.dichroic",
    "x.filterSet fs",
    "fs.dichroic",
    "fs.emissionFilterLink fel",
    "fel.child fe",
    "fe.type",
    "fe.transmittanceRange",
    "fs.excitationFilterLink fxl",
    "fxl.child fx",
    "fx.type",
    "fx.transmittanceRange",
    "x.lightPath lp",
    "lp.dichroic",
    "lp.emissionFilterLink pel",
    "pel.child pe",
    "pe.type",
    "pe.transmittanceRange",
    "lp.excitationFilterLink pxl",
    "pxl.child px",
    "px.type",
    "px.transmittanceRange",
)


def load_instrument(connection: Connection, call: Call, instrument_id: int) -> Any:
    """Load an instrument with its parts; None when there is none to be seen.

    Each kind of part is a query of its own: all in one would multiply them.
    """
    microscope = ("x.microscope m", "m.type")
    found = _load(connection, call, "Instrument", microscope, "x.id", [instrument_id])
    if not found:
        return None
    (instrument,) = found
    by_instrument = "x.instrument.id"
    for name, class_name, joins in _PARTS:
        parts = _load(
            connection, call, class_name, joins, by_instrument, [instrument_id]
        )
        _hand_over(instrument, name, parts)
    sources = [
        source
        for class_name, joins in _LIGHT_SOURCES
        for source in _load(
            connection, call, class_name, joins, by_instrument, [instrument_id]
        )
    ]
    sources.sort(key=lambda source: int(source._id.getValue()))
    _hand_over(instrument, "lightSource", sources)
    return instrument


def load_channels(connection: Connection, call: Call, ids: Sequence[int]) -> list[Any]:
    """Load logical channels with the settings they were acquired with."""
    if not ids:
        return []
    channels = _load(connection, call, "LogicalChannel", _CHANNEL, "x.id", ids)
    settings = [
        channel._lightSourceSettings
        for channel in channels
        if channel._lightSourceSettings is not None
    ]
    wanted = {setting._lightSource._id.getValue() for setting in settings}
    sources = {
        source._id.getValue(): source
        for class_name, joins in _LIGHT_SOURCES
        for source in _load(connection, call, class_name, joins, "x.id", sorted(wanted))
    }
    for setting in settings:
        id_ = setting._lightSource._id.getValue()
        setting._lightSource = sources.get(id_, setting._lightSource)
    return channels


def _load(
    connection: Connection,
    call: Call,
    class_name: str,
    joins: Iterable[str],
    path: str,
    ids: Sequence[int],
) -> list[Any]:
    if not ids:
        return []
    fetched = "".join(f" left outer join fetch {join}" for join in joins)
    text = f"select x from {class_name} x{fetched} where {path} in (:ids) order by x.id"
    return find(connection, call, text, {"ids": list(ids)})


def _hand_over(instrument: Any, name: str, parts: list[Any]) -> None:
    """Make parts that were loaded apart the loaded collection of an instrument."""
    for part in parts:
        part._instrument = instrument
    setattr(instrument, f"_{name}Seq", parts)
    setattr(instrument, f"_{name}Loaded", True)
