"""Axes of one step, left out or kept: what is seen, and what is saved, is the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer, Points, Shapes

from napari_omero_io.client.connection import Connection
from napari_omero_io.client.rois import read_rois, save_rois
from napari_omero_io.client.upload import create_image
from napari_omero_io.convert.bits import pack_bits
from napari_omero_io.records import (
    MaskRecord,
    NewChannel,
    NewImage,
    RoiRecord,
    ShapeRecord,
)
from napari_omero_io.session import Session

from .conftest import Laboratory

#: Of time points and sections.
SHAPES = [(1, 1), (3, 1), (1, 3)]
CHOICES = pytest.mark.parametrize("keep_axes", [False, True])


@pytest.fixture
def session(ann: Connection) -> Iterator[Session]:
    session = Session(ann)
    yield session
    session.close()


def make_image(connection: Connection, sizes: tuple[int, int]) -> tuple[int, Any]:
    """Make an image with regions of every sort on it."""
    shape = (sizes[0], 2, sizes[1], 20, 30)
    pixels = np.random.default_rng(sum(sizes)).integers(0, 4000, shape).astype("uint16")
    new = NewImage(
        "axes",
        "uint16",
        shape,
        (NewChannel("red"), NewChannel("green")),
        pixel_size_x=0.5,
        pixel_size_y=0.5,
        pixel_size_z=2.0,
        time_increment=30.0,
    )
    planes = [(t, c, z, pixels[t, c, z]) for t, c, z in np.ndindex(shape[:3])]
    image_id = create_image(connection, new, planes)
    mask = pack_bits(np.eye(4, dtype=bool))
    rois = [
        RoiRecord((), shapes=(ShapeRecord("rectangle", (1, 2, 8, 4)),)),
        RoiRecord((), shapes=(ShapeRecord("ellipse", (9, 9, 3, 2), z=0, t=0),)),
        RoiRecord((), shapes=(ShapeRecord("polygon", (1, 1, 5, 1, 5, 5), z=0),)),
        RoiRecord((), shapes=(ShapeRecord("point", (7.5, 2), t=0),)),
        RoiRecord((MaskRecord(3, 4, 4, 4, mask, z=0, t=0),)),
    ]
    save_rois(connection, image_id, rois)
    return image_id, pixels


@pytest.fixture(scope="session", params=SHAPES, ids=str)
def image(laboratory: Laboratory, request: Any) -> tuple[int, Any]:
    """Give an image that no test changes, and its pixels."""
    with laboratory.log_in("ann") as connection:
        return make_image(connection, request.param)


def show(session: Session, image_id: int, keep_axes: bool) -> ViewerModel:
    viewer = ViewerModel()
    for data, settings, kind in session.open_layers(image_id, keep_axes=keep_axes):
        viewer.add_layer(Layer.create(data, settings, kind))
    return viewer


@CHOICES
def test_all_layers_of_an_image_agree(
    session: Session, image: tuple[int, Any], keep_axes: bool
) -> None:
    image_id, pixels = image
    sizes = pixels.shape[0], pixels.shape[2]
    viewer = show(session, image_id, keep_axes)
    axes = "".join(
        axis
        for axis, size in zip("TZYX", (*sizes, 20, 30), strict=True)
        if size > 1 or keep_axes
    )
    steps = {"T": 30.0, "Z": 2.0, "Y": 0.5, "X": 0.5}
    assert {type(layer) for layer in viewer.layers} == {Image, Labels, Points, Shapes}
    for layer in viewer.layers:
        shown = axes[-layer.ndim :]
        assert layer.axis_labels == tuple(shown)
        if isinstance(layer, Image | Labels):
            assert layer.ndim == len(axes)
            assert tuple(layer.scale) == tuple(steps[axis] for axis in axes)
        assert np.all(layer.translate == 0)
        units = tuple("second" if axis == "T" else "micrometer" for axis in shown)
        assert tuple(map(str, layer.units)) == units
    assert viewer.dims.ndim == len(axes)
    channels = [layer for layer in viewer.layers if isinstance(layer, Image)]
    kept = tuple(size for size in (*sizes, 20, 30) if size > 1 or keep_axes)
    for number, layer in enumerate(channels):
        assert layer.data.shape == kept
        np.testing.assert_array_equal(
            np.asarray(layer.data), pixels[:, number].reshape(kept)
        )


@CHOICES
def test_what_was_opened_is_saved_back_as_it_was(
    session: Session, image: tuple[int, Any], keep_axes: bool
) -> None:
    image_id, pixels = image
    before = read_rois(session.connection, image_id)
    layers = list(show(session, image_id, keep_axes).layers)
    drawn = [layer for layer in layers if isinstance(layer, Shapes | Points)]
    for given in (drawn, [layer for layer in layers if not isinstance(layer, Labels)]):
        data = [layer.as_layer_data_tuple() for layer in given]
        plan = session.plan(data)
        changes = [each.changes for each in plan.drawings if each.image_id == image_id]
        for each in filter(None, changes):
            found = (each.new, each.changed, each.deleted, each.conflicting)
            assert not any(found)
    receipt = session.save([layer.as_layer_data_tuple() for layer in drawn])
    assert (receipt.changed, receipt.deleted, receipt.objects) == (0, 0, ())
    assert read_rois(session.connection, image_id) == before
    labels = [layer for layer in layers if isinstance(layer, Labels)]
    images = [layer for layer in layers if isinstance(layer, Image)]
    receipt = session.save(
        [layer.as_layer_data_tuple() for layer in [*images, *labels]],
        "results",
        labels_on_new_image=True,
    )
    [made] = [each.id for each in receipt.objects if each.kind == "image"]
    copy = session.open(made)
    np.testing.assert_array_equal(np.asarray(copy.full_level(0)), pixels)
    [original] = [roi for roi in before if roi.masks]
    [saved] = read_rois(session.connection, made)
    assert [(m.z, m.t, m.x, m.y, m.width, m.height) for m in saved.masks] == [
        (m.z, m.t, m.x, m.y, m.width, m.height) for m in original.masks
    ]


@CHOICES
def test_what_is_drawn_anew_lies_on_its_plane(
    session: Session, keep_axes: bool
) -> None:
    image_id, _ = make_image(session.connection, (1, 3))
    viewer = show(session, image_id, keep_axes)
    images = [layer for layer in viewer.layers if isinstance(layer, Image)]
    ndim = viewer.dims.ndim
    corner = np.zeros((2, ndim))
    corner[:, -2:] = [[2, 2], [9, 9]]
    corner[:, -3] = 2
    shapes = Shapes(
        [corner], shape_type="line", scale=images[0].scale, units=images[0].units
    )
    layers = [layer.as_layer_data_tuple() for layer in (*images, shapes)]
    session.save([layers[-1]], shown=layers[:-1])
    [line] = [
        shape
        for roi in read_rois(session.connection, image_id)
        for shape in roi.shapes
        if shape.kind == "line"
    ]
    assert line.z == 2
    assert line.t in (None, 0)


@CHOICES
def test_a_rendered_picture_has_the_same_axes(
    session: Session, image: tuple[int, Any], keep_axes: bool
) -> None:
    image_id, pixels = image
    picture = session.open(image_id, rendered=True, keep_axes=keep_axes)
    [level] = picture.picture_levels()
    sizes = pixels.shape[0], pixels.shape[2], 20, 30
    assert level.shape == (*(n for n in sizes if n > 1 or keep_axes), 3)
    np.testing.assert_array_equal(
        np.asarray(level).reshape(*sizes, 3),
        np.moveaxis(np.asarray(picture.full_level(0)), 1, -1),
    )


def test_stacks_have_the_same_axes(session: Session) -> None:
    ids = [make_image(session.connection, (1, 1))[0] for _ in range(2)]
    for keep_axes in (False, True):
        axes = ("image", "Z", "Y", "X") if keep_axes else ("image", "Y", "X")
        layers = session.open_layers(ids, "stack", keep_axes=keep_axes)
        assert [kind for _, _, kind in layers] == ["image", "image", "points"]
        for data, settings, kind in layers:
            assert settings["axis_labels"] == axes
            ndim = data.shape[1] if kind == "points" else data.ndim
            assert ndim == len(axes) == len(settings["scale"])
