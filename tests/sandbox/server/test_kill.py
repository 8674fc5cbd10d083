"""Killing the server in the middle of writing: nothing that it promised is lost.

A thread for each kind of write notes what the server acknowledged, until the process
is killed at a random moment.  `NOIO_KILLS` says how often, and `NOIO_KILLS_SEED` at
which moments; a run of a hundred takes some twenty minutes.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import signal
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import omero
import omero.all
import omero.cmd
import omero.grid
import omero.model
import pytest
from omero.clients import Ice
from omero.rtypes import rdouble, rstring, unwrap
from omero.sys import ParametersI
from PIL import Image

from napari_omero_io import Sandbox

from ..answers import answer_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

KILLS = int(os.environ.get("NOIO_KILLS", "2"))
SEED = int(os.environ.get("NOIO_KILLS_SEED", "2026"))
SIZE = 32


def connect(sandbox: Any) -> Any:
    client = omero.client(sandbox.host, sandbox.port)
    client.createSession("root", "omero")
    return client


@dataclass
class Promises:
    """What the server acknowledged."""

    kept: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    gone: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    planes: dict[int, int] = field(default_factory=dict)
    files: dict[int, bytes] = field(default_factory=dict)
    bands: dict[int, list[int]] = field(default_factory=dict)
    tables: dict[int, int] = field(default_factory=dict)
    imports: dict[int, int] = field(default_factory=dict)
    groups: dict[int, int] = field(default_factory=dict)

    @property
    def is_begun(self) -> bool:
        """Something of every kind was acknowledged."""
        return bool(
            (self.kept and self.gone and self.planes and self.files)
            and (self.bands and self.imports and self.groups)
        )


def save_graphs(services: Any, promises: Promises, number: int) -> None:
    dataset = omero.model.DatasetI()
    dataset.name = rstring(f"dataset {number}")
    for part in range(3):
        image = omero.model.ImageI()
        image.name = rstring(f"dataset {number}, image {part}")
        roi = omero.model.RoiI()
        for place in range(4):
            point = omero.model.PointI()
            point.x = point.y = rdouble(place)
            roi.addShape(point)
        image.addRoi(roi)
        dataset.linkImage(image)
    saved = services.getUpdateService().saveAndReturnObject(dataset)
    promises.kept["Dataset"].append(saved.id.val)


def delete_again(services: Any, promises: Promises, number: int) -> None:
    project = omero.model.ProjectI()
    project.name = rstring(f"project {number}")
    update = services.getUpdateService()
    for part in range(2):
        dataset = omero.model.DatasetI()
        dataset.name = rstring(f"short-lived {part}")
        project.linkDataset(dataset)
    id_ = update.saveAndReturnObject(project).id.val
    handle = services.submit(omero.cmd.Delete2({"Project": [id_]}))
    assert not isinstance(answer_of(handle), omero.cmd.ERR)
    promises.gone["Project"].append(id_)
    handle.close()


def make_image(services: Any, name: str, planes: int) -> tuple[int, int]:
    """Make an image without pixels yet; return its id and that of its pixels."""
    query = services.getQueryService()
    kind = query.findByString("PixelsType", "value", "uint16")
    image = services.getPixelsService().createImage(
        SIZE, SIZE, planes, 1, [0], kind, name, ""
    )
    hql = f"select p from Pixels p where p.image.id = {image.val}"
    return image.val, query.findByQuery(hql, None).id.val


def write_pixels(services: Any, promises: Promises, number: int) -> None:
    image, pixels = make_image(services, f"pixels {number}", 1)
    store = services.createRawPixelsStore()
    store.setPixelsId(pixels, False)
    store.setPlane(np.full((SIZE, SIZE), number, ">u2").tobytes(), 0, 0, 0)
    store.save()
    store.close()
    promises.planes[pixels] = number
    handle = services.submit(omero.cmd.Duplicate({"Image": [image]}))
    copied = answer_of(handle).duplicates["ome.model.core.Pixels"]
    promises.planes[copied[0]] = number
    handle.close()


def write_files(services: Any, promises: Promises, number: int) -> None:
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring(f"file {number}"), rstring("/")
    saved = services.getUpdateService().saveAndReturnObject(file)
    content = f"content {number} ".encode() * 1000
    store = services.createRawFileStore()
    store.setFileId(saved.id.val)
    store.write(content, 0, len(content))
    store.save()
    store.close()
    promises.files[saved.id.val] = content


def write_bands(services: Any, promises: Promises, number: int) -> None:
    """Write pixels tile by tile; each is kept, also when the store is never closed."""
    _, pixels = make_image(services, f"bands {number}", 4)
    store = services.createRawPixelsStore()
    store.setPixelsId(pixels, False)
    written = promises.bands[pixels] = []
    for z in range(4):
        for y in (0, SIZE // 2):
            value = len(written) + 1
            band = np.full((SIZE // 2, SIZE), value, ">u2").tobytes()
            store.setTile(band, z, 0, 0, 0, y, SIZE, SIZE // 2)
            written.append(value)
    if number % 2:
        store.close()


def write_tables(services: Any, promises: Promises, number: int) -> None:
    resources = services.sharedResources()
    if not resources.areTablesEnabled():
        return
    table = resources.newTable(0, f"table {number}.h5")
    column = omero.grid.LongColumn("number", "", [])
    table.initialize([column])
    file = table.getOriginalFile().id.val
    column.values = [number] * 50
    for _ in range(3):
        table.addData([column])
        promises.tables[file] = promises.tables.get(file, 0) + 50
    table.close()


def import_files(services: Any, promises: Promises, number: int) -> None:
    content = io.BytesIO()
    shade = number % 256
    Image.fromarray(np.full((8, 8), shade, np.uint8)).save(content, "PNG")
    described = omero.model.FilesetI()
    entry = omero.model.FilesetEntryI()
    entry.clientPath = rstring(f"imported {number}.png")
    described.addFilesetEntry(entry)
    described.linkJob(omero.model.UploadJobI())
    settings = omero.grid.ImportSettings()
    settings.checksumAlgorithm = omero.model.ChecksumAlgorithmI()
    settings.checksumAlgorithm.value = rstring("SHA1-160")
    repositories = services.sharedResources().repositories()
    (managed,) = filter(None, repositories.proxies)
    repository = omero.grid.ManagedRepositoryPrx.uncheckedCast(managed)
    process = repository.importFileset(described, settings)
    store = process.getUploader(0)
    store.write(content.getvalue(), 0, len(content.getvalue()))
    store.close()
    digest = hashlib.sha1(content.getvalue()).hexdigest()
    handle = process.verifyUpload([digest])
    response = answer_of(handle)
    assert isinstance(response, omero.grid.ImportResponse), response
    promises.imports[response.pixels[0].id.val] = shade
    handle.close()
    process.close()


def change_groups(services: Any, promises: Promises, number: int) -> None:
    """Move what has just been made to and fro between two groups."""
    project = omero.model.ProjectI()
    project.name = rstring(f"moving {number}")
    dataset = omero.model.DatasetI()
    dataset.name = rstring(f"moving {number}")
    project.linkDataset(dataset)
    saved = services.getUpdateService().saveAndReturnObject(project)
    for group in (USERS, SYSTEM, USERS):
        handle = services.submit(
            omero.cmd.Chgrp2({"Project": [saved.id.val]}, groupId=group),
            {"omero.group": "-1"},
        )
        answer = answer_of(handle)
        assert not isinstance(answer, omero.cmd.ERR), answer
        handle.close()
    promises.groups[saved.id.val] = USERS


#: Ids of groups that every server has.
SYSTEM, USERS = 0, 1
WRITERS = (
    *(save_graphs, delete_again, write_pixels, write_files),
    *(write_bands, write_tables, import_files, change_groups),
)


def write_until_killed(sandbox: Any, promises: Promises, moment: float) -> None:
    clients = [connect(sandbox) for _ in WRITERS]
    errors: list[BaseException] = []

    def work(write: Any, client: Any) -> None:
        try:
            for number in range(1, 10_000):
                write(client.getSession(), promises, number)
        except Ice.LocalException:
            pass  # the server is gone
        except BaseException as error:  # noqa: BLE001 - told by the test
            errors.append(error)

    threads = [
        threading.Thread(target=work, args=one)
        for one in zip(WRITERS, clients, strict=True)
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 300
    while not (promises.is_begun or errors) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(moment)
    os.kill(sandbox.pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    for client in clients:
        client.getCommunicator().destroy()
    assert not errors


def count(query: Any, hql: str, ids: Any = None) -> int:
    parameters = ParametersI() if ids is None else ParametersI().addIds(ids)
    return int(unwrap(query.projection(hql, parameters))[0][0])


def check(services: Any, promises: Promises) -> None:
    query = services.getQueryService()
    if promises.kept["Dataset"]:
        hql = "select count(d) from Dataset d where d.id in (:ids)"
        assert count(query, hql, promises.kept["Dataset"]) == len(
            promises.kept["Dataset"]
        )
    if promises.gone["Project"]:
        hql = "select count(p) from Project p where p.id in (:ids)"
        assert count(query, hql, promises.gone["Project"]) == 0
    check_wholeness(query)
    check_new_kinds(services, promises)
    for pixels, number in promises.planes.items():
        store = services.createRawPixelsStore()
        store.setPixelsId(pixels, False)
        plane = np.frombuffer(store.getPlane(0, 0, 0), ">u2")
        assert (plane == number).all()
        store.close()
    for file, content in promises.files.items():
        store = services.createRawFileStore()
        store.setFileId(file)
        assert store.size() == len(content)
        assert store.read(0, len(content)) == content
        store.close()


def check_wholeness(query: Any) -> None:
    """Look for graphs of which only a part was written."""
    datasets = count(
        query, "select count(d) from Dataset d where d.name like 'dataset%'"
    )
    images = count(query, "select count(i) from Image i where i.name like 'dataset%'")
    links = count(query, "select count(l) from DatasetImageLink l")
    points = count(query, "select count(s) from Point s")
    assert (images, links, points) == (3 * datasets, 3 * datasets, 12 * datasets)
    hql = "select count(p) from Project p where p.name like 'project%'"
    projects = count(query, hql)
    short = count(query, "select count(d) from Dataset d where d.name like 'short%'")
    assert short == 2 * projects
    hql = "select count(l) from ProjectDatasetLink l where l.parent.name like 'pro%'"
    assert count(query, hql) == short
    assert (
        count(query, "select count(i) from Image i where i.pixels is empty") == images
    )
    check_groups(query)


def check_groups(query: Any) -> None:
    """Look for objects of which only some were moved."""
    hql = (
        "select p.details.group.id, l.details.group.id, d.details.group.id "
        "from Project p join p.datasetLinks l join l.child d where p.name like 'mov%'"
    )
    for row in unwrap(query.projection(hql, None, {"omero.group": "-1"})):
        assert len(set(row)) == 1, row


def check_new_kinds(services: Any, promises: Promises) -> None:
    everywhere = {"omero.group": "-1"}
    query = services.getQueryService()
    for project, group in promises.groups.items():
        found = query.get("Project", project, everywhere)
        assert found.details.group.id.val == group
    for pixels, shade in promises.imports.items():
        store = services.createRawPixelsStore()
        store.setPixelsId(pixels, False)
        assert set(store.getPlane(0, 0, 0)) == {shade}
        store.close()
    for pixels, written in promises.bands.items():
        if not written:
            continue
        store = services.createRawPixelsStore()
        store.setPixelsId(pixels, False)
        stack = np.frombuffer(store.getStack(0, 0), ">u2")
        bands = stack.reshape(8, -1)
        assert (bands == bands[:, :1]).all()  # none was written by half
        assert bands[:, 0].tolist()[: len(written)] == written
        store.close()
    for file, rows in promises.tables.items():
        table = services.sharedResources().openTable(
            omero.model.OriginalFileI(file, False)
        )
        assert table.getNumberOfRows() >= rows
        table.close()


def write_after(services: Any) -> None:
    """See that what the killed server left is in nobody's way."""
    promises = Promises()
    for number, write in enumerate(WRITERS, 100):
        write(services, promises, number)
    check(services, promises)


def test_killed_while_writing(tmp_path: Any) -> None:
    promises, chance = Promises(), random.Random(SEED)
    for _ in range(KILLS):
        with Sandbox(tmp_path) as sandbox:
            write_until_killed(sandbox, promises, chance.uniform(0, 1))
        with Sandbox(tmp_path) as sandbox:
            client = connect(sandbox)
            check(client.getSession(), promises)
            write_after(client.getSession())
            client.closeSession()
    assert promises.is_begun
