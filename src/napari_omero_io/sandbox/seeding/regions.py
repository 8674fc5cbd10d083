"""Label images as regions: one ROI a label, one mask a plane."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING, Any

import numpy as np
import omero.model
from omero.rtypes import rdouble, rint, rstring

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Turning the circle of hues by this part keeps neighbours apart.
_GOLDEN = 0.6180339887498949
_HALF_TRANSPARENT = 128


def build_label_rois(image_id: int, labels: np.ndarray) -> list[Any]:
    """Return a RoiI for every label number.

    Parameters
    ----------
    labels
        (Z, Y, X); 0 is background.  The number becomes the text of each mask.
    """
    rois = []
    for number in np.unique(labels[labels > 0]):
        roi = omero.model.RoiI()
        roi.image = omero.model.ImageI(image_id, False)
        roi.name = rstring(str(number))
        for mask in _build_masks(labels == number, int(number)):
            roi.addShape(mask)
        rois.append(roi)
    return rois


def _build_masks(inside: np.ndarray, number: int) -> Iterator[Any]:
    for z in np.flatnonzero(inside.any(axis=(1, 2))):
        rows = np.flatnonzero(inside[z].any(axis=1))
        columns = np.flatnonzero(inside[z].any(axis=0))
        y, x = int(rows[0]), int(columns[0])
        box = inside[z, y : rows[-1] + 1, x : columns[-1] + 1]
        mask = omero.model.MaskI()
        mask.x, mask.y = rdouble(x), rdouble(y)
        mask.height, mask.width = map(rdouble, box.shape)
        mask.bytes = np.packbits(box.ravel()).tobytes()
        mask.theZ, mask.theT = rint(int(z)), rint(0)
        mask.textValue = rstring(str(number))
        mask.fillColor = rint(_signed_color(number))
        yield mask


def _signed_color(number: int) -> int:
    """Return a colour of its own for each number, as OMERO's signed RGBA."""
    parts = colorsys.hsv_to_rgb(number * _GOLDEN % 1.0, 0.8, 1.0)
    red, green, blue = (round(255 * part) for part in parts)
    color = red << 24 | green << 16 | blue << 8 | _HALF_TRANSPARENT
    return color - (1 << 32) if color >= 1 << 31 else color
