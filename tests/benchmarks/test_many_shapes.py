"""How long ten thousand polygons take, and for how long they hold the window."""

from __future__ import annotations

import time

import numpy as np
import pytest
from napari.layers import Layer

from napari_omero_io.convert.shapes import shape_layers
from napari_omero_io.plugin.viewer import show_layers, wait_until_loaded
from napari_omero_io.records import RoiRecord, ShapeRecord

from .watching import Lag, rest

pytestmark = [pytest.mark.benchmark, pytest.mark.window]

TRIANGLE = np.array([(0.0, 0.0), (0.0, 9.0), (9.0, 9.0)])


def test_ten_thousand_polygons(make_napari_viewer, memory_source):
    viewer = make_napari_viewer(show=True)
    viewer.add_image(np.zeros((512, 512), np.uint8))
    wait_until_loaded(viewer)
    rest(2)  # the window comes up
    lag = Lag()
    record = memory_source((1, 1, 1, 512, 512)).record
    print()
    for what in ("10,000 polygons of 20 points", "the same once more"):
        layers = shape_layers(record, "here", list(make_rois(10_000)))
        viewer.layers.clear()
        rest(0.2)
        lag.take()
        start = time.perf_counter()
        show_layers(viewer, layers)
        assert wait_until_loaded(viewer)
        rest(0.2)  # the window paints
        spent = time.perf_counter() - start
        print(f"{what}: {spent:.2f} s, window held at most {lag.take()}")
        assert viewer.layers[-1].nshapes == 10_000
    for what, layer in (
        ("napari alone, the same polygons", layers[0]),
        (
            "napari alone, one triangle",
            ([TRIANGLE], {"shape_type": "polygon"}, "shapes"),
        ),
    ):
        viewer.layers.clear()
        rest(0.2)
        lag.take()
        start = time.perf_counter()
        viewer.add_layer(Layer.create(*layer))
        rest(0.2)
        spent = time.perf_counter() - start
        print(f"{what}: {spent:.2f} s, window held at most {lag.take()}")
    lag.stop()


def make_rois(count):
    random = np.random.default_rng(3)
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)]) * 5
    for number, centre in enumerate(random.uniform(10, 500, (count, 2))):
        points = tuple((circle + centre).ravel().tolist())
        shape = ShapeRecord("polygon", points, z=0, t=0, id=number, version=1)
        yield RoiRecord((), id=number, shapes=(shape,))
