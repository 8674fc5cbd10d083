"""Regions of an image: read in pages, made, changed in place.

Masks and label arrays meet without a shift, since a mask's corner is a whole pixel.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import Conflict
from napari_omero_io.records import RoiRecord

from . import hql
from .browse import read_object
from .deletion import delete_objects
from .ice import omero
from .roi_conditions import in_box, on_plane
from .shapes import (
    fits_class,
    make_mask,
    make_shape,
    read_mask,
    read_shape,
    write_shape,
)
from .translate import translated
from .wire import make_parameters, read_text, refer, unbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from napari_omero_io.records import ShapeRecord

    from .connection import Connection

#: Regions and shapes in one answer; a region with more shapes comes alone.
_PAGE_ROIS = 500
_PAGE_SHAPES = 2000


def read_rois(
    connection: Connection,
    image_id: int,
    *,
    z: int | None = None,
    t: int | None = None,
    box: tuple[float, float, float, float] | None = None,
    limit: int | None = None,
) -> list[RoiRecord]:
    """Read the regions of an image, in the order of their ids.

    One call for an image without any; else one more for each 500.  Regions without
    shapes are given too.

    Parameters
    ----------
    z, t
        Only regions that have a shape on this plane, or on all; None for any.
    box
        Left, top, right and bottom: leaves out regions that have no part in it, as far
        as the server can tell, which is not of polygons and of what is transformed.
    limit
        Of regions.
    """
    found = iterate_rois(connection, image_id, z=z, t=t, box=box)
    return list(islice(found, limit))


def iterate_rois(
    connection: Connection,
    image_id: int,
    *,
    z: int | None = None,
    t: int | None = None,
    box: tuple[float, float, float, float] | None = None,
) -> Iterator[RoiRecord]:
    """Yield the regions of an image as `read_rois` does, while they are read."""
    sizes = count_shapes(connection, image_id, z=z, t=t, box=box)
    for page in _split_pages(sizes):
        yield from _read_page(connection, image_id, page)


def count_shapes(
    connection: Connection,
    image_id: int,
    *,
    z: int | None = None,
    t: int | None = None,
    box: tuple[float, float, float, float] | None = None,
) -> dict[int, int]:
    """Count the shapes of each region of an image, by the region's id.

    Parameters
    ----------
    z, t, box
        Which regions; see `read_rois`.
    """
    wanted = [on_plane(z, t), None if box is None else in_box(box)]
    conditions = [condition for condition in wanted if condition is not None]
    text, values = hql.ROI_SIZES, {}
    if conditions:
        both = " and ".join(condition for condition, _ in conditions)
        text = hql.ROI_SIZES_WHERE.format(conditions=both)
        values = {name: value for _, some in conditions for name, value in some.items()}
    with translated(f"read the regions of image {image_id}"):
        rows = connection.service("query").projection(
            text, make_parameters(id=image_id, **values), connection.context()
        )
    return {int(unbox(roi_id)): int(unbox(count)) for roi_id, count in rows}


def save_rois(
    connection: Connection, image_id: int, rois: Sequence[RoiRecord]
) -> list[int]:
    """Make regions on an image, all or none; gives their ids in the same order.

    The message that carries them may hold 256,000,000 bytes.

    Raises
    ------
    NotFound, NotPermitted
        There is no such image, or the user may not draw on it.
    """
    image = read_object(connection, "image", image_id)
    made = [_make_roi(image_id, roi) for roi in rois]
    with translated(f"save regions of image {image_id}"):
        ids = connection.service("update").saveAndReturnIds(
            made, connection.context(image.group_id)
        )
    return [int(each) for each in ids]


def update_shapes(
    connection: Connection, image_id: int, shapes: Sequence[ShapeRecord]
) -> None:
    """Change shapes of an image in place, all or none.

    A shape whose class does not fit any more is replaced by a new one in its region.

    Parameters
    ----------
    shapes
        With the ids of shapes that are there.

    Raises
    ------
    Conflict
        Somebody has deleted one of them, or changed it since its version was read.
    NotPermitted
        One of them is another user's.
    """
    if not shapes:
        return
    image = read_object(connection, "image", image_id)
    wanted = {shape.id: shape for shape in shapes}
    with translated(f"change regions of image {image_id}"):
        found = connection.service("query").findAllByQuery(
            hql.ROIS_OF_SHAPES,
            make_parameters(image=image_id, ids=list(wanted)),
            connection.context(),
        )
        _check_unchanged(found, wanted)
        replaced = [old for roi in found for old in _write_roi(roi, wanted)]
        connection.service("update").saveCollection(
            found, connection.context(image.group_id)
        )
    delete_objects(connection, "shape", replaced)


def delete_shapes(connection: Connection, shape_ids: Sequence[int]) -> None:
    """Delete shapes, and regions of which nothing is left, all or none of them."""
    if not shape_ids:
        return
    ids = list(shape_ids)
    with translated("look for shapes to delete"):
        rows = connection.service("query").projection(
            hql.ROIS_EMPTIED, make_parameters(ids=ids), connection.context()
        )
    emptied = [int(unbox(row[0])) for row in rows]
    delete_objects(connection, "shape", ids)
    delete_objects(connection, "roi", emptied)


def find_own_rois(
    connection: Connection, image_id: int, roi_ids: Sequence[int]
) -> tuple[int, ...]:
    """Say which of these regions are on the image, the user's own, and masks alone.

    A region to which somebody added another shape is no longer what was saved.
    """
    if not roi_ids:
        return ()
    with translated(f"look for regions of image {image_id}"):
        rows = connection.service("query").projection(
            hql.OWN_ROIS,
            make_parameters(image=image_id, user=connection.user.id, ids=list(roi_ids)),
            connection.context(),
        )
    return tuple(unbox(row[0]) for row in rows)


def find_rois_of_shapes(
    connection: Connection, shape_ids: Sequence[int]
) -> dict[int, int]:
    """Give the region that each shape belongs to; shapes that are gone are left out.

    No call without shapes.
    """
    if not shape_ids:
        return {}
    with translated("look for the regions of shapes"):
        rows = connection.service("query").projection(
            hql.ROIS_OF_SHAPES_BY_ID,
            make_parameters(ids=list(shape_ids)),
            connection.context(),
        )
    return {int(unbox(shape_id)): int(unbox(roi_id)) for shape_id, roi_id in rows}


def _split_pages(sizes: dict[int, int]) -> Iterator[list[int]]:
    page: list[int] = []
    shapes = 0
    for roi_id, count in sizes.items():
        is_full = len(page) >= _PAGE_ROIS or shapes + count > _PAGE_SHAPES
        if page and is_full:
            yield page
            page, shapes = [], 0
        page.append(roi_id)
        shapes += count
    if page:
        yield page


def _read_page(
    connection: Connection, image_id: int, roi_ids: list[int]
) -> list[RoiRecord]:
    with translated(f"read the regions of image {image_id}"):
        found = connection.service("query").findAllByQuery(
            hql.ROIS, make_parameters(ids=roi_ids), connection.context()
        )
    user = connection.user.id
    # one row a shape comes back where the server does not fold them
    rois = {roi.id.val: roi for roi in found}
    return [_read_roi(rois[roi_id], user) for roi_id in roi_ids if roi_id in rois]


def _read_roi(roi: Any, user_id: int) -> RoiRecord:
    # OMERO's list has a hole where a shape was deleted
    shapes = [shape for shape in roi.copyShapes() if shape is not None]
    masks = [s for s in shapes if isinstance(s, omero.model.Mask)]
    others = [s for s in shapes if not isinstance(s, omero.model.Mask)]
    return RoiRecord(
        masks=tuple(_present(map(read_mask, masks))),
        name=read_text(roi.name),
        id=roi.id.val,
        shapes=tuple(_present(map(read_shape, others))),
        is_own=roi.details.owner.id.val == user_id,
    )


def _present(records: Iterable[Any]) -> Iterator[Any]:
    return (record for record in records if record is not None)


def _make_roi(image_id: int, roi: RoiRecord) -> Any:
    made = omero.model.RoiI()
    made.image = refer("Image", image_id)
    if roi.name:
        made.name = omero.rtypes.rstring(roi.name)
    for mask in roi.masks:
        made.addShape(make_mask(mask))
    for shape in roi.shapes:
        made.addShape(make_shape(shape))
    return made


def _check_unchanged(rois: list[Any], wanted: dict[int | None, ShapeRecord]) -> None:
    versions = {
        shape.id.val: shape.details.updateEvent.id.val
        for roi in rois
        for shape in roi.copyShapes()
        if shape is not None
    }
    for shape_id, record in wanted.items():
        if record.version is not None and versions.get(shape_id) != record.version:
            raise Conflict(
                f"Shape {shape_id} was changed or deleted by somebody in the meantime; "
                "nothing was changed. Look at the preview again."
            )


def _write_roi(roi: Any, wanted: dict[int | None, ShapeRecord]) -> list[int]:
    """Write records into the shapes of a region; gives the ids of those to delete."""
    replaced = []
    for shape in [each for each in roi.copyShapes() if each is not None]:
        record = wanted.get(shape.id.val)
        if record is None:
            continue
        if fits_class(shape, record):
            write_shape(shape, record)
        else:
            roi.addShape(make_shape(record))
            replaced.append(shape.id.val)
    return replaced
