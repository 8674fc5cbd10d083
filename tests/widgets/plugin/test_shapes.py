"""Shapes of a server in a real window."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from napari.layers import Labels, Points, Shapes
from qtpy.QtWidgets import QApplication, QMessageBox, QPushButton

from napari_omero_io.convert import painting
from napari_omero_io.convert.shapes import shape_layers
from napari_omero_io.plugin.viewer import show_layers, wait_until_loaded
from napari_omero_io.records import RoiRecord, ShapeRecord

pytestmark = pytest.mark.window


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(900, 700)
    return viewer


@pytest.fixture
def record(memory_source):
    return replace(
        memory_source((2, 1, 3, 16, 16)).record, size_y=512, size_x=512, default_z=1
    )


def make_polygons(count, **planes):
    random = np.random.default_rng(3)
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)]) * 6
    return [
        RoiRecord(
            (),
            id=number,
            shapes=(
                ShapeRecord(
                    "polygon",
                    tuple((circle + centre).ravel().tolist()),
                    stroke=(255, 0, 0, 255),
                    fill=(0, 0, 255, 100),
                    text=f"cell {number}",
                    id=number,
                    version=1,
                    **planes,
                ),
            ),
        )
        for number, centre in enumerate(random.uniform(20, 490, (count, 2)), start=1)
    ]


def test_two_thousand_polygons_are_shown(viewer, record):
    rois = make_polygons(2000, z=1, t=0)
    show_layers(viewer, shape_layers(record, "here", rois))
    assert wait_until_loaded(viewer)
    (layer,) = viewer.layers
    assert layer.nshapes == 2000
    assert list(layer.features["shape_id"]) == list(range(1, 2001))
    assert not layer.text.visible
    np.testing.assert_allclose(layer.edge_color[-1], (1, 0, 0, 1))
    np.testing.assert_allclose(layer.face_color[700], (0, 0, 1, 100 / 255), atol=1e-6)
    viewer.dims.set_point((0, 1), (0, 1 * record.pixel_size_z))
    viewer.reset_view()
    QApplication.processEvents()
    picture = viewer.screenshot(canvas_only=True, flash=False)
    assert np.ptp(picture[..., 2]) > 50
    # what is drawn next is nobody's on the server
    triangle = [[0, 1, 5, 5], [0, 1, 5, 9], [0, 1, 9, 9]]
    layer.add(np.array(triangle), shape_type="polygon")
    assert layer.features["shape_id"].iloc[-1] == -1


@pytest.mark.parametrize("kind", [Points, Labels])
def test_points_and_labels_are_made_outside_the_window_s_thread(
    viewer, record, monkeypatch, kind
):
    """The first of them takes half a second, and large ones always."""
    threads = []
    plain = kind.__init__

    def note(*arguments, **named):
        threads.append(threading.current_thread())
        plain(*arguments, **named)

    monkeypatch.setattr(kind, "__init__", note)
    if kind is Points:
        shape = ShapeRecord("point", (50, 60), id=1)
        layers = shape_layers(record, "here", [RoiRecord((), id=1, shapes=(shape,))])
    else:
        layers = [(np.eye(9, dtype=int), {"name": "labels"}, "labels")]
    show_layers(viewer, layers)
    assert wait_until_loaded(viewer)
    (layer,) = viewer.layers
    assert isinstance(layer, kind)
    assert layer.visible
    assert threads
    assert threading.main_thread() not in threads


def test_shapes_are_made_outside_the_window_s_thread(viewer, record, monkeypatch):
    """It takes napari seconds for thousands of them."""
    threads = []
    plain = Shapes.__init__

    def note(*arguments, **named):
        threads.append(threading.current_thread())
        plain(*arguments, **named)

    monkeypatch.setattr(Shapes, "__init__", note)
    layers = shape_layers(record, "here", make_polygons(700, z=1, t=0))
    ((data, settings, _),) = layers
    show_layers(viewer, layers)
    assert wait_until_loaded(viewer)
    assert threads
    assert threading.main_thread() not in threads
    (layer,) = viewer.layers
    assert layer.visible
    for given, shown in zip(data, layer.data, strict=True):
        np.testing.assert_allclose(shown, given, rtol=1e-6)
    assert list(layer.features["text"]) == settings["features"]["text"]
    np.testing.assert_allclose(layer.face_color, settings["face_color"], atol=1e-6)


@pytest.mark.parametrize("planes", [{"t": 1}, {"z": 2}, {}])
def test_shapes_on_every_plane_are_seen_on_every_plane(viewer, record, planes):
    viewer.add_image(np.zeros((2, 3, 64, 64), np.uint8), scale=(30.0, 2.0, 0.5, 0.5))
    before = viewer.dims.range
    show_layers(viewer, shape_layers(record, "here", make_polygons(3, **planes)))
    assert wait_until_loaded(viewer)
    layer = viewer.layers[1]
    assert layer.nshapes == 3
    assert viewer.dims.range[:2] == before[:2]
    for t, z in np.ndindex(2, 3):
        viewer.dims.set_point((0, 1), (t * 30.0, z * 2.0))
        QApplication.processEvents()
        is_there = planes.get("t", t) == t and planes.get("z", z) == z
        assert layer._data_view._displayed.sum() == (3 if is_there else 0)


def test_very_many_shapes_are_offered_as_labels(viewer, record, monkeypatch):
    monkeypatch.setattr(painting, "MOST_SHAPES", 20)
    show_layers(viewer, shape_layers(record, "here", make_polygons(21, t=1)))
    end = time.monotonic() + 60
    while not (box := _find_box()):
        QApplication.processEvents()
        assert time.monotonic() < end
    assert "21 shapes" in box.text()
    _click(box, "Show as labels")
    while not viewer.layers:
        QApplication.processEvents()
        assert time.monotonic() < end
    (layer,) = viewer.layers
    assert layer.data.shape == (2, 3, 512, 512)
    assert len(np.unique(layer.data[1])) > 15
    assert not layer.data[0].any()
    assert layer.features["text"].iloc[0] == "cell 1"


def _find_box():
    boxes = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox)]
    return next((box for box in boxes if box.isVisible()), None)


def _click(box, text):
    buttons = box.findChildren(QPushButton)
    next(button for button in buttons if button.text() == text).click()
