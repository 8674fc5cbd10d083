"""How fast the sandbox hands out a tile, beside a servant that knows only one.

Run with ``pytest -m benchmark -s tests/benchmarks``.  Figures are printed; what is
asserted is only that both answered.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import Ice
import numpy as np
import omero.all
import pytest

from napari_omero_io import Sandbox

SIDE = 512
CALLS = 400
ROUNDS = 5

#: A server of its own, so that it shares no interpreter lock with the client.
CONSTANT = f"""
import sys, Ice, omero.all
class Constant(omero.api.RawPixelsStore):
    tile = bytes({2 * SIDE * SIDE})
    def getTile_async(self, cb, z, c, t, x, y, w, h, current=None):
        cb.ice_response(self.tile)
communicator = Ice.initialize(["--Ice.MessageSizeMax=250000"])
adapter = communicator.createObjectAdapterWithEndpoints("a", "tcp -h 127.0.0.1 -p 0")
proxy = adapter.add(Constant(), communicator.stringToIdentity("constant"))
adapter.activate()
print(proxy, flush=True)
sys.stdin.read()
communicator.destroy()
"""


@pytest.fixture
def constant() -> Iterator[omero.api.RawPixelsStorePrx]:
    server = subprocess.Popen(
        [sys.executable, "-c", CONSTANT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    communicator = Ice.initialize(["--Ice.MessageSizeMax=250000"])
    try:
        proxy = communicator.stringToProxy(server.stdout.readline())
        yield omero.api.RawPixelsStorePrx.uncheckedCast(proxy)
    finally:
        communicator.destroy()
        server.communicate()


@pytest.fixture
def stored() -> Iterator[omero.api.RawPixelsStorePrx]:
    with Sandbox() as sandbox:
        client = omero.client(sandbox.host, sandbox.port)
        client.createSession(sandbox.user, sandbox.password)
        plain = client.createClient(False)
        client.closeSession()
        services = plain.getSession()
        kind = services.getQueryService().findByString("PixelsType", "value", "uint16")
        image = services.getPixelsService().createImage(
            2048, 2048, 1, 1, [0], kind, "tiles", ""
        )
        (pixels,) = services.getQueryService().findAllByQuery(
            f"select p from Pixels p where p.image.id = {image.val}", None
        )
        plane = np.random.default_rng(1).integers(0, 65536, (2048, 2048))
        store = services.createRawPixelsStore()
        store.setPixelsId(pixels.id.val, True)
        store.setPlane(plane.astype(">u2").tobytes(), 0, 0, 0)
        store.close()
        store = services.createRawPixelsStore()
        store.setPixelsId(pixels.id.val, True)
        yield store
        plain.closeSession()


def rate(store: omero.api.RawPixelsStorePrx) -> float:
    """Return tiles per second of one client that asks for the same tile again."""
    start = time.perf_counter()
    for _ in range(CALLS):
        tile = store.getTile(0, 0, 0, SIDE, SIDE, SIDE, SIDE)
    assert len(tile) == 2 * SIDE * SIDE
    return CALLS / (time.perf_counter() - start)


@pytest.mark.benchmark
def test_tiles_in_the_cache(stored, constant) -> None:
    pairs = [(rate(constant), rate(stored)) for _ in range(ROUNDS)]
    fastest, ours = map(max, zip(*pairs, strict=True))
    print(
        f"\ngetTile {SIDE} x {SIDE} uint16 over tcp: constant bytes {fastest:.0f}/s, "
        f"sandbox {ours:.0f}/s, {ours / fastest:.0%}"
    )
    assert ours > 0
