"""IRoi's points, statistics, measurements and uploaded masks."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import omero.all
import omero.model
import pytest
from omero.rtypes import rdouble, rint, rstring
from PIL import Image

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.regions.points import points_of
from napari_omero_io.sandbox.services.roi import MEASUREMENT, RoiService
from napari_omero_io.sandbox.services.update import UpdateService

PIXELS = np.random.default_rng(5).integers(1, 999, (2, 2, 2, 8, 9)).astype("uint16")


def shape(kind: str, **fields: Any) -> Any:
    made = getattr(omero.model, f"{kind}I")()
    for name, value in fields.items():
        if isinstance(value, str):
            value = rstring(value)
        else:
            value = rint(value) if name.startswith("the") else rdouble(value)
        setattr(made, name, value)
    return made


def places(made: Any) -> set[tuple[int, int]]:
    return {(int(x), int(y)) for x, y in points_of(made)}


# --- points -----------------------------------------------------------------------


def test_a_rectangle_is_walked_from_its_origin() -> None:
    assert places(shape("Rectangle", x=10, y=10, width=2, height=1)) == {
        (10, 10),
        (11, 10),
    }
    assert places(shape("Rectangle", x=0.5, y=0.5, width=1.2, height=1)) == {
        (0, 0),
        (1, 0),
    }


def test_a_mask_counts_as_its_rectangle() -> None:
    made = shape("Mask", x=1, y=2, width=2, height=2)
    made.bytes = b"\x80"
    assert places(made) == {(1, 2), (2, 2), (1, 3), (2, 3)}


def test_an_ellipse_is_within_its_box() -> None:
    found = places(shape("Ellipse", x=5, y=5, radiusX=3, radiusY=2))
    assert (5, 5) in found
    assert (2, 3) not in found
    assert all((x - 5) ** 2 / 9 + (y - 5) ** 2 / 4 < 1.01 for x, y in found)


@pytest.mark.parametrize("text", ["1,1 4,1 4,3 1,3", "1,1, 4,1, 4,3, 1,3"])
def test_a_polygon_that_is_a_rectangle(text: str) -> None:
    assert places(shape("Polygon", points=text)) == {
        (x, y) for x in (1, 2, 3) for y in (1, 2)
    }


def test_the_points_of_old_clients() -> None:
    text = "points[1,1 4,1 4,3 1,3] points1[1,1 4,1 4,3 1,3] mask[0,0,0,0]"
    assert len(places(shape("Polygon", points=text))) == 6


def test_lines_and_points() -> None:
    line = shape("Line", x1=0.5, y1=0.5, x2=3.5, y2=0.5)
    assert places(line) == {(0, 0), (1, 0), (2, 0), (3, 0)}
    bent = shape("Polyline", points="0,0 2,0 2,-2")
    assert {(0, 0), (1, 0), (2, 0), (2, -1), (2, -2)} <= places(bent)
    assert places(shape("Point", x=1.9, y=2.1)) == {(1, 2)}


@pytest.mark.filterwarnings("ignore:Path is deprecated:DeprecationWarning")
def test_what_has_no_points() -> None:
    for made in (shape("Path", d="M 0 0"), shape("Rectangle", x=1)):
        with pytest.raises(ApiUsage):
            points_of(made)
    with pytest.raises(ApiUsage):
        points_of(shape("Rectangle", x=0, y=0, width=1e9, height=1e9))
    with pytest.raises(ApiUsage):
        points_of(shape("Polygon", points="no numbers"))


# --- statistics -------------------------------------------------------------------


class Bench:
    """An image with pixels, and regions on it."""

    def __init__(self, stocked: Any, image_id: int) -> None:
        self.mia = stocked.call("mia")
        self.core = stocked.core
        self.image_id = image_id
        self.roi = RoiService(stocked.core, None)
        self.update = UpdateService(stocked.core, None)

    def draw(self, *shapes: Any) -> Any:
        roi = omero.model.RoiI()
        roi.image = omero.model.ImageI(self.image_id, False)
        for one in shapes:
            roi.addShape(one)
        return self.update.saveAndReturnObject(self.mia, roi)


@pytest.fixture
def bench(stocked: Any, create_with: Any) -> Bench:
    return Bench(stocked, create_with(PIXELS)[0])


def test_statistics_over_all_planes(bench: Bench) -> None:
    (one,) = bench.draw(shape("Rectangle", x=2, y=1, width=3, height=2)).copyShapes()
    stats = bench.roi.getShapeStats(bench.mia, one.id.val)
    assert len(stats.channelIds) == 2
    for c in range(2):
        values = PIXELS[:, c, :, 1:3, 2:5].astype(float)
        assert stats.pointsCount[c] == values.size
        assert stats.min[c] == values.min()
        assert stats.max[c] == values.max()
        assert stats.sum[c] == values.sum()
        assert stats.mean[c] == pytest.approx(values.mean())
        assert stats.stdDev[c] == pytest.approx(values.std(ddof=1))
    (listed,) = bench.roi.getShapeStatsList(bench.mia, [one.id.val])
    assert listed.sum == stats.sum


def test_a_shape_on_one_plane_and_channel(bench: Bench) -> None:
    made = shape("Point", x=4, y=5, theZ=1, theT=0, theC=1)
    (one,) = bench.draw(made).copyShapes()
    stats = bench.roi.getShapeStats(bench.mia, one.id.val)
    assert len(stats.channelIds) == 1
    # the first channel is measured, as by OMERO.server
    assert stats.sum == [PIXELS[0, 0, 1, 5, 4]]
    assert stats.stdDev == [0]


def test_statistics_of_one_plane(bench: Bench) -> None:
    outside = shape("Rectangle", x=-2, y=0, width=4, height=1)
    fixed = shape("Point", x=3, y=3, theZ=1, theT=1)
    ids = [one.id.val for one in bench.draw(outside, fixed).copyShapes()]
    found = bench.roi.getShapeStatsRestricted(bench.mia, ids, 0, 1, [1, 0])
    by_id = {one.shapeId: one for one in found}
    assert by_id[ids[0]].channelIds == [1, 0]
    assert by_id[ids[0]].pointsCount == [2, 2]
    assert by_id[ids[0]].sum[0] == PIXELS[1, 1, 0, 0, :2].sum()
    assert by_id[ids[1]].sum == [PIXELS[1, 1, 1, 3, 3], PIXELS[1, 0, 1, 3, 3]]


@pytest.mark.parametrize(
    ("ids", "z", "t", "channels"),
    [([], 0, 0, [0]), (None, 0, 0, []), (None, 2, 0, [0]), (None, 0, -1, [0])],
)
def test_questions_without_answer(
    bench: Bench, ids: Any, z: int, t: int, channels: list[int]
) -> None:
    (one,) = bench.draw(shape("Point", x=1, y=1)).copyShapes()
    asked = [one.id.val] if ids is None else ids
    with pytest.raises(ApiUsage):
        bench.roi.getShapeStatsRestricted(bench.mia, asked, z, t, channels)
    with pytest.raises(ApiUsage):
        bench.roi.getShapeStatsRestricted(bench.mia, [99999], 0, 0, [0])


def test_a_region_and_its_points(bench: Bench) -> None:
    roi = bench.draw(shape("Point", x=1, y=1), shape("Point", x=2, y=2))
    stats = bench.roi.getRoiStats(bench.mia, roi.id.val)
    assert (stats.roiId, stats.imageId) == (roi.id.val, bench.image_id)
    assert len(stats.perShape) == 2
    assert stats.combined.sum == [0, 0]
    points = bench.roi.getPoints(bench.mia, roi.copyShapes()[1].id.val)
    assert (points.x, points.y) == ([2], [2])


def test_masks_of_a_picture(bench: Bench) -> None:
    pixels = np.zeros((4, 5, 3), dtype="uint8")
    pixels[1:3, 2:4] = (255, 0, 0)
    pixels[3, 0] = (0, 0, 9)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    bench.roi.uploadMask(bench.mia, bench.image_id, 1, 0, stream.getvalue())
    found = bench.roi.findByImage(bench.mia, bench.image_id, None)
    masks = {
        one.copyShapes()[0].fillColor.val: one.copyShapes()[0] for one in found.rois
    }
    red = masks[-16776961]
    assert (red.x.val, red.y.val, red.width.val, red.height.val) == (2, 1, 2, 2)
    assert red.bytes == b"\xf0"
    assert red.locked.val
    assert red.theZ.val == 1
    assert len(masks) == 2
    with pytest.raises(ApiUsage):
        bench.roi.uploadMask(bench.mia, bench.image_id, 0, 0, b"no picture")


def test_measured_regions(bench: Bench) -> None:
    roi = bench.draw(shape("Point", x=1, y=1))
    bench.draw(shape("Point", x=2, y=2))
    note = omero.model.FileAnnotationI()
    note.ns = rstring(MEASUREMENT)
    link = omero.model.RoiAnnotationLinkI()
    link.parent, link.child = omero.model.RoiI(roi.id.val, False), note
    saved = bench.update.saveAndReturnObject(bench.mia, link)
    found = bench.roi.getMeasuredRoisMap(
        bench.mia, bench.image_id, [saved.child.id.val], None
    )
    assert [one.id.val for one in found[saved.child.id.val].rois] == [roi.id.val]
    assert bench.roi.getRoiMeasurements(bench.mia, bench.image_id, None) == []
    plate = omero.model.PlateI()
    plate.name = rstring("p")
    well, sample = omero.model.WellI(), omero.model.WellSampleI()
    well.row = well.column = rint(0)
    sample.image = omero.model.ImageI(bench.image_id, False)
    well.addWellSample(sample)
    plate.addWell(well)
    plate = bench.update.saveAndReturnObject(bench.mia, plate)
    link = omero.model.PlateAnnotationLinkI()
    link.parent = omero.model.PlateI(plate.id.val, False)
    link.child = omero.model.FileAnnotationI(saved.child.id.val, False)
    bench.update.saveObject(bench.mia, link)
    (measured,) = bench.roi.getRoiMeasurements(bench.mia, bench.image_id, None)
    assert measured.id.val == saved.child.id.val
    assert bench.roi.getTable(bench.mia, saved.child.id.val) is None


def test_nobody_measures_what_is_hidden(stocked: Any, create_with: Any) -> None:
    image_id, _ = create_with(PIXELS, by=stocked.call("mia", "secret"))
    bench = Bench(stocked, image_id)
    bench.mia = stocked.call("mia", "secret")
    (one,) = bench.draw(shape("Point", x=1, y=1)).copyShapes()
    with pytest.raises(ApiUsage):
        bench.roi.getShapeStats(stocked.call("ned", "secret"), one.id.val)
    with stocked.core.database.read() as connection:
        assert find(connection, bench.mia, "select s from Shape s")
