"""Where the fields of a plate lie in one picture of it.  Pure arithmetic.

Wells lie on their grid, side by side with a narrow gap: the empty plastic between them
is not drawn.  Within a well, fields lie where the server says that they were taken;
where it says nothing that can be true, they lie side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import TYPE_CHECKING

from napari_omero_io.arrays.composite import Placement
from napari_omero_io.errors import CannotCombine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_omero_io.records import FieldRecord, PartRecord, WellRecord

#: Between wells lies this part of a well's width or height, and at least some pixels.
_GAP, _LEAST_GAP = 16, 8
#: Wells begin at multiples of this, so that they look alike at lower resolutions.
_ALIGNMENT = 64
#: Fields further apart than this many of their own sizes cannot be in one well: the
#: positions have another unit than the server says.
_FURTHEST = 40


@dataclass(frozen=True, slots=True)
class WellPlace:
    """Where a well lies in a mosaic: its first row and column, and its size."""

    well: WellRecord
    y: int
    x: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Mosaic:
    """A picture of wells, before any pixels are read.

    Attributes
    ----------
    wells
        Those that have an image in the picture.
    is_measured
        Whether fields lie where the server says; else they lie side by side.
    pitch
        Columns and rows from one well to the next; None of a single well.
    """

    placements: tuple[Placement, ...]
    wells: tuple[WellPlace, ...]
    is_measured: bool
    pitch: tuple[int, int] | None = None


def lay_out(
    wells: Sequence[tuple[WellRecord, Sequence[FieldRecord]]],
    parts: Mapping[int, PartRecord],
    pixel_size: tuple[float, float] | None,
) -> Mosaic:
    """Put the fields of some wells into one picture.

    Parameters
    ----------
    wells
        Each with the fields that are shown of it.
    parts
        The images of these fields, by their ids.
    pixel_size
        Width and height of a pixel in micrometres; None where they are not known.

    Raises
    ------
    CannotCombine
        There is nothing to show, or the pixels are of different types.
    """
    wells = [(well, fields) for well, fields in wells if fields]
    if not wells:
        raise CannotCombine("There are no images in these wells.")
    _check_types([parts[f.image_id] for _, fields in wells for f in fields])
    measured = None
    if pixel_size is not None:
        measured = _measure(wells, parts, pixel_size)
    inside = measured or [_side_by_side(fields, parts) for _, fields in wells]
    height, width = _extent(
        [
            (y + parts[f.image_id].size_y, x + parts[f.image_id].size_x)
            for (_, fields), places in zip(wells, inside, strict=True)
            for f, (y, x) in zip(fields, places, strict=True)
        ]
    )
    pitch_y, pitch_x = _pitch(height), _pitch(width)
    if len({(well.row, well.column) for well, _ in wells}) == 1:
        pitch_y = pitch_x = 0
    top = min(well.row for well, _ in wells)
    left = min(well.column for well, _ in wells)
    placements, well_places = [], []
    for (well, fields), places in zip(wells, inside, strict=True):
        y0, x0 = (well.row - top) * pitch_y, (well.column - left) * pitch_x
        well_places.append(WellPlace(well, y0, x0, height, width))
        for field, (y, x) in zip(fields, places, strict=True):
            placements.append(Placement(parts[field.image_id], y0 + y, x0 + x))
    pitch = (pitch_x, pitch_y) if pitch_x and pitch_y else None
    return Mosaic(tuple(placements), tuple(well_places), measured is not None, pitch)


def _check_types(parts: Sequence[PartRecord]) -> None:
    first = parts[0]
    for part in parts:
        if part.dtype != first.dtype:
            raise CannotCombine(
                f"These images cannot be one mosaic: “{first.name}” has pixels of type "
                f"{first.dtype}, “{part.name}” of type {part.dtype}. Open them as "
                "separate layers."
            )


def _measure(
    wells: Sequence[tuple[WellRecord, Sequence[FieldRecord]]],
    parts: Mapping[int, PartRecord],
    pixel_size: tuple[float, float],
) -> list[list[tuple[int, int]]] | None:
    """Return y and x of the fields in their wells, as the server says.

    None, where it does not say, or says what cannot be.
    """
    in_pixels: list[list[tuple[int, int]]] = []
    for _, fields in wells:
        places = []
        for field in fields:
            if field.position is None or not all(map(isfinite, field.position)):
                return None
            x, y = field.position
            places.append((round(y / pixel_size[1]), round(x / pixel_size[0])))
        if len(set(places)) < len(places):
            return None  # all the same: nobody filled them in
        in_pixels.append(places)
    largest_y = max(p.size_y for p in parts.values())
    largest_x = max(p.size_x for p in parts.values())
    common = None
    if _is_within_wells(in_pixels, (largest_y, largest_x)):
        common = _corner([place for places in in_pixels for place in places])
    found = []
    for places in in_pixels:
        y0, x0 = common or _corner(places)
        moved = [(y - y0, x - x0) for y, x in places]
        height, width = _extent(moved)
        if height > _FURTHEST * largest_y or width > _FURTHEST * largest_x:
            return None
        found.append(moved)
    return found


def _is_within_wells(
    places: Sequence[Sequence[tuple[int, int]]], size: tuple[int, int]
) -> bool:
    """Whether positions count from each well, and not from the corner of the plate.

    Then fields lie at much the same places in all wells, whatever their number.  A
    well that lacks its first field keeps the others where they are.
    """
    most = max(len(each) for each in places)
    middles = [_corner(each) for each in places]
    spread_y, spread_x = (
        max(m[axis] for m in middles) - min(m[axis] for m in middles)
        for axis in range(2)
    )
    across = ceil(sqrt(most)) + 1
    return spread_y <= across * size[0] and spread_x <= across * size[1]


def _side_by_side(
    fields: Sequence[FieldRecord], parts: Mapping[int, PartRecord]
) -> list[tuple[int, int]]:
    """Return y and x of fields that lie in rows, as many as columns."""
    across = ceil(sqrt(len(fields)))
    height = max(parts[field.image_id].size_y for field in fields)
    width = max(parts[field.image_id].size_x for field in fields)
    return [
        (number // across * height, number % across * width)
        for number in range(len(fields))
    ]


def _corner(places: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return min(y for y, _ in places), min(x for _, x in places)


def _extent(places: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return max(y for y, _ in places), max(x for _, x in places)


def _pitch(size: int) -> int:
    """Return the distance between two wells of this size."""
    wide = size + max(_LEAST_GAP, size // _GAP)
    return -(-wide // _ALIGNMENT) * _ALIGNMENT if wide > _ALIGNMENT else wide
