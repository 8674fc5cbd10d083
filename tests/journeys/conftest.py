"""A real sandbox, and people who work on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import omero
import omero.model
import pytest
from omero.rtypes import rbool, rstring

from napari_omero_io import Sandbox
from napari_omero_io.client.connect import connect
from napari_omero_io.client.connection import Connection

PASSWORD = "secret"
#: Ann and Bob work in the same read-annotate group: each sees what the other has, may
#: annotate it, and may not change it.
PEOPLE = ("ann", "bob")
GROUP = "lab"


@dataclass(frozen=True)
class Laboratory:
    """A sandbox with two people in it."""

    sandbox: Sandbox

    def log_in(self, user: str) -> Connection:
        address = f"{self.sandbox.host}:{self.sandbox.port}"
        return connect(address, user, PASSWORD)


@pytest.fixture(scope="session")
def laboratory() -> Iterator[Laboratory]:
    with Sandbox() as sandbox:
        add_people(sandbox)
        yield Laboratory(sandbox)


@pytest.fixture
def ann(laboratory: Laboratory) -> Iterator[Connection]:
    with laboratory.log_in("ann") as connection:
        yield connection


@pytest.fixture
def bob(laboratory: Laboratory) -> Iterator[Connection]:
    with laboratory.log_in("bob") as connection:
        yield connection


@pytest.fixture
def count_objects(ann: Connection) -> Callable[[], dict[str, int]]:
    """Count what there is on the server, to see whether anything was left."""
    kinds = (
        *("Dataset", "Image", "Pixels", "Channel", "Roi", "Shape", "Annotation"),
        *("DatasetImageLink", "ImageAnnotationLink", "RoiAnnotationLink"),
        *("RenderingDef", "StatsInfo", "LogicalChannel"),
    )

    def count() -> dict[str, int]:
        query = ann.service("query")
        context = ann.context()
        found = {}
        for kind in kinds:
            [[number]] = query.projection(
                f"select count(o) from {kind} o", None, context
            )
            found[kind] = number.getValue()
        return found

    return count


def add_people(sandbox: Sandbox) -> None:
    """Make the group and its members with OMERO's own client."""
    client = omero.client(sandbox.host, sandbox.port)
    try:
        session: Any = client.createSession(sandbox.user, sandbox.password)
        admin = session.getAdminService()
        group = omero.model.ExperimenterGroupI()
        group.name = rstring(GROUP)
        group.ldap = rbool(False)
        group.details.permissions = omero.model.PermissionsI("rwra--")
        group_id = admin.createGroup(group)
        everybody = admin.getSecurityRoles().userGroupId
        for name in PEOPLE:
            person = omero.model.ExperimenterI()
            person.omeName = rstring(name)
            person.firstName = rstring(name.capitalize())
            person.lastName = rstring("Lab")
            person.ldap = rbool(False)
            admin.createExperimenterWithPassword(
                person,
                rstring(PASSWORD),
                omero.model.ExperimenterGroupI(group_id, False),
                [omero.model.ExperimenterGroupI(everybody, False)],
            )
    finally:
        client.closeSession()
