"""A sandbox that runs scripts, and one that was not asked to."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import omero
import omero.model
import pytest
from omero.gateway import BlitzGateway
from omero.rtypes import rbool, rstring

from napari_omero_io import Sandbox

LIBRARY = Path(__file__).parent / "library"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the scripts, since the server may change them."""
    copy = tmp_path_factory.mktemp("scripts") / "library"
    shutil.copytree(LIBRARY, copy)
    return copy


@pytest.fixture(scope="module")
def runner(folder: Path) -> Iterator[Sandbox]:
    with Sandbox(scripts=folder) as running:
        yield running


@pytest.fixture(scope="module")
def connection(runner: Sandbox) -> Iterator[Any]:
    made = log_in(runner)
    yield made
    made.close()


@pytest.fixture
def service(connection: Any) -> Any:
    return connection.c.sf.getScriptService()


@pytest.fixture(scope="module")
def new_user(runner: Sandbox, connection: Any) -> Iterator[Callable[[], Any]]:
    """Log in somebody new, in a group of their own."""
    admin = connection.getAdminService()
    made = []

    def make() -> Any:
        group = omero.model.ExperimenterGroupI()
        group.name, group.ldap = rstring(f"group-{uuid.uuid4()}"), rbool(False)
        group.details.permissions = omero.model.PermissionsI("rwra--")
        groups = [admin.createGroup(group), 1]
        user = omero.model.ExperimenterI()
        name = f"user-{uuid.uuid4()}"
        user.omeName = user.firstName = user.lastName = rstring(name)
        user.ldap = rbool(False)
        first, *others = (omero.model.ExperimenterGroupI(i, False) for i in groups)
        admin.createExperimenterWithPassword(user, rstring("omero"), first, others)
        made.append(log_in(runner, name))
        return made[-1]

    yield make
    for one in made:
        one.close()


def log_in(sandbox: Sandbox, user: str = "root") -> Any:
    made = BlitzGateway(user, "omero", host=sandbox.host, port=sandbox.port)
    assert made.connect(), made.getLastError()
    return made
