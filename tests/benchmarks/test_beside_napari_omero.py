"""Opening the slide and reading a stack, beside napari-omero on the same server.

The peer is taken from the folder that the environment names::

    pip install --no-deps --target DIR napari-omero==0.6.0 omero-marshal omero-rois
    NAPARI_OMERO_PEER=DIR pytest -m benchmark -s tests/benchmarks
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from napari_omero_io import Sandbox, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEER = os.environ.get("NAPARI_OMERO_PEER", "")
SLIDE = "Colon, whole slide"
STACK = "Nuclei, 3-D stack"

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.skipif(not PEER, reason="NAPARI_OMERO_PEER names no folder"),
    # the peer's own affair
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def load_peer() -> Iterator[Callable[[Any], Any]]:
    sys.path.append(PEER)
    loaders = pytest.importorskip("napari_omero.plugins.loaders")
    yield loaders.load_image_wrapper
    sys.path.remove(PEER)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("beside")
    with Sandbox(folder, seed="demo"):
        pass
    return folder


@pytest.fixture(params=[0, 20])
def sandbox(request, seeded):
    with Sandbox(seeded, latency_ms=request.param) as running:
        yield running


@pytest.fixture
def gateway(sandbox):
    from omero.gateway import BlitzGateway

    gateway = BlitzGateway(
        "demo", "omero", host=sandbox.host, port=sandbox.port, secure=True
    )
    assert gateway.connect(), gateway.getLastError()
    gateway.SERVICE_OPTS.setOmeroGroup(-1)
    yield gateway
    gateway.close()


def find_id(gateway, name):
    found = list(gateway.getObjects("Image", attributes={"name": name}))
    if not found:
        pytest.skip(f"the seed has no “{name}” here")
    return found[0].id


def measure(work):
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def tell(what, sandbox, ours, theirs):
    print(
        f"\n{what}, {sandbox.latency_ms} ms: {ours:.2f} s, napari-omero "
        f"{theirs:.2f} s, {theirs / ours:.1f} times faster"
    )


def test_first_pixels_of_the_slide(sandbox, gateway, load_peer):
    image_id = find_id(gateway, SLIDE)

    def peer():
        ((data, *_),) = load_peer(gateway.getObject("Image", image_id))
        return np.asarray(data[-1])

    with connect(sandbox.url, "demo", "omero") as session:
        session._fetcher.disk = None

        def own():
            image = session.open(image_id)
            image.prefetch()
            return np.asarray(image.rgb_levels()[-1])

        ours, seen = measure(own)
    theirs, expected = measure(peer)
    assert seen.size == expected.size
    tell("first pixels of the slide", sandbox, ours, theirs)


def test_a_whole_stack(sandbox, gateway, load_peer):
    image_id = find_id(gateway, STACK)

    def peer():
        layers = load_peer(gateway.getObject("Image", image_id))
        return np.asarray(layers[0][0])

    with connect(sandbox.url, "demo", "omero") as session:
        session._fetcher.disk = None
        image = session.open(image_id)
        ours, seen = measure(lambda: np.asarray(image.full_level(0)))
    theirs, expected = measure(peer)
    assert np.array_equal(np.squeeze(seen), np.squeeze(expected))
    tell("a stack, whole", sandbox, ours, theirs)
