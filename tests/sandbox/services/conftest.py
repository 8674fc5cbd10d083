"""A small laboratory: two people, projects, datasets, images, a plate, tags."""

from __future__ import annotations

from typing import Any

import omero.all
import omero.model
import pytest
from omero.rtypes import rint, rstring

from napari_omero_io.sandbox.core import Call
from napari_omero_io.sandbox.services.container import ContainerService
from napari_omero_io.sandbox.services.metadata import MetadataService
from napari_omero_io.sandbox.services.roi import RoiService
from napari_omero_io.sandbox.services.types import TypesService
from napari_omero_io.sandbox.services.update import UpdateService


class Lab:
    """The services, and short ways to make things."""

    def __init__(self, society: Any) -> None:
        self.society = society
        self.update = UpdateService(society.core, None)
        self.container = ContainerService(society.core, None)
        self.metadata = MetadataService(society.core, None)
        self.roi = RoiService(society.core, None)
        self.types = TypesService(society.core, None)

    def save(self, call: Call, object_: Any) -> Any:
        return self.update.saveAndReturnObject(call, object_)

    def make(self, call: Call, kind: str, name: str = "", **fields: Any) -> Any:
        made = getattr(omero.model, f"{kind}I")()
        if hasattr(made, "name"):
            made.name = rstring(name or kind)
        for key, value in fields.items():
            setattr(made, key, value)
        return self.save(call, made)

    def link(self, call: Call, kind: str, parent: Any, child: Any) -> Any:
        made = getattr(omero.model, f"{kind}I")()
        made.parent = type(parent)(parent.id.val, False)
        made.child = type(child)(child.id.val, False)
        return self.save(call, made)

    def image(self, call: Call, name: str = "image", **fields: Any) -> Any:
        image = omero.model.ImageI()
        image.name = rstring(name)
        for key, value in fields.items():
            setattr(image, key, value)
        pixels = omero.model.PixelsI()
        for axis in "XYZCT":
            setattr(pixels, f"size{axis}", rint(1))
        pixels.sha1 = rstring("x")
        pixels.pixelsType = enum("PixelsType", "uint8")
        pixels.dimensionOrder = enum("DimensionOrder", "XYZCT")
        image.addPixels(pixels)
        return self.save(call, image)


def enum(kind: str, value: str) -> Any:
    made = getattr(omero.model, f"{kind}I")()
    made.value = rstring(value)
    return made


@pytest.fixture
def lab(society: Any) -> Lab:
    return Lab(society)


@pytest.fixture
def mia(society: Any) -> Call:
    return society.call("mia")


@pytest.fixture
def ned(society: Any) -> Call:
    return society.call("ned")
