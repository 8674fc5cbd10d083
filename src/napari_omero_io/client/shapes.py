"""One shape of a region: OMERO's objects ⇄ our records.

OMERO counts pixels from the corner of the first one, and so do the records.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.records import MaskRecord, ShapeRecord

from .ice import omero
from .wire import make_pixels_length, pack_color, read_color, read_text, unbox

if TYPE_CHECKING:
    from collections.abc import Iterator

_MASK_COLOR = (255, 255, 0, 128)

#: The numbers of each kind, as OMERO names them; lists of points are texts.
_NUMBERS = {
    "rectangle": ("x", "y", "width", "height"),
    "ellipse": ("x", "y", "radiusX", "radiusY"),
    "line": ("x1", "y1", "x2", "y2"),
    "point": ("x", "y"),
    "label": ("x", "y"),
}
_CLASSES = {
    **{kind: kind.capitalize() for kind in (*_NUMBERS, "polygon", "polyline")},
    "path": "Path",
    "open path": "Path",
}
_SUCCESSORS = {"path": "polygon", "open path": "polyline"}
_KINDS = {name: kind for kind, name in _CLASSES.items() if name != "Path"}
_MATRIX = ("a00", "a10", "a01", "a11", "a02", "a12")

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
#: Insight once wrote `points[…] points1[…] points2[…] mask[…]`; the first counts.
_OLD_POINTS = re.compile(r"points\[([^]]*)\]")
_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*(?:[eE][-+]?\d[^A-Za-z]*)*)")


def read_shape(shape: Any) -> ShapeRecord | None:
    """Read a shape that is no mask; None if it has no outline that we know."""
    found = _read_outline(shape)
    if found is None:
        return None
    kind, geometry = found
    fill, stroke = unbox(shape.fillColor), unbox(shape.strokeColor)
    event = shape.details.updateEvent
    return ShapeRecord(
        kind=kind,
        geometry=geometry,
        z=unbox(shape.theZ),
        t=unbox(shape.theT),
        c=unbox(shape.theC),
        transform=_read_transform(shape.transform),
        fill=None if fill is None else read_color(fill),
        stroke=None if stroke is None else read_color(stroke),
        # OMERO's viewers take the number as pixels, whatever the unit
        width=None if shape.strokeWidth is None else shape.strokeWidth.getValue(),
        text=read_text(shape.textValue),
        id=shape.id.val,
        version=None if event is None else event.id.val,
    )


def make_shape(record: ShapeRecord) -> Any:
    """Make a shape that is not on the server yet; Path is deprecated, so not that."""
    record = replace(record, kind=_SUCCESSORS.get(record.kind, record.kind))
    shape = getattr(omero.model, f"{_CLASSES[record.kind]}I")()
    write_shape(shape, record)
    return shape


def fits_class(shape: Any, record: ShapeRecord) -> bool:
    """Whether a shape can become what the record says without changing its class."""
    return isinstance(shape, getattr(omero.model, _CLASSES[record.kind]))


def write_shape(shape: Any, record: ShapeRecord) -> None:
    """Write a record into a shape of its class; what it does not hold stays."""
    _write_outline(shape, record)
    for name, plane in (("theZ", record.z), ("theT", record.t), ("theC", record.c)):
        setattr(shape, name, None if plane is None else omero.rtypes.rint(plane))
    _write_transform(shape, record.transform)
    for name, color in (("fillColor", record.fill), ("strokeColor", record.stroke)):
        packed = None if color is None else omero.rtypes.rint(pack_color(color))
        setattr(shape, name, packed)
    width = record.width
    shape.strokeWidth = None if width is None else make_pixels_length(width)
    shape.textValue = omero.rtypes.rstring(record.text) if record.text else None


def read_mask(mask: Any) -> MaskRecord | None:
    """Read a mask; None for one without pixels."""
    width, height = round(unbox(mask.width) or 0), round(unbox(mask.height) or 0)
    if width < 1 or height < 1 or mask.bytes is None:
        return None
    color = unbox(mask.fillColor)
    return MaskRecord(
        x=round(unbox(mask.x) or 0),
        y=round(unbox(mask.y) or 0),
        width=width,
        height=height,
        bits=_read_bits(mask.bytes, width * height),
        z=unbox(mask.theZ),
        t=unbox(mask.theT),
        text=read_text(mask.textValue),
        color=_MASK_COLOR if color is None else read_color(color),
        id=mask.id.val,
    )


def make_mask(mask: MaskRecord) -> Any:
    """Make a mask that is not on the server yet."""
    made = omero.model.MaskI()
    for name in ("x", "y", "width", "height"):
        setattr(made, name, omero.rtypes.rdouble(getattr(mask, name)))
    made.bytes = mask.bits
    if mask.z is not None:
        made.theZ = omero.rtypes.rint(mask.z)
    if mask.t is not None:
        made.theT = omero.rtypes.rint(mask.t)
    if mask.text:
        made.textValue = omero.rtypes.rstring(mask.text)
    made.fillColor = omero.rtypes.rint(pack_color(mask.color))
    return made


def read_points(text: str) -> tuple[float, ...]:
    """Read x, y, x, y … between any blanks and commas; an odd last number is dropped.

    Programs write ``1,2 3,4`` and ``1,2, 3,4``, negative numbers and exponents.
    """
    if old := _OLD_POINTS.search(text):
        text = old[1]
    numbers = [float(number) for number in _NUMBER.findall(text)]
    return tuple(numbers[: len(numbers) // 2 * 2])


def read_path(text: str) -> tuple[str, tuple[float, ...]] | None:
    """Read an SVG path of straight lines as a kind and its points.

    Returns
    -------
    ``path`` for a closed outline, ``open path`` for another; None for a path with
    curves, or with more than one part.
    """
    points: list[tuple[float, float]] = []
    is_closed = False
    for command, values in _STEP.findall(text):
        if command in "zZ":
            is_closed = True
            continue
        if is_closed or command not in "MmLlHhVv" or (command in "Mm" and points):
            return None
        points += _follow(command, read_numbers(values), points)
    flat = tuple(number for point in points for number in point)
    return ("path" if is_closed else "open path"), flat


def read_numbers(text: str) -> list[float]:
    """Read all numbers of a text."""
    return [float(number) for number in _NUMBER.findall(text)]


def _follow(
    command: str, numbers: list[float], before: list[tuple[float, float]]
) -> Iterator[tuple[float, float]]:
    """Yield the points of one step of a path; small letters count from the last."""
    x, y = before[-1] if before else (0.0, 0.0)
    is_relative = command.islower()
    size = 1 if command in "HhVv" else 2
    for start in range(0, len(numbers) - size + 1, size):
        dx, dy = (x, y) if is_relative else (0.0, 0.0)
        if command in "Hh":
            x = numbers[start] + dx
        elif command in "Vv":
            y = numbers[start] + dy
        else:
            x, y = numbers[start] + dx, numbers[start + 1] + dy
        yield x, y


def _read_outline(shape: Any) -> tuple[str, tuple[float, ...]] | None:
    if isinstance(shape, omero.model.Path):
        found = read_path(read_text(shape.d))
    else:
        kind = _KINDS.get(type(shape).__name__.removesuffix("I"), "")
        if kind in _NUMBERS:
            values = [unbox(getattr(shape, name)) for name in _NUMBERS[kind]]
            found = (kind, tuple(float("nan") if v is None else v for v in values))
        elif kind:
            found = (kind, read_points(read_text(shape.points)))
        else:
            return None
    if found is None or not found[1] or not all(map(math.isfinite, found[1])):
        return None
    return found


def _write_outline(shape: Any, record: ShapeRecord) -> None:
    if record.kind in _NUMBERS:
        for name, value in zip(_NUMBERS[record.kind], record.geometry, strict=True):
            setattr(shape, name, omero.rtypes.rdouble(value))
        return
    # `repr` gives the shortest text that is read back as the same number
    numbers = [repr(float(value)) for value in record.geometry]
    pairs = [f"{x},{y}" for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    if record.kind in ("polygon", "polyline"):
        shape.points = omero.rtypes.rstring(" ".join(pairs))
        return
    end = " Z" if record.kind == "path" else ""
    shape.d = omero.rtypes.rstring(f"M {' L '.join(pairs)}{end}")


def _read_transform(
    transform: Any,
) -> tuple[float, float, float, float, float, float] | None:
    if transform is None or not transform.isLoaded():
        return None
    a00, a10, a01, a11, a02, a12 = (unbox(getattr(transform, n)) for n in _MATRIX)
    return (a00, a10, a01, a11, a02, a12)


def _write_transform(shape: Any, matrix: tuple[float, ...] | None) -> None:
    if _read_transform(shape.transform) == matrix:
        return
    if matrix is None:
        shape.transform = None
        return
    shape.transform = omero.model.AffineTransformI()
    for name, value in zip(_MATRIX, matrix, strict=True):
        setattr(shape.transform, name, omero.rtypes.rdouble(value))


def _read_bits(data: bytes, count: int) -> bytes:
    """Give one bit per pixel; old programs wrote a byte for each."""
    length = (count + 7) // 8
    if len(data) == count and count > length:
        return np.packbits(np.frombuffer(data, np.uint8) != 0).tobytes()
    return bytes(data[:length]).ljust(length, b"\0")
