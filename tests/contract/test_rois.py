"""Regions keep their shapes, bits and order."""

from __future__ import annotations

import numpy as np
import omero.all
import omero.model
import omero.sys
from omero.rtypes import rdouble, rint, rstring


def test_a_mask_keeps_its_bits_and_text(services, create_image) -> None:
    query = services.getQueryService()
    pixels = query.get("Pixels", create_image(16, 16, "uint8"))
    bits = np.packbits(np.array([1, 0, 1, 0, 1, 0, 1, 0, 1], bool)).tobytes()
    assert bits == b"\xaa\x80"
    mask = omero.model.MaskI()
    mask.x, mask.y, mask.width, mask.height = map(rdouble, (2, 3, 3, 3))
    mask.theZ, mask.theT = rint(0), rint(0)
    mask.textValue = rstring("7")
    mask.fillColor = rint(-16776961)
    mask.bytes = bits
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(pixels.image.id.val, False)
    roi.addShape(mask)
    services.getUpdateService().saveObject(roi)

    result = services.getRoiService().findByImage(pixels.image.id.val, None)
    (found,) = result.rois
    (shape,) = found.copyShapes()
    assert isinstance(shape, omero.model.MaskI)
    assert shape.bytes == bits
    assert shape.textValue.val == "7"
    assert shape.fillColor.val == -16776961
    assert (shape.x.val, shape.width.val) == (2.0, 3.0)


def test_a_roi_without_shapes_is_not_found(services, create_image) -> None:
    pixels = services.getQueryService().get("Pixels", create_image(4, 4, "uint8"))
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(pixels.image.id.val, False)
    services.getUpdateService().saveObject(roi)
    result = services.getRoiService().findByImage(pixels.image.id.val, None)
    assert result.rois == []
