"""Where on a plane each label lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class Piece(NamedTuple):
    """One label on one plane."""

    number: int
    t: int
    z: int
    y0: int
    y1: int
    x0: int
    x1: int


def as_stack(labels: NDArray[Any]) -> NDArray[Any]:
    """Return a label image as (T, Z, Y, X).

    Raises
    ------
    ValueError
        For an array that is no label image.
    """
    if labels.dtype.kind not in "biu":
        raise ValueError(f"labels are whole numbers, not {labels.dtype}")
    if not 2 <= labels.ndim <= 4:
        raise ValueError(f"labels have 2 to 4 axes (T, Z, Y, X), not {labels.ndim}")
    if labels.dtype.kind == "b":
        labels = labels.view(np.uint8)
    return labels.reshape((1,) * (4 - labels.ndim) + labels.shape)


def find_pieces(plane: NDArray[Any], t: int, z: int) -> Iterator[Piece]:
    """Yield the box of every label of a plane.

    Works on runs of equal pixels: a thousand labels cost little more than one.
    """
    width = plane.shape[1]
    flat = plane.ravel()
    if not flat.size:
        return
    begins = np.ones(flat.size, bool)
    begins[1:] = flat[1:] != flat[:-1]
    begins[::width] = True
    starts = np.flatnonzero(begins)
    stops = np.append(starts[1:], flat.size)
    values = flat[starts]
    painted = values != 0
    starts, stops, values = starts[painted], stops[painted], values[painted]
    if not values.size:
        return
    order = np.argsort(values, kind="stable")
    starts, stops, values = starts[order], stops[order], values[order]
    firsts = np.flatnonzero(np.append(True, values[1:] != values[:-1]))
    # runs of one label are in the order of the rows
    lasts = np.append(firsts[1:], values.size) - 1
    y0, y1 = starts[firsts] // width, starts[lasts] // width + 1
    x0 = np.minimum.reduceat(starts % width, firsts)
    x1 = np.maximum.reduceat((stops - 1) % width, firsts) + 1
    for number, *box in zip(
        *(array.tolist() for array in (values[firsts], y0, y1, x0, x1)), strict=True
    ):
        yield Piece(number, t, z, *box)
