"""Regions of an image, as far as they are masks.

A mask holds one bit per pixel of its box, row by row, most significant first, rows not
padded; its corner is a whole pixel, so masks and label arrays meet without a shift.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.records import MaskRecord, RoiRecord

from . import hql
from .browse import read_object
from .ice import omero
from .translate import translated
from .wire import make_parameters, pack_color, read_color, read_text, refer, unbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection

#: Masks in one answer.
_PAGE = 500
_DEFAULT_COLOR = (255, 255, 0, 128)


def read_rois(connection: Connection, image_id: int) -> list[RoiRecord]:
    """Read the regions of an image that have masks, in the order of their ids.

    Other shapes of the same regions are left out.
    """
    regions: dict[int, RoiRecord] = {}
    after = 0
    while True:
        with translated(f"read the regions of image {image_id}"):
            page = connection.service("query").findAllByQuery(
                hql.MASKS,
                make_parameters(0, _PAGE, id=image_id, after=after),
                connection.context(),
            )
        for mask in page:
            roi = mask.roi
            region = regions.get(roi.id.val) or RoiRecord(
                (), read_text(roi.name), roi.id.val
            )
            if (record := _read_mask(mask)) is not None:
                region = replace(region, masks=(*region.masks, record))
            regions[roi.id.val] = region
        if len(page) < _PAGE:
            break
        after = page[-1].id.val
    return [regions[roi_id] for roi_id in sorted(regions) if regions[roi_id].masks]


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


def _read_mask(mask: Any) -> MaskRecord | None:
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
        color=_DEFAULT_COLOR if color is None else read_color(color),
        id=mask.id.val,
    )


def _read_bits(data: bytes, count: int) -> bytes:
    """Give one bit per pixel; old programs wrote a byte for each."""
    length = (count + 7) // 8
    if len(data) == count and count > length:
        return np.packbits(np.frombuffer(data, np.uint8) != 0).tobytes()
    return bytes(data[:length]).ljust(length, b"\0")


def _make_roi(image_id: int, roi: RoiRecord) -> Any:
    made = omero.model.RoiI()
    made.image = refer("Image", image_id)
    if roi.name:
        made.name = omero.rtypes.rstring(roi.name)
    for mask in roi.masks:
        made.addShape(_make_mask(mask))
    return made


def _make_mask(mask: MaskRecord) -> Any:
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
