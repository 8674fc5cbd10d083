"""How the sandbox bears ten thousand images, ten thousand regions, eight clients.

Run with ``pytest -m benchmark -s tests/benchmarks``.  Figures are printed; what is
asserted is only that the answers are right.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import numpy as np
import omero.all
import omero.model
import pytest
from omero.model.enums import UnitsLength
from omero.rtypes import rint, rstring, unwrap
from omero.sys import ParametersI

from napari_omero_io import Sandbox

IMAGES = 10_000
ROIS = 10_000
PAGE = 200
ROUNDS = 7
SIDE = 512
#: Seconds for which clients ask for tiles.
SPAN = 3

pytestmark = pytest.mark.benchmark

#: A client of its own: says that it is ready, waits, and counts what it gets.
CLIENT = f"""
import sys, time, omero.all
host, port, user, password, pixels, span = sys.argv[1:]
client = omero.client(host, int(port))
client.createSession(user, password)
plain = client.createClient(False)
store = plain.getSession().createRawPixelsStore()
store.setPixelsId(int(pixels), True, {{"omero.group": "-1"}})
store.getTile(0, 0, 0, 0, 0, {SIDE}, {SIDE})
print("ready", flush=True)
sys.stdin.readline()
start, count = time.perf_counter(), 0
while time.perf_counter() - start < float(span):
    assert len(store.getTile(0, 0, 0, {SIDE}, {SIDE}, {SIDE}, {SIDE})) == {2 * SIDE**2}
    count += 1
print(count / (time.perf_counter() - start), flush=True)
store.close()
plain.closeSession()
client.closeSession()
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    start = time.perf_counter()
    with Sandbox(tmp_path_factory.mktemp("many"), seed=f"many:{IMAGES}") as sandbox:
        spent = time.perf_counter() - start
        print(f"\n{IMAGES:,} images with thumbnails, stored and ready: {spent:.0f} s")
        yield sandbox


@pytest.fixture
def services(filled):
    client = omero.client(filled.host, filled.port)
    client.createSession("demo", "omero")
    plain = client.createClient(False)
    yield plain.getSession()
    plain.closeSession()
    client.closeSession()


def test_the_first_page_of_a_dataset(services):
    query = services.getQueryService()
    (dataset,) = query.findAllByQuery("select d from Dataset d", None)
    wanted = ParametersI().addId(dataset.id).page(0, PAGE)
    text = """select i from Image i join i.datasetLinks l join fetch i.details.owner
        where l.parent.id = :id order by lower(i.name), i.id"""
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        page = query.findAllByQuery(text, wanted)
        spent.append(time.perf_counter() - start)
    assert len(page) == PAGE
    print(
        f"\nfirst {PAGE} of {IMAGES:,} images: {1000 * spent[0]:.0f} ms at the first "
        f"time, then {1000 * min(spent):.0f} ms"
    )


def test_the_thumbnails_of_a_page(services):
    query = services.getQueryService()
    rows = query.projection("select p.id from Pixels p order by p.id", None)[:PAGE]
    store = services.createThumbnailStore()
    start = time.perf_counter()
    drawn = store.getThumbnailByLongestSideSet(rint(96), [unwrap(r[0]) for r in rows])
    spent = time.perf_counter() - start
    store.close()
    assert all(drawn.values())
    print(f"\n{len(drawn)} thumbnails: {1000 * spent:.0f} ms")


def test_many_regions_with_their_shapes(services):
    query = services.getQueryService()
    ((image,),) = query.projection("select min(i.id) from Image i", None)
    start = time.perf_counter()
    save_rois(services, image.val)
    print(f"\n{ROIS:,} regions saved: {time.perf_counter() - start:.1f} s")
    wanted = ParametersI().addId(image.val)
    text = "select r from Roi r join fetch r.shapes where r.image.id = :id"
    spent = []
    for _ in range(3):
        start = time.perf_counter()
        rois = query.findAllByQuery(text, wanted)
        spent.append(time.perf_counter() - start)
        assert len(rois) == ROIS
        assert all(roi.sizeOfShapes() == 1 for roi in rois)
    print(f"{ROIS:,} regions with their shapes: {min(spent):.2f} s")


def save_rois(services, image_id):
    rois = []
    for number in range(ROIS):
        polygon = omero.model.PolygonI()
        corners = ((number % 90, 5), (number % 90 + 5, 5), (number % 90, 12))
        polygon.points = rstring(" ".join(f"{x},{y}" for x, y in corners))
        polygon.theZ, polygon.theT = rint(0), rint(0)
        polygon.strokeWidth = omero.model.LengthI(1.5, UnitsLength.PIXEL)
        roi = omero.model.RoiI()
        roi.image = omero.model.ImageI(image_id, False)
        roi.addShape(polygon)
        rois.append(roi)
    update = services.getUpdateService()
    for first in range(0, ROIS, 1000):
        update.saveCollection(rois[first : first + 1000])


@pytest.fixture(scope="module")
def tiles():
    """Give a server with one image, and the id of its pixels."""
    with Sandbox() as sandbox:
        client = omero.client(sandbox.host, sandbox.port)
        services = client.createSession(sandbox.user, sandbox.password)
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
        client.closeSession()
        yield sandbox, pixels.id.val


def total_rate(sandbox, pixels, count):
    """Return the tiles a second that so many clients get together."""
    words = (sandbox.host, sandbox.port, sandbox.user, sandbox.password, pixels, SPAN)
    clients = [
        subprocess.Popen(
            [sys.executable, "-c", CLIENT, *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        for client in clients:
            assert client.stdout.readline() == "ready\n"
        for client in clients:
            client.stdin.write("go\n")
            client.stdin.flush()
        return sum(float(client.stdout.readline()) for client in clients)
    finally:
        for client in clients:
            client.communicate()


def test_eight_clients_at_once(tiles):
    pairs = [(total_rate(*tiles, 1), total_rate(*tiles, 8)) for _ in range(3)]
    one, eight = map(statistics.median, zip(*pairs, strict=True))
    print(
        f"\ngetTile {SIDE} x {SIDE} uint16: one client {one:.0f}/s, eight together "
        f"{eight:.0f}/s, {eight / one:.0%}"
    )
    assert eight > 0
