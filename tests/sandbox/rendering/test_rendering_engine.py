"""RenderingEngine: the order of calls, pictures, settings of users."""

from __future__ import annotations

import io

import numpy as np
import omero.model
import omero.romio
import pytest
from omero.romio import PlaneDef, RegionDef
from omero.rtypes import rbool, rdouble, rint, rstring
from PIL import Image

from napari_omero_io.sandbox.errors import ApiUsage, Internal, Invalid, Locked
from napari_omero_io.sandbox.services.pixels import PixelsService
from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore
from napari_omero_io.sandbox.services.rendering_engine import RenderingEngine


def ramp(shape, dtype="uint8"):
    return (np.arange(np.prod(shape)) % 251).reshape(shape).astype(dtype)


def unpack(numbers, width):
    whole = np.array(numbers, np.int32).view(np.uint32).reshape(-1, width)
    return np.stack([whole >> shift & 255 for shift in (24, 16, 8, 0)], axis=-1)


def rgb_of(engine, call, **plane):
    buffer = engine.render(call, PlaneDef(**plane))
    bands = [np.frombuffer(band, np.uint8) for band in buffer.bands]
    return np.stack(bands, -1).reshape(buffer.sizeX2, buffer.sizeX1, 3)


def test_the_order_of_calls(stocked, call, create_with):
    _, pixels_id = create_with(ramp((1, 1, 1, 4, 5)))
    engine = RenderingEngine(stocked.core, None)
    for ask in (lambda: engine.load(call), lambda: engine.getDefaultZ(call)):
        with pytest.raises(ApiUsage, match="Pixels object not set"):
            ask()
    with pytest.raises(Invalid, match="Pixels object with id 99 not found"):
        engine.lookupPixels(call, 99)
    engine.lookupPixels(call, pixels_id)
    assert not engine.lookupRenderingDef(call, pixels_id)
    for ask in (lambda: engine.load(call), lambda: engine.getDefaultZ(call)):
        with pytest.raises(ApiUsage, match="RenderingDef object not set"):
            ask()
    identifier = engine.resetDefaultSettings(call, True)
    assert engine.lookupRenderingDef(call, pixels_id)
    assert engine.getRenderingDefId(call) == identifier
    with pytest.raises(ApiUsage, match="renderer is null"):
        engine.renderCompressed(call, PlaneDef())
    engine.load(call)
    assert engine.renderCompressed(call, PlaneDef()).startswith(b"\xff\xd8")


def test_pixels_that_were_never_written(stocked, call, create):
    _, pixels_id = create()
    engine = RenderingEngine(stocked.core, None)
    engine.lookupPixels(call, pixels_id)
    with pytest.raises(Locked, match="Import in progress"):
        engine.resetDefaultSettings(call, True)


def test_colours_of_two_channels(call, create_with, load):
    pixels = ramp((1, 2, 1, 6, 7))
    pixels[0, :, 0, 0, :2] = [0, 255]
    engine = load(create_with(pixels)[1])
    assert engine.getModel(call).value.val == "rgb"
    picture = rgb_of(engine, call)
    np.testing.assert_array_equal(picture[..., 0], pixels[0, 0, 0])
    np.testing.assert_array_equal(picture[..., 1], pixels[0, 1, 0])
    packed = unpack(engine.renderAsPackedInt(call, PlaneDef()), 7)
    np.testing.assert_array_equal(packed[..., 1:], picture)
    assert (packed[..., 0] == 255).all()
    engine.setActive(call, 0, False)
    engine.setActive(call, 1, False)
    assert not np.any(engine.renderAsPackedInt(call, PlaneDef()))


def test_grey_carries_the_alpha_of_its_channel(call, create_with, load):
    engine = load(create_with(ramp((1, 1, 1, 4, 4)))[1])
    engine.setRGBA(call, 0, 1, 2, 3, 77)
    packed = unpack(engine.renderAsPackedInt(call, PlaneDef()), 4)
    assert (packed[..., 0] == 77).all()
    assert (packed[..., 1] == packed[..., 3]).all()


def test_regions_are_cut_at_the_edge(call, create_with, load):
    engine = load(create_with(ramp((1, 1, 1, 20, 30)))[1])
    whole = rgb_of(engine, call)
    part = rgb_of(engine, call, region=RegionDef(25, 15, 100, 100))
    np.testing.assert_array_equal(part, whole[15:, 25:])
    for region in (RegionDef(30, 0, 1, 1), RegionDef(0, -1, 1, 1)):
        with pytest.raises(ApiUsage):
            rgb_of(engine, call, region=region)
    every_third = rgb_of(engine, call, stride=2)
    np.testing.assert_array_equal(every_third, whole[::3, ::3])


def test_sections_through_a_stack(call, create_with, load):
    pixels = ramp((1, 1, 4, 5, 6))
    engine = load(create_with(pixels)[1])
    engine.setChannelWindow(call, 0, 0, 255)
    xz = rgb_of(engine, call, slice=omero.romio.XZ, y=2)
    np.testing.assert_array_equal(xz[..., 0], pixels[0, 0, :, 2, :])
    zy = rgb_of(engine, call, slice=omero.romio.ZY, x=3)
    np.testing.assert_array_equal(zy[..., 0], pixels[0, 0, :, :, 3].T)
    for place in ({"z": 4}, {"t": 1}, {"slice": omero.romio.XZ, "y": 5}):
        with pytest.raises(ApiUsage):
            rgb_of(engine, call, **place)


def test_projections_have_the_servers_quirks(call, create_with, load):
    pixels = ramp((1, 1, 4, 3, 3), "int16") - 100
    engine = load(create_with(pixels)[1])
    engine.setChannelWindow(call, 0, -128, 127)

    def project(algorithm, start, end, stepping=1):
        packed = engine.renderProjectedAsPackedInt(
            call, algorithm, 0, stepping, start, end
        )
        return unpack(packed, 3)[..., 3].astype(int) - 128

    stack = pixels[0, 0].astype(int)
    # The maximum begins at zero and includes the last section; others do not.
    np.testing.assert_array_equal(project(0, 0, 3), np.maximum(stack.max(0), 0))
    np.testing.assert_allclose(project(1, 0, 3), stack[:3].mean(0), atol=1)
    assert (project(1, 2, 2) == 0).all()
    clipped = np.clip(stack[0:3:2].sum(0), -128, 127)
    np.testing.assert_allclose(project(2, 0, 3, 2), clipped, atol=1)
    for start, end, stepping in ((0, 4, 1), (-1, 2, 1), (0, 3, 0)):
        with pytest.raises(Invalid):
            project(0, start, end, stepping)


def test_big_images_are_rendered_by_region_of_a_level(stocked, call, create, load):
    _, pixels_id = create(4000, 3000, "uint8")
    store = RawPixelsStore(stocked.core, None)
    store.setPixelsId(call, pixels_id, True)
    for y in range(0, 3000, 500):
        store.setTile(call, bytes([y // 20]) * 2_000_000, 0, 0, 0, 0, y, 4000, 500)
    store.close(call)
    engine = load(pixels_id)
    assert engine.requiresPixelsPyramid(call)
    assert engine.getResolutionLevels(call) == 6
    engine.setChannelWindow(call, 0, 0, 255)
    engine.setResolutionLevel(call, 0)
    size = engine.getResolutionDescriptions(call)[-1]
    part = rgb_of(engine, call, region=RegionDef(0, 0, size.sizeX, size.sizeY))
    assert part.shape == (size.sizeY, size.sizeX, 3)
    assert part[0, 0, 0] == 0
    assert part[-1, 0, 0] == 125
    with pytest.raises(Internal):
        rgb_of(engine, call)
    with pytest.raises(Internal, match="Not supported"):
        rgb_of(engine, call, slice=omero.romio.XZ)


def test_jpeg_of_a_chosen_quality(call, create_with, load):
    noise = np.random.default_rng(1).integers(0, 256, (1, 1, 1, 64, 64))
    engine = load(create_with(noise.astype("uint8"))[1])
    assert engine.getCompressionLevel(call) == pytest.approx(0.85)
    sizes = []
    for quality in (1.0, 0.85, 0.01):
        engine.setCompressionLevel(call, quality)
        jpeg = engine.renderCompressed(call, PlaneDef())
        picture = Image.open(io.BytesIO(jpeg))
        assert picture.size == (64, 64)
        assert not picture.info.get("progressive")
        sizes.append(len(jpeg))
    assert sizes == sorted(sizes, reverse=True)


def test_windows_that_make_no_sense_become_those_of_the_type(call, create_with, load):
    engine = load(create_with(ramp((1, 1, 1, 4, 4)))[1])
    for start, end in ((9, 3), (-1, 100), (0, 256)):
        engine.setChannelWindow(call, 0, start, end)
        assert engine.getChannelWindowStart(call, 0) == 0
        assert engine.getChannelWindowEnd(call, 0) == 255
    with pytest.raises(ApiUsage):
        engine.setChannelWindow(call, 1, 0, 1)


def test_settings_belong_to_users(stocked, create_with, load):
    mia, ned = stocked.call("mia"), stocked.call("ned")
    _, pixels_id = create_with(ramp((1, 1, 1, 4, 4)), mia)
    engine = load(pixels_id, mia)
    engine.setRGBA(mia, 0, 9, 8, 7, 255)
    engine.saveCurrentSettings(mia)
    his = load(pixels_id, ned)
    assert his.getRGBA(ned, 0) == [9, 8, 7, 255]
    shared = his.getRenderingDefId(ned)
    assert shared == engine.getRenderingDefId(mia)
    his.setRGBA(ned, 0, 1, 1, 1, 255)
    his.saveCurrentSettings(ned)
    assert his.getRenderingDefId(ned) != shared
    assert load(pixels_id, mia).getRGBA(mia, 0) == [9, 8, 7, 255]
    assert load(pixels_id, ned).getRGBA(ned, 0) == [1, 1, 1, 255]
    before = engine.getRenderingDefId(mia)
    assert engine.saveAsNewSettings(mia) != before
    service = PixelsService(stocked.core, None)
    assert len(service.retrieveAllRndSettings(mia, pixels_id, -1)) == 3
    mine = service.retrieveAllRndSettings(mia, pixels_id, mia.caller.user_id)
    assert [one.id.val for one in mine] == [engine.getRenderingDefId(mia), before]
    assert mine[0].details.owner.omeName.val == "mia"


def test_everything_that_is_set_is_kept(call, create_with, load):
    _, pixels_id = create_with(ramp((2, 2, 3, 4, 4)))
    engine = load(pixels_id)
    family = omero.model.FamilyI()
    family.value = rstring("logarithmic")
    model = omero.model.RenderingModelI()
    model.value = rstring("greyscale")
    engine.setModel(call, model)
    engine.setDefaultZ(call, 2)
    engine.setDefaultT(call, 1)
    engine.setCodomainInterval(call, 5, 250)
    engine.setQuantumStrategy(call, 127)
    engine.setActive(call, 1, False)
    engine.setChannelWindow(call, 1, 3.5, 99)
    engine.setQuantizationMap(call, 1, family, 1.5, True)
    engine.setChannelLookupTable(call, 0, "hot.lut")
    context = omero.romio.ReverseIntensityMapContext()
    engine.addCodomainMapToChannel(call, context, 0)
    engine.saveCurrentSettings(call)

    again = load(pixels_id)
    assert again.getModel(call).value.val == "greyscale"
    assert (again.getDefaultZ(call), again.getDefaultT(call)) == (2, 1)
    quantum = again.getQuantumDef(call)
    levels = (quantum.cdStart.val, quantum.cdEnd.val, quantum.bitResolution.val)
    assert levels == (5, 250, 127)
    assert [again.isActive(call, c) for c in range(2)] == [True, False]
    assert again.getChannelWindowStart(call, 1) == 3.5
    assert again.getChannelFamily(call, 1).value.val == "logarithmic"
    assert again.getChannelCurveCoefficient(call, 1) == 1.5
    assert again.getChannelNoiseReduction(call, 1)
    assert again.getChannelLookupTable(call, 0) == "hot.lut"
    assert len(again.getCodomainMapContext(call, 0)) == 1
    assert again.getCodomainMapContext(call, 1) == []
    again.removeCodomainMapFromChannel(call, context, 0)
    again.setChannelLookupTable(call, 0, "")
    again.saveCurrentSettings(call)
    assert load(pixels_id).getCodomainMapContext(call, 0) == []
    assert load(pixels_id).getChannelLookupTable(call, 0) == ""


def test_numbers_that_are_no_settings(call, create_with, load):
    engine = load(create_with(ramp((1, 1, 1, 4, 4)))[1])
    for change in (
        lambda: engine.setCodomainInterval(call, 9, 5),
        lambda: engine.setRGBA(call, 0, 256, 0, 0, 0),
        lambda: engine.setDefaultZ(call, 1),
        lambda: engine.setActive(call, 1, True),
    ):
        with pytest.raises(ApiUsage):
            change()
    with pytest.raises(Invalid):
        engine.setQuantumStrategy(call, 100)


def test_settings_are_taken_over_in_part(call, create_with, load):
    engine = load(create_with(ramp((1, 2, 1, 4, 4)))[1])
    window = engine.getChannelWindowEnd(call, 0)
    given = omero.model.RenderingDefI()
    given.quantization = omero.model.QuantumDefI()
    given.quantization.cdEnd = rint(200)
    for color in (10, 20):
        binding = omero.model.ChannelBindingI()
        binding.red = rint(color)
        binding.inputStart = rdouble(1.0)
        context = omero.model.ReverseIntensityContextI()
        context.reverse = rbool(color == 20)
        binding.addCodomainMapContext(context)
        given.addChannelBinding(binding)
    engine.updateSettings(call, given)
    assert engine.getRGBA(call, 0) == [10, 0, 0, 255]
    assert engine.getChannelWindowStart(call, 1) == 1.0
    assert engine.getChannelWindowEnd(call, 0) == window
    quantum = engine.getQuantumDef(call)
    assert (quantum.cdStart.val, quantum.cdEnd.val) == (0, 200)
    reversed_ = [len(engine.getCodomainMapContext(call, c)) for c in range(2)]
    assert reversed_ == [0, 1]
    given.addChannelBinding(omero.model.ChannelBindingI())
    with pytest.raises(Invalid, match="number of channels"):
        engine.updateSettings(call, given)


def test_resetting_without_saving(stocked, call, create_with):
    _, pixels_id = create_with(ramp((1, 1, 1, 4, 4)))
    engine = RenderingEngine(stocked.core, None)
    engine.lookupPixels(call, pixels_id)
    engine.resetDefaultSettings(call, False)
    engine.load(call)
    assert engine.getRenderingDefId(call) == -1
    assert not RenderingEngine(stocked.core, None).lookupRenderingDef(call, pixels_id)
    assert engine.getPixels(call).getChannel(0).logicalChannel.isLoaded()
    bounds = engine.getPixelsTypeLowerBound, engine.getPixelsTypeUpperBound
    assert [bound(call, 0) for bound in bounds] == [0.0, 255.0]
    assert not engine.isPixelsTypeSigned(call)
    assert engine.getChannelStats(call, 0) == []
    assert len(engine.getAvailableFamilies(call)) == 4
    assert len(engine.getAvailableModels(call)) == 2
