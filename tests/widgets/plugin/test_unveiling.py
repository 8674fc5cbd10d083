"""Drawings are painted for the first time in short turns, and whole in the end."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication
from vispy.geometry import MeshData

from napari_omero_io.convert.shapes import shape_layers
from napari_omero_io.plugin import unveiling
from napari_omero_io.plugin.unveiling import find_picture, unfold
from napari_omero_io.plugin.viewer import show_layers, wait_until_loaded
from napari_omero_io.records import RoiRecord, ShapeRecord

pytestmark = pytest.mark.window

TRIANGLES = tuple(
    RoiRecord((), id=number, shapes=(ShapeRecord("polygon", points, id=number),))
    for number, points in enumerate(
        [(5, 5, 60, 5, 60, 60), (80, 80, 120, 80, 100, 130)], start=1
    )
)


@pytest.fixture
def viewer(make_napari_viewer):
    return make_napari_viewer(show=True)


@pytest.fixture
def layers(memory_source):
    record = replace(memory_source((1, 1, 1, 16, 16)).record, size_y=256, size_x=256)
    return shape_layers(record, "here", TRIANGLES)


@pytest.fixture
def gate(monkeypatch):
    """Hold what is unfolded until the test lets it through; notes the threads."""
    gate = threading.Event()
    gate.threads = []

    def wait(mesh):
        gate.threads.append(threading.current_thread())
        assert gate.wait(60)
        return unfold(mesh)

    monkeypatch.setattr(unveiling, "unfold", wait)
    yield gate
    gate.set()


def test_a_mesh_is_unfolded_as_vispy_would():
    random = np.random.default_rng(1)
    vertices = random.uniform(-9, 9, (40, 2)).astype(np.float32)
    faces = random.integers(0, 40, (60, 3))
    colors = random.uniform(0, 1, (60, 4)).astype(np.float32)
    plain = MeshData(vertices, faces, face_colors=colors)
    bounds = plain.get_bounds()
    ready = unfold(plain)
    assert ready.get_bounds() == [*bounds, (0, 0)]
    corners = ready.get_vertices(indexed="faces")
    assert corners.dtype == np.float32
    np.testing.assert_array_equal(corners[..., :2], plain.get_vertices(indexed="faces"))
    assert not corners[..., 2].any()
    np.testing.assert_array_equal(
        ready.get_face_colors(indexed="faces"), plain.get_face_colors(indexed="faces")
    )


def test_the_shapes_are_whole_when_all_is_loaded(viewer, layers, gate):
    show_layers(viewer, layers)
    _wait(lambda: gate.threads)
    picture = find_picture(viewer, viewer.layers[0])
    # what nobody sees yet is waited for
    assert not wait_until_loaded(viewer, 0.3)
    assert picture.shape_faces.mesh_data.n_faces == 1
    gate.set()
    assert wait_until_loaded(viewer)
    assert threading.main_thread() not in gate.threads
    displayed = viewer.layers[0]._data_view._mesh.displayed_triangles
    mesh = picture.shape_faces.mesh_data
    assert isinstance(mesh, unveiling.UnfoldedMesh)
    assert mesh.n_faces == len(displayed) > 2
    parts = (picture.shape_highlights, picture.highlight_lines, picture.text)
    assert all(part.visible for part in (*parts, picture.highlight_vertices))
    assert _count_painted(viewer) > 100


def test_what_napari_paints_meanwhile_is_not_painted_over(viewer, layers, gate):
    show_layers(viewer, layers)
    _wait(lambda: gate.threads)
    (layer,) = viewer.layers
    layer.edge_color = "red"
    picture = find_picture(viewer, layer)
    newer = picture.shape_faces.mesh_data
    gate.set()
    assert wait_until_loaded(viewer)
    assert picture.shape_faces.mesh_data is newer
    assert _count_painted(viewer) > 100


@pytest.mark.parametrize("kind", ["polygon", "point"])
def test_letters_are_made_some_at_a_time_before_texts_are_painted(
    viewer, memory_source, monkeypatch, kind
):
    """One costs milliseconds, and all come with the first paint otherwise."""
    turns = []
    plain = unveiling._load_letters

    def note(picture, letters):
        turns.append((letters, picture.text.visible))
        plain(picture, letters)

    monkeypatch.setattr(unveiling, "_load_letters", note)
    points = (5, 5, 60, 5, 60, 60) if kind == "polygon" else (50, 60)
    text = "größer quick brown fox jumps\n"
    shape = ShapeRecord(kind, points, text=text, id=1)
    record = replace(memory_source((1, 1, 1, 16, 16)).record, size_y=256, size_x=256)
    rois = [RoiRecord((), id=1, shapes=(shape,))]
    show_layers(viewer, shape_layers(record, "here", rois))
    assert wait_until_loaded(viewer)
    assert set(text) <= set("".join(letters for letters, _ in turns))
    assert max(len(letters) for letters, _ in turns) <= unveiling._LETTERS
    assert not any(visible for _, visible in turns)
    assert find_picture(viewer, viewer.layers[0]).text.visible


def test_a_layer_may_be_removed_before_it_is_shown(viewer, layers, gate):
    show_layers(viewer, layers)
    _wait(lambda: gate.threads)
    viewer.layers.clear()
    gate.set()
    assert wait_until_loaded(viewer)
    assert not viewer.layers


def test_shapes_are_shown_where_napari_keeps_its_pictures_elsewhere(
    viewer, layers, monkeypatch
):
    monkeypatch.setattr(unveiling, "find_picture", lambda *_: None)
    show_layers(viewer, layers)
    assert wait_until_loaded(viewer)
    assert viewer.layers[0].visible
    assert _count_painted(viewer) > 100


def _count_painted(viewer):
    viewer.reset_view()
    picture = viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)
    return int((np.ptp(picture, axis=2) > 50).sum())


def _wait(condition):
    end = time.monotonic() + 60
    while not condition():
        QApplication.processEvents()
        assert time.monotonic() < end
