"""Regions of a part of an image: the server leaves out what it knows is elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from napari_omero_io.client.connection import Connection
from napari_omero_io.client.rois import read_rois, save_rois
from napari_omero_io.client.upload import create_image
from napari_omero_io.convert.bits import pack_bits
from napari_omero_io.convert.boxes import Box, is_in_box, widen
from napari_omero_io.records import (
    MaskRecord,
    NewChannel,
    NewImage,
    RoiRecord,
    ShapeRecord,
)

from .conftest import Laboratory

#: What the server knows as text only, or somewhere else.
ANYWHERE = ("polygon", "polyline")


def draw_regions() -> list[RoiRecord]:
    """Give regions of every class all over an image, some with a transform."""
    random = np.random.default_rng(8)
    bits = pack_bits(np.ones((5, 5), bool))
    regions = []
    for x, y in random.integers(0, 300, (100, 2)).tolist():
        dx, dy = random.integers(-20, 20, 2).tolist()
        numbers = {
            "rectangle": (x, y, abs(dx), abs(dy)),
            "ellipse": (x, y, abs(dx) + 1, abs(dy) + 1),
            "line": (x, y, x + dx, y + dy),
            "point": (x, y),
            "label": (x, y),
            "polygon": (x, y, x + dx, y, x, y + dy),
            "polyline": (x, y, x + dx, y + dy),
        }
        regions += [
            RoiRecord((), kind, shapes=(ShapeRecord(kind, tuple(map(float, place))),))
            for kind, place in numbers.items()
        ]
        regions.append(RoiRecord((MaskRecord(x, y, 5, 5, bits, z=1, t=0),), "mask"))
        moved = ShapeRecord(
            "rectangle", (x, y, 3, 3), transform=(1.0, 0.0, 0.0, 1.0, 90.0, -30.0)
        )
        regions.append(RoiRecord((), "moved", shapes=(moved,)))
    two = (ShapeRecord("point", (5, 5), z=0), ShapeRecord("point", (290, 290), z=1))
    return [*regions, RoiRecord((), "both", shapes=two), RoiRecord((), "empty")]


@pytest.fixture(scope="session")
def image(laboratory: Laboratory) -> int:
    """Give an image that no test changes."""
    with laboratory.log_in("ann") as connection:
        plane = np.zeros((300, 300), np.uint8)
        new = NewImage("view", "uint8", (1, 1, 2, 300, 300), (NewChannel("one"),))
        image_id = create_image(connection, new, [(0, 0, z, plane) for z in range(2)])
        save_rois(connection, image_id, draw_regions())
        return image_id


@pytest.mark.parametrize(
    "box",
    [
        (100.0, 50.0, 200.0, 80.0),
        (0.0, 0.0, 20.0, 20.0),
        (140.25, 140.5, 140.75, 141.0),
        (-50.0, -50.0, 400.0, 400.0),
        (500.0, 500.0, 600.0, 600.0),
    ],
)
@pytest.mark.parametrize("z", [None, 1])
def test_the_server_leaves_out_nothing_that_is_there(
    ann: Connection, image: int, box: Box, z: int | None
) -> None:
    every = read_rois(ann, image, z=z)
    some = read_rois(ann, image, z=z, box=widen(box))
    wanted = [roi for roi in every if is_in_box(roi, box)]
    assert [roi for roi in some if is_in_box(roi, box)] == wanted
    near = (box[0] - 3, box[1] - 3, box[2] + 3, box[3] + 3)
    elsewhere = [roi for roi in some if not is_in_box(roi, near)]
    assert {roi.name for roi in elsewhere} <= {*ANYWHERE, "moved"}
