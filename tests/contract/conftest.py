"""One server for these tests: a sandbox, or the one that OMERO_URL names.

Everything a test makes on the server it deletes again, so that the suite may be
run against a server that people use.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import omero.all
import omero.cmd
import omero.model
import pytest
from omero.rtypes import rstring


@dataclass(frozen=True)
class Server:
    url: str
    user: str
    password: str


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if url := os.environ.get("OMERO_URL"):
        yield Server(url, os.environ["OMERO_USER"], os.environ["OMERO_PASSWORD"])
        return
    from napari_omero_io import Sandbox

    with Sandbox() as sandbox:
        url = f"ssl://{sandbox.host}:{sandbox.port}"
        yield Server(url, sandbox.user, sandbox.password)


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[omero.client]:
    client = omero.client(server.url)
    client.createSession(server.user, server.password)
    # other tests of this process may run for longer than a session rests
    client.enableKeepAlive(60)
    yield client
    client.closeSession()


@pytest.fixture
def services(client: omero.client) -> omero.api.ServiceFactoryPrx:
    return client.getSession()


@pytest.fixture
def unique() -> str:
    return f"contract {uuid.uuid4()}"


@pytest.fixture
def remove(client: omero.client) -> Iterator[Callable[[str, int], None]]:
    """Delete what a test made, when it is over."""
    made: list[tuple[str, int]] = []
    yield lambda kind, identifier: made.append((kind, identifier))
    for kind, identifier in reversed(made):
        handle = client.getSession().submit(
            omero.cmd.Delete2(targetObjects={kind: [identifier]})
        )
        callback = omero.callbacks.CmdCallbackI(client, handle)
        try:
            callback.loop(600, 500)
            assert not isinstance(callback.getResponse(), omero.cmd.ERR)
        finally:
            callback.close(True)


@pytest.fixture
def project(services, unique, remove) -> omero.model.ProjectI:
    project = omero.model.ProjectI()
    project.name = rstring(unique)
    saved = services.getUpdateService().saveAndReturnObject(project)
    remove("Project", saved.id.val)
    return saved


@pytest.fixture
def create_image(services, unique, remove) -> Callable[..., int]:
    """Make an image without pixels; returns the id of its Pixels."""

    def create(x: int, y: int, kind: str, *, z: int = 1, c: int = 1, t: int = 1) -> int:
        query = services.getQueryService()
        pixels_type = query.findByString("PixelsType", "value", kind)
        image = services.getPixelsService().createImage(
            x, y, z, t, list(range(c)), pixels_type, unique, ""
        )
        remove("Image", image.val)
        rows = query.projection(
            f"select p.id from Pixels p where p.image.id = {image.val}", None
        )
        return int(rows[0][0].val)

    return create
