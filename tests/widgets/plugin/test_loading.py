"""The sign in the canvas: pixels are still to come, or will not come."""

from __future__ import annotations

import pytest
from napari.qt import QtViewer

import napari_omero_io
from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.convert.layers import image_layers
from napari_omero_io.errors import NotFound
from napari_omero_io.plugin.loading import INCOMPLETE, OPENING, describe_pending
from napari_omero_io.plugin.viewer import show_layers
from napari_omero_io.widgets.controller import find_window
from napari_omero_io.widgets.loading_sign import LoadingSign

from ...waiting import work

pytestmark = pytest.mark.window


@pytest.fixture
def viewer(make_napari_viewer):
    return make_napari_viewer(show=True)


@pytest.fixture
def image(memory_source):
    fetcher = Fetcher(threads=2)
    source = memory_source((1, 1, 12, 900, 900), tile=(128, 128))
    yield RemoteImage(source, fetcher)
    source.gate.set()
    fetcher.close()


def find_sign(viewer):
    return find_window(viewer).findChild(LoadingSign)


def test_what_is_not_final_is_said_to_be_so(viewer, image):
    show_layers(viewer, image_layers(image))
    assert napari_omero_io.wait_until_loaded(viewer)
    sign = find_sign(viewer)
    work(lambda: not sign.isVisible())
    image.source.gate.clear()
    viewer.dims.set_point(0, 22.0)
    work(lambda: sign.isVisible() and "Loading" in sign.text())
    viewers = find_window(viewer).findChild(QtViewer)
    assert viewers.indexOf(sign) == -1  # no pane of the splitter, but above one
    assert viewers.widget(0).rect().contains(sign.geometry())
    image.source.gate.set()
    work(lambda: not sign.isVisible())


def test_opening_is_said_before_there_are_layers(viewer, image):
    image.source.gate.clear()
    show_layers(viewer, image_layers(image))
    work(lambda: bool(find_sign(viewer)) and find_sign(viewer).text() == OPENING)
    assert not viewer.layers
    image.source.gate.set()
    work(lambda: viewer.layers and not find_sign(viewer).isVisible())


def test_what_will_not_come_is_said_as_long_as_it_is_in_view(
    viewer, image, monkeypatch
):
    monkeypatch.setattr("napari_omero_io.plugin.refresher.show_warning", print)
    show_layers(viewer, image_layers(image))
    assert napari_omero_io.wait_until_loaded(viewer)
    shown = viewer.dims.point[0]
    image.source.error = NotFound("There is no such image any more.")
    viewer.dims.set_point(0, 22.0)
    sign = find_sign(viewer)
    work(lambda: sign.text() == INCOMPLETE and sign.isVisible())
    viewer.dims.set_point(0, shown)
    work(lambda: not sign.isVisible())


def test_tiles_are_counted():
    assert describe_pending(1) == "Loading… 1 tile to come"
    assert describe_pending(1234) == "Loading… 1,234 tiles to come"
