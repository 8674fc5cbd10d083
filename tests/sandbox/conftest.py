"""A database in a temporary folder, people in groups, and calls made by them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import omero.model
import pytest
from omero.rtypes import rstring
from sqlalchemy import insert

from napari_omero_io.sandbox.config import Config
from napari_omero_io.sandbox.core import Call, Core
from napari_omero_io.sandbox.rules.membership import caller_for, in_context
from napari_omero_io.sandbox.schema.model import load_model
from napari_omero_io.sandbox.services.pixels import PixelsService
from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore
from napari_omero_io.sandbox.store.database import Database
from napari_omero_io.sandbox.store.file_store import FileStore
from napari_omero_io.sandbox.store.pixel_store import PixelStore


@dataclass(frozen=True)
class Society:
    """People and groups, and calls that they make on a database.

    `mia` and `ned` belong to the read-annotate group `lab`, whose leader is `lea`;
    to the private group `secret` belong the same; `ned` and `lea` also belong to the
    read-write group `bench`, and `ned` alone to the read-only group `other`.
    """

    core: Core
    users: dict[str, int]
    groups: dict[str, int]

    def call(self, user: str, group: str | int = "lab", /, **context: str) -> Call:
        """Make a call as a user in a group; names of contexts without ``omero.``."""
        group_id = self.groups[group] if isinstance(group, str) else group
        tables = self.core.database.tables
        with self.core.database.read() as connection:
            caller = caller_for(connection, tables, self.users[user], group_id)
            named = {f"omero.{key}": value for key, value in context.items()}
            caller = in_context(connection, tables, caller, named)
        return Call(self.core, caller, context=named)


PEOPLE = ("mia", "ned", "lea")
GROUPS = {"lab": -40, "secret": -120, "bench": -8, "other": -56}
MEMBERS = {
    "lab": ("mia", "ned", "lea"),
    "secret": ("mia", "ned", "lea"),
    "bench": ("ned", "lea"),
    "other": ("ned",),
}
LEADERS = {("lab", "lea"), ("secret", "lea")}


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any]:
    """Make a database with these people once; the tests work on copies of it."""
    path = tmp_path_factory.mktemp("founded") / "metadata.sqlite"
    with Database(path, load_model()) as database:
        users, groups = _settle(database)
    return path, users, groups


@pytest.fixture
def society(founded: tuple[Path, Any, Any], tmp_path: Path) -> Iterator[Society]:
    path, users, groups = founded
    shutil.copy(path, tmp_path / path.name)
    absent: Any = None
    model = load_model()
    with Database(tmp_path / path.name, model) as database:
        core = Core(
            config=absent,
            model=model,
            database=database,
            pixels=absent,
            files=absent,
            sessions=absent,
        )
        yield Society(core, dict(users), dict(groups))


@pytest.fixture
def core(society: Society) -> Core:
    return society.core


def _settle(database: Database) -> tuple[dict[str, int], dict[str, int]]:
    tables = database.tables
    users, groups = {"root": 0, "guest": 1}, {"system": 0, "user": 1, "guest": 2}
    with database.write() as connection:
        for name in PEOPLE:
            users[name] = database.next_id(connection, "Experimenter")
            row = {"id": users[name], "omeName": name, "firstName": name}
            row |= {"lastName": "L", "ldap": False}
            connection.execute(insert(tables["Experimenter"]), [row])
        for name, permissions in GROUPS.items():
            groups[name] = database.next_id(connection, "ExperimenterGroup")
            row = {"id": groups[name], "name": name, "permissions": permissions}
            connection.execute(
                insert(tables["ExperimenterGroup"]), [{**row, "ldap": False}]
            )
        places = dict.fromkeys(PEOPLE, 0)
        for group, members in {**MEMBERS, "user": PEOPLE}.items():
            for user in members:
                row = {
                    "id": database.next_id(connection, "GroupExperimenterMap"),
                    "parent_id": groups[group],
                    "child_id": users[user],
                    "child_index": places[user],
                    "owner": (group, user) in LEADERS,
                }
                connection.execute(insert(tables["GroupExperimenterMap"]), [row])
                places[user] += 1
    return users, groups


@pytest.fixture
def stocked(society: Society, tmp_path: Path) -> Society:
    """Give the people stores of pixels and files."""
    core = replace(
        society.core,
        config=Config(tmp_path / "config.json"),
        pixels=PixelStore(tmp_path / "pixels"),
        files=FileStore(tmp_path / "files"),
    )
    return replace(society, core=core)


@pytest.fixture
def create(stocked: Society) -> Callable[..., tuple[int, int]]:
    """Make an image, of mia in her lab; return the ids of its image and its pixels."""

    def make(
        x: int = 16,
        y: int = 8,
        kind: str = "uint16",
        *,
        z: int = 1,
        c: int = 1,
        t: int = 1,
        by: Call | None = None,
    ) -> tuple[int, int]:
        pixels_type = omero.model.PixelsTypeI()
        pixels_type.value = rstring(kind)
        image = PixelsService(stocked.core, None).createImage(
            by or stocked.call("mia"),
            *(x, y, z, t, list(range(c))),
            *(pixels_type, "made", "for a test"),
        )
        table = stocked.core.database.tables["Pixels"]
        with stocked.core.database.read() as connection:
            query = table.select().where(table.c.image_id == image.val)
            return image.val, connection.execute(query).one().id

    return make


@pytest.fixture
def create_with(
    stocked: Society, create: Callable[..., tuple[int, int]]
) -> Callable[..., tuple[int, int]]:
    """Make an image of pixels (T, C, Z, Y, X); return the ids of image and pixels."""

    def make(pixels: np.ndarray, by: Call | None = None) -> tuple[int, int]:
        call = by or stocked.call("mia")
        t, c, z, y, x = pixels.shape
        kind = {"float32": "float", "float64": "double"}.get(
            pixels.dtype.name, pixels.dtype.name
        )
        ids = create(x, y, kind, z=z, c=c, t=t, by=call)
        store = RawPixelsStore(stocked.core, None)
        store.setPixelsId(call, ids[1], True)
        wire = pixels.astype(pixels.dtype.newbyteorder(">"))
        for time in range(t):
            store.setTimepoint(call, wire[time].tobytes(), time)
        store.close(call)
        return ids

    return make
