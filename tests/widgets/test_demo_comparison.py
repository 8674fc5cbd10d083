"""The demo is exact, or says in what it is not."""

from __future__ import annotations

import numpy as np
import pytest
from napari.layers import Image, Labels

from napari_omero_io.demo.comparison import compare, snap


def make_layers() -> list[Image | Labels]:
    pixels = np.arange(12, dtype=np.uint16).reshape(3, 4)
    labels = np.array([[0, 1], [5, 0]], dtype=np.int32)
    origin = {"omero": {"channel_name": "DAPI"}}
    return [
        Image(pixels, scale=(0.2, 0.2), contrast_limits=(1, 9), metadata=origin),
        Labels(labels),
    ]


def test_equal_layers_have_no_differences() -> None:
    again = make_layers()
    again[1].data = again[1].data.astype(np.uint8)
    assert compare(snap(make_layers()), snap(again)) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda image, labels: image.data.__setitem__((0, 0), 99), "1 pixels of image"),
        (
            lambda image, labels: labels.data.__setitem__((0, 0), 99),
            "1 pixels of labels",
        ),
        (lambda image, labels: setattr(image, "scale", (1, 1)), "pixel size"),
        (lambda image, labels: setattr(image, "contrast_limits", (0, 9)), "contrast"),
        (lambda image, labels: setattr(image, "colormap", "green"), "color"),
        (
            lambda image, labels: image.metadata["omero"].update(channel_name="GFP"),
            "channel DAPI became GFP",
        ),
        (
            lambda image, labels: setattr(image, "data", image.data.astype(float)),
            "type of image",
        ),
        (
            lambda image, labels: setattr(image, "data", image.data[:2]),
            "shape of image",
        ),
    ],
)
def test_every_difference_is_named(change, says) -> None:
    layers = make_layers()
    change(*layers)
    differences = compare(snap(make_layers()), snap(layers))
    assert any(says in difference for difference in differences), differences


def test_missing_labels_are_named() -> None:
    assert compare(snap(make_layers()), snap(make_layers()[:1])) == [
        "1 labels layers became 0"
    ]
