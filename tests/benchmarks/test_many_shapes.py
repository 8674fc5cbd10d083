"""How long ten thousand polygons take, and for how long they hold the window."""

from __future__ import annotations

import time

import numpy as np
import pytest
from qtpy.QtCore import QTimer

from napari_omero_io.convert.shapes import shape_layers
from napari_omero_io.plugin.viewer import show_layers, wait_until_loaded
from napari_omero_io.records import RoiRecord, ShapeRecord

pytestmark = [pytest.mark.benchmark, pytest.mark.window]

TRIANGLE = np.array([(0.0, 0.0), (0.0, 9.0), (9.0, 9.0)])


def test_ten_thousand_polygons(make_napari_viewer, memory_source):
    viewer = make_napari_viewer(show=True)
    viewer.add_image(np.zeros((512, 512), np.uint8))
    wait_until_loaded(viewer)
    lag = Lag()
    start = time.perf_counter()
    viewer.add_shapes([TRIANGLE], shape_type="polygon", features={"text": [""]})
    wait_until_loaded(viewer)
    print(
        f"\nnapari's first shape: {time.perf_counter() - start:.2f} s, "
        f"event loop held at most {lag.worst * 1000:.0f} ms"
    )
    record = memory_source((1, 1, 1, 512, 512)).record
    rois = list(make_rois(10_000))
    lag.worst = 0.0
    start = time.perf_counter()
    show_layers(viewer, shape_layers(record, "here", rois))
    assert wait_until_loaded(viewer)
    spent = time.perf_counter() - start
    print(
        f"10,000 polygons of 20 points: {spent:.2f} s, "
        f"event loop held at most {lag.worst * 1000:.0f} ms"
    )
    lag.stop()
    assert viewer.layers[2].nshapes == 10_000


class Lag:
    """Watches for how long a timer of 5 ms is late."""

    def __init__(self):
        self.worst = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(5)

    def stop(self):
        self._timer.stop()

    def _tick(self):
        now = time.perf_counter()
        self.worst = max(self.worst, now - self._last - 0.005)
        self._last = now


def make_rois(count):
    random = np.random.default_rng(3)
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    circle = np.column_stack([np.cos(angles), np.sin(angles)]) * 5
    for number, centre in enumerate(random.uniform(10, 500, (count, 2))):
        points = tuple((circle + centre).ravel().tolist())
        shape = ShapeRecord("polygon", points, z=0, t=0, id=number, version=1)
        yield RoiRecord((), id=number, shapes=(shape,))
