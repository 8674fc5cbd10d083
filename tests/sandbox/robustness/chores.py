"""What clients do all day, each chore leaving the server as it found it.

A chore takes a client that is logged in, works with real calls, and puts away what it
made.  Run in a loop, the server should need no more memory after an hour than after a
minute.
"""

from __future__ import annotations

import contextlib
import random
import time
from typing import Any

import numpy as np
import omero
import omero.all
import omero.cmd
import omero.grid
import omero.model
import pytest
from omero.rtypes import rdouble, rint, rlong, rstring, unwrap
from omero.sys import ParametersI

from ..answers import answer_of

CHANCE = random.Random(7)
SIDE = 64


def connect(sandbox: Any, *, secure: bool = True) -> Any:
    """Log in over TLS, or over plain TCP, as who owns the demonstration's images."""
    client = make_client(sandbox, secure=secure)
    client.createSession("demo", "omero")
    return client


def make_client(sandbox: Any, *, secure: bool = True) -> Any:
    """Make a client that is not logged in."""
    if secure:
        return omero.client(sandbox.host, sandbox.port)
    endpoint = f"tcp -h {sandbox.host} -p {sandbox.tcp_port}"
    router = f"--Ice.Default.Router=OMERO.Glacier2/router:{endpoint}"
    return omero.client(args=[router])


def destroy(client: Any) -> None:
    """Close a client's connections without a goodbye."""
    client.getCommunicator().destroy()


def delete(client: Any, **targets: list[int]) -> None:
    """Delete objects, and wait until they are gone."""
    handle = client.sf.submit(omero.cmd.Delete2(targets))
    answer = answer_of(handle)
    handle.close()
    assert not isinstance(answer, omero.cmd.ERR), answer


def image_ids(client: Any) -> list[int]:
    """Return the ids of the images whose names are of the demonstration."""
    hql = "select i.id from Image i where i.name not like 'chore%' order by i.id"
    rows = client.sf.getQueryService().projection(hql, None)
    return [unwrap(row)[0] for row in rows][:20]


def ask_questions(client: Any) -> None:
    query = client.sf.getQueryService()
    # A new text each time: compiled queries are kept, and must not pile up.
    marker = CHANCE.randrange(10**9)
    hql = (
        "select i from Image i left outer join fetch i.pixels p "
        f"left outer join fetch p.channels where i.id < {10**9 + marker}"
    )
    query.findAllByQuery(hql, ParametersI().page(0, 20))
    query.projection("select count(i), max(i.id) from Image i", None)
    query.findByString("Experimenter", "omeName", "root")
    query.findAll("Dataset", None)
    for wrong in ("select from", f"select x.nothing from Image x{marker}"):
        try:
            query.findAllByQuery(wrong, None)
        except omero.ServerError:
            continue
        raise AssertionError(wrong)


def browse(client: Any) -> None:
    factory = client.sf
    options = ParametersI().leaves().exp(rlong(0))
    container = factory.getContainerService()
    container.loadContainerHierarchy("Project", [], options)
    container.loadContainerHierarchy(
        "Dataset", [], ParametersI().orphan().exp(rlong(0))
    )
    ids = image_ids(client)
    container.getImages("Image", ids, None)
    factory.getMetadataService().loadAnnotations("Image", ids, [], [], None)
    factory.getTimelineService().getMostRecentObjects(None, ParametersI(), True)
    factory.getAdminService().getEventContext()
    factory.getAdminService().lookupExperimenters()
    factory.getConfigService().getClientConfigValues()
    factory.getTypesService().allEnumerations("PixelsType")


def save_graph(client: Any) -> None:
    dataset = omero.model.DatasetI()
    dataset.name = rstring(f"chore {CHANCE.random()}")
    for part in range(3):
        image = omero.model.ImageI()
        image.name = rstring(f"chore, image {part}")
        roi = omero.model.RoiI()
        for place in range(5):
            ellipse = omero.model.EllipseI()
            ellipse.x = ellipse.y = rdouble(place)
            ellipse.radiusX = ellipse.radiusY = rdouble(2)
            roi.addShape(ellipse)
        image.addRoi(roi)
        tag = omero.model.TagAnnotationI()
        tag.textValue = rstring("chore")
        image.linkAnnotation(tag)
        dataset.linkImage(image)
    update = client.sf.getUpdateService()
    saved = update.saveAndReturnObject(dataset)
    images = [one.id.val for one in saved.linkedImageList()]
    tags = [
        link.child.id.val
        for image in saved.linkedImageList()
        for link in image.copyAnnotationLinks()
    ]
    client.sf.getRoiService().findByImage(images[0], None)
    saved.name = rstring("chore, renamed")
    saved = update.saveAndReturnObject(saved)
    with contextlib.suppress(omero.ValidationException):
        update.saveObject(omero.model.DatasetI())
    delete(client, Dataset=[saved.id.val], Annotation=tags)


def make_image(client: Any, side: int = SIDE) -> tuple[int, int]:
    query = client.sf.getQueryService()
    kind = query.findByString("PixelsType", "value", "uint16")
    made = client.sf.getPixelsService().createImage(
        side, side, 1, 1, [0, 1], kind, "chore", ""
    )
    hql = f"select p.id from Pixels p where p.image.id = {made.val}"
    return made.val, unwrap(query.projection(hql, None))[0][0]


def write_pixels(client: Any) -> None:
    image, pixels = make_image(client)
    store = client.sf.createRawPixelsStore()
    store.setPixelsId(pixels, False)
    plane = np.random.default_rng(pixels).integers(0, 60_000, (SIDE, SIDE))
    for channel in range(2):
        store.setPlane(plane.astype(">u2").tobytes(), 0, channel, 0)
    store.save()
    store.close()
    store = client.sf.createRawPixelsStore()
    store.setPixelsId(pixels, False)
    for _ in range(5):
        assert len(store.getTile(0, 1, 0, 8, 8, 32, 16)) == 32 * 16 * 2
    store.getHistogram([0], 16, False, omero.romio.PlaneDef(0, 0, 0, 0, 0, None, -1))
    with contextlib.suppress(omero.ServerError):
        store.getPlane(9, 9, 9)
    store.close()
    delete(client, Image=[image])


def render(client: Any) -> None:
    hql = (
        "select p.id from Pixels p where p.sizeX < 2000 "
        "and p.image.name not like 'chore%' order by p.id"
    )
    rows = client.sf.getQueryService().projection(hql, None)
    pixels = [unwrap(row)[0] for row in rows][:6]
    thumbnails = client.sf.createThumbnailStore()
    thumbnails.getThumbnailByLongestSideSet(rint(48), pixels)
    thumbnails.close()
    engine = client.sf.createRenderingEngine()
    engine.lookupPixels(CHANCE.choice(pixels))
    if not engine.lookupRenderingDef(engine.getPixels().id.val):
        engine.resetDefaultSettings(True)
        engine.lookupRenderingDef(engine.getPixels().id.val)
    engine.load()
    plane = omero.romio.PlaneDef(0, 0, 0, 0, 0, None, -1)
    engine.setActive(0, True)
    engine.renderCompressed(plane)
    engine.renderAsPackedInt(plane)
    engine.close()


def keep_files(client: Any) -> None:
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring("chore"), rstring("/")
    saved = client.sf.getUpdateService().saveAndReturnObject(file)
    store = client.sf.createRawFileStore()
    store.setFileId(saved.id.val)
    content = bytes(CHANCE.randbytes(100_000))
    store.write(content, 0, len(content))
    assert store.read(0, len(content)) == content
    store.save()
    store.close()
    delete(client, OriginalFile=[saved.id.val])


def keep_tables(client: Any) -> None:
    resources = client.sf.sharedResources()
    if not resources.areTablesEnabled():
        return
    numbers = omero.grid.LongColumn("number", "", [])
    names = omero.grid.StringColumn("name", "", 16, [])
    table = resources.newTable(0, "chore.h5")
    table.initialize([numbers, names])
    numbers.values = list(range(200))
    names.values = [f"row {number}" for number in numbers.values]
    table.addData([numbers, names])
    assert table.getWhereList("number > 190", {}, 0, 200, 1) == list(range(191, 200))
    table.read([0, 1], 0, 100)
    file = table.getOriginalFile().id.val
    table.close()
    again = resources.openTable(omero.model.OriginalFileI(file, False))
    assert again.getNumberOfRows() == 200
    again.close()
    delete(client, OriginalFile=[file])


def search(client: Any) -> None:
    found = client.sf.createSearchService()
    found.onlyType("Image")
    found.byFullText(CHANCE.choice(["chore", "image", "cells", "nothing*"]))
    if found.hasNext():
        found.results()
    found.close()


def request(client: Any) -> None:
    ids = image_ids(client)
    for wanted in (
        omero.cmd.FindParents(targetObjects={"Image": ids}, typesOfParents=["Dataset"]),
        omero.cmd.FindChildren(targetObjects={"Image": ids}, typesOfChildren=["Roi"]),
        omero.cmd.DiskUsage2(targetObjects={"Image": ids}),
        omero.cmd.Delete2(targetObjects={"Image": ids}, dryRun=True),
        omero.cmd.Delete2(targetObjects={"Nothing": [1]}),
        omero.cmd.ListRequests(),
    ):
        handle = client.sf.submit(wanted)
        handle.getStatus()
        assert answer_of(handle) is not None
        # Every other handle is left for the end of the session.
        if CHANCE.random() < 0.5:
            handle.close()


def duplicate(client: Any) -> None:
    image, pixels = make_image(client, 16)
    store = client.sf.createRawPixelsStore()
    store.setPixelsId(pixels, False)
    store.setPlane(bytes(16 * 16 * 2), 0, 0, 0)
    store.close()
    handle = client.sf.submit(omero.cmd.Duplicate({"Image": [image]}))
    copies = answer_of(handle).duplicates["ome.model.core.Image"]
    handle.close()
    delete(client, Image=[image, *copies])


def visit(sandbox: Any) -> None:
    """Log in, leave services open, and go, politely or not."""
    client = connect(sandbox, secure=CHANCE.random() < 0.5)
    client.sf.createRawPixelsStore()
    client.sf.createRenderingEngine()
    client.sf.getQueryService().get("Experimenter", 0)
    if CHANCE.random() < 0.5:
        client.closeSession()
    else:
        destroy(client)


def guess(sandbox: Any) -> None:
    """Fail to log in, under a name that nobody has."""
    client = make_client(sandbox)
    try:
        with pytest.raises(Exception, match="Password check failed"):
            client.createSession(f"nobody {CHANCE.random()}", "wrong")
    finally:
        client.__del__()


def share_values(client: Any) -> None:
    sessions = client.sf.getSessionService()
    name = client.getSessionId()
    sessions.setInput(name, "chore", rlong(1))
    assert sessions.getInputKeys(name) == ["chore"]
    sessions.setInput(name, "chore", None)
    for group in ("-1", "1", str(CHANCE.randrange(100, 10_000))):
        try:
            client.sf.getAdminService().getEventContext({"omero.group": group})
        except omero.ServerError:
            assert group not in ("-1", "1")


CHORES = (
    ask_questions,
    browse,
    save_graph,
    write_pixels,
    render,
    keep_files,
    keep_tables,
    search,
    request,
    duplicate,
    share_values,
)


def work(sandbox: Any, until: float, done: dict[str, int]) -> None:
    """Do chores in random order until a time of `time.monotonic`."""
    while time.monotonic() < until:
        client = connect(sandbox, secure=CHANCE.random() < 0.5)
        for _ in range(40):
            chore = CHANCE.choice(CHORES)
            chore(client)
            done[chore.__name__] = done.get(chore.__name__, 0) + 1
            if time.monotonic() > until:
                break
        client.closeSession()
        visit(sandbox)
        guess(sandbox)
