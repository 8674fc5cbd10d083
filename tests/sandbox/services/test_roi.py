"""IRoi: regions by image, by id, by plane."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.api
import omero.model
import pytest
from omero.rtypes import rdouble, rint, rlong, rstring


def point(text: str, z: int | None = None, t: int | None = None) -> Any:
    shape = omero.model.PointI()
    shape.x = shape.y = rdouble(0)
    shape.textValue = rstring(text)
    shape.theZ = None if z is None else rint(z)
    shape.theT = None if t is None else rint(t)
    return shape


def texts(roi: Any) -> list[str]:
    return [shape.textValue.val for shape in roi.copyShapes()]


@pytest.fixture
def image(lab: Any, mia: Any) -> Any:
    return lab.image(mia)


def add(lab: Any, call: Any, image: Any, *shapes: Any) -> Any:
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image.id.val, False)
    for shape in shapes:
        roi.addShape(shape)
    return lab.save(call, roi)


def test_regions_of_an_image(lab: Any, mia: Any, image: Any) -> None:
    one = add(lab, mia, image, point("a", 0), point("b", 1), point("c"))
    two = add(lab, mia, image, point("d", 1, 2))
    add(lab, mia, image)  # without shapes: not returned
    result = lab.roi.findByImage(mia, image.id.val, None)
    assert [roi.id.val for roi in result.rois] == [one.id.val, two.id.val]
    assert texts(result.rois[0]) == ["a", "b", "c"]
    assert result.rois[0].isFolderLinksLoaded()
    planes = {
        z: [shape.textValue.val for shape in shapes] for z, shapes in result.byZ.items()
    }
    assert planes == {0: ["a"], 1: ["b", "d"], -1: ["c"]}
    assert {t: len(shapes) for t, shapes in result.byT.items()} == {-1: 3, 2: 1}
    assert result.byZ[0][0] is result.rois[0].copyShapes()[0]


def test_an_image_without_regions(lab: Any, mia: Any, image: Any) -> None:
    result = lab.roi.findByImage(mia, image.id.val, None)
    assert (result.rois, result.byZ, result.byT) == ([], {}, {})


def test_pages_owners_and_groups(lab: Any, mia: Any, ned: Any, image: Any) -> None:
    rois = [add(lab, mia, image, point("a"), point("b")) for _ in range(3)]
    other = add(lab, ned, image, point("n"))
    options = omero.api.RoiOptions()
    options.limit, options.offset = rint(2), rint(1)
    found = lab.roi.findByImage(mia, image.id.val, options)
    assert [roi.id.val for roi in found.rois] == [roi.id.val for roi in rois[1:]]
    assert found.opts is options
    options = omero.api.RoiOptions()
    options.userId = rlong(ned.caller.user_id)
    (roi,) = lab.roi.findByImage(mia, image.id.val, options).rois
    assert roi.id.val == other.id.val
    options.groupId = rlong(999)
    assert lab.roi.findByImage(mia, image.id.val, options).rois == []


def test_one_region(lab: Any, mia: Any, image: Any) -> None:
    roi = add(lab, mia, image, point("a"))
    (found,) = lab.roi.findByRoi(mia, roi.id.val, None).rois
    assert texts(found) == ["a"]
    assert lab.roi.findByRoi(mia, 999, None).rois == []


def test_regions_on_a_plane(lab: Any, mia: Any, image: Any) -> None:
    add(lab, mia, image, point("a", 0, 0), point("b", 1, 0), point("c", None, 0))
    add(lab, mia, image, point("d", 1, 1))
    found = lab.roi.findByPlane(mia, image.id.val, 1, 0, None)
    assert [texts(roi) for roi in found.rois] == [["b", "c"]]


def test_folders_of_a_region(lab: Any, mia: Any, image: Any) -> None:
    roi, folder = add(lab, mia, image, point("a")), lab.make(mia, "Folder", "cells")
    lab.link(mia, "FolderRoiLink", folder, roi)
    (found,) = lab.roi.findByImage(mia, image.id.val, None).rois
    (link,) = found.copyFolderLinks()
    assert link.parent.name.val == "cells"
