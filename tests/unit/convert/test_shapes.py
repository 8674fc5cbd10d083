"""OMERO's shapes and napari's, both ways."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.convert.drawings import Frame, read_drawings
from napari_omero_io.convert.outlines import (
    NAPARI_TYPES,
    keep_outline,
    make_vertices,
    read_vertices,
)
from napari_omero_io.convert.painting import paint_shapes
from napari_omero_io.convert.regions import RegionsLeftOut
from napari_omero_io.convert.shapes import shape_layers
from napari_omero_io.records import ImageRecord, RoiRecord, ShapeRecord
from napari_omero_io.save.diff import diff_shapes, merge_shape

numbers = st.floats(-1e4, 1e4, width=32)
sizes = st.floats(0.5, 1e3, width=32)
colors = st.none() | st.tuples(*[st.integers(0, 255)] * 4)


@st.composite
def shapes(draw: st.DrawFn) -> ShapeRecord:
    kind = draw(st.sampled_from(sorted(NAPARI_TYPES)))
    if kind in ("rectangle", "ellipse"):
        geometry = (*draw(st.tuples(numbers, numbers)), draw(sizes), draw(sizes))
    else:
        fewest = {"polygon": 3, "path": 3, "point": 1, "label": 1}.get(kind, 2)
        most = fewest if kind in ("line", "point", "label") else 9
        points = draw(
            st.lists(st.tuples(numbers, numbers), min_size=fewest, max_size=most)
        )
        geometry = tuple(number for point in points for number in point)
    angle = draw(st.none() | st.floats(0, 6.3))
    transform = None
    if angle is not None:
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
        transform = (cos, sin, -sin, cos, draw(numbers), draw(numbers))
    return ShapeRecord(
        kind,
        geometry,
        z=draw(st.none() | st.integers(0, 2)),
        t=draw(st.none() | st.integers(0, 1)),
        transform=transform,
        fill=draw(colors),
        stroke=draw(colors),
        width=draw(st.none() | sizes),
        text=draw(st.text(max_size=5)),
        id=1,
        version=2,
    )


@pytest.fixture(scope="module")
def record(memory_source: Any) -> ImageRecord:
    return replace(memory_source((2, 1, 3, 16, 16)).record, size_y=64, size_x=64)


def read_back(layer: Any) -> Any:
    data, settings, kind = layer
    axes = "".join(settings["axis_labels"])
    everywhere = settings["metadata"]["omero"]["every_plane_of"]
    frame = Frame(axes, (1.0,) * len(axes), (0.0,) * len(axes), everywhere)
    return read_drawings(data, settings, kind, frame)


@given(shape=shapes())
def test_omero_to_a_layer_and_back_changes_nothing(
    record: ImageRecord, shape: ShapeRecord
) -> None:
    roi = RoiRecord((), "name", 5, (shape,), is_own=True)
    (layer,) = shape_layers(record, "here", [roi])
    (drawing,) = read_back(layer)
    assert (drawing.roi_id, drawing.roi_name) == (5, "name")
    assert (drawing.shape.z, drawing.shape.t) == (shape.z, shape.t)
    assert merge_shape(drawing.shape, shape, "TZ") == shape
    changes = diff_shapes([drawing], {1: 2}, [roi], "TZ")
    assert changes.describe() == "1 unchanged"


@given(shape=shapes())
def test_vertices_to_a_shape_and_back(shape: ShapeRecord) -> None:
    vertices = make_vertices(shape)
    assert vertices is not None
    again = make_vertices(read_vertices(shape.kind, vertices))
    assert again is not None
    if shape.kind in ("rectangle", "ellipse"):  # a box may begin at another corner
        vertices, again = (np.sort(each, axis=0) for each in (vertices, again))
    np.testing.assert_allclose(again, vertices, rtol=1e-6, atol=1e-2)


@given(shape=shapes(), step=st.floats(0.1, 50))
def test_a_moved_outline_is_not_kept(shape: ShapeRecord, step: float) -> None:
    vertices = make_vertices(shape)
    assert vertices is not None
    new = read_vertices(shape.kind, vertices + step)
    assert keep_outline(new, shape) == new


def test_half_a_pixel_lies_between_corners_and_centres() -> None:
    vertices = make_vertices(ShapeRecord("rectangle", (10, 20, 2, 1)))
    assert vertices is not None
    assert vertices.min(axis=0).tolist() == [19.5, 9.5]
    assert vertices.max(axis=0).tolist() == [20.5, 11.5]


def test_a_turned_box_keeps_its_centre_without_its_transform() -> None:
    corners = np.array([(0, 5), (5, 10), (10, 5), (5, 0)])
    shape = read_vertices("ellipse", corners)
    assert shape.transform is not None
    assert shape.geometry[:2] == pytest.approx((5.5, 5.5))
    assert shape.geometry[2:] == pytest.approx((50**0.5 / 2,) * 2)


def test_layers_by_what_the_shapes_are_on(record: ImageRecord) -> None:
    square = ShapeRecord("rectangle", (1, 1, 2, 2))
    rois = [
        RoiRecord((), shapes=(replace(square, z=z, t=t, id=i),))
        for i, (z, t) in enumerate([(0, 0), (1, None), (None, 1), (None, None), (2, 1)])
    ]
    layers = shape_layers(record, "here", rois)
    axes = ["".join(settings["axis_labels"]) for _, settings, _ in layers]
    assert axes == ["TZYX", "ZYX", "TZYX", "YX"]
    assert [len(data) for data, _, _ in layers] == [2, 1, 1, 1]
    assert layers[2][1]["metadata"]["omero"]["every_plane_of"] == "Z"
    assert layers[3][1]["name"] == "Shapes on every time point and every plane (memory)"


def test_what_cannot_be_shown_is_said(record: ImageRecord) -> None:
    bad = [
        ShapeRecord("polygon", (1, 1, 2, 2)),
        ShapeRecord("line", (1, 1, 2, 2), z=3),
        ShapeRecord("line", (1, 1, 2, 2), t=-1),
    ]
    rois = [RoiRecord((), shapes=tuple(bad)), RoiRecord(())]
    with pytest.warns(RegionsLeftOut, match="^3 shapes"):
        assert shape_layers(record, "here", rois) == []


def test_texts_are_off_in_large_layers(record: ImageRecord) -> None:
    shape = ShapeRecord("rectangle", (1, 1, 2, 2), text="cell")
    for count, is_on in ((500, True), (501, False)):
        rois = [RoiRecord((), shapes=(shape,) * count)]
        ((_, settings, _),) = shape_layers(record, "here", rois)
        assert settings["text"]["visible"] is is_on


def test_shapes_are_painted_where_they_are(record: ImageRecord) -> None:
    kinds = [
        ShapeRecord("rectangle", (10, 20, 2, 1), z=1, t=0),
        ShapeRecord("ellipse", (40, 40, 8, 4), z=1, t=0),
        ShapeRecord("polyline", (1, 60, 9, 60), z=2, t=1),
    ]
    ((data, settings, kind),) = [
        paint_shapes(layer)
        for layer in shape_layers(record, "here", [RoiRecord((), shapes=tuple(kinds))])
    ]
    assert (kind, data.shape) == ("labels", (2, 3, 64, 64))
    assert {tuple(p) for p in np.argwhere(data == 1)[:, :2]} == {(0, 1)}
    ys, xs = np.nonzero(data[0, 1] == 2)
    assert (ys.mean(), xs.mean()) == pytest.approx((39.5, 39.5))
    assert len(ys) == pytest.approx(np.pi * 32, rel=0.2)
    assert np.count_nonzero(data[1, 2] == 3) == pytest.approx(9, abs=1)
    assert settings["features"]["index"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("red", (255, 0, 0, 255)),
        ("#0a0b0c80", (10, 11, 12, 128)),
        (["blue"], (0, 0, 255, 255)),
        (np.array([[1, 0, 0.5, 0.2]]), (255, 0, 128, 51)),
        ((0.0, 1.0, 0.0), (0, 255, 0, 255)),
    ],
)
def test_colours_in_all_forms_that_napari_takes(given: Any, expected: Any) -> None:
    settings = {"shape_type": "line", "edge_color": given}
    frame = Frame("YX", (1, 1), (0, 0))
    (drawing,) = read_drawings(np.zeros((1, 2, 2)), settings, "shapes", frame)
    assert drawing.shape.stroke == expected
