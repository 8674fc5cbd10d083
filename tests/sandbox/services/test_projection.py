"""Projections, with what is peculiar about OMERO's."""

from __future__ import annotations

import numpy as np
import omero.constants.projection
import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io.sandbox.errors import Internal, Invalid, Locked
from napari_omero_io.sandbox.services.projection import ProjectionService
from napari_omero_io.sandbox.services.query import QueryService
from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore

MAXIMUM = omero.constants.projection.ProjectionType.MAXIMUMINTENSITY
MEAN = omero.constants.projection.ProjectionType.MEANINTENSITY
SUM = omero.constants.projection.ProjectionType.SUMINTENSITY

#: (T, C, Z, Y, X)
PIXELS = np.random.default_rng(5).integers(0, 200, (2, 3, 4, 8, 16)).astype("uint8")


def kind_of(name):
    kind = omero.model.PixelsTypeI()
    kind.value = rstring(name)
    return kind


@pytest.fixture
def call(stocked):
    return stocked.call("mia")


@pytest.fixture
def service(stocked):
    return ProjectionService(stocked.core, None)


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        (MAXIMUM, PIXELS[1, 2, 0:4].max(axis=0)),
        # Mean and sum leave the last section out.
        (MEAN, PIXELS[1, 2, 0:3].mean(axis=0).astype("uint8")),
        (SUM, np.minimum(PIXELS[1, 2, 0:3].sum(axis=0), 255).astype("uint8")),
    ],
)
def test_one_stack(service, call, create_with, algorithm, expected) -> None:
    _, pixels_id = create_with(PIXELS)
    plane = service.projectStack(call, pixels_id, None, algorithm, 1, 2, 1, 0, 3)
    np.testing.assert_array_equal(np.frombuffer(plane, "u1").reshape(8, 16), expected)


def test_a_wider_type_holds_the_sum(service, call, create_with) -> None:
    _, pixels_id = create_with(PIXELS)
    wide = kind_of("uint16")
    plane = service.projectStack(call, pixels_id, wide, SUM, 0, 0, 2, 0, 3)
    expected = PIXELS[0, 0, 0:3:2].sum(axis=0)
    np.testing.assert_array_equal(np.frombuffer(plane, ">u2").reshape(8, 16), expected)


def test_the_maximum_begins_at_zero(service, call, create_with) -> None:
    _, pixels_id = create_with(np.full((1, 1, 2, 8, 16), -5, "int16"))
    plane = service.projectStack(call, pixels_id, None, MAXIMUM, 0, 0, 1, 0, 1)
    assert set(np.frombuffer(plane, ">i2")) == {0}


def test_a_new_image(stocked, service, call, create_with) -> None:
    _, pixels_id = create_with(PIXELS)
    image_id = service.projectPixels(
        call, pixels_id, kind_of("float"), MAXIMUM, 0, 1, [2, 0], 1, 1, 3, "projected"
    )
    (pixels,) = QueryService(stocked.core, None).findAllByQuery(
        call,
        "select p from Pixels p join fetch p.image join fetch p.pixelsType "
        f"join fetch p.channels c join fetch c.statsInfo where p.image.id = {image_id}",
        None,
    )
    assert pixels.image.name.val == "projected"
    assert pixels.methodology.val == "MAXIMUM_INTENSITY_PROJECTION"
    assert pixels.pixelsType.value.val == "float"
    sizes = (pixels.sizeT, pixels.sizeC, pixels.sizeZ)
    assert [size.val for size in sizes] == [2, 2, 1]
    assert pixels._relatedTo.id.val == pixels_id
    expected = PIXELS[:, [2, 0], 1:4].max(axis=2)
    store = RawPixelsStore(stocked.core, None)
    store.setPixelsId(call, pixels.id.val, True)
    for t, c in np.ndindex(2, 2):
        plane = np.frombuffer(store.getPlane(call, 0, c, t), ">f4").reshape(8, 16)
        np.testing.assert_array_equal(plane, expected[t, c])
    store.close(call)
    for channel, values in zip(
        pixels.copyChannels(), expected.swapaxes(0, 1), strict=True
    ):
        assert channel.statsInfo.globalMin.val == values.min()
        assert channel.statsInfo.globalMax.val == values.max()


@pytest.mark.parametrize(
    ("t", "c", "stepping", "start", "end"),
    [
        (2, 0, 1, 0, 1),
        (-1, 0, 1, 0, 1),
        (0, 3, 1, 0, 1),
        (0, 0, 0, 0, 1),
        (0, 0, 1, -1, 1),
        (0, 0, 1, 0, 4),
    ],
)
def test_what_is_out_of_bounds(
    service, call, create_with, t, c, stepping, start, end
) -> None:
    _, pixels_id = create_with(PIXELS)
    with pytest.raises(Invalid):
        service.projectStack(call, pixels_id, None, MEAN, t, c, stepping, start, end)


def test_what_fails_leaves_no_image(
    stocked, service, call, create, create_with
) -> None:
    def count():
        query = QueryService(stocked.core, None)
        return len(query.findAll(call, "Image", None))

    _, pixels_id = create_with(PIXELS)
    _, unwritten = create(16, 8, z=2)
    before = count()
    for bad_id, stepping in ((pixels_id, 0), (unwritten, 1)):
        with pytest.raises((Invalid, Locked), match=r"stepping|in progress"):
            service.projectPixels(
                call, bad_id, None, SUM, 0, 0, [0], stepping, 0, 1, "never"
            )
    _, big = create(4000, 4000, "uint8", z=2)
    with pytest.raises(Internal, match="pyramid"):
        service.projectPixels(call, big, None, SUM, 0, 0, [0], 1, 0, 1, "never")
    assert count() == before + 1
