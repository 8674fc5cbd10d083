"""How soon a slide is seen on a distant server, and what it costs.

Run with ``pytest -m benchmark -s tests/benchmarks`` on a screen.  Figures are printed;
what is asserted is only what does not depend on the machine's speed.
"""

from __future__ import annotations

import resource
import time

import pytest
from qtpy.QtWidgets import QApplication

from napari_omero_io import Sandbox, connect
from napari_omero_io.client import pixels
from napari_omero_io.plugin.viewer import show_layers, wait_until_loaded

pytestmark = [pytest.mark.benchmark, pytest.mark.window]

LATENCY_MS = 50
SLIDE = "omero:///image/name=Colon%2C%20whole%20slide"


@pytest.fixture
def session(tmp_path):
    with Sandbox(tmp_path / "plain", seed="demo"):
        pass
    with (
        Sandbox(tmp_path / "plain", latency_ms=LATENCY_MS) as sandbox,
        connect(sandbox.url, "demo", "omero") as session,
    ):
        yield session


@pytest.fixture
def reads(monkeypatch):
    """Count the calls that fetch pixels."""
    calls = []
    plain = pixels.PixelReader._ask

    def count(reader, *where):
        calls.append(where)
        return plain(reader, *where)

    monkeypatch.setattr(pixels.PixelReader, "_ask", count)
    return calls


def memory():
    """Return the largest memory that this process has taken, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def test_opening_and_walking_through_a_slide(make_napari_viewer, session, reads):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1200, 900)
    QApplication.processEvents()
    before = memory()

    started = time.perf_counter()
    show_layers(viewer, session.open_layers(SLIDE))
    while not viewer.layers:
        QApplication.processEvents()
    print(
        f"\nfirst pixels after {time.perf_counter() - started:.2f} s "
        f"({LATENCY_MS} ms a call), {len(reads)} reads of pixels"
    )
    assert len(reads) <= 6
    longest = walk(viewer, started, "open", reads)

    for step in range(4):
        viewer.scene.camera.zoom *= 3
        longest = max(longest, walk(viewer, time.perf_counter(), f"zoom {step}", reads))
    for step in range(8):
        y, x = viewer.scene.camera.center[-2:]
        viewer.scene.camera.center = (y + 300, x + 300)
        longest = max(longest, walk(viewer, time.perf_counter(), f"pan {step}", reads))
    print(f"longest pause of the window {1000 * longest:.0f} ms")
    print(f"memory above napari's own {memory() - before:.0f} MB")


def walk(viewer, started, name, reads):
    """Let all pixels come; return the longest time the window did not answer."""
    reads_before, longest = len(reads), 0.0
    while True:
        turn = time.perf_counter()
        QApplication.processEvents()
        longest = max(longest, time.perf_counter() - turn)
        if wait_until_loaded(viewer, timeout=0.02):
            break
    print(
        f"{name}: complete after {time.perf_counter() - started:.2f} s, "
        f"{len(reads) - reads_before} reads, level {viewer.layers[0].data_level}"
    )
    return longest
