"""IRenderingSettings: settings of many images at once."""

from __future__ import annotations

import numpy as np
import omero.model
import pytest
from omero.rtypes import rstring

from napari_omero_io.sandbox.errors import ApiUsage, Locked
from napari_omero_io.sandbox.services.pixels import PixelsService
from napari_omero_io.sandbox.services.rendering_settings import (
    RenderingSettingsService,
)
from napari_omero_io.sandbox.store.saving import save


@pytest.fixture
def service(stocked):
    return RenderingSettingsService(stocked.core, None)


@pytest.fixture
def make(create_with):
    def made(channels=1, dtype="uint8"):
        pixels = np.arange(channels * 12).reshape(1, channels, 1, 3, 4)
        return create_with(pixels.astype(dtype))

    return made


def window_of(definition, channel=0):
    binding = definition.getChannelBinding(channel)
    return (binding.inputStart.val, binding.inputEnd.val)


def test_resetting_an_image_twice_keeps_one_definition(stocked, call, service, make):
    image_id, pixels_id = make()
    assert service.getRenderingSettings(call, pixels_id) is None
    for _ in range(2):
        service.resetDefaultsInImage(call, image_id)
    found = service.getRenderingSettings(call, pixels_id)
    assert window_of(found) == (0.0, 11.0)
    everybody = PixelsService(stocked.core, None)
    assert len(everybody.retrieveAllRndSettings(call, pixels_id, -1)) == 1


def test_original_settings_do_not_look(call, service, make):
    image_id, pixels_id = make()
    service.setOriginalSettingsInImage(call, image_id)
    assert window_of(service.getRenderingSettings(call, pixels_id)) == (0.0, 255.0)


def test_min_and_max_come_from_the_metadata(stocked, call, service, make):
    image_id, pixels_id = make()
    service.resetDefaultsInImage(call, image_id)
    PixelsService(stocked.core, None).setChannelGlobalMinMax(
        call, pixels_id, 0, 2.0, 9.0
    )
    assert service.resetMinMaxInSet(call, "Image", [image_id]) == [image_id]
    assert window_of(service.getRenderingSettings(call, pixels_id)) == (2.0, 9.0)


def test_settings_of_a_dataset(stocked, call, service, make, create):
    dataset = omero.model.DatasetI()
    dataset.name = rstring("d")
    unwritten, _ = create()
    images = [make(), make(2)]
    for image_id in [*(image for image, _ in images), unwritten]:
        dataset.linkImage(omero.model.ImageI(image_id, False))
    with stocked.core.database.write() as connection:
        (saved,) = save(connection, call, [dataset])
    done = service.resetDefaultsInDataset(call, saved.id.val)
    assert sorted(done) == sorted(image for image, _ in images)
    with pytest.raises(Locked):
        service.resetDefaultsInImage(call, unwritten)
    with pytest.raises(ApiUsage):
        service.resetDefaultsInSet(call, "Tag", [1])


def test_applying_settings_to_what_fits(stocked, call, service, make):
    (_, source), (fits, fitting), (other, _) = make(), make(), make(2)
    service.resetDefaultsForPixels(call, source)
    with pytest.raises(ApiUsage, match="no settings"):
        service.applySettingsToPixels(call, fitting, source)
    PixelsService(stocked.core, None).setChannelGlobalMinMax(call, source, 0, 4.0, 5.0)
    service.resetDefaultsForPixels(call, source)
    done = service.applySettingsToSet(call, source, "Image", [fits, other])
    assert done == {True: [fits], False: [other]}
    assert window_of(service.getRenderingSettings(call, fitting)) == (4.0, 5.0)
    pixels = [omero.model.PixelsI(one, False) for one in (source, fitting)]
    assert service.sanityCheckPixels(call, *pixels)


def test_settings_of_the_owner(stocked, service, make):
    mia, ned = stocked.call("mia"), stocked.call("ned")
    image_id, pixels_id = make()
    PixelsService(stocked.core, None).setChannelGlobalMinMax(
        mia, pixels_id, 0, 1.0, 2.0
    )
    service.resetDefaultsInImage(mia, image_id)
    assert service.resetDefaultsByOwnerInSet(ned, "Image", [image_id]) == [image_id]
    his = service.getRenderingSettings(ned, pixels_id)
    assert window_of(his) == (1.0, 2.0)
    assert his.details.owner.omeName.val == "ned"


def test_new_definitions_are_not_stored(call, service, make):
    _, pixels_id = make(2)
    pixels = omero.model.PixelsI(pixels_id, False)
    made = service.createNewRenderingDef(call, pixels)
    assert made.id is None
    assert made.sizeOfWaveRendering() == 2
    assert made.model.value.val == "rgb"
    blank = service.resetDefaultsNoSave(call, omero.model.RenderingDefI(), pixels)
    assert window_of(blank, 1) == (12.0, 23.0)
    assert service.getRenderingSettings(call, pixels_id) is None
    service.resetDefaults(call, blank, pixels)
    assert service.getRenderingSettings(call, pixels_id) is not None
