"""OMERO's boxed values, units and colours ⇄ Python's.

Lengths are micrometres, times seconds, colours (red, green, blue, alpha) 0 to 255.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .ice import omero

#: Calls with this group see all groups of the user; writes need the object's own.
ALL_GROUPS = -1

_SI = {
    **{"YOTTA": 24, "ZETTA": 21, "EXA": 18, "PETA": 15, "TERA": 12, "GIGA": 9},
    **{"MEGA": 6, "KILO": 3, "HECTO": 2, "DECA": 1, "": 0, "DECI": -1, "CENTI": -2},
    **{"MILLI": -3, "MICRO": -6, "NANO": -9, "PICO": -12, "FEMTO": -15},
    **{"ATTO": -18, "ZEPTO": -21, "YOCTO": -24},
}
#: Micrometres in one of each unit.  PIXEL and REFERENCEFRAME are no lengths.
_MICROMETRES = {f"{name}METER": 10.0 ** (power + 6) for name, power in _SI.items()} | {
    "ANGSTROM": 1e-4,
    "ASTRONOMICALUNIT": 1.495978707e17,
    "LIGHTYEAR": 9.4607304725808e21,
    "PARSEC": 3.0856775814913673e22,
    "THOU": 25.4,
    "LINE": 25400 / 12,
    "INCH": 25400.0,
    "FOOT": 304800.0,
    "YARD": 914400.0,
    "MILE": 1609344000.0,
    "POINT": 25400 / 72,
}
_SECONDS = {f"{name}SECOND": 10.0**power for name, power in _SI.items()} | {
    "MINUTE": 60.0,
    "HOUR": 3600.0,
    "DAY": 86400.0,
}


def unbox(value: Any) -> Any:
    """Give the value of a boxed one; None for null."""
    return None if value is None else value.getValue()


def read_text(value: Any) -> str:
    """Give a boxed string; '' for null."""
    return "" if value is None else str(value.getValue())


def read_length(length: Any) -> float | None:
    """Give a length in micrometres; None where it is null, zero or no length."""
    return _convert(length, _MICROMETRES)


def read_place(length: Any) -> float | None:
    """Give a coordinate in micrometres, which may be 0; None where it is no length."""
    if length is None:
        return None
    factor = _MICROMETRES.get(str(length.getUnit()))
    return None if factor is None else float(length.getValue()) * factor


def read_time(time: Any) -> float | None:
    """Give a time in seconds; None where it is null or zero."""
    return _convert(time, _SECONDS)


def _convert(quantity: Any, factors: dict[str, float]) -> float | None:
    if quantity is None:
        return None
    factor = factors.get(str(quantity.getUnit()))
    value = quantity.getValue()
    return float(value) * factor if factor is not None and value else None


def make_length(micrometres: float) -> Any:
    """Box a length."""
    unit = omero.model.enums.UnitsLength.MICROMETER
    return omero.model.LengthI(float(micrometres), unit)


def make_pixels_length(pixels: float) -> Any:
    """Box the width of a line, which OMERO's viewers count in pixels."""
    return omero.model.LengthI(float(pixels), omero.model.enums.UnitsLength.PIXEL)


def make_time(seconds: float) -> Any:
    """Box a time."""
    return omero.model.TimeI(float(seconds), omero.model.enums.UnitsTime.SECOND)


def read_color(packed: int) -> tuple[int, int, int, int]:
    """Unpack a shape's colour, a signed 32-bit number: red is the highest byte."""
    return (
        packed >> 24 & 255,
        packed >> 16 & 255,
        packed >> 8 & 255,
        packed & 255,
    )


def pack_color(color: tuple[int, int, int, int]) -> int:
    """Pack a shape's colour; inverse of `read_color`."""
    red, green, blue, alpha = color
    packed = red << 24 | green << 16 | blue << 8 | alpha
    return packed - (1 << 32) if packed & 0x80000000 else packed


def make_parameters(first: int = 0, limit: int | None = None, **values: Any) -> Any:
    """Box the parameters of a query: integers as long, lists of them as such.

    Numbers with a point become double.

    Parameters
    ----------
    first, limit
        Which page of the result.
    """
    parameters = omero.sys.ParametersI()
    for name, value in values.items():
        parameters.add(name, _box(value))
    if limit is not None:
        parameters.page(first, limit)
    return parameters


def _box(value: Any) -> Any:
    if isinstance(value, bool):
        return omero.rtypes.rbool(value)
    if isinstance(value, int):
        return omero.rtypes.rlong(value)
    if isinstance(value, float):
        return omero.rtypes.rdouble(value)
    if isinstance(value, str):
        return omero.rtypes.rstring(value)
    if isinstance(value, datetime):
        return omero.rtypes.rtime(int(value.timestamp() * 1000))
    return omero.rtypes.rlist([_box(item) for item in value])


def refer(class_name: str, object_id: int) -> Any:
    """Make a reference to an object: its class and id, nothing else."""
    return getattr(omero.model, f"{class_name}I")(object_id, False)
