"""Watching a viewer at work: how long its window is held, what the server is asked."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import omero.api
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication

from napari_omero_io.plugin.viewer import stage_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

_READS = ("getTile", "getPlane", "getPlaneRegion", "getStack", "getRegion")


@dataclass(frozen=True)
class Pause:
    """The longest time for which a window did not answer, in seconds.

    Attributes
    ----------
    work
        The longest that its thread computed meanwhile.  On a machine that others use
        as well, the rest is waiting for a processor.
    """

    held: float = 0.0
    work: float = 0.0

    def __or__(self, other: Pause) -> Pause:
        return Pause(max(self.held, other.held), max(self.work, other.work))

    def __str__(self) -> str:
        return f"{1000 * self.held:.0f} ms ({1000 * self.work:.0f} ms of work)"


class Lag:
    """Watches for how long a timer of a few milliseconds is late."""

    def __init__(self) -> None:
        self._worst = Pause()
        self._last = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(2)

    def take(self) -> Pause:
        """Return the longest pause since the last time, and begin anew."""
        self._tick()
        worst, self._worst = self._worst, Pause()
        return worst

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter(), time.thread_time()
        held, work = now[0] - self._last[0] - 0.002, now[1] - self._last[1]
        self._worst |= Pause(held, work)
        self._last = now


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every call of this process that fetches pixels, whoever makes it."""
    calls: list[str] = []

    def watch(name: str) -> None:
        plain = getattr(omero.api.RawPixelsStorePrx, name)

        def ask(*arguments: Any, **named: Any) -> Any:
            answer = plain(*arguments, **named)
            calls.append(name)
            return answer

        monkeypatch.setattr(omero.api.RawPixelsStorePrx, name, ask)

    for name in (*_READS, *(f"begin_{name}" for name in _READS)):
        watch(name)
    return calls


def rest(seconds: float) -> None:
    """Let the window work for a while."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        QApplication.processEvents()
        time.sleep(0.001)


def rest_until(condition: Callable[[], Any], seconds: float = 120) -> None:
    """Let the window work until something holds."""
    end = time.perf_counter() + seconds
    while not condition():
        QApplication.processEvents()
        time.sleep(0.001)
        assert time.perf_counter() < end, "it never came"


@contextmanager
def first_repaint(viewer: Any, arrived: Callable[[], bool]) -> Iterator[list[float]]:
    """Note when a layer was given pixels that had arrived since, in seconds.

    Empty at the end, when no pixels had to come.
    """
    seen: list[float] = []
    started = time.perf_counter()

    def note(*_: Any) -> None:
        if not seen and arrived():
            seen.append(time.perf_counter() - started)

    for layer in viewer.layers:
        layer.events.set_data.connect(note)
    try:
        yield seen
    finally:
        for layer in viewer.layers:
            layer.events.set_data.disconnect(note)


def settle(viewer: Any, fetcher: Any) -> None:
    """Wait until all is painted, and what may be looked at next was fetched too."""
    stage = stage_of(viewer)
    rest(0.1)  # the canvas looks at the camera when it is drawn
    rest_until(lambda: not stage.is_busy and not fetcher.pending)


def walk_through(viewer: Any) -> Iterator[str]:
    """Zoom in five times and pan eight times; yields after each change."""
    for step in range(5):
        viewer.scene.camera.zoom *= 3
        yield f"zoom {step}"
    for step in range(8):
        move(viewer, 300)
        yield f"pan {step}"


def move(viewer: Any, pixels: float) -> None:
    """Move by that many pixels of the screen, to the lower right."""
    y, x = viewer.scene.camera.center[-2:]
    distance = pixels / viewer.scene.camera.zoom
    viewer.scene.camera.center = (y + distance, x + distance)
