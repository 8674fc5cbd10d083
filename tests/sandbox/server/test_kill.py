"""Killing the server in the middle of writing: nothing that it promised is lost.

A thread for each kind of write notes what the server acknowledged, until the process
is killed at a random moment.  `NOIO_KILLS` says how often; a run of a hundred takes
about ten minutes.
"""

from __future__ import annotations

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
import omero.model
import pytest
from omero.clients import Ice
from omero.rtypes import rdouble, rstring, unwrap
from omero.sys import ParametersI

from napari_omero_io import Sandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

KILLS = int(os.environ.get("NOIO_KILLS", "2"))
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

    @property
    def is_begun(self) -> bool:
        """Something of every kind was acknowledged."""
        return bool(self.kept and self.gone and self.planes and self.files)


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
    assert not isinstance(handle.getResponse(), omero.cmd.ERR)
    promises.gone["Project"].append(id_)
    handle.close()


def write_pixels(services: Any, promises: Promises, number: int) -> None:
    query = services.getQueryService()
    kind = query.findByString("PixelsType", "value", "uint16")
    image = services.getPixelsService().createImage(
        SIZE, SIZE, 1, 1, [0], kind, f"pixels {number}", ""
    )
    hql = f"select p from Pixels p where p.image.id = {image.val}"
    pixels = query.findByQuery(hql, None).id.val
    store = services.createRawPixelsStore()
    store.setPixelsId(pixels, False)
    store.setPlane(np.full((SIZE, SIZE), number, ">u2").tobytes(), 0, 0, 0)
    store.save()
    store.close()
    promises.planes[pixels] = number
    handle = services.submit(omero.cmd.Duplicate({"Image": [image.val]}))
    copied = handle.getResponse().duplicates["ome.model.core.Pixels"]
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


WRITERS = (save_graphs, delete_again, write_pixels, write_files)


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
    deadline = time.monotonic() + 60
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
    projects = count(query, "select count(p) from Project p")
    short = count(query, "select count(d) from Dataset d where d.name like 'short%'")
    assert short == 2 * projects
    assert count(query, "select count(l) from ProjectDatasetLink l") == short
    assert (
        count(query, "select count(i) from Image i where i.pixels is empty") == images
    )


def write_after(services: Any) -> None:
    """See that what the killed server left is in nobody's way."""
    promises = Promises()
    for number, write in enumerate(WRITERS, 100):
        write(services, promises, number)
    check(services, promises)


def test_killed_while_writing(tmp_path: Any) -> None:
    promises, chance = Promises(), random.Random(2026)
    for _ in range(KILLS):
        with Sandbox(tmp_path) as sandbox:
            write_until_killed(sandbox, promises, chance.uniform(0, 1))
        with Sandbox(tmp_path) as sandbox:
            client = connect(sandbox)
            check(client.getSession(), promises)
            write_after(client.getSession())
            client.closeSession()
    assert promises.is_begun
