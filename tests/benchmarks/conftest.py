"""Servers with large content, made once; napari-omero, if it is at hand."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_omero_io import Sandbox, connect
from napari_omero_io.client.upload import create_image
from napari_omero_io.records import NewChannel, NewImage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PEER = os.environ.get("NAPARI_OMERO_PEER", "")


@pytest.fixture
def load_peer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Any] | None:
    """Give napari-omero's reader from the folder that NAPARI_OMERO_PEER names."""
    if not PEER:
        return None
    monkeypatch.setattr(sys, "path", [*sys.path, PEER])
    loaders = pytest.importorskip("napari_omero.plugins.loaders")
    return loaders.load_image_wrapper


@pytest.fixture(params=[0, 20])
def latency(request: pytest.FixtureRequest) -> int:
    """Milliseconds that every answer is late."""
    return request.param


def _seed(folder: Path, seed: str) -> Path:
    with Sandbox(folder, seed=seed):
        pass
    return folder


@pytest.fixture(scope="session")
def huge_slide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a slide of 100,000 x 100,000 pixels, three channels of 16 bits."""
    return _seed(tmp_path_factory.mktemp("huge"), "slide:100000")


@pytest.fixture(scope="session")
def terabyte(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a slide of a terabyte."""
    return _seed(tmp_path_factory.mktemp("terabyte"), "slide:410000")


@pytest.fixture(scope="session")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the images of the demo, a slide of 8 bits among them."""
    return _seed(tmp_path_factory.mktemp("examples"), "demo")


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a stack of two gigabytes, and one of four channels to look at."""
    folder = tmp_path_factory.mktemp("stacks")
    plane = np.random.default_rng(1).integers(0, 4000, (1024, 1024)).astype(np.uint16)
    with Sandbox(folder) as sandbox, connect(sandbox.url, "root", "omero") as session:
        for name, channels, sections in (("long", 1, 1000), ("wide", 4, 40)):
            shape = (1, channels, sections, 1024, 1024)
            new = NewImage(name, "uint16", shape, (NewChannel(),) * channels)
            planes = (
                (0, c, z, np.roll(plane, 8 * z, axis=c % 2))
                for c in range(channels)
                for z in range(sections)
            )
            create_image(session.connection, new, planes)
    return folder


@contextmanager
def open_gateway(sandbox: Sandbox, user: str) -> Iterator[Any]:
    """Open a BlitzGateway, which napari-omero works with."""
    from omero.gateway import BlitzGateway

    gateway = BlitzGateway(
        user, "omero", host=sandbox.host, port=sandbox.port, secure=True
    )
    assert gateway.connect(), gateway.getLastError()
    gateway.SERVICE_OPTS.setOmeroGroup(-1)
    try:
        yield gateway
    finally:
        gateway.close()


def find_image(gateway: Any, name: str) -> Any:
    """Give napari-omero's kind of image, by the beginning of its name."""
    for image in gateway.getObjects("Image"):
        if image.getName().startswith(name):
            return image
    pytest.skip(f"there is no image {name} here")


def measure(work: Callable[[], Any]) -> tuple[float, Any]:
    """Do something; return how long it took, in seconds, and what came of it."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def tell(what: str, latency: float, ours: float, theirs: float, note: str = "") -> None:
    """Print one row."""
    print(
        f"\n{what}, {latency} ms: {ours:.3f} s, napari-omero {theirs:.3f} s{note}, "
        f"{theirs / ours:.1f} times faster"
    )
