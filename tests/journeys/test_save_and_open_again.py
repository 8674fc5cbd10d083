"""The whole story in napari's own layers: open, paint, save, open again, compare."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

import napari_omero_io
from napari_omero_io import Session
from napari_omero_io.save.receipt import Receipt

from .conftest import PASSWORD, Laboratory

PIXELS = np.random.default_rng(8).integers(0, 4000, (2, 3, 4, 50, 60), "uint16")


@pytest.fixture
def session(laboratory: Laboratory) -> Iterator[Session]:
    sandbox = laboratory.sandbox
    address = f"{sandbox.host}:{sandbox.port}"
    with napari_omero_io.connect(address, "ann", PASSWORD) as session:
        yield session


def open_in_viewer(session: Session, link: str) -> ViewerModel:
    viewer = ViewerModel()
    for data, settings, kind in session.open_layers(link):
        viewer.add_layer(Layer.create(data, settings, kind))
    return viewer


def save(session: Session, layers: list[Any], **choices: Any) -> Receipt:
    data = [layer.as_layer_data_tuple() for layer in layers]
    receipt = session.save(data, "results", **choices)
    for position, saved in receipt.metadata.items():
        layers[position].metadata["omero"] = dict(saved)
    return receipt


def save_source(session: Session) -> str:
    """Save three layers that belong together, and give the link of their image."""
    layers = [
        Image(
            PIXELS[:, c],
            name=name,
            colormap=color,
            contrast_limits=(10 * c, 1000 + c),
            scale=(30, 2, 0.25, 0.25),
            units=("s", "µm", "µm", "µm"),
            axis_labels=("T", "Z", "Y", "X"),
        )
        for c, (name, color) in enumerate(
            {"DAPI": "blue", "GFP": "green", "RFP": "red"}.items()
        )
    ]
    [link] = save(session, layers, together="shape").links("image")
    return link


def summarize(layer: Any) -> dict[str, Any]:
    """Take what must be equal after saving and opening again."""
    return {
        "color": tuple(layer.colormap.colors[-1]),
        "window": tuple(layer.contrast_limits),
        "scale": tuple(layer.scale),
        "units": tuple(map(str, layer.units)),
        "axes": layer.axis_labels,
        "channel": layer.metadata["omero"]["channel_name"],
    }


def test_the_whole_story(session: Session) -> None:
    viewer = open_in_viewer(session, save_source(session))
    opened: list[Any] = list(viewer.layers)
    assert [layer.metadata["omero"]["channel_name"] for layer in opened] == [
        "DAPI",
        "GFP",
        "RFP",
    ]
    viewer._new_labels()
    labels = viewer.layers[-1]
    assert isinstance(labels, Labels)
    labels.data[0, 0, 5:15, 5:15] = 3
    labels.paint((1, 2, 30, 40), 17)

    receipt = save(session, [*opened, labels])
    [link] = receipt.links("image")
    again = open_in_viewer(session, link)

    assert len(again.layers) == 4
    for before, after in zip(opened, again.layers, strict=False):
        np.testing.assert_array_equal(np.asarray(after.data), np.asarray(before.data))
        assert summarize(after) == summarize(before)
    [painted] = [layer for layer in again.layers if isinstance(layer, Labels)]
    np.testing.assert_array_equal(painted.data, labels.data)
    assert painted.name == labels.name
    for number in (3, 17):
        np.testing.assert_allclose(painted.get_color(number), labels.get_color(number))

    # The labels are changed and saved again, now from the layer that was opened.
    painted.paint((1, 3, 5, 5), 99)
    second = save(session, [painted])
    assert len(second.replaced) == 2
    last = open_in_viewer(session, link)
    [once] = [layer for layer in last.layers if isinstance(layer, Labels)]
    np.testing.assert_array_equal(once.data, painted.data)


def test_labels_alone_find_the_image_they_were_painted_on(session: Session) -> None:
    link = save_source(session)
    viewer = open_in_viewer(session, link)
    viewer._new_labels()
    labels: Any = viewer.layers[-1]
    labels.paint((0, 0, 5, 5), 1)
    shown = [layer.as_layer_data_tuple() for layer in viewer.layers[:-1]]
    receipt = save(session, [labels], shown=shown)
    assert [made.kind for made in receipt.objects] == ["roi"]
    assert len(open_in_viewer(session, link).layers) == 4


def test_an_rgb_picture(session: Session) -> None:
    data = np.random.default_rng(1).integers(0, 256, (70, 80, 3), "uint8")
    picture = Image(data, rgb=True, name="tissue")
    [link] = save(session, [picture]).links("image")
    [again] = open_in_viewer(session, link).layers
    assert isinstance(again, Image)
    assert again.rgb
    np.testing.assert_array_equal(np.asarray(again.data), data)
    [second] = save(session, [again]).links("image")
    [once_more] = open_in_viewer(session, second).layers
    np.testing.assert_array_equal(np.asarray(once_more.data), data)


def test_a_pyramid_is_saved_from_its_full_size(session: Session) -> None:
    y, x = np.mgrid[:3300, :3200]
    data = ((x // 3 + y // 5) % 251).astype("uint8")
    [link] = save(session, [Image(data, name="slide")]).links("image")
    [again] = open_in_viewer(session, link).layers
    assert again.multiscale
    np.testing.assert_array_equal(np.asarray(again.data[0]), data)
    [second] = save(session, [again]).links("image")
    plane = session.open(second).levels[0][0, 0, 0].compute()
    np.testing.assert_array_equal(plane, data)
