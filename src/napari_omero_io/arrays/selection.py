"""What part of an array somebody asks for, as numpy means it.  Pure.

A selection holds for every axis either an integer (the axis is gone) or a range.
Indexing narrows a selection and reads nothing.
"""

from __future__ import annotations

import operator
from typing import Any, TypeAlias

import numpy as np

Pick: TypeAlias = int | range
Selection: TypeAlias = tuple[Pick, ...]


def shape_of(selection: Selection) -> tuple[int, ...]:
    """Return the lengths of the axes that are left."""
    return tuple(len(pick) for pick in selection if isinstance(pick, range))


def is_basic(key: Any) -> bool:
    """Whether a key holds nothing but integers, slices and ``...``."""
    parts = key if isinstance(key, tuple) else (key,)
    return all(
        part is Ellipsis or isinstance(part, slice) or _is_integer(part)
        for part in parts
    )


def narrow(selection: Selection, key: Any) -> Selection:
    """Return the selection that basic indexing makes of this one.

    Raises
    ------
    IndexError
        As numpy would: too many indices, or one out of bounds.
    """
    parts = iter(_expand(key, len(shape_of(selection))))
    return tuple(
        _pick(pick, next(parts)) if isinstance(pick, range) else pick
        for pick in selection
    )


def narrow_fancy(selection: Selection, key: Any) -> tuple[Selection, tuple[Any, ...]]:
    """Return the smallest selection that holds what an advanced key asks for.

    Returns
    -------
    tuple
        The selection, and the key that gives the answer from its pixels.
    """
    shape = shape_of(selection)
    parts = _expand(_spread_masks(key), len(shape))
    narrowed: list[slice] = []
    rest: list[Any] = []
    lengths = iter(shape)
    for part in parts:
        if part is None:
            rest.append(None)
        elif isinstance(part, slice):
            narrowed.append(part)
            rest.append(slice(None))
            next(lengths)
        else:
            first, last, moved = _bound(part, next(lengths))
            narrowed.append(slice(first, last))
            rest.append(moved)
    return narrow(selection, tuple(narrowed)), tuple(rest)


def _is_integer(part: Any) -> bool:
    return isinstance(part, int | np.integer) and not isinstance(part, bool | np.bool_)


def _expand(key: Any, ndim: int) -> list[Any]:
    """Replace ``...`` and add what is missing, so that each axis has its part."""
    parts = list(key) if isinstance(key, tuple) else [key]
    used = sum(part is not None and part is not Ellipsis for part in parts)
    dots = [place for place, part in enumerate(parts) if part is Ellipsis]
    if len(dots) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    if used > ndim:
        raise IndexError(
            f"too many indices for array: array is {ndim}-dimensional, "
            f"but {used} were indexed"
        )
    place = dots[0] if dots else len(parts)
    whole = [slice(None)] * (ndim - used)
    return parts[:place] + whole + parts[place + len(dots) :]


def _pick(axis: range, part: Any) -> Pick:
    if isinstance(part, slice):
        # numpy's integers would end up in calls to the server
        bounds = (part.start, part.stop, part.step)
        return axis[slice(*(b if b is None else operator.index(b) for b in bounds))]
    index = operator.index(part)
    try:
        return axis[index]
    except IndexError:
        raise IndexError(
            f"index {index} is out of bounds for axis with size {len(axis)}"
        ) from None


def _spread_masks(key: Any) -> tuple[Any, ...]:
    """Turn lists into arrays, and Boolean masks into the indices of their pixels."""
    parts: list[Any] = []
    for part in key if isinstance(key, tuple) else (key,):
        if part is None or part is Ellipsis or isinstance(part, slice):
            parts.append(part)
            continue
        array = np.asarray(part)
        if array.dtype == bool:
            parts.extend(np.nonzero(array))
        else:
            parts.append(array.astype(np.intp) if array.size == 0 else array)
    return tuple(parts)


def _bound(indices: Any, length: int) -> tuple[int, int, Any]:
    """Return the range of some indices, and the indices counted from its start."""
    if not np.issubdtype(indices.dtype, np.integer):
        raise IndexError("arrays used as indices must be of integer (or boolean) type")
    if indices.size == 0:
        return 0, 0, indices
    if indices.min() < -length or indices.max() >= length:
        raise IndexError(f"index out of bounds for axis with size {length}")
    counted = np.where(indices < 0, indices + length, indices)
    first, last = int(counted.min()), int(counted.max()) + 1
    return first, last, counted - first


def rising(pick: Pick) -> range:
    """Return the same indices as a range that rises; an integer as a range of one."""
    if isinstance(pick, int):
        return range(pick, pick + 1)
    return pick if pick.step > 0 else pick[::-1]


def overlap(picks: range, start: int, stop: int) -> tuple[slice, slice]:
    """Return which of some rising indices lie in ``start <= index < stop``.

    Returns
    -------
    tuple
        Where they stand in `picks`, and where they stand counted from `start`.
    """
    step = picks.step
    first = max(0, -(-(start - picks.start) // step))
    last = max(first, min(len(picks), -(-(stop - picks.start) // step)))
    begin = picks.start + first * step - start
    end = begin + (last - first - 1) * step + 1
    return slice(first, last), slice(begin, max(begin, end), step)
