"""What a viewer shows, as a link, and back; without a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from napari.components import ViewerModel
from napari.layers import Layer

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.convert.layers import image_layers
from napari_omero_io.convert.rendering import apply_view
from napari_omero_io.errors import BadReference
from napari_omero_io.plugin.scene import (
    follow_projection,
    read_references,
    read_view,
    show_view,
)
from napari_omero_io.refs import ChannelView, OmeroRef, View, write_channels

SIZE_T, SIZE_C, SIZE_Z, SIZE_Y, SIZE_X = SHAPE = (3, 3, 5, 40, 60)
TABLE = np.random.default_rng(5).integers(0, 256, (256, 3), np.uint8).tobytes()


@pytest.fixture(scope="module")
def fetcher():
    with Fetcher(threads=1) as fetcher:
        yield fetcher


@pytest.fixture(scope="module")
def source(memory_source):
    return memory_source(SHAPE)


def show(source, fetcher, view):
    """Open an image as a link says, as sessions and stages do it."""
    record = apply_view(source.record, view)
    channels = [
        replace(each, lookup_colors=TABLE if each.lookup_table else b"")
        for each in record.channels
    ]
    record = replace(record, channels=tuple(channels))
    image = RemoteImage(source, fetcher, record, view)
    viewer = ViewerModel()
    for number, data in enumerate(image_layers(image)):
        layer = viewer.add_layer(Layer.create(*data))
        if number == 0:
            show_view(viewer, layer, view)
        else:
            follow_projection(layer, view)
    return viewer, image


windows = st.tuples(st.integers(0, 1000), st.integers(1, 60000)).map(
    lambda pair: (float(pair[0]), float(pair[0] + pair[1]))
)


@st.composite
def views(draw):
    """Make views as the viewer writes them: all is said."""
    channels = []
    for index in range(SIZE_C):
        color = draw(st.sampled_from(["FF0000", "00FF00", "0A141E", "cool.lut"]))
        inverted = draw(st.sampled_from([None, True]))
        family, power = draw(
            st.sampled_from([(None, None), ("polynomial", 1.5), ("logarithmic", 1.0)])
        )
        shown = draw(st.booleans()) or index == 0
        channels.append(
            ChannelView(index, shown, draw(windows), color, inverted, family, power)
        )
    c, maps = write_channels(channels)
    first = draw(st.none() | st.integers(0, SIZE_Z - 2))
    last = draw(st.integers((first or 0) + 1, SIZE_Z - 1))
    z = draw(st.integers(0, SIZE_Z - 1) if first is None else st.integers(first, last))
    kind = draw(st.sampled_from(["intmax", "intmean", "intsum"]))
    # all sections need not be said
    sections = "" if (first, last) == (0, SIZE_Z - 1) else f"|{first}:{last}"
    return View(
        z=z,
        t=draw(st.integers(0, SIZE_T - 1)),
        c=c,
        x=draw(st.integers(0, 100 * SIZE_X)) / 100,
        y=draw(st.integers(0, 100 * SIZE_Y)) / 100,
        zoom=float(f"{draw(st.floats(0.5, 5000)):.6g}"),
        model="c",
        p=None if first is None else kind + sections,
        maps=maps,
    )


@settings(
    max_examples=25,
)
@given(view=views())
def test_a_link_shows_the_view_that_it_was_made_of(source, fetcher, view):
    viewer, image = show(source, fetcher, view)
    assert read_view(viewer, image) == view
    link = str(read_references(viewer)[0])
    assert OmeroRef.parse(link).view == view


def test_layers_look_as_the_link_says(source, fetcher):
    view = View(c="1|10:20$0000FF,-2|5:6$FF0000,3", model="c", z=2, t=1, x=30, y=20)
    viewer, _ = show(source, fetcher, view)
    first, second, third = viewer.layers
    assert [layer.visible for layer in viewer.layers] == [True, False, True]
    assert first.contrast_limits == [10, 20]
    assert np.allclose(first.colormap.map([1.0]), [0, 0, 1, 1])
    assert second.contrast_limits == [5, 6]
    assert third.contrast_limits == [0, 200]
    # half a pixel of 0.5 µm between OMERO's corner and napari's centre
    assert viewer.scene.camera.center[-2:] == (19.5 * 0.5, 29.5 * 0.5)


def test_the_grey_model_shows_one_channel(source, fetcher):
    viewer, image = show(source, fetcher, View(c="-1,2|0:9$00FF00,3", model="g"))
    assert [layer.visible for layer in viewer.layers] == [False, True, False]
    assert np.allclose(viewer.layers[1].colormap.map([1.0]), 1)
    assert read_view(viewer, image).model == "g"


def test_a_projection_of_all_sections_is_written_without_them(source, fetcher):
    viewer, _ = show(source, fetcher, View(p="intmean", z=1, t=2))
    view = read_references(viewer)[0].view
    assert (view.z, view.t, view.p) == (1, 2, "intmean")


def test_a_projection_is_a_thick_slice(source, fetcher):
    viewer, _ = show(source, fetcher, View(p="intmax|1:3", z=0, t=2))
    shown = viewer.layers[1]._slice.image.raw
    assert np.array_equal(shown, source.levels[0][2, 1, 1:4].max(axis=0))


def test_what_an_image_has_not_is_left_out(source, fetcher):
    viewer, image = show(
        source, fetcher, View(z=99, t=99, c="1,2,3,9", p="intmax|2:99")
    )
    view = read_view(viewer, image)
    assert (view.z, view.t, view.p) == (4, SIZE_T - 1, "intmax|2:4")


def test_colours_that_a_user_has_chosen_are_in_the_link(source, fetcher):
    viewer, image = show(source, fetcher, View(c="1$cool.lut,2,3"))
    first, second, third = viewer.layers
    first.colormap = "red"
    second.colormap = "viridis"
    third.gamma = 0.5
    channels = read_view(viewer, image).channels
    assert [each.color for each in channels] == ["FF0000", "viridis.lut", "0000FF"]
    assert (channels[2].family, channels[2].coefficient) == ("polynomial", 0.5)


def test_a_volume_has_no_place_in_a_link(source, fetcher):
    viewer, image = show(source, fetcher, View(x=3, y=4, zoom=50))
    viewer.dims.ndisplay = 3
    view = read_view(viewer, image)
    assert (view.x, view.y, view.zoom, view.z) == (None, None, None, None)
    assert view.c is not None


def test_a_viewer_without_images_of_a_server_has_no_link():
    viewer = ViewerModel()
    viewer.add_image(np.zeros((4, 4)))
    with pytest.raises(BadReference, match="No layer shows an image"):
        read_references(viewer)[0]


def test_a_picture_falls_apart_where_the_link_says_more(memory_source, fetcher):
    source = memory_source((1, 3, 1, 30, 40), dtype="uint8", is_rgb=True)
    whole, _ = show(source, fetcher, View(x=4, y=4))
    assert len(whole.layers) == 1
    parts, _ = show(source, fetcher, View(c="1,-2,-3"))
    assert [layer.visible for layer in parts.layers] == [True, False, False]
