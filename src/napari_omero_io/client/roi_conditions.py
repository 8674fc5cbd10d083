"""Conditions on the regions of an image: on a plane, in a part of it.

Each is a piece of HQL about ``roi``, and the values of its parameters.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Condition: TypeAlias = tuple[str, dict[str, Any]]

_ACROSS = "s.x <= :right and s.x + s.width >= :left"
_DOWN = "s.y <= :bottom and s.y + s.height >= :top"
_AT = "s.x between :left and :right and s.y between :top and :bottom"

#: When a shape touches a box, by its class.  Others keep their points as text, which
#: the server cannot compare.
_TOUCHING = {
    "Rectangle": f"{_ACROSS} and {_DOWN}",
    "Mask": f"{_ACROSS} and {_DOWN}",
    "Ellipse": "s.x - s.radiusX <= :right and s.x + s.radiusX >= :left"
    " and s.y - s.radiusY <= :bottom and s.y + s.radiusY >= :top",
    "Line": "(s.x1 <= :right or s.x2 <= :right) and (s.x1 >= :left or s.x2 >= :left)"
    " and (s.y1 <= :bottom or s.y2 <= :bottom) and (s.y1 >= :top or s.y2 >= :top)",
    "Point": _AT,
    "Label": _AT,
}
_ANYWHERE = ("Polygon", "Polyline", "Path")


def on_plane(z: int | None, t: int | None) -> Condition | None:
    """Have a shape on a plane, or on all; None for any plane."""
    values = {
        field: plane for field, plane in (("theZ", z), ("theT", t)) if plane is not None
    }
    if not values:
        return None
    there = [f"(shape.{field} is null or shape.{field} = :{field})" for field in values]
    text = (
        "exists (select shape.id from Shape shape where shape.roi.id = roi.id and "
        f"{' and '.join(there)})"
    )
    return text, values


def in_box(box: tuple[float, float, float, float]) -> Condition:
    """Have a shape that touches a box, or of which the server cannot tell.

    That are shapes with points or a transform.

    Parameters
    ----------
    box
        Left, top, right and bottom, counted from the corner of the first pixel.
    """
    left, top, right, bottom = map(float, box)
    wheres = {
        **{
            name: f" and (s.transform is not null or ({touches}))"
            for name, touches in _TOUCHING.items()
        },
        **dict.fromkeys(_ANYWHERE, ""),
    }
    shapes = (
        f"exists (select s.id from {name} s where s.roi.id = roi.id{where})"
        for name, where in wheres.items()
    )
    values = {"left": left, "top": top, "right": right, "bottom": bottom}
    return f"({' or '.join(shapes)})", values
