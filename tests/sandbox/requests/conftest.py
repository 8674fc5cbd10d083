"""People with images and containers, and requests to delete them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import omero.all
import omero.cmd
import omero.cmd.graphs
import omero.model
import pytest
from omero.rtypes import rdouble, rint, rstring

from napari_omero_io.sandbox import requests
from napari_omero_io.sandbox.core import Call
from napari_omero_io.sandbox.services.update import UpdateService

Refs = dict[str, list[int]]


@dataclass
class Shelf:
    """A store that remembers what it was told to delete."""

    deleted: list[int] = field(default_factory=list)
    copied: list[tuple[int, int]] = field(default_factory=list)
    broken: bool = False

    def delete(self, ids: Any) -> None:
        if self.broken:
            raise OSError("the disk is gone")
        self.deleted += ids

    def copy(self, id_: int, to_id: int) -> None:
        self.copied.append((id_, to_id))


class Desk:
    """Makes things for people, and submits their requests."""

    def __init__(self, society: Any) -> None:
        self.pixels, self.files = Shelf(), Shelf()
        core = replace(society.core, pixels=self.pixels, files=self.files)
        self.society = replace(society, core=core)
        self.update = UpdateService(core, None)

    def call(self, user: str, group: Any = "lab") -> Call:
        return self.society.call(user, group)

    def save(self, call: Call, object_: Any) -> Any:
        return self.update.saveAndReturnObject(call, object_)

    def make(self, call: Call, kind: str, **fields: Any) -> Any:
        made = getattr(omero.model, f"{kind}I")()
        if hasattr(made, "name"):
            made.name = rstring(kind)
        for name, value in fields.items():
            setattr(made, name, value)
        return self.save(call, made)

    def link(self, call: Call, parent: Any, child: Any, kind: str = "") -> Any:
        names = [type(one).__name__.removesuffix("I") for one in (parent, child)]
        kind = kind or (
            f"{names[0]}AnnotationLink"
            if names[1].endswith("Annotation")
            else f"{names[0]}{names[1]}Link"
        )
        made = getattr(omero.model, f"{kind}I")()
        made.parent = type(parent)(parent.id.val, False)
        made.child = type(child)(child.id.val, False)
        return self.save(call, made)

    def image(self, call: Call, *, fileset: Any = None, channels: int = 2) -> Any:
        """Save an image with pixels, channels with all that hangs on them."""
        image = omero.model.ImageI()
        image.name = rstring("image")
        if fileset is not None:
            image.fileset = omero.model.FilesetI(fileset.id.val, False)
        pixels = omero.model.PixelsI()
        for axis in "XYZT":
            setattr(pixels, f"size{axis}", rint(1))
        pixels.sizeC = rint(max(channels, 1))
        pixels.sha1 = rstring("x")
        pixels.pixelsType = omero.model.PixelsTypeI()
        pixels.pixelsType.value = rstring("uint8")
        pixels.dimensionOrder = omero.model.DimensionOrderI()
        pixels.dimensionOrder.value = rstring("XYZCT")
        for _ in range(channels):
            channel = omero.model.ChannelI()
            channel.logicalChannel = omero.model.LogicalChannelI()
            channel.statsInfo = omero.model.StatsInfoI()
            channel.statsInfo.globalMin = rdouble(0)
            channel.statsInfo.globalMax = rdouble(1)
            pixels.addChannel(channel)
        image.addPixels(pixels)
        return self.save(call, image)

    def settings(self, call: Call, image: Any) -> Any:
        """Save rendering settings and a thumbnail of an image."""
        pixels = omero.model.PixelsI(image.getPrimaryPixels().id.val, False)
        settings = omero.model.RenderingDefI()
        settings.pixels = pixels
        settings.defaultZ = settings.defaultT = rint(0)
        settings.model = omero.model.RenderingModelI()
        settings.model.value = rstring("rgb")
        quantum = settings.quantization = omero.model.QuantumDefI()
        quantum.cdStart, quantum.cdEnd, quantum.bitResolution = (
            rint(0),
            rint(255),
            rint(255),
        )
        self.save(call, settings)
        thumbnail = omero.model.ThumbnailI()
        thumbnail.pixels = pixels
        thumbnail.mimeType = rstring("image/jpeg")
        thumbnail.sizeX = thumbnail.sizeY = rint(96)
        self.save(call, thumbnail)

    def submit(self, call: Call, request: Any) -> Any:
        return requests.submit(call, request)

    def delete(
        self,
        call: Call,
        targets: dict[str, list[Any]],
        *,
        dry: bool = False,
        ignore: tuple[str, ...] = (),
        **option: list[str],
    ) -> Any:
        """Delete objects; return what went by simple name, or the error."""
        request = omero.cmd.Delete2()
        request.targetObjects = {
            name: [one if isinstance(one, int) else one.id.val for one in listed]
            for name, listed in targets.items()
        }
        request.dryRun = dry
        request.typesToIgnore = list(ignore)
        if option:
            request.childOptions = [omero.cmd.graphs.ChildOption(**option)]
        response = self.submit(call, request).getResponse(call)
        if isinstance(response, omero.cmd.ERR):
            return response
        return {
            name.rpartition(".")[2]: ids
            for name, ids in response.deletedObjects.items()
        }

    def count(self, *classes: str) -> int:
        with self.society.core.database.read() as connection:
            return sum(
                connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar()
                for name in classes
            )


@pytest.fixture
def desk(society: Any) -> Desk:
    return Desk(society)


@pytest.fixture
def mia(desk: Desk) -> Call:
    return desk.call("mia")


@pytest.fixture
def ned(desk: Desk) -> Call:
    return desk.call("ned")
