"""Several images of the same size as one, a slice for each.  Pure arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_omero_io.arrays.composite import Placement
from napari_omero_io.errors import CannotCombine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.records import PartRecord


def stack_parts(parts: Sequence[PartRecord]) -> list[Placement]:
    """Put images behind each other; the time points of one follow each other.

    Raises
    ------
    CannotCombine
        They differ; the message says which image and in what.
    """
    if not parts:
        raise CannotCombine("There are no images to be stacked.")
    placements = []
    t = 0
    for part in parts:
        _compare(parts[0], part)
        placements.append(Placement(part, t=t))
        t += part.size_t
    return placements


def _compare(first: PartRecord, other: PartRecord) -> None:
    for is_same, one, another in (
        (
            (first.size_x, first.size_y) == (other.size_x, other.size_y),
            f"{first.size_x} x {first.size_y} pixels",
            f"{other.size_x} x {other.size_y}",
        ),
        (first.dtype == other.dtype, f"pixels of type {first.dtype}", other.dtype),
        (first.size_c == other.size_c, _count(first.size_c, "channel"), other.size_c),
        (first.size_z == other.size_z, _count(first.size_z, "plane"), other.size_z),
        (
            first.size_t == other.size_t,
            _count(first.size_t, "time point"),
            other.size_t,
        ),
    ):
        if not is_same:
            raise CannotCombine(
                f"These images cannot be one stack: “{first.name}” has {one}, "
                f"“{other.name}” has {another}. Open them as separate layers."
            )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
