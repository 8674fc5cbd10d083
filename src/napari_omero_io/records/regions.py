"""Regions of interest: their shapes and masks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MaskRecord:
    """The pixels of one plane that belong to one label, cropped to their box.

    Attributes
    ----------
    bits
        One bit per pixel, row by row, most significant first, rows not padded.
    z, t
        None means every plane.
    text
        The shape's text; labels keep their number here.
    color
        Red, green, blue, alpha; 0 to 255.
    """

    x: int
    y: int
    width: int
    height: int
    bits: bytes
    z: int | None
    t: int | None
    text: str = ""
    color: tuple[int, int, int, int] = (255, 255, 0, 128)
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ShapeRecord:
    """One shape of a region, other than a mask.

    Attributes
    ----------
    kind
        Lower case: ``rectangle``, ``ellipse``, ``line``, ``polygon``, ``polyline``,
        ``point`` or ``label``; ``path`` and ``open path`` are a polygon and a polyline
        that OMERO keeps in its deprecated Path.
    geometry
        Pixels, counted from the corner of the first: x, y, width and height of a
        rectangle; centre x, y and both radii of an ellipse; else x, y of each point.
    z, t, c
        None means every plane, every time point, every channel.
    transform
        a00, a10, a01, a11, a02, a12 of ``x' = a00 x + a01 y + a02`` and
        ``y' = a10 x + a11 y + a12``; None for none.
    fill, stroke
        Red, green, blue, alpha; 0 to 255.  None leaves it to the program that shows it.
    width
        Of the line, in pixels.
    version
        The event of its last change; it differs whenever somebody has changed it.
    """

    kind: str
    geometry: tuple[float, ...]
    z: int | None = None
    t: int | None = None
    c: int | None = None
    transform: tuple[float, float, float, float, float, float] | None = None
    fill: tuple[int, int, int, int] | None = None
    stroke: tuple[int, int, int, int] | None = None
    width: float | None = None
    text: str = ""
    id: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RoiRecord:
    """A region of an image: one object over all its planes.

    Attributes
    ----------
    shapes
        Those that are no masks.
    is_own
        Whether it belongs to the user who read it.
    """

    masks: tuple[MaskRecord, ...]
    name: str = ""
    id: int | None = None
    shapes: tuple[ShapeRecord, ...] = ()
    is_own: bool = field(default=False, compare=False)
