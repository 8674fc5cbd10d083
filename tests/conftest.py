"""What tests of several parts need: a server, and an image read from memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from napari_omero_io import Sandbox
from napari_omero_io.records import ChannelRecord, ImageRecord, LevelRecord

# The same examples in each run, however slow the machine is: a change is judged by what
# it changes.  `--hypothesis-profile=search` looks for others.
settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,  # where examples may share what it gives
    ],
)
settings.register_profile("search", settings.get_profile("same"), derandomize=False)
settings.load_profile("same")

#: Milliseconds that a window may take for what it does at once on a fast machine.
PATIENCE = 60_000


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory):
    """Remember servers, certificates and sessions in folders of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("settings")
        patch.setenv("NAPARI_OMERO_IO_CONFIG", str(folder))
        patch.setenv("NAPARI_OMERO_IO_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("OMERO_SESSIONDIR", str(folder / "sessions"))
        yield


@pytest.fixture(autouse=True)
def _no_held_passwords(monkeypatch):
    """Let no test know the passwords of another."""
    monkeypatch.setattr(
        "napari_omero_io.client.credentials._of_this_run", {}, raising=False
    )


@pytest.fixture(scope="session")
def sandbox():
    """Run one server, empty but for what tests put there, in a process of its own."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def fresh_sandbox():
    """Run a server that no other test has seen."""
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="session")
def server_url(sandbox):
    return sandbox.url


@pytest.fixture
def qtbot(qtbot):
    """Let tests of windows wait as long as the slowest machine takes."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed", "waitActive"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE))
    return qtbot


@pytest.fixture
def gateway(sandbox):
    """Connect OMERO's own BlitzGateway as root."""
    from omero.gateway import BlitzGateway

    connection = BlitzGateway(
        sandbox.user,
        sandbox.password,
        host=sandbox.host,
        port=sandbox.port,
        secure=True,
    )
    assert connection.connect(), connection.getLastError()
    yield connection
    connection.close()


class MemorySource:
    """A `TileSource` over numpy arrays (T, C, Z, Y, X), full size first.

    `gate` holds every read back while it is cleared; `error` is raised instead of
    answering; `calls` lists what was read and by which thread.
    """

    def __init__(self, levels, *, tile=(16, 16), is_tiled=True, server="here", **more):
        self.levels = levels
        self.server = server
        self.gate = threading.Event()
        self.gate.set()
        self.error = None
        self.calls = []
        self.open_readers = 0
        self.lock = threading.Lock()
        t, c, z, y, x = levels[0].shape
        channels = tuple(
            ChannelRecord(
                index=index,
                name=f"channel {index}",
                color=[(255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)][index % 3],
                window=(0.0, 200.0),
                limits=(0.0, 255.0),
            )
            for index in range(c)
        )
        record = ImageRecord(
            id=7,
            name="memory",
            pixels_id=70,
            dtype=levels[0].dtype.name,
            size_t=t,
            size_c=c,
            size_z=z,
            size_y=y,
            size_x=x,
            channels=channels,
            levels=tuple(
                LevelRecord(level.shape[4], level.shape[3], len(levels) - 1 - index)
                for index, level in enumerate(levels)
            ),
            tile=tile,
            is_tiled=is_tiled,
            pixel_size_x=0.5,
            pixel_size_y=0.5,
            pixel_size_z=2.0,
            time_increment=30.0,
        )
        self.record = replace(record, **more)

    def open_reader(self):
        return MemoryReader(self)

    def close(self):
        pass

    def count(self):
        with self.lock:
            return len(self.calls)


class MemoryReader:
    def __init__(self, source):
        self.source = source
        self.thread = threading.get_ident()
        with source.lock:
            source.open_readers += 1

    def read_tile(self, level, z, c, t, x, y, w, h):
        source = self.source
        assert threading.get_ident() == self.thread
        assert all(type(n) is int for n in (level, z, c, t, x, y, w, h))
        assert source.gate.wait(60)
        with source.lock:
            source.calls.append((level, z, c, t, x, y, w, h))
        if source.error is not None:
            raise source.error
        plane = source.levels[level][t, c, z]
        assert y + h <= plane.shape[0]
        assert x + w <= plane.shape[1]
        return plane[y : y + h, x : x + w].copy()

    def close(self):
        assert threading.get_ident() == self.thread
        with self.source.lock:
            self.source.open_readers -= 1


def make_levels(shape, dtype="uint16", count=1, factor=2):
    """Return random pixels (T, C, Z, Y, X) and smaller versions of them."""
    rng = np.random.default_rng(1)
    full = rng.integers(1, 250, shape).astype(dtype)
    return [full[..., :: factor**k, :: factor**k] for k in range(count)]


@pytest.fixture(scope="session")
def memory_source():
    """Make a source: ``memory_source((T, C, Z, Y, X), count=levels, tile=…)``."""

    def make(shape, dtype="uint16", count=1, factor=2, **options):
        return MemorySource(make_levels(shape, dtype, count, factor), **options)

    return make
