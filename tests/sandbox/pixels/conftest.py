"""The sandbox's stores on disk, and services as their clients' calls reach them."""

from __future__ import annotations

from dataclasses import replace

import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io.sandbox.config import Config
from napari_omero_io.sandbox.services.pixels import PixelsService
from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore
from napari_omero_io.sandbox.store.file_store import FileStore
from napari_omero_io.sandbox.store.pixel_store import PixelStore


@pytest.fixture
def society(society, tmp_path):
    """Give the people pixels and files."""
    core = replace(
        society.core,
        config=Config(tmp_path / "config.json"),
        pixels=PixelStore(tmp_path / "pixels"),
        files=FileStore(tmp_path / "files"),
    )
    return replace(society, core=core)


@pytest.fixture
def core(society):
    return society.core


@pytest.fixture
def call(society):
    """Return a call of mia in her read-annotate group."""
    return society.call("mia")


def type_named(name):
    made = omero.model.PixelsTypeI()
    made.value = rstring(name)
    return made


@pytest.fixture
def create(core, call):
    """Make an image; return the ids of its image and its pixels."""

    def make(x=16, y=8, kind="uint16", *, z=1, c=1, t=1, by=call):
        service = PixelsService(core, None)
        image = service.createImage(
            by, x, y, z, t, list(range(c)), type_named(kind), "made", "for a test"
        )
        table = core.database.tables["Pixels"]
        with core.database.read() as connection:
            pixels = connection.execute(
                table.select().where(table.c.image_id == image.val)
            ).one()
        return image.val, pixels.id

    return make


@pytest.fixture
def open_store(core, call):
    """Open pixels in a new store."""

    def make(pixels_id, by=call):
        store = RawPixelsStore(core, None)
        store.setPixelsId(by, pixels_id, True)
        return store

    return make
