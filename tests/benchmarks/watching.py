"""Watching a viewer at work: how long its window is held, what the server is asked."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
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
        The longest that its thread computed meanwhile.
    painting
        The most that the threads computed meanwhile which do the work of a graphics
        card, one for each processor; the window waits for them.  Where there is such a
        card, or on other systems, it is 0.

    On a machine that others use as well, the rest is waiting for a processor.
    """

    held: float = 0.0
    work: float = 0.0
    painting: float = 0.0

    def __or__(self, other: Pause) -> Pause:
        return Pause(
            max(self.held, other.held),
            max(self.work, other.work),
            max(self.painting, other.painting),
        )

    def __str__(self) -> str:
        return (
            f"{1000 * self.held:.0f} ms ({1000 * self.work:.0f} ms of work, "
            f"{1000 * self.painting:.0f} ms of painting)"
        )


class Painters:
    """The threads of Mesa that stand in for a graphics card."""

    def __init__(self) -> None:
        self._threads = [
            task / "schedstat"
            for task in Path("/proc/self/task").glob("*")
            if (task / "comm").read_text().startswith("llvmpipe")
        ]

    def measure(self) -> float:
        """Return for how many seconds they have computed so far."""
        spent = (int(thread.read_text().split()[0]) for thread in self._threads)
        return sum(spent) / 1e9


class Lag:
    """Watches for how long a timer of a few milliseconds is late."""

    def __init__(self) -> None:
        self._worst = Pause()
        self._painters = Painters()
        self._last = self._look()
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

    def _look(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.thread_time(), self._painters.measure()

    def _tick(self) -> None:
        now = self._look()
        held, work, painting = (
            end - start for start, end in zip(self._last, now, strict=True)
        )
        self._worst |= Pause(held - 0.002, work, painting)
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
