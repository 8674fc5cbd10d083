"""Saving as a client would, without the wire."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io.sandbox.core import Call
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.services.update import UpdateService


class Clerk:
    """IUpdate and queries for whoever asks."""

    def __init__(self, society: Any) -> None:
        self.society = society
        self.update = UpdateService(society.core, None)

    def save(self, call: Call, object_: Any) -> Any:
        return self.update.saveAndReturnObject(call, object_)

    def delete(self, call: Call, object_: Any) -> None:
        self.update.deleteObject(call, object_)

    def find(self, call: Call, query: str, **values: Any) -> list[Any]:
        with self.society.core.database.read() as connection:
            return find(connection, call, query, values)

    def get(self, call: Call, class_name: str, id_: Any) -> Any:
        number = id_ if isinstance(id_, int) else id_.val
        query = f"select x from {class_name} x where x.id = :id"
        (found,) = self.find(call, query, id=number)
        return found

    def count(self, class_name: str) -> int:
        database = self.society.core.database
        with database.read() as connection:
            text = f'SELECT count(*) FROM "{class_name}"'
            return int(connection.exec_driver_sql(text).scalar())

    def project(self, call: Call, name: str = "p") -> Any:
        project = omero.model.ProjectI()
        project.name = rstring(name)
        return self.save(call, project)

    def image(self, call: Call, name: str = "i") -> Any:
        image = omero.model.ImageI()
        image.name = rstring(name)
        return self.save(call, image)


@pytest.fixture
def clerk(society: Any) -> Clerk:
    return Clerk(society)


@pytest.fixture
def mia(society: Any) -> Call:
    return society.call("mia")


@pytest.fixture
def ned(society: Any) -> Call:
    return society.call("ned")


@pytest.fixture
def lea(society: Any) -> Call:
    return society.call("lea")


@pytest.fixture
def root(society: Any) -> Call:
    return society.call("root")
