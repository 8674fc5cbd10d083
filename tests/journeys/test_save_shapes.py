"""Draw, save, open again, change, save again: shapes of every type on a server."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import omero.model
import pytest
from napari.layers import Points, Shapes
from omero.rtypes import rdouble, rint, rstring

from napari_omero_io.client.rois import read_rois, save_rois, update_shapes
from napari_omero_io.convert.shapes import shape_layers
from napari_omero_io.errors import CannotRepresent
from napari_omero_io.records import RoiRecord, ShapeRecord
from napari_omero_io.save.plan import SaveTarget, plan_save
from napari_omero_io.save.upload import carry_out

RED, BLUE = (255, 0, 0, 255), (0, 0, 255, 128)
EVERY_KIND = (
    ShapeRecord("rectangle", (1, 2, 3, 4), z=0, t=0, fill=BLUE, stroke=RED, width=2.5),
    ShapeRecord("ellipse", (10, 12, 3, 4), z=1, text="größer"),
    ShapeRecord("ellipse", (10, 12, 3, 4), transform=(0.6, 0.8, -0.8, 0.6, 5.0, 1.0)),
    ShapeRecord("line", (1, 1, 5, 5.25), t=1),
    ShapeRecord("polygon", (1, 1, 5, 1e-7, 5, 5), z=1, t=1, stroke=BLUE),
    ShapeRecord("polyline", (-1, 1, 5, 1, 5, 5), z=0, t=1, width=0.5),
    ShapeRecord("point", (1.5, 2), z=1, t=0, stroke=RED),
    ShapeRecord("label", (4, 2), text="here"),
)


@pytest.fixture
def image(ann):
    layer = (np.zeros((2, 2, 16, 16), np.uint8), {"name": "drawn on"}, "image")
    layer[1]["axis_labels"] = ("T", "Z", "Y", "X")
    receipt = carry_out(plan_save([layer], SaveTarget(ann.server)), ann)
    from napari_omero_io.client.images import read_image

    return read_image(ann, receipt.objects[0].id)


def open_again(connection, image):
    return shape_layers(image, connection.server, read_rois(connection, image.id))


def save(connection, layers):
    plan = plan_save(layers, SaveTarget(connection.server))
    plan = plan.compare(
        {one: read_rois(connection, one) for one in plan.images_to_compare}
    )
    return plan, carry_out(plan, connection)


def in_napari(layer):
    """Take a layer through napari itself."""
    data, settings, kind = layer
    return {"shapes": Shapes, "points": Points}[kind](data, **settings)


def shapes_of(connection, image):
    rois = read_rois(connection, image.id)
    return [replace(s, id=None, version=None) for roi in rois for s in roi.shapes]


def test_every_kind_keeps_all_of_itself(ann, image):
    roi = RoiRecord((), "all in one", shapes=EVERY_KIND)
    (roi_id,) = save_rois(ann, image.id, [roi])
    (found,) = read_rois(ann, image.id)
    assert (found.id, found.name, found.is_own) == (roi_id, "all in one", True)
    plain = tuple(replace(s, id=None, version=None) for s in found.shapes)
    assert plain == EVERY_KIND


def test_what_was_opened_needs_no_change(ann, image):
    save_rois(ann, image.id, [RoiRecord((), shapes=EVERY_KIND)])
    layers = [in_napari(one).as_layer_data_tuple() for one in open_again(ann, image)]
    plan, receipt = save(ann, layers)
    assert [each.changes.unchanged for each in plan.drawings] == [
        len(layer[0]) for layer in layers
    ]
    assert (receipt.objects, receipt.changed, receipt.deleted) == ((), 0, 0)
    assert tuple(shapes_of(ann, image)) == EVERY_KIND


def test_new_changed_and_deleted(ann, image):
    rois = [RoiRecord((), shapes=(replace(EVERY_KIND[0], z=z),)) for z in (0, 1, 1)]
    save_rois(ann, image.id, rois)
    before = read_rois(ann, image.id)
    (opened,) = open_again(ann, image)
    layer = in_napari(opened)
    data = [vertices.copy() for vertices in layer.data]
    data[0][:, -1] += 2
    layer.data = data
    layer.selected_data = {2}
    layer.remove_selected()
    layer.add(np.array([[1, 0, 3, 3], [1, 0, 9, 9]]), shape_type="line")
    plan, receipt = save(ann, [layer.as_layer_data_tuple()])
    assert "1 new, 1 changed, 1 deleted, 1 unchanged" in plan.describe()[0]
    assert (receipt.changed, receipt.deleted, len(receipt.objects)) == (1, 1, 1)
    after = read_rois(ann, image.id)
    assert [roi.id for roi in after] == [
        before[0].id,
        before[1].id,
        receipt.objects[0].id,
    ]
    assert after[0].shapes[0].id == before[0].shapes[0].id
    assert after[0].shapes[0].geometry == pytest.approx((3, 2, 3, 4))
    assert after[1] == before[1]
    assert after[2].shapes[0].kind == "line"
    assert after[2].shapes[0].geometry == pytest.approx((3.5, 3.5, 9.5, 9.5))
    # the layer now knows its new shape, so that nothing is made twice
    layer.features = layer.features.assign(**receipt.features[0])
    layer.metadata["omero"] = dict(receipt.metadata[0])
    plan, _ = save(ann, [layer.as_layer_data_tuple()])
    assert plan.drawings[0].changes.describe() == "3 unchanged"


def test_without_a_comparison_nothing_is_deleted(ann, image):
    save_rois(ann, image.id, [RoiRecord((), shapes=(EVERY_KIND[3],))] * 2)
    ((data, settings, kind),) = open_again(ann, image)
    settings["features"] = {k: v[:1] for k, v in settings["features"].items()}
    for name in ("shape_type", "edge_color", "face_color", "edge_width"):
        settings[name] = settings[name][:1]
    plan = plan_save([(data[:1], settings, kind)], SaveTarget(ann.server))
    assert carry_out(plan, ann).deleted == 0
    assert len(read_rois(ann, image.id)) == 2


def test_what_somebody_changed_since_is_left_alone(ann, image):
    save_rois(ann, image.id, [RoiRecord((), shapes=EVERY_KIND[4:5])])
    (layer,) = open_again(ann, image)
    (theirs,) = read_rois(ann, image.id)[0].shapes
    update_shapes(ann, image.id, [replace(theirs, text="newer")])
    for vertices in layer[0]:
        vertices[:, -1] += 1
    plan, receipt = save(ann, [layer])
    assert plan.drawings[0].changes.conflicting == (theirs.id,)
    assert any("stay as they are there" in note for note in plan.notes)
    assert receipt.changed == 0
    (now,) = read_rois(ann, image.id)[0].shapes
    assert (now.text, now.geometry) == ("newer", theirs.geometry)
    # and not the next time either
    layer[1]["metadata"]["omero"] = dict(receipt.metadata[0])
    layer[1]["features"].update(receipt.features[0])
    again, _ = save(ann, [layer])
    assert again.drawings[0].changes.conflicting == (theirs.id,)


def test_regions_of_others_are_never_changed(ann, bob, image):
    save_rois(bob, image.id, [RoiRecord((), shapes=EVERY_KIND[4:5])] * 2)
    before = read_rois(ann, image.id)
    assert not any(roi.is_own for roi in before)
    (layer,) = open_again(ann, image)
    shown = in_napari(layer)
    shown.selected_data = {0}
    shown.remove_selected()
    shown.data = [vertices + np.array([0, 0, 1, 1]) for vertices in shown.data]
    plan, receipt = save(ann, [shown.as_layer_data_tuple()])
    assert len(plan.drawings[0].changes.foreign) == 2
    assert (receipt.changed, receipt.deleted) == (0, 0)
    assert read_rois(ann, image.id) == before


def test_a_layer_drawn_on_a_new_image_is_saved_with_it(ann):
    picture = (
        np.zeros((32, 32), np.uint8),
        {"name": "new", "scale": (0.5, 0.5)},
        "image",
    )
    square = np.array([[4, 4], [4, 6], [6, 6], [6, 4]])
    drawn = ([square], {"shape_type": "rectangle", "scale": (1, 1)}, "shapes")
    _, receipt = save(ann, [picture, drawn])
    image_id = receipt.objects[0].id
    ((shape,),) = [roi.shapes for roi in read_rois(ann, image_id)]
    # twice as many pixels of the image, and half a pixel to the corner
    assert (shape.kind, shape.geometry) == ("rectangle", (8.5, 8.5, 4.0, 4.0))
    assert receipt.metadata[1]["shapes"] == {shape.id: shape.version}


def test_a_shape_across_planes_is_refused_by_its_number(ann, image):
    flat = np.array([[0, 0, 1, 1], [0, 0, 5, 5]])
    steep = np.array([[0, 0, 1, 1], [0, 1, 5, 5]])
    meta = {"name": "sloping", "shape_type": "line"}
    meta["metadata"] = {"omero": {"server": ann.server, "image_id": image.id}}
    with pytest.raises(CannotRepresent, match=r"sloping.*: shape 2 .* planes"):
        save(ann, [([flat, steep], meta, "shapes")])
    assert read_rois(ann, image.id) == []


@pytest.mark.filterwarnings("ignore:Path is deprecated")
def test_shapes_of_omeros_own_classes(ann, image):
    """What others write: holes in the list, paths, odd texts, nothing at all."""
    roi = omero.model.RoiI()
    roi.image = omero.model.ImageI(image.id, False)
    path = omero.model.PathI()
    path.d = rstring("M 1 1 l 4,0 v4 H1 z")
    curve = omero.model.PathI()
    curve.d = rstring("M 1 1 C 2 2 3 3 4 4")
    odd = omero.model.PolygonI()
    odd.points = rstring("10,20, 50,-1.5e1  5,5 ")
    gone = omero.model.PointI()
    gone.x, gone.y = rdouble(1), rdouble(1)
    blank = omero.model.RectangleI()
    for shape in (path, gone, curve, odd, blank):
        shape.theZ = rint(0)
        roi.addShape(shape)
    empty = omero.model.RoiI()
    empty.image = omero.model.ImageI(image.id, False)
    update = ann.service("update")
    saved = update.saveAndReturnObject(roi, ann.context(image.group_id))
    update.saveObject(empty, ann.context(image.group_id))
    from napari_omero_io.client.deletion import delete_objects

    delete_objects(ann, "shape", [saved.copyShapes()[1].id.val])
    found, nothing = read_rois(ann, image.id)
    assert [(s.kind, s.geometry) for s in found.shapes] == [
        ("path", (1, 1, 5, 1, 5, 5, 1, 5)),
        ("polygon", (10, 20, 50, -15, 5, 5)),
    ]
    assert nothing.shapes == ()
    ((data, _, _),) = open_again(ann, image)
    assert len(data) == 2


def test_regions_of_one_plane_and_a_limit(ann, image):
    rois = [RoiRecord((), shapes=(replace(EVERY_KIND[0], z=z),)) for z in (0, 1, None)]
    save_rois(ann, image.id, rois)
    assert [r.shapes[0].z for r in read_rois(ann, image.id, z=1)] == [1, None]
    assert len(read_rois(ann, image.id, z=0, t=1)) == 0
    assert len(read_rois(ann, image.id, limit=2)) == 2


def test_more_than_a_page(ann, image):
    point = ShapeRecord("point", (1, 1))
    ids = save_rois(ann, image.id, [RoiRecord((), shapes=(point,))] * 1100)
    with count_calls(ann) as calls:
        assert [roi.id for roi in read_rois(ann, image.id)] == ids
    assert len(calls) == 4


@contextmanager
def count_calls(connection):
    calls = []
    real = connection.service

    def service(name):
        calls.append(name)
        return real(name)

    connection.service = service
    yield calls
    del connection.service
