"""A link to a region or a shape: its image opens, and the view goes to it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari import Viewer
from napari.layers import Image, Labels, Layer, Points, Shapes

from napari_omero_io.client.rois import read_rois, save_rois
from napari_omero_io.client.upload import create_image
from napari_omero_io.convert import painting
from napari_omero_io.convert.bits import pack_bits
from napari_omero_io.convert.pointing import POINTED
from napari_omero_io.convert.regions import RegionsLeftOut
from napari_omero_io.plugin.viewer import stage_of, wait_until_loaded
from napari_omero_io.records import (
    MaskRecord,
    NewChannel,
    NewImage,
    RoiRecord,
    ShapeRecord,
)
from napari_omero_io.session import Session
from napari_omero_io.settings import FOLDER_VARIABLE

from .conftest import Laboratory

pytestmark = pytest.mark.window

SIZE = 400
REGIONS = (
    RoiRecord((), "nothing in it"),
    RoiRecord((), "far", shapes=(ShapeRecord("rectangle", (2, 2, 9, 9), z=0),)),
    RoiRecord(
        (),
        "two",
        shapes=(
            ShapeRecord("rectangle", (300, 200, 20, 10), z=2),
            ShapeRecord("ellipse", (335, 205, 5, 5), z=2),
        ),
    ),
    RoiRecord((), "spot", shapes=(ShapeRecord("point", (60.5, 90.5), z=1),)),
    RoiRecord(
        (MaskRecord(100, 250, 8, 8, pack_bits(np.ones((8, 8), bool)), z=1, t=0),),
        "mask",
    ),
    RoiRecord((), "all", shapes=(ShapeRecord("polygon", (9, 9, 99, 9, 99, 99)),)),
)


@dataclass(frozen=True)
class Drawn:
    """An image with regions, and the ids of what is drawn on it by name."""

    image: int
    rois: dict[str, int]
    shapes: dict[str, int]


@pytest.fixture(scope="session")
def drawn(laboratory: Laboratory) -> Drawn:
    """Give an image that no test changes."""
    with laboratory.log_in("ann") as connection:
        plane = np.zeros((SIZE, SIZE), np.uint8)
        new = NewImage("drawn on", "uint8", (1, 1, 3, SIZE, SIZE), (NewChannel("one"),))
        image_id = create_image(connection, new, [(0, 0, z, plane) for z in range(3)])
        save_rois(connection, image_id, REGIONS)
        rois = read_rois(connection, image_id)
        shapes = {
            f"{roi.name} {place}": shape.id
            for roi in rois
            for place, shape in enumerate((*roi.shapes, *roi.masks))
        }
        return Drawn(image_id, {roi.name: roi.id for roi in rois}, shapes)


@pytest.fixture
def session(laboratory: Laboratory) -> Iterator[Session]:
    with Session(laboratory.log_in("ann")) as session:
        yield session


@pytest.fixture
def viewer(
    make_napari_viewer: Callable[..., Viewer],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Viewer:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "settings"))
    return make_napari_viewer(show=True)


def open_link(viewer: Viewer, link: str) -> None:
    stage_of(viewer).links.open_text(link)
    assert wait_until_loaded(viewer, 120)


def find_layer(viewer: Viewer, kind: type[Layer], roi_id: int) -> Any:
    [found] = [
        layer
        for layer in viewer.layers
        if isinstance(layer, kind) and roi_id in list(layer.features["roi_id"])
    ]
    return found


def where(viewer: Viewer) -> tuple[int, float, float]:
    """Give the section that is shown, and y and x of the middle."""
    return (viewer.dims.current_step[0], *viewer.scene.camera.center[-2:])


def pixels_across(viewer: Viewer) -> float:
    return min(viewer.canvas.size) / viewer.scene.camera.zoom


FORMS = [
    "omero://{server}/roi/{roi}",
    "http://{host}/webclient/?show=roi-{roi}",
    "http://{host}/iviewer/?roi={roi}",
    "http://{host}/webclient/img_detail/{image}/?roi={roi}",
]


def test_the_view_goes_to_a_region(
    viewer: Viewer, session: Session, drawn: Drawn
) -> None:
    roi = drawn.rois["two"]
    host = session.server.partition(":")[0]
    for form in FORMS:
        viewer.layers.clear()
        viewer.dims.set_point(0, 0)
        link = form.format(server=session.server, host=host, roi=roi, image=drawn.image)
        open_link(viewer, link)
        assert isinstance(viewer.layers[0], Image)
        layer = find_layer(viewer, Shapes, roi)
        chosen = {int(layer.features["roi_id"].iloc[n]) for n in layer.selected_data}
        assert chosen == {roi}
        assert len(layer.selected_data) == 2
        assert viewer.layers.selection.active is layer
        # the box of both shapes, counted from the centre of a pixel
        assert where(viewer) == (2, pytest.approx(204.5), pytest.approx(319.5))
        assert 80 < pixels_across(viewer) < SIZE
        assert POINTED not in layer.metadata["omero"]


def test_the_view_goes_to_a_shape_a_point_a_label_and_what_is_on_every_plane(
    viewer: Viewer, session: Session, drawn: Drawn
) -> None:
    host = session.server.partition(":")[0]
    open_link(viewer, f"http://{host}/iviewer/?shape={drawn.shapes['two 1']}")
    layer = find_layer(viewer, Shapes, drawn.rois["two"])
    [place] = layer.selected_data
    assert layer.features["shape_id"].iloc[place] == drawn.shapes["two 1"]
    assert where(viewer) == (2, pytest.approx(204.5), pytest.approx(334.5))
    viewer.layers.clear()
    open_link(viewer, f"omero://{session.server}/roi/{drawn.rois['spot']}")
    points = find_layer(viewer, Points, drawn.rois["spot"])
    assert set(points.selected_data) == {0}
    assert where(viewer) == (1, pytest.approx(90), pytest.approx(60))
    viewer.layers.clear()
    open_link(viewer, f"omero://{session.server}/shape/{drawn.shapes['mask 0']}")
    labels = find_layer(viewer, Labels, drawn.rois["mask"])
    assert labels.data[1, 253, 103] == labels.selected_label != 0
    assert where(viewer) == (1, pytest.approx(253.5), pytest.approx(103.5))
    viewer.layers.clear()
    open_link(viewer, f"omero://{session.server}/roi/{drawn.rois['all']}?z=2")
    assert where(viewer) == (2, pytest.approx(53.5), pytest.approx(53.5))


def test_a_place_that_the_link_says_is_kept(
    viewer: Viewer, session: Session, drawn: Drawn
) -> None:
    roi = drawn.rois["two"]
    open_link(viewer, f"omero://{session.server}/roi/{roi}?x=30&y=40&zm=300")
    assert where(viewer) == (2, pytest.approx(39.5), pytest.approx(29.5))
    assert viewer.scene.camera.zoom == pytest.approx(3)
    assert len(find_layer(viewer, Shapes, roi).selected_data) == 2


def test_a_region_with_nothing_in_it_is_told_of(
    viewer: Viewer, session: Session, drawn: Drawn
) -> None:
    roi = drawn.rois["nothing in it"]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        open_link(viewer, f"omero://{session.server}/roi/{roi}")
    [warning] = [each for each in told if each.category is RegionsLeftOut]
    assert f"region {roi}" in str(warning.message)
    assert isinstance(viewer.layers[0], Image)


def test_shapes_that_are_painted_as_labels_are_gone_to(
    session: Session, drawn: Drawn
) -> None:
    """Of a region among very many, the user may have chosen labels."""
    link = f"omero://{session.server}/roi/{drawn.rois['two']}"
    [layer] = [
        each
        for each in session.open_layers(link)
        if POINTED in each[1]["metadata"].get("omero", {})
    ]
    data, settings, _ = painting.paint_shapes(layer)
    numbers = settings["metadata"]["omero"][POINTED]["places"]
    ys, xs = np.nonzero(np.isin(data[2], numbers))
    assert (ys.min(), ys.max(), xs.min(), xs.max()) == (200, 209, 300, 339)
