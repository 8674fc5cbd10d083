"""Layers as napari itself hands them to writers."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer, Points
from napari.utils.colormaps import DirectLabelColormap

from napari_omero_io.save.appearance import MASK_ALPHA, read_label_colors
from napari_omero_io.save.plan import SavePlan, SaveTarget, plan_save

SERVER = "omero.example.org:4064"
OMERO = {"omero": {"server": SERVER, "image_id": 5, "channel": 0}}
UNITS = ("s", "µm", "µm", "µm")
SCALE = (2, 1.3, 0.325, 0.65)


def plan(*layers: Layer, shown: tuple[Layer, ...] = ()) -> SavePlan:
    data: list[Any] = [layer.as_layer_data_tuple() for layer in layers]
    others: list[Any] = [layer.as_layer_data_tuple() for layer in shown]
    return plan_save(data, SaveTarget(SERVER), shown=others)


def make_image(**options: Any) -> Image:
    data = np.zeros((3, 4, 8, 9), "uint16")
    return Image(data, scale=SCALE, units=UNITS, axis_labels="TZYX", **options)


def test_an_image_layer() -> None:
    layer = make_image(colormap="#00ff80", contrast_limits=(1, 500), name="cells")
    [image] = plan(layer).images
    assert image.sizes == (3, 1, 4, 8, 9)
    assert image.pixel_sizes == {"T": 2, "Z": 1.3, "Y": 0.325, "X": 0.65}
    [channel] = image.channels
    assert channel.color == (0, 255, 128, 255)
    assert channel.window == (1, 500)
    assert image.notes == ()


def test_colormaps() -> None:
    colors = {
        name: plan(make_image(colormap=name)).images[0].channels[0].color[:3]
        for name in ("gray", "red", "magenta", "bop blue", "gray_r", "viridis")
    }
    assert colors["gray"] == (255, 255, 255)
    assert colors["red"] == (255, 0, 0)
    assert colors["magenta"] == (255, 0, 255)
    assert colors["bop blue"][2] > colors["bop blue"][0]
    assert colors["gray_r"] == (255, 255, 255)
    assert plan(make_image(colormap="viridis")).notes


def test_an_rgb_layer_and_one_of_several_resolutions() -> None:
    rgb = Image(np.zeros((40, 50, 3), "uint8"), rgb=True)
    levels = Image([np.zeros((64, 64)), np.zeros((32, 32))], multiscale=True)
    first, second = plan(rgb, levels).images
    assert [channel.name for channel in first.channels] == ["Red", "Green", "Blue"]
    assert first.notes == ()
    assert second.sizes == (1, 1, 1, 64, 64)


def test_labels_made_with_the_button_find_the_image_below_them() -> None:
    viewer = ViewerModel()
    picture = viewer.add_layer(make_image(metadata=OMERO))
    viewer._new_labels()
    drawn = viewer.layers[-1]
    assert isinstance(drawn, Labels)
    [labels] = plan(drawn, shown=(picture, Points(np.zeros((1, 4))))).labels
    assert (labels.image_id, labels.order) == (5, "TZYX")
    [labels] = plan(picture, drawn).labels
    assert labels.new_image == 0


def test_colours_of_labels() -> None:
    layer = Labels(np.array([[0, 1], [5, 70_000]]))
    numbers = [1, 5, 70_000]
    colors = read_label_colors(layer.colormap, numbers)
    for number in numbers:
        shown = layer.get_color(number)
        assert shown is not None
        expected = [round(float(part) * 255) for part in shown[:3]]
        assert colors[number] == (*expected, MASK_ALPHA)


def test_colours_chosen_by_the_user() -> None:
    chosen = {0: "transparent", 1: "red", 5: "#0000ff", None: "white"}
    colormap = DirectLabelColormap(color_dict=chosen)
    assert read_label_colors(colormap, [1, 5, 6]) == {
        1: (255, 0, 0, MASK_ALPHA),
        5: (0, 0, 255, MASK_ALPHA),
        6: (255, 255, 255, MASK_ALPHA),
    }
