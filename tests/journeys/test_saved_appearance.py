"""Rendering settings that OMERO's own client saved, as napari shows them."""

from __future__ import annotations

import numpy as np
import omero
import pytest
from omero.rtypes import rdouble, rstring

from napari_omero_io.client.images import list_settings, read_image
from napari_omero_io.client.wire import refer
from napari_omero_io.convert.colour import channel_colormap, channel_gamma
from napari_omero_io.errors import NotFound
from napari_omero_io.save.plan import SaveTarget, plan_save
from napari_omero_io.save.upload import carry_out


@pytest.fixture
def image_id(ann):
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    layers = [
        (pixels, {"name": name, "colormap": color}, "image")
        for name, color in (("a", "#ff0000"), ("b", "#00ff00"))
    ]
    plan = plan_save(layers, SaveTarget(ann.server), together="shape")
    return carry_out(plan, ann).objects[0].id


def change_settings(connection, image_id, change):
    """Do something with the bindings of the caller's own settings."""
    query, update = connection.service("query"), connection.service("update")
    context = connection.context()
    parameters = omero.sys.ParametersI().addId(image_id)
    parameters.addLong("user", connection.user.id)
    settings = query.findByQuery(
        "select s from RenderingDef s join fetch s.waveRendering w "
        "left join fetch w.spatialDomainEnhancement join fetch s.model "
        "where s.pixels.image.id = :id and s.details.owner.id = :user",
        parameters,
        context,
    )
    change(settings, settings.copyWaveRendering())
    update.saveObject(settings, connection.context(connection.user.group_id))


def test_a_lookup_table_of_the_server(ann, image_id):
    files = ann.service("script").getScriptsByMimetype("text/x-lut", ann.context())
    name = files[0].name.val

    def change(settings, bindings):
        bindings[0].lookupTable = rstring(name)

    change_settings(ann, image_id, change)
    channel, other = read_image(ann, image_id).channels
    assert len(channel.lookup_colors) == 768
    assert other.lookup_colors == b""
    store = ann.open_file_store()
    store.setFileId(files[0].id.val)
    raw = np.frombuffer(store.read(0, 768), np.uint8).reshape(3, 256).T
    store.close()
    np.testing.assert_allclose(channel_colormap(channel)[:, :3] * 255, raw)


def test_an_unknown_lookup_table_is_the_colour(ann, image_id):
    def change(settings, bindings):
        bindings[0].lookupTable = rstring("nowhere.lut")

    change_settings(ann, image_id, change)
    channel = read_image(ann, image_id).channels[0]
    with pytest.warns(UserWarning, match=r"nowhere\.lut.*could not be read"):
        assert channel_colormap(channel) == "#ff0000"


def test_families_become_gamma(ann, image_id):
    families = {
        row.value.val: row.id.val
        for row in ann.service("types").allEnumerations("Family", ann.context())
    }

    def change(settings, bindings):
        bindings[0].family = refer("Family", families["polynomial"])
        bindings[0].coefficient = rdouble(1.5)
        bindings[1].family = refer("Family", families["logarithmic"])

    change_settings(ann, image_id, change)
    first, second = read_image(ann, image_id).channels
    assert channel_gamma(first) == 1.5
    assert channel_gamma(second) == 1.0
    assert channel_colormap(second)[128, 1] == pytest.approx(np.log(128) / np.log(255))


def test_the_settings_of_others_can_be_chosen(ann, bob, image_id):
    pixels_id = read_image(ann, image_id).pixels_id
    rendering = bob.service("query")  # bob looks at it before he changes anything
    assert rendering.get("Image", image_id, bob.context()).id.val == image_id
    engine = bob._session.createRenderingEngine()
    engine.lookupPixels(pixels_id)
    engine.resetDefaultSettings(True)
    engine.lookupRenderingDef(pixels_id)
    engine.load()
    engine.setRGBA(0, 10, 20, 30, 255)
    engine.saveCurrentSettings()
    engine.close()
    mine, theirs = sorted(list_settings(ann, image_id), key=lambda s: not s.is_own)
    assert (mine.owner, theirs.owner, theirs.is_own) == ("ann", "bob", False)
    assert read_image(ann, image_id).channels[0].color[:3] == (255, 0, 0)
    from napari_omero_io.client.images import open_image

    record, stores = open_image(ann, image_id, settings_id=theirs.id)
    for store in stores:
        store.close()
    assert record.channels[0].color[:3] == (10, 20, 30)
    with pytest.raises(NotFound, match="no rendering settings 999999"):
        open_image(ann, image_id, settings_id=999999)
