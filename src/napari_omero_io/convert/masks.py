"""Label images to regions of masks, and back, without loss.

A label becomes one region with one mask on each plane where it appears.  Its number
is the text of the masks and the name of the region, so it does not depend on the
order of anything on the server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from napari_omero_io.convert.bits import pack_bits, unpack_bits
from napari_omero_io.convert.pieces import Piece, as_stack, find_pieces
from napari_omero_io.errors import OmeroIOError
from napari_omero_io.records import MaskRecord, RoiRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

#: Half transparent yellow, as OMERO's own clients draw regions.
DEFAULT_COLOR = (255, 255, 0, 128)

_NUMBER = re.compile(r"\s*(-?\d{1,20})\s*")
#: What `name_region` writes.
_REGION_NAME = re.compile(r"(?:(?P<layer>.*\S) )?(?P<number>-?\d{1,20})", re.DOTALL)


class LabelImage(NamedTuple):
    """Regions drawn as labels.

    Attributes
    ----------
    name
        Of the layer they were saved from; '' if it is not known, None if they come
        from another program.
    pixels
        Integers, wide enough for all numbers.
    regions
        Each with its number.
    """

    name: str | None
    pixels: NDArray[Any]
    regions: tuple[tuple[int, RoiRecord], ...]


@dataclass(slots=True)
class _Canvas:
    """A label image that is being drawn."""

    pixels: NDArray[Any]
    regions: list[tuple[int, RoiRecord]] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)


def labels_to_rois(
    labels: NDArray[Any],
    colors: Mapping[int, tuple[int, int, int, int]] | None = None,
) -> list[RoiRecord]:
    """Turn a label image into regions, ordered by their numbers.

    Parameters
    ----------
    labels
        Integers or Booleans of shape (T, Z, Y, X), (Z, Y, X) or (Y, X); 0 is the
        background.  A missing axis counts as one of length 1.
    colors
        Red, green, blue, alpha (0 to 255) of each number.

    Raises
    ------
    ValueError
        For an array that is no label image.
    """
    stack = as_stack(np.asarray(labels))
    colors = colors or {}
    pieces = [
        piece
        for t, planes in enumerate(stack)
        for z, plane in enumerate(planes)
        for piece in find_pieces(plane, t, z)
    ]
    pieces.sort()
    return [
        RoiRecord(
            masks=tuple(
                _make_mask(stack, piece, colors.get(number, DEFAULT_COLOR))
                for piece in group
            ),
            name=str(number),
        )
        for number, group in groupby(pieces, attrgetter("number"))
    ]


def rois_to_labels(
    rois: Sequence[RoiRecord], shape: tuple[int, ...]
) -> list[NDArray[Any]]:
    """Turn regions into label images; see `draw_regions`.

    Returns
    -------
    list of ndarray
        At least one.
    """
    images = [image.pixels for image in draw_regions(rois, shape)]
    return images or [np.zeros(shape, np.int32)]


def draw_regions(rois: Sequence[RoiRecord], shape: tuple[int, ...]) -> list[LabelImage]:
    """Draw regions into as few label images as keep them apart.

    What was saved as one label image becomes one again, with its numbers.  Regions of
    other programs take the number in the masks' text, or in the region's name, or the
    next one that is free.  A region that covers a part of another goes into another
    image.  Parts outside of the image are left out.

    Parameters
    ----------
    shape
        (T, Z, Y, X), (Z, Y, X) or (Y, X) of the label images; a missing axis counts
        as one of length 1.

    Raises
    ------
    OmeroIOError
        If a mask's bytes do not fit its size.
    """
    groups: dict[str | None, list[RoiRecord]] = {}
    for roi in rois:
        if roi.masks:
            groups.setdefault(_layer_name(roi), []).append(roi)
    return [
        image
        for name, members in groups.items()
        for image in _draw_group(name, members, shape)
    ]


def name_region(layer_name: str, number: int) -> str:
    """Return the name of a region that tells which label image it belongs to."""
    return f"{layer_name} {number}".strip()


# -- labels to masks ---------------------------------------------------------------


def _make_mask(
    stack: NDArray[Any], piece: Piece, color: tuple[int, int, int, int]
) -> MaskRecord:
    number, t, z, y0, y1, x0, x1 = piece
    return MaskRecord(
        x=x0,
        y=y0,
        width=x1 - x0,
        height=y1 - y0,
        bits=pack_bits(stack[t, z, y0:y1, x0:x1] == number),
        z=z,
        t=t,
        text=str(number),
        color=color,
    )


# -- masks to labels ---------------------------------------------------------------


def _layer_name(roi: RoiRecord) -> str | None:
    """Return the label image a region was saved from; None if it was not."""
    found = _REGION_NAME.fullmatch(roi.name)
    if found and all(mask.text == found["number"] for mask in roi.masks):
        return found["layer"] or ""
    return None


def _draw_group(
    name: str | None, rois: Sequence[RoiRecord], shape: tuple[int, ...]
) -> list[LabelImage]:
    full = (1,) * (4 - len(shape)) + tuple(shape)
    numbered = list(_number(rois))
    dtype = _integer_for([number for number, _ in numbered])
    canvases: list[_Canvas] = []
    for number, roi in numbered:
        drawn = list(_draw(roi.masks, full))
        for canvas in canvases:
            # Saved labels have one region each; other programs number classes.
            is_taken = name is not None and number in canvas.numbers
            if not is_taken and _is_free(canvas.pixels, drawn, number):
                break
        else:
            canvas = _Canvas(np.zeros(full, dtype))
            canvases.append(canvas)
        canvas.regions.append((number, roi))
        canvas.numbers.add(number)
        for place, inside in drawn:
            canvas.pixels[place][..., inside] = number
    return [
        LabelImage(name, canvas.pixels.reshape(shape), tuple(canvas.regions))
        for canvas in canvases
    ]


def _number(rois: Sequence[RoiRecord]) -> Iterator[tuple[int, RoiRecord]]:
    """Yield each region, or each part of it that has a number of its own."""
    parts = [part for roi in rois for part in _split(roi)]
    free = max([0, *(number for number, _ in parts if number is not None)])
    for number, roi in parts:
        if number is None:
            free += 1
        yield (free if number is None else number), roi


def _split(roi: RoiRecord) -> Iterator[tuple[int | None, RoiRecord]]:
    """Yield the masks of a region by their number; None for those without."""
    name = _read_number(roi.name)

    def number_of(mask: MaskRecord) -> int | None:
        return _read_number(mask.text) or name

    for number, masks in groupby(roi.masks, number_of):
        yield number, RoiRecord(tuple(masks), roi.name, roi.id)


def _read_number(text: str) -> int | None:
    """Return the label number in a text; None for other texts and for 0."""
    found = _NUMBER.fullmatch(text)
    return (int(found[1]) or None) if found else None


def _integer_for(numbers: Sequence[int]) -> np.dtype[Any]:
    low, high = min(numbers, default=0), max(numbers, default=0)
    for name in ("int32", "int64", "uint64"):
        limits = np.iinfo(name)
        if limits.min <= low and high <= limits.max:
            return np.dtype(name)
    raise OmeroIOError(f"The label numbers {low} and {high} fit no integer type.")


def _draw(
    masks: Sequence[MaskRecord], shape: tuple[int, ...]
) -> Iterator[tuple[tuple[slice, ...], NDArray[np.bool_]]]:
    """Yield where each mask lies in a stack, and which of the pixels there it has."""
    size_t, size_z, size_y, size_x = shape
    for mask in masks:
        pixels = unpack_bits(mask)
        y0, y1 = max(0, mask.y), min(size_y, mask.y + mask.height)
        x0, x1 = max(0, mask.x), min(size_x, mask.x + mask.width)
        if y0 >= y1 or x0 >= x1:
            continue
        place = (_plane(mask.t, size_t), _plane(mask.z, size_z))
        yield (
            (*place, slice(y0, y1), slice(x0, x1)),
            pixels[y0 - mask.y : y1 - mask.y, x0 - mask.x : x1 - mask.x],
        )


def _plane(index: int | None, size: int) -> slice:
    """Return the planes of a mask; without an index it is on every plane."""
    if index is None:
        return slice(0, size)
    return slice(max(0, index), max(0, index + 1))


def _is_free(
    image: NDArray[Any],
    drawn: Sequence[tuple[tuple[slice, ...], NDArray[np.bool_]]],
    number: int,
) -> bool:
    """Whether a region can be drawn without covering another."""
    for place, pixels in drawn:
        there = image[place][..., pixels]
        if np.any((there != 0) & (there != number)):
            return False
    return True
