"""Shapes and Points layers of napari as OMERO's shapes: the inverse of `shapes`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import ImageColor

from napari_omero_io.convert.outlines import KINDS, NAPARI_TYPES, read_vertices
from napari_omero_io.convert.shapes import WIDTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from napari_omero_io.convert.colour import Color
    from napari_omero_io.records import ShapeRecord


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the axes of a layer lie on an image.

    Attributes
    ----------
    order
        The letters of the layer's axes, such as ``TZYX``.
    factors, offsets
        For each axis: a pixel of the image is ``factor * coordinate + offset``.
    everywhere
        Letters of the axes on which the layer's shapes are on all planes.
    """

    order: str
    factors: tuple[float, ...]
    offsets: tuple[float, ...]
    everywhere: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One shape of a layer, and the region it came from."""

    shape: ShapeRecord
    roi_id: int | None = None
    roi_name: str = ""


def read_drawings(
    data: Any, settings: Mapping[str, Any], kind: str, frame: Frame
) -> tuple[Drawing, ...]:
    """Read every shape or point of a layer; ids and texts are in its features.

    Parameters
    ----------
    data, settings, kind
        As napari hands them to writers; the kind is ``shapes`` or ``points``.

    Raises
    ------
    ValueError
        Naming the shape that OMERO has no form for, as the end of a sentence.
    """
    outlines = [np.atleast_2d(np.asarray(item, np.float64)) for item in data]
    count = len(outlines)
    is_points = kind == "points"
    types = ["point"] * count if is_points else _types(settings, count)
    prefix = "border" if is_points else "edge"
    fills = _colors(settings.get("face_color"), count, "white")
    strokes = _colors(settings.get(f"{prefix}_color"), count, "dimgray")
    widths = _widths(settings, prefix, count)
    features = _Features(settings.get("features"), count)
    drawings = []
    for index, outline in enumerate(outlines):
        planes = _read_planes(outline, frame, index)
        vertices = _to_pixels(outline, frame)
        if not np.isfinite(vertices).all():
            raise ValueError(f"shape {index + 1} has coordinates that are no numbers")
        known = features.text("kind", index)
        same = NAPARI_TYPES.get(known) == types[index]
        shape = read_vertices(known if same else KINDS[types[index]], vertices)
        drawings.append(
            Drawing(
                replace(
                    shape,
                    z=planes.get("Z"),
                    t=planes.get("T"),
                    fill=fills[index],
                    stroke=strokes[index],
                    width=widths[index],
                    text=features.text("text", index),
                    id=features.number("shape_id", index),
                    version=features.number("version", index),
                ),
                features.number("roi_id", index),
                features.text("roi_name", index),
            )
        )
    return tuple(drawings)


class _Features:
    """The table of a layer's features; what is not there is empty."""

    def __init__(self, table: Any, count: int) -> None:
        self._columns: dict[str, list[Any]] = {}
        for name in ("roi_id", "shape_id", "version", "kind", "text", "roi_name"):
            column = None if table is None else table.get(name)
            values = [] if column is None else list(column)
            self._columns[name] = values if len(values) == count else [None] * count

    def text(self, name: str, index: int) -> str:
        value = self._columns[name][index]
        return value if isinstance(value, str) else ""

    def number(self, name: str, index: int) -> int | None:
        value = self._columns[name][index]
        if value is None or value != value or isinstance(value, str):
            return None
        return int(value) if value >= 0 else None


def _types(settings: Mapping[str, Any], count: int) -> list[str]:
    given = settings.get("shape_type", "rectangle")
    types = [given] * count if isinstance(given, str) else list(given)
    return [str(getattr(each, "value", each)) for each in types]


def _read_planes(
    outline: NDArray[Any], frame: Frame, index: int
) -> dict[str, int | None]:
    planes: dict[str, int | None] = {}
    for axis, letter in enumerate(frame.order[:-2]):
        if letter in frame.everywhere:
            continue
        places = outline[:, axis] * frame.factors[axis] + frame.offsets[axis]
        if np.ptp(places) > 0.5:
            raise ValueError(
                f"shape {index + 1} lies on several planes of {letter}; OMERO's "
                "shapes lie on one or on all"
            )
        planes[letter] = round(float(places[0]))
    return planes


def _to_pixels(outline: NDArray[Any], frame: Frame) -> NDArray[Any]:
    factors, offsets = np.array(frame.factors[-2:]), np.array(frame.offsets[-2:])
    return np.asarray(outline[:, -2:] * factors + offsets)


def _widths(settings: Mapping[str, Any], prefix: str, count: int) -> list[float]:
    if prefix == "border" and settings.get("border_width_is_relative", True):
        return [WIDTH] * count
    given = settings.get(f"{prefix}_width", WIDTH)
    values = np.broadcast_to(np.asarray(given, np.float64), (count,))
    return [float(value) for value in values]


def _colors(given: Any, count: int, default: str) -> list[Color]:
    if given is None:
        given = default
    if isinstance(given, str):
        return [_parse(given)] * count
    if not count:
        return []
    values = list(given)
    if isinstance(values[0], str):
        return [_parse(value) for value in values]
    table = np.atleast_2d(np.asarray(values, np.float64))
    if table.shape[-1] == 3:
        table = np.column_stack([table, np.ones(len(table))])
    spread = np.broadcast_to(np.rint(table * 255).clip(0, 255), (count, 4))
    return [_as_color(row) for row in spread.astype(int).tolist()]


def _parse(text: str) -> Color:
    return _as_color(ImageColor.getcolor(text, "RGBA"))


def _as_color(values: Any) -> Color:
    red, green, blue, alpha = values
    return (red, green, blue, alpha)
