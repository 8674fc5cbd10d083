"""What viewing costs this plugin: calls on another day, memory, napari's start.

Run with ``pytest -m benchmark -s tests/benchmarks`` on a screen.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

import pytest

from napari_omero_io import Sandbox, connect
from napari_omero_io.settings import load_settings

pytestmark = pytest.mark.benchmark

#: Walks through an image at random, and tells what it took.
ROAM = """
import os, random, sys
from napari_omero_io import connect
from napari_omero_io.plugin.viewer import show_layers, wait_until_loaded
import napari, numpy as np
from qtpy.QtWidgets import QApplication

def resident():
    with open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

url, steps = sys.argv[1], int(sys.argv[2])
viewer = napari.Viewer()
viewer.window.resize(1200, 900)
viewer.add_image(np.zeros((512, 512), np.uint16))
for _ in range(50):
    QApplication.processEvents()
viewer.layers.clear()
with connect(url, "demo", "omero") as session:
    session._fetcher.disk = None
    before = most = resident()
    show_layers(viewer, session.open_layers("image/1"))
    wait_until_loaded(viewer)
    size = viewer.layers[0].extent.world[1]
    widest = viewer.scene.camera.zoom
    place = random.Random(1)
    for step in range(steps):
        viewer.scene.camera.zoom = widest * 3 ** place.uniform(0, 7)
        viewer.scene.camera.center = [place.random() * length for length in size]
        for _ in range(3):
            QApplication.processEvents()
        wait_until_loaded(viewer, 2)
        most = max(most, resident())
    fetched, cached = session._fetcher.from_server, session._fetcher.cache.size / 1e6
    print(f"MEMORY {most - before:.0f} {fetched} {cached:.0f}")
    viewer.close()
"""

#: Starts napari, perhaps as if this plugin were not there.  What the processor takes is
#: measured, so that a machine that others use as well tells the same.
START = """
import importlib.metadata as metadata, sys, time
if sys.argv[1] == "without":
    plain = metadata.distributions
    def others(**named):
        found = plain(**named)
        return (one for one in found if one.metadata["Name"] != "napari-omero-io")
    metadata.distributions = others
started = time.process_time()
import napari
from qtpy.QtWidgets import QApplication
viewer = napari.Viewer()
QApplication.processEvents()
seconds = time.process_time() - started
import npe2
known = "napari-omero-io" in npe2.PluginManager.instance()._manifests
assert known == (sys.argv[1] == "with"), known
print("START", seconds)
viewer.close()
"""


def run(code, *words):
    """Run a program of its own; return the numbers that it prints."""
    env = {**os.environ, "NPE2_NOCACHE": "1"}
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, words)],
        env=env,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    (line,) = [one for one in told.splitlines() if one.startswith(("MEMORY", "START"))]
    return [float(word) for word in line.split()[1:]]


@pytest.mark.window
def test_memory_while_roaming_a_terabyte(terabyte):
    steps = 60
    with Sandbox(terabyte) as sandbox:
        taken, fetched, cached = run(ROAM, sandbox.url, steps)
    bound = load_settings().memory_cache / 1e6
    print(
        f"\nroaming a slide of a terabyte, {steps} places, {fetched:.0f} tiles: "
        f"{taken:.0f} MB more than before; the bound is {bound:.0f} MB, of which "
        f"{cached:.0f} MB were in use"
    )
    assert taken < bound + 150


@pytest.mark.window
def test_start_of_napari():
    run(START, "with")  # compiles what was changed
    pairs = [(run(START, "without")[0], run(START, "with")[0]) for _ in range(7)]
    without, with_it = map(statistics.median, zip(*pairs, strict=True))
    print(
        f"\nnapari's start: {without:.2f} s without this plugin, {with_it:.2f} s with "
        f"it, {with_it / without - 1:+.1%}"
    )


def test_the_first_rows_of_ten_thousand(tmp_path_factory):
    from napari_omero_io.widgets.live_server import LiveServer

    folder = tmp_path_factory.mktemp("many")
    with Sandbox(folder, seed="many:10000"):
        pass
    for latency in (0, 20):
        with (
            Sandbox(folder, latency_ms=latency) as sandbox,
            connect(sandbox.url, "demo", "omero") as session,
        ):
            server = LiveServer(session)
            server.list_roots()  # a sandbox builds its query grammar when it is asked
            started = time.perf_counter()
            projects = server.list_roots()
            (dataset,) = server.list_children(projects[0], 0, 200)
            rows = server.list_children(dataset, 0, 200)
            listed = time.perf_counter() - started
            drawn = server.read_thumbnails([row.id for row in rows], 96)
            spent = time.perf_counter() - started - listed
        assert len(rows) == len(drawn) == 200
        print(
            f"\nfirst 200 rows of a dataset of 10,000, {latency} ms: {listed:.2f} s; "
            f"their thumbnails {spent:.2f} s more"
        )
