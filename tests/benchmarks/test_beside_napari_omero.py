"""What this plugin and napari-omero take for the same, on the same server.

With a folder that holds napari-omero the rows say how many times faster this plugin is;
without, what it takes::

    pip install --no-deps --target DIR napari-omero==0.6.0 omero-marshal omero-rois
    NAPARI_OMERO_PEER=DIR pytest -m benchmark -s tests/benchmarks
"""

from __future__ import annotations

import queue
import statistics
import threading
import time

import numpy as np
import pytest
from qtpy.QtWidgets import QApplication

from napari_omero_io import Sandbox, connect
from napari_omero_io.client.stores import close_stores, open_stores
from napari_omero_io.plugin.viewer import show_layers

from .conftest import find_image, measure, open_gateway, tell
from .watching import (
    Lag,
    Pause,
    count_reads,
    first_repaint,
    move,
    rest,
    rest_until,
    settle,
    walk_through,
)

SLIDE = "Colon, whole slide"
#: Sections of the long stack that napari-omero reads; all would take it minutes.
PART = 100
#: Sections that are read in turns: more than the sandbox's cache of tiles holds.
TURN = 200

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.filterwarnings("ignore"),  # the peer's own affair
]


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(1200, 900)
    # napari's first layer of all costs a second
    viewer.add_image(np.zeros((4, 60, 60), np.uint8))
    rest(1)
    viewer.layers.clear()
    rest(0.5)
    return viewer


def show_own(viewer, session, image):
    session._fetcher.disk = None
    show_layers(viewer, session.open_layers(image))
    rest_until(lambda: len(viewer.layers) > 0)
    settle(viewer, session._fetcher)


def test_first_pixels_of_a_huge_slide(huge_slide, latency, load_peer):
    with Sandbox(huge_slide, latency_ms=latency) as sandbox:
        with connect(sandbox.url, "demo", "omero") as session:
            session._fetcher.disk = None

            def own():
                image = session.open("image/1")
                image.prefetch()
                return [np.asarray(image.channel_levels(c)[-1]) for c in range(3)]

            ours, planes = measure(own)
        assert all(plane.any() for plane in planes)
        if load_peer is None:
            print(f"\nfirst pixels of a huge slide, {latency} ms: {ours:.3f} s")
            return

        def peer():
            ((levels, *_),) = load_peer(find_image(gateway, "Slide"))
            try:
                return np.asarray(levels[-1]) is not None
            except ValueError:  # it takes all pixels of pyramids for bytes
                return False

        with open_gateway(sandbox, "demo") as gateway:
            theirs, is_read = measure(peer)
        note = "" if is_read else " until it fails"
        tell("first pixels of a huge slide", latency, ours, theirs, note)


@pytest.mark.window
def test_zoom_and_pan(examples, latency, load_peer, viewer, monkeypatch):
    calls = count_reads(monkeypatch)
    with (
        Sandbox(examples, latency_ms=latency) as sandbox,
        open_gateway(sandbox, "demo") as gateway,
    ):
        image = find_image(gateway, SLIDE)
        with connect(sandbox.url, "demo", "omero") as session:
            show_own(viewer, session, image.getId())
            firsts, lag = look_around(viewer, session, calls)
            viewer.layers.clear()
        floor = napari_alone(viewer, image.getSizeY(), image.getSizeX())
        print(
            f"\nzoom and pan a slide, {latency} ms: first new pixels after "
            f"{max(firsts):.3f} s at most, {statistics.median(firsts):.3f} s mostly; "
            f"window held {lag} at most, by napari alone with the same "
            f"pixels in memory {floor}"
        )
        if load_peer is not None:
            held = look_around_with_peer(viewer, load_peer, image)
            print(
                f"… napari-omero holds the window until all is there: "
                f"{max(held):.2f} s at most, {statistics.median(held):.2f} s mostly, "
                f"{max(held) / max(firsts):.0f} times later than the first pixels here"
            )


def look_around(viewer, session, calls):
    """Return after how long new pixels were painted, and the longest pause."""
    lag, firsts, worst = Lag(), [], Pause()
    for _ in walk_through(viewer):
        before = len(calls)
        lag.take()
        with first_repaint(viewer, lambda seen=before: len(calls) > seen) as first:
            settle(viewer, session._fetcher)
        worst |= lag.take()
        firsts += first
    lag.stop()
    return firsts, worst


def napari_alone(viewer, height, width, channels=0):
    """Walk through a slide that is in memory; return the longest pause.

    Parameters
    ----------
    channels
        How many of 16 bits, each a layer; 0 for one picture of 8 bits in colours.
    """
    bands, kind = ((), np.uint16) if channels else ((3,), np.uint8)
    levels = []
    while max(height, width) > 256:
        levels.append(np.broadcast_to(kind(90), (height, width, *bands)))
        height, width = height // 2, width // 2
    levels[-3:] = [np.array(level) for level in levels[-3:]]
    for colour in ("red", "green", "blue")[:channels]:
        viewer.add_image(
            levels, colormap=colour, blending="additive", contrast_limits=(0, 200)
        )
    if not channels:
        viewer.add_image(levels, rgb=True)
    viewer.reset_view()
    rest(1)
    lag, worst = Lag(), Pause()
    for _ in walk_through(viewer):
        rest(0.5)
        worst |= lag.take()
    lag.stop()
    viewer.layers.clear()
    return worst


def look_around_with_peer(viewer, load_peer, image):
    ((levels, settings, _),) = load_peer(image)
    viewer.add_image(levels, **settings)
    viewer.reset_view()
    rest(1)
    held = []
    for _ in walk_through(viewer):
        held.append(measure(lambda: [QApplication.processEvents() for _ in "123"])[0])
        rest(0.5)
    viewer.layers.clear()
    return held


@pytest.mark.window
def test_walk_through_a_stack(stacks, latency, load_peer, viewer):
    with (
        Sandbox(stacks, latency_ms=latency) as sandbox,
        open_gateway(sandbox, "root") as gateway,
    ):
        image = find_image(gateway, "wide")
        with connect(sandbox.url, "root", "omero") as session:
            show_own(viewer, session, image.getId())
            steps = 8
            ready, lag = step_through(viewer, session, steps)
            viewer.layers.clear()
        floor = step_alone(viewer, steps)
        print(
            f"\nz by z through four channels, {latency} ms: {ready} of {steps} planes "
            f"were there before they were asked for; window held {lag} "
            f"at most, by napari alone with the same pixels in memory {floor}"
        )
        if load_peer is not None:
            ((pixels, settings, _),) = load_peer(image)
            viewer.add_image(pixels, **settings)
            rest(1)
            held = []
            for _ in range(steps):
                viewer.dims.set_current_step(1, viewer.dims.current_step[1] + 1)
                waited = measure(lambda: [QApplication.processEvents() for _ in "12"])
                held.append(waited[0])
                rest(0.5)
            print(
                f"… napari-omero holds the window {statistics.median(held):.2f} s for "
                "each"
            )


def step_through(viewer, session, steps):
    """Return how many planes were complete when they were painted first."""
    from napari_omero_io.plugin.viewer import stage_of

    points = stage_of(viewer).refresher._layers.values()
    ready, worst = 0, Pause()
    for lag in step_on(viewer, steps):
        ready += not any(point.pending for point in points)
        rest(0.5)
        worst |= lag.take()
    return ready, worst


def step_alone(viewer, steps):
    """Return the longest pause where four channels are in memory."""
    planes = np.random.default_rng(1).integers(0, 4000, (steps + 2, 1024, 1024))
    for colour in ("red", "green", "blue", "gray"):
        viewer.add_image(
            planes.astype(np.uint16),
            colormap=colour,
            blending="additive",
            contrast_limits=(0, 4000),
        )
    viewer.dims.set_current_step(0, 1)
    rest(1)
    worst = Pause()
    for lag in step_on(viewer, steps):
        rest(0.5)
        worst |= lag.take()
    viewer.layers.clear()
    return worst


def step_on(viewer, steps):
    """Go to the next plane that many times; yields when it was painted first."""
    lag = Lag()
    for _ in range(steps):
        lag.take()
        viewer.dims.set_current_step(0, viewer.dims.current_step[0] + 1)
        rest(0.02)
        yield lag
    lag.stop()


def test_a_whole_stack(stacks, latency, load_peer):
    with (
        Sandbox(stacks, latency_ms=latency) as sandbox,
        open_gateway(sandbox, "root") as gateway,
    ):
        with connect(sandbox.url, "root", "omero") as session:
            session._fetcher.disk = None
            image = session.open(find_image(gateway, "long").getId())
            level = image.levels[0]
            pixels = np.empty(level.shape, level.dtype)
            # memory that was never touched is slow, for whoever comes first
            pixels.fill(1)
            record, threads = image.record, session._fetcher.threads
            stores = open_stores(
                session.connection, record.pixels_id, record.group_id, threads
            )
            bare = ours = 0.0
            # in turns, since the machine may have other work to do
            for first in range(0, level.shape[2], TURN):
                part = range(first, first + TURN)
                bare += measure(lambda part=part: read_bare(stores, part))[0]
                seconds, found = measure(
                    lambda part=part: np.asarray(level[:, :, part[0] : part[-1] + 1])
                )
                ours += seconds
                pixels[:, :, first : first + TURN] = found
            close_stores(stores)
        assert pixels.nbytes > 2e9
        size = pixels.nbytes / 1e6
        print(
            f"\na stack of {size:.0f} MB whole, {latency} ms: {size / ours:.0f} MB/s, "
            f"{bare / ours:.0%} of bare getPlane calls on as many stores"
        )
        if load_peer is not None:
            ((planes, *_),) = load_peer(find_image(gateway, "long"))
            theirs, part = measure(lambda: np.asarray(planes[:, :, :PART]))
            assert np.array_equal(np.squeeze(part), np.squeeze(pixels)[:PART])
            rate = part.nbytes / 1e6 / theirs
            print(
                f"… napari-omero {rate:.0f} MB/s: this is {size / ours / rate:.1f} "
                "times faster"
            )


def read_bare(stores, part):
    """Read planes with nothing but calls, on as many stores as the fetcher has.

    What comes is kept, as whoever reads a stack does: memory takes its time as well.
    """
    kept, sections = [], queue.SimpleQueue()
    for z in part:
        sections.put(z)

    def read(store):
        while True:
            try:
                kept.append(store.getPlane(sections.get_nowait(), 0, 0))
            except queue.Empty:
                return

    working = [threading.Thread(target=read, args=(store,)) for store in stores]
    for each in working:
        each.start()
    for each in working:
        each.join()


@pytest.mark.window
def test_a_huge_slide_in_the_window(huge_slide, latency, viewer, monkeypatch):
    """Look at this plugin alone: napari-omero cannot read it."""
    calls = count_reads(monkeypatch)
    with (
        Sandbox(huge_slide, latency_ms=latency) as sandbox,
        connect(sandbox.url, "demo", "omero") as session,
    ):
        session._fetcher.disk = None
        started = time.perf_counter()
        show_layers(viewer, session.open_layers("image/1"))
        rest_until(lambda: len(viewer.layers) > 0)
        opened = time.perf_counter() - started
        settle(viewer, session._fetcher)
        firsts, lag = look_around(viewer, session, calls)
        print(
            f"\n100,000 x 100,000 pixels, three channels, {latency} ms: shown after "
            f"{opened:.2f} s; zoom and pan: first new pixels after {max(firsts):.3f} s "
            f"at most, {statistics.median(firsts):.3f} s mostly; window held "
            f"{lag} at most"
        )
        for _ in range(4):
            move(viewer, 300)
            settle(viewer, session._fetcher)
        before = len(calls)
        for _ in range(4):
            move(viewer, -300)
            settle(viewer, session._fetcher)
        print(f"panned back: {len(calls) - before} calls for pixels")
        assert len(calls) == before
        viewer.layers.clear()
        floor = napari_alone(viewer, 100_000, 100_000, channels=3)
        print(f"napari alone with the same pixels in memory holds the window {floor}")
