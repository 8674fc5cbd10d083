"""Which of OMERO's eight pixel types holds an array, exactly.

OMERO has no bool, no 64-bit integers, no 16-bit floats and no complex numbers.  A
value is stored as it is or not at all: nothing here rounds, clips or wraps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.records import PIXEL_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable

#: OMERO's name of each numpy type that it stores as it is.
OMERO_NAMES = {numpy_name: omero_name for omero_name, numpy_name in PIXEL_TYPES.items()}

#: Types that always fit into another, whatever their values.
_WIDENED = {"bool": "uint8", "float16": "float"}

#: Tried in this order for types that fit only if their values do.
_INTEGERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "double")
_FLOATS = ("float", "double")
_CANDIDATES = {"i": _INTEGERS, "u": _INTEGERS, "f": _FLOATS, "c": _FLOATS}


def name_pixel_type(dtype: np.dtype[Any]) -> str | None:
    """Say how OMERO stores every value of `dtype`; None if that hangs on the values.

    Examples
    --------
    >>> name_pixel_type(np.dtype(">u2")), name_pixel_type(np.dtype(bool))
    ('uint16', 'uint8')
    >>> name_pixel_type(np.dtype("int64")) is None
    True
    """
    return OMERO_NAMES.get(dtype.name) or _WIDENED.get(dtype.name)


def fit_pixel_type(dtype: np.dtype[Any], planes: Iterable[np.ndarray]) -> str | None:
    """Find the smallest pixel type that holds all these values exactly.

    Parameters
    ----------
    dtype
        Of the planes; for types that `name_pixel_type` cannot name.
    planes
        Every value that is going to be stored.  Read until no type is left.

    Returns
    -------
    OMERO's name of the type, or None: no type holds them.
    """
    candidates = list(_CANDIDATES.get(dtype.kind, ()))
    for plane in planes:
        candidates = [name for name in candidates if holds(name, plane)]
        if not candidates:
            return None
    return candidates[0] if candidates else None


def holds(pixel_type: str, values: np.ndarray) -> bool:
    """Whether a pixel type stores each of these values as it is (NaN is a value)."""
    wanted = np.dtype(PIXEL_TYPES[pixel_type])
    if name_pixel_type(values.dtype) == pixel_type or values.size == 0:
        return True
    if values.dtype.kind == "c":
        return not values.imag.any() and holds(pixel_type, values.real)
    if values.dtype.kind in "iu" and wanted.kind in "iu":
        limits = np.iinfo(wanted)
        return bool(values.min() >= limits.min and values.max() <= limits.max)
    if values.dtype.kind in "iu":
        return _survives_as_double(values)
    if values.dtype.kind == "f" and wanted.kind == "f":
        with np.errstate(over="ignore"):
            back = values.astype(wanted).astype(values.dtype)
        return bool(np.array_equal(back, values, equal_nan=True))
    return False


def convert_exactly(plane: np.ndarray, pixel_type: str) -> np.ndarray:
    """Give a plane the type it is stored as, in this machine's byte order.

    Raises
    ------
    ValueError
        If a value would change.  Plans are made so that this cannot happen, unless
        the layer is changed while it is being saved.
    """
    wanted = np.dtype(PIXEL_TYPES[pixel_type])
    if not holds(pixel_type, plane):
        raise ValueError(f"{plane.dtype} values do not all fit into {pixel_type}")
    real = plane.real if plane.dtype.kind == "c" else plane
    return np.ascontiguousarray(real, dtype=wanted)


def _survives_as_double(values: np.ndarray) -> bool:
    as_double = values.astype(np.float64)
    # The largest 64-bit integers round up to the first number that is out of range,
    # and casting that back is undefined (Intel wraps, ARM saturates).
    ceiling = 2.0 ** (64 if values.dtype.kind == "u" else 63)
    if (as_double >= ceiling).any():
        return False
    return bool(np.array_equal(as_double.astype(values.dtype), values))
