"""OME-TIFF from the server, read again by tifffile."""

from __future__ import annotations

import io
from xml.etree import ElementTree

import numpy as np
import omero.model
import pytest
import tifffile
from omero.model.enums import UnitsLength
from omero.rtypes import rint, rstring

from napari_omero_io.sandbox.errors import ApiUsage, Internal
from napari_omero_io.sandbox.services.exporter import Exporter
from napari_omero_io.sandbox.services.query import QueryService
from napari_omero_io.sandbox.services.update import UpdateService

#: (T, C, Z, Y, X)
PIXELS = np.random.default_rng(5).integers(0, 4000, (2, 2, 3, 8, 16)).astype("uint16")
OME = "{http://www.openmicroscopy.org/Schemas/OME/2016-06}"


@pytest.fixture
def call(stocked):
    return stocked.call("mia")


@pytest.fixture
def exporter(stocked, call):
    made = Exporter(stocked.core, None)
    yield made
    made.close(call)


@pytest.fixture
def image_id(stocked, call, create_with):
    """Make an image with names, colours and a size of its pixels."""
    image_id, pixels_id = create_with(PIXELS)
    (pixels,) = QueryService(stocked.core, None).findAllByQuery(
        call,
        "select p from Pixels p join fetch p.channels c join fetch c.logicalChannel "
        f"where p.id = {pixels_id}",
        None,
    )
    pixels.physicalSizeX = omero.model.LengthI(0.25, UnitsLength.MICROMETER)
    for channel, name in zip(pixels.copyChannels(), ("µ-tubulin", "DNA"), strict=True):
        channel.logicalChannel.name = rstring(name)
        channel.red, channel.green = rint(255), rint(0)
        channel.blue, channel.alpha = rint(16), rint(255)
    UpdateService(stocked.core, None).saveObject(call, pixels)
    return image_id


def read_all(exporter, call, size):
    parts = [
        exporter.read(call, position, 1000) for position in range(0, size + 1, 1000)
    ]
    return b"".join(parts)


def test_a_tiff_holds_the_image(exporter, call, image_id) -> None:
    exporter.addImage(call, image_id)
    size = exporter.generateTiff(call)
    content = read_all(exporter, call, size)
    assert len(content) == size
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        assert file.is_ome
        series = file.series[0]
        assert series.axes == "TCZYX"
        np.testing.assert_array_equal(series.asarray(), PIXELS)
        pixels = ElementTree.fromstring(file.ome_metadata).find(f".//{OME}Pixels")
    check_metadata(pixels)


def check_metadata(pixels):
    assert float(pixels.get("PhysicalSizeX")) == 0.25
    assert pixels.get("PhysicalSizeXUnit") == "µm"
    channels = pixels.findall(f"{OME}Channel")
    assert [one.get("Name") for one in channels] == ["µ-tubulin", "DNA"]
    color = int(channels[0].get("Color")) & 0xFFFFFFFF
    assert color.to_bytes(4, "big") == bytes([255, 0, 16, 255])


def test_xml_tells_the_same(exporter, call, image_id) -> None:
    exporter.addImage(call, image_id)
    content = read_all(exporter, call, exporter.generateXml(call))
    root = ElementTree.fromstring(content)
    assert root.find(f"{OME}Image").get("Name") == "made"
    pixels = root.find(f".//{OME}Pixels")
    assert [int(pixels.get(f"Size{axis}")) for axis in "TCZYX"] == list(PIXELS.shape)
    check_metadata(pixels)


def test_the_order_of_calls(exporter, call, image_id) -> None:
    with pytest.raises(ApiUsage, match="Call a generate method first"):
        exporter.read(call, 0, 10)
    with pytest.raises(ApiUsage, match="Add an image first"):
        exporter.generateTiff(call)
    with pytest.raises(ApiUsage, match="There is no Image"):
        exporter.addImage(call, 987654)
    exporter.addImage(call, image_id)
    exporter.generateTiff(call)
    with pytest.raises(ApiUsage, match="Cannot configure during output"):
        exporter.addImage(call, image_id)
    with pytest.raises(ApiUsage, match="1048577"):
        exporter.read(call, 0, 1_048_577)


def test_what_cannot_be_exported(exporter, call, create) -> None:
    for image_id, _ in (create(4000, 4000, "uint8"), create(16, 8)):
        exporter.addImage(call, image_id)
        with pytest.raises(Internal, match="Error during TIFF generation"):
            exporter.generateTiff(call)
