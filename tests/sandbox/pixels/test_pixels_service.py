"""IPixels: new images, copies of their metadata, channels' extremes."""

from __future__ import annotations

import math

import omero.model
import pytest
from omero.model.enums import UnitsLength
from omero.rtypes import rint, rstring, rtime

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import Internal, Invalid
from napari_omero_io.sandbox.services.pixels import PixelsService
from napari_omero_io.sandbox.store.saving import save


@pytest.fixture
def service(core):
    return PixelsService(core, None)


def type_named(name):
    made = omero.model.PixelsTypeI()
    made.value = rstring(name)
    return made


def image_of(call, image_id):
    text = (
        "select i from Image i join fetch i.pixels p join fetch p.pixelsType"
        " join fetch p.dimensionOrder join fetch p.channels c"
        " join fetch c.logicalChannel left outer join fetch c.statsInfo"
        " where i.id = :id"
    )
    with call.core.database.read() as connection:
        (found,) = hql.find(connection, call, text, {"id": image_id})
    return found


def test_a_new_image_has_nothing_but_what_was_said(call, service):
    made = service.createImage(
        call, 5, 4, 3, 2, [488, 561], type_named("float"), "new", "one"
    )
    image = image_of(call, made.val)
    pixels = image.getPrimaryPixels()
    sizes = [getattr(pixels, f"size{axis}").val for axis in "XYZCT"]
    assert sizes == [5, 4, 3, 2, 2]
    assert pixels.pixelsType.value.val == "float"
    assert pixels.dimensionOrder.value.val == "XYZCT"
    assert pixels.sha1.val == "Pending..."
    assert (image.name.val, image.description.val) == ("new", "one")
    assert pixels.physicalSizeX is None
    logical = set()
    for channel in pixels.copyChannels():
        assert channel.red is None
        assert channel.statsInfo is None
        assert channel.logicalChannel.name is None
        logical.add(channel.logicalChannel.id.val)
    assert len(logical) == 2


def test_images_that_cannot_be(call, service):
    uint8 = type_named("uint8")
    with pytest.raises(Invalid, match=r"Channel list must be filled\."):
        service.createImage(call, 1, 1, 1, 1, [], uint8, "x", "")
    with pytest.raises(Invalid, match="sizeZ: 0 <= 0"):
        service.createImage(call, 1, 1, 0, 1, [0], uint8, "x", "")
    with pytest.raises(Invalid, match="type"):
        service.createImage(call, 1, 1, 1, 1, [0], None, "x", "")


@pytest.fixture
def source(call, service):
    made = service.createImage(
        call, 5, 4, 3, 2, [0, 1], type_named("uint16"), "source", "described"
    )
    image = image_of(call, made.val)
    image.acquisitionDate = rtime(1000)
    pixels = image.getPrimaryPixels()
    pixels.physicalSizeX = omero.model.LengthI(0.25, UnitsLength.MICROMETER)
    for index, channel in enumerate(pixels.copyChannels()):
        channel.logicalChannel.name = rstring(f"dye {index}")
        channel.red = rint(index)
    with call.core.database.write() as connection:
        save(connection, call, [image])
    return image


def test_a_copy_shares_channels_and_leaves_the_rest(call, service, source):
    made = service.copyAndResizeImage(
        call, source.id.val, rint(7), None, rint(1), None, [1], "copy", False
    )
    copy = image_of(call, made.val)
    pixels, old = copy.getPrimaryPixels(), source.getPrimaryPixels()
    sizes = [getattr(pixels, f"size{axis}").val for axis in "XYZCT"]
    assert sizes == [7, 4, 1, 1, 2]
    assert (copy.name.val, copy.description) == ("copy", None)
    assert copy.acquisitionDate.val == 1000
    assert pixels.physicalSizeX.getValue() == 0.25
    assert pixels._relatedTo.id.val == old.id.val
    (channel,) = pixels.copyChannels()
    assert channel.logicalChannel.id.val == old.getChannel(1).logicalChannel.id.val
    assert channel.logicalChannel.name.val == "dye 1"
    assert channel.red is None


def test_copies_that_cannot_be(call, service, source):
    def copy(x=None, channels=(0,), stats=False):
        return service.copyAndResizeImage(
            call, source.id.val, x, None, None, None, list(channels), "copy", stats
        )

    with pytest.raises(Invalid, match="sizeX: -1 <= 0"):
        copy(rint(-1))
    with pytest.raises(Invalid, match="size == 0"):
        copy(channels=())
    with pytest.raises(Invalid, match="channel: 2 out of bounds"):
        copy(channels=(0, 2))
    with pytest.raises(Internal):
        copy(stats=True)


def test_stats_are_copied_on_request(call, service, source):
    pixels_id = source.getPrimaryPixels().id.val
    service.setChannelGlobalMinMax(call, pixels_id, 0, -1.5, 99.0)
    made = service.copyAndResizeImage(
        call, source.id.val, None, None, None, None, [0], "copy", True
    )
    stats = image_of(call, made.val).getPrimaryPixels().getChannel(0).statsInfo
    assert (stats.globalMin.val, stats.globalMax.val) == (-1.5, 99.0)
    service.setChannelGlobalMinMax(call, pixels_id, 0, 0.0, 1.0)
    again = image_of(call, made.val).getPrimaryPixels().getChannel(0).statsInfo
    assert again.globalMax.val == 99.0


def test_an_image_may_have_further_pixels(call, service, source):
    pixels_id = source.getPrimaryPixels().id.val
    made = service.copyAndResizePixels(
        call, pixels_id, rint(2), rint(2), None, None, [0, 1], "smaller", False
    )
    both = image_of(call, source.id.val).copyPixels()
    assert [one.id.val for one in both] == [pixels_id, made.val]
    assert both[1].methodology.val == "smaller"


def test_extremes_of_channels(call, service, source):
    pixels_id = source.getPrimaryPixels().id.val
    for low, high in ((1.0, 2.0), (0.0, 3.0)):
        service.setChannelGlobalMinMax(call, pixels_id, 1, low, high)
        description = service.retrievePixDescription(call, pixels_id)
        stats = description.getChannel(1).statsInfo
        assert (stats.globalMin.val, stats.globalMax.val) == (low, high)
        assert description.getChannel(0).statsInfo is None
    with pytest.raises(Invalid, match="no channel 2"):
        service.setChannelGlobalMinMax(call, pixels_id, 2, 0.0, 1.0)
    service.setChannelGlobalMinMax(call, pixels_id, 1, math.nan, math.nan)
    description = service.retrievePixDescription(call, pixels_id)
    assert description.getChannel(1).statsInfo.globalMax.val == 3.0


def test_what_is_not_there_is_none(call, service):
    assert service.retrievePixDescription(call, 99) is None
    assert service.loadRndSettings(call, 99) is None
    assert service.retrieveRndSettings(call, 99) is None
    assert service.retrieveAllRndSettings(call, 99, -1) == []
    assert service.getEnumeration(call, "PixelsType", "uint7") is None


def test_types_and_their_bits(call, service):
    every = service.getAllEnumerations(call, "omero.model.PixelsType")
    bits = {one.value.val: one for one in every}
    assert service.getBitDepth(call, bits["double"]) == 64
    unloaded = omero.model.PixelsTypeI(bits["uint16"].id.val, False)
    assert service.getBitDepth(call, unloaded) == 16
    with pytest.raises(Internal):
        service.getBitDepth(call, bits["complex"])
    found = service.getEnumeration(call, "PixelsType", "bit")
    assert found.id.val == bits["bit"].id.val
