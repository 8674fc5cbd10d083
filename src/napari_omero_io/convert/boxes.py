"""Which regions have a part in a box of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_omero_io.convert.outlines import make_vertices

if TYPE_CHECKING:
    from collections.abc import Iterator

    from napari_omero_io.records import RoiRecord

#: Left, top, right and bottom in pixels, as napari counts them: from pixel centres.
Box = tuple[float, float, float, float]


def is_in_box(roi: RoiRecord, box: Box) -> bool:
    """Whether the box around any shape of a region touches a box."""
    left, top, right, bottom = box
    return any(
        one[0] <= right and one[2] >= left and one[1] <= bottom and one[3] >= top
        for one in _find_boxes(roi)
    )


def widen(box: Box) -> Box:
    """Give a box as OMERO counts, from pixel corners, with a pixel around it."""
    left, top, right, bottom = box
    return (left - 1, top - 1, right + 2, bottom + 2)


def _find_boxes(roi: RoiRecord) -> Iterator[Box]:
    for mask in roi.masks:
        right, bottom = mask.x + mask.width - 1, mask.y + mask.height - 1
        yield (mask.x, mask.y, right, bottom)
    for shape in roi.shapes:
        vertices = make_vertices(shape)
        if vertices is not None:
            (top, left), (bottom, right) = vertices.min(axis=0), vertices.max(axis=0)
            yield (float(left), float(top), float(right), float(bottom))
