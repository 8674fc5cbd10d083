"""Remote layers in a real window."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from napari.layers import Image
from qtpy.QtWidgets import QApplication

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.quality import Quality
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.convert.layers import image_layers
from napari_omero_io.errors import NotFound, PixelsUnavailable, SessionLost
from napari_omero_io.plugin.viewer import show_layers, stage_of, wait_until_loaded
from napari_omero_io.plugin.viewing import LiveViewing
from napari_omero_io.settings import load_settings

from ...waiting import work

pytestmark = pytest.mark.window


@pytest.fixture
def viewer(make_napari_viewer):
    viewer = make_napari_viewer(show=True)
    viewer.window.resize(900, 700)
    return viewer


@pytest.fixture
def open_image(memory_source):
    fetchers = []

    def make(shape, **options):
        fetcher = Fetcher(threads=2)
        fetchers.append(fetcher)
        return RemoteImage(memory_source(shape, **options), fetcher)

    yield make
    for fetcher in fetchers:
        fetcher.close()


def seen(layer, *position):
    """Return the value that a layer shows at a position, in its own pixels."""
    value = layer.get_value(layer.data_to_world(position), world=True)
    return value[1] if layer.multiscale else value


def test_layers_show_the_true_pixels(viewer, open_image):
    image = open_image((2, 2, 3, 900, 1100), count=2, tile=(256, 256), default_z=2)
    image.prefetch()
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    assert [layer.name for layer in viewer.layers] == [
        "channel 0 (memory)",
        "channel 1 (memory)",
    ]
    assert viewer.dims.current_step[:2] == (0, 2)
    for c, layer in enumerate(viewer.layers):
        level = layer.data_level
        pixels = image.source.levels[level][0, c, 2]
        for y, x in ((0, 0), (450, 300), (800, 1000)):
            step = 2**level
            assert seen(layer, 0, 2, y, x) == pixels[y // step, x // step]


def test_layers_look_as_on_the_server(viewer, open_image):
    image = open_image((2, 2, 3, 90, 110))
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    first, second = viewer.layers
    assert tuple(second.scale) == (30.0, 2.0, 0.5, 0.5)
    assert [str(unit) for unit in second.units] == [
        "second",
        "micrometer",
        "micrometer",
        "micrometer",
    ]
    assert second.axis_labels == ("T", "Z", "Y", "X")
    assert first.contrast_limits == [0, 200]
    assert first.contrast_limits_range == [0, 255]
    assert np.allclose(second.colormap.map([1.0]), [0, 1, 0, 1])


def test_the_window_never_waits(viewer, open_image):
    image = open_image((1, 2, 5, 1500, 1500), count=2, tile=(256, 256))
    image.prefetch()
    calls = image.source.count()
    image.source.gate.clear()
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 2)
    for z in range(5):
        viewer.dims.set_point(0, z * 2.0)
        viewer.scene.camera.zoom *= 1.3
        QApplication.processEvents()
    assert image.source.count() == calls
    assert stage_of(viewer).is_busy
    image.source.gate.set()
    assert wait_until_loaded(viewer)
    layer = viewer.layers[1]
    level = layer.data_level
    pixels = image.source.levels[level][0, 1, 4]
    assert seen(layer, 4, 750, 750) == pixels[750 // 2**level, 750 // 2**level]


def test_a_prefetched_plane_needs_no_waiting(viewer, open_image):
    image = open_image((1, 1, 1, 3000, 3000), count=3, tile=(256, 256))
    image.prefetch()
    image.source.gate.clear()
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 1)
    QApplication.processEvents()
    coarse = image.source.levels[2][0, 0, 0]
    assert seen(viewer.layers[0], 1200, 1200) == coarse[300, 300]
    image.source.gate.set()
    assert wait_until_loaded(viewer)


def test_thumbnails_are_drawn_when_all_is_there_and_not_for_every_view(
    viewer, open_image, monkeypatch
):
    image = open_image((1, 2, 4, 3000, 3000), count=4, tile=(256, 256))
    drawn = []
    plain = Image._update_thumbnail
    monkeypatch.setattr(
        Image, "_update_thumbnail", lambda self: drawn.append(self) or plain(self)
    )
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    viewer.dims.set_point(0, 2 * 2.0)
    assert wait_until_loaded(viewer)
    for c, layer in enumerate(viewer.layers):
        assert layer in drawn
        coarsest = image.source.levels[-1][0, c, 2]
        assert np.array_equal(layer._slice.thumbnail.raw, coarsest)
        shown = layer.thumbnail.copy()
        plain(layer)
        assert np.array_equal(layer.thumbnail, shown)

    # napari drew some of them itself when it went to another plane
    stage_of(viewer).refresher._draw_thumbnail()
    assert wait_until_loaded(viewer)
    drawn.clear()
    calls = image.source.count()
    viewer.scene.camera.zoom *= 2  # to the next finer resolution
    work(lambda: image.source.count() > calls)
    assert wait_until_loaded(viewer)
    assert not drawn


def test_where_one_layer_fills_a_turn_the_others_come_later(
    viewer, open_image, monkeypatch
):
    monkeypatch.setattr("napari_omero_io.plugin.refresher._TURN", 0)
    image = open_image((1, 4, 1, 1500, 1500), count=2, tile=(256, 256))
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    assert len(viewer.layers) == 4
    image.fetcher.cache.clear()
    viewer.scene.camera.zoom *= 3
    work(lambda: stage_of(viewer).is_busy)
    assert wait_until_loaded(viewer)
    for c, layer in enumerate(viewer.layers):
        step = 2**layer.data_level
        pixels = image.source.levels[layer.data_level][0, c, 0]
        assert seen(layer, 750, 750) == pixels[750 // step, 750 // step]


def test_an_rgb_picture_is_on_the_screen(viewer, open_image):
    image = open_image((1, 3, 1, 700, 800), dtype="uint8", count=2, is_rgb=True)
    image.source.levels = [
        np.broadcast_to(
            np.array([200, 100, 50], np.uint8)[:, None, None, None], level.shape
        )
        for level in image.source.levels
    ]
    image.prefetch()
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    QApplication.processEvents()
    shot = viewer.screenshot(canvas_only=True, flash=False)
    middle = shot[shot.shape[0] // 2, shot.shape[1] // 2, :3]
    assert np.allclose(middle, [200, 100, 50], atol=3)


def test_what_others_read_is_exact_while_the_screen_is_not(viewer, open_image):
    image = open_image((1, 1, 3, 900, 900), count=2, tile=(256, 256))
    image.prefetch()
    image.source.gate.clear()
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 1)
    threading.Timer(0.2, image.source.gate.set).start()
    assert np.array_equal(viewer.layers[0].data[0][1], image.source.levels[0][0, 0, 1])


def test_a_volume_is_completed(viewer, open_image):
    image = open_image((1, 1, 6, 64, 64))
    show_layers(viewer, image_layers(image))
    viewer.dims.ndisplay = 3
    work(lambda: len(viewer.layers) == 1)
    assert wait_until_loaded(viewer)
    raw = viewer.layers[0]._slice.image.raw
    assert np.array_equal(raw, image.source.levels[0][0, 0])


def test_failures_are_told_once_and_the_window_lives(viewer, open_image, monkeypatch):
    told = []
    monkeypatch.setattr("napari_omero_io.plugin.refresher.show_warning", told.append)
    image = open_image((1, 2, 4, 900, 900), tile=(128, 128))
    image.prefetch()
    image.source.error = SessionLost("The session ended.")
    show_layers(viewer, image_layers(image))
    work(lambda: told)
    for z in range(4):
        viewer.dims.set_point(0, z * 2.0)
    assert not wait_until_loaded(viewer, timeout=1)
    assert told == ["The session ended."]


def test_layers_added_by_a_script_are_served_too(viewer, open_image):
    stage_of(viewer)
    image = open_image((1, 1, 3, 900, 900), count=2, tile=(256, 256))
    data, settings, _ = image_layers(image)[0]
    layer = viewer.add_image(data, **settings)
    image.source.gate.clear()
    viewer.dims.set_point(0, 0.0)
    QApplication.processEvents()
    image.source.gate.set()
    assert wait_until_loaded(viewer)
    level = layer.data_level
    expected = image.source.levels[level][0, 0, 0, 400 // 2**level, 400 // 2**level]
    assert seen(layer, 0, 400, 400) == expected


def test_removed_layers_want_nothing(viewer, open_image):
    image = open_image((1, 1, 3, 4000, 4000), count=2, tile=(256, 256))
    image.prefetch()
    image.source.gate.clear()
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 1)
    viewer.dims.set_point(0, 4.0)
    work(lambda: image.fetcher.pending > 2)
    viewer.layers.clear()
    assert image.fetcher.pending <= 2
    image.source.gate.set()
    assert wait_until_loaded(viewer)


def test_a_duplicate_shows_the_same(viewer, open_image):
    image = open_image((1, 1, 3, 300, 300))
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    from napari.layers import Layer

    layer = viewer.layers[0]
    data, settings, kind = layer.as_layer_data_tuple()
    twin = viewer.add_layer(Layer.create(data, settings | {"name": "twin"}, kind))
    viewer.dims.set_point(0, 4.0)
    assert wait_until_loaded(viewer)
    expected = image.source.levels[0][0, 0, 2, 10, 20]
    assert seen(layer, 2, 10, 20) == seen(twin, 2, 10, 20) == expected


def test_pixels_that_come_late_lie_beneath_what_is_drawn_on_them(
    viewer, open_image
) -> None:
    layers = image_layers(open_image((1, 2, 1, 64, 64)))
    omero = layers[0][1]["metadata"]["omero"]
    origin = {key: omero[key] for key in ("server", "image_id")}
    other = {**origin, "image_id": origin["image_id"] + 1}
    for name, of in (("elsewhere", other), ("drawn", origin)):
        viewer.add_labels(np.zeros((4, 4), np.uint8), name=name, metadata={"omero": of})
    show_layers(viewer, layers)
    assert wait_until_loaded(viewer)
    assert viewer.layers[0].name == "elsewhere"
    assert viewer.layers[-1].name == "drawn"


def test_an_image_without_pixels_adds_nothing(viewer, open_image, monkeypatch):
    told = []
    monkeypatch.setattr("napari_omero_io.plugin.viewer.show_error", told.append)
    image = open_image((1, 2, 4, 90, 90))
    image.source.error = PixelsUnavailable("The pixels are not ready.")
    show_layers(viewer, image_layers(image))
    work(lambda: told)
    assert told == ["The pixels are not ready."]
    assert not viewer.layers
    assert wait_until_loaded(viewer)


def test_layers_of_a_closed_session_say_so(viewer, open_image, monkeypatch):
    told = []
    monkeypatch.setattr("napari_omero_io.plugin.refresher.show_warning", told.append)
    image = open_image((1, 1, 12, 90, 90))
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    image.fetcher.close()
    viewer.dims.set_point(0, 22.0)
    work(lambda: told)
    assert told == ["“memory” was closed; open it again to read it."]
    assert not wait_until_loaded(viewer)


def test_waiting_ends_when_what_failed_has_come_at_last(
    viewer, open_image, monkeypatch
):
    monkeypatch.setattr("napari_omero_io.plugin.refresher.show_warning", print)
    image = open_image((1, 1, 12, 900, 900), tile=(128, 128))
    image.prefetch()
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    image.source.error = PixelsUnavailable("Not ready.", retry_after=0.5)
    calls = image.source.count()
    viewer.dims.set_point(0, 22.0)
    work(lambda: image.source.count() > calls)
    assert not wait_until_loaded(viewer, timeout=0.3)
    image.source.error = None
    assert wait_until_loaded(viewer)
    assert (
        seen(viewer.layers[0], 11, 450, 450)
        == image.source.levels[0][0, 0, 11, 450, 450]
    )


def test_waiting_ends_where_the_server_declines(viewer, open_image, monkeypatch):
    monkeypatch.setattr("napari_omero_io.plugin.refresher.show_warning", print)
    image = open_image((1, 1, 4, 900, 900), tile=(128, 128))
    image.prefetch()
    image.source.error = NotFound("There is no such image any more.")
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 1)
    viewer.dims.set_point(0, 6.0)
    assert not wait_until_loaded(viewer)
    image.fetcher.forget_failures()
    image.source.error = None
    assert wait_until_loaded(viewer)


def test_pixels_that_are_being_made_are_shown_by_themselves(
    viewer, open_image, monkeypatch
):
    told = []
    monkeypatch.setattr("napari_omero_io.plugin.viewer.show_info", told.append)
    image = open_image((1, 1, 1, 90, 90))
    image.source.error = PixelsUnavailable("The pyramid is made.", retry_after=0.1)
    show_layers(viewer, image_layers(image))
    work(lambda: told)
    assert not viewer.layers
    image.source.error = None
    assert wait_until_loaded(viewer)
    assert len(viewer.layers) == 1
    assert told == ["The pyramid is made. It will be shown by itself."]


def test_after_a_rest_the_first_pixels_are_painted_at_once(viewer):
    refresher = stage_of(viewer).refresher
    refresher._cost = 5000.0
    refresher._painted = time.perf_counter() - 3600
    refresher._plan()
    assert refresher._timer.remainingTime() < 1000
    refresher._timer.stop()
    refresher._painted = time.perf_counter()
    refresher._plan()
    assert refresher._timer.remainingTime() > 10_000
    refresher._timer.stop()
    refresher._views = -1  # something else is looked at: half of the time is for it
    refresher._plan()
    assert 1000 < refresher._timer.remainingTime() < 10_000
    refresher._timer.stop()


def test_a_view_is_coarser_and_sharpens_when_it_is_enlarged(viewer, open_image):
    stage_of(viewer).refresher.quality = Quality.BALANCED
    image = open_image((1, 1, 1, 2400, 2400), count=3, factor=4, tile=(128, 128))
    image.prefetch()
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 1)
    layer = viewer.layers[0]
    viewpoint = layer.data[0].viewpoint
    pixel = 0.5  # micrometres
    viewer.scene.camera.zoom = 0.3 / pixel
    assert wait_until_loaded(viewer)
    assert viewpoint.chosen == (0, 1)
    assert seen(layer, 1200, 1200) == image.source.levels[1][0, 0, 0, 300, 300]
    # napari need not ask again: what it has shows more than this
    viewer.scene.camera.zoom = 0.6 / pixel
    assert wait_until_loaded(viewer)
    assert viewpoint.chosen == (0, 0)
    assert seen(layer, 1200, 1200) == image.source.levels[0][0, 0, 0, 1200, 1200]
    stage_of(viewer).refresher.quality = Quality.FAST
    assert wait_until_loaded(viewer)
    assert viewpoint.chosen == (0, 1)


def test_choices_hold_for_open_viewers_and_are_remembered(viewer, open_image):
    stage = stage_of(viewer)
    viewing = LiveViewing()
    viewing.quality = "fast"
    viewing.limits = (64 << 20, 1 << 30)
    assert stage.refresher.quality is Quality.FAST
    assert LiveViewing().limits == (64 << 20, 1 << 30)
    assert load_settings().quality == "fast"
    viewing.quality = "balanced"
    viewing.limits = (192 << 20, 4 << 30)


def test_panning_back_asks_for_nothing(viewer, open_image):
    image = open_image((1, 1, 1, 3000, 3000), count=4, tile=(256, 256))
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 1)
    assert wait_until_loaded(viewer)
    viewer.scene.camera.zoom *= 4
    places = [viewer.scene.camera.center]
    for _ in range(3):
        y, x = viewer.scene.camera.center[-2:]
        viewer.scene.camera.center = (y + 200, x + 200)
        places.append(viewer.scene.camera.center)
        settle(viewer, image)
    calls = image.source.count()
    assert calls > 4
    for place in reversed(places[1:]):
        viewer.scene.camera.center = place
        settle(viewer, image)
    assert image.source.count() == calls


def settle(viewer, image):
    """Wait for all that is in view, and for what may be in view next."""
    # what napari does when the canvas is drawn next: layers learn what is in view
    viewer.window._qt_viewer.canvas.on_draw(None)
    assert wait_until_loaded(viewer)
    work(lambda: not image.fetcher.pending)


def test_a_volume_is_shown_at_the_finest_level_that_fits(
    viewer, open_image, monkeypatch
):
    monkeypatch.setattr("napari_omero_io.arrays.quality.LONGEST_EDGE", 200)
    image = open_image((1, 1, 4, 256, 256), count=3, tile=(64, 64))
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 1)
    layer = viewer.layers[0]
    viewer.dims.ndisplay = 3
    assert wait_until_loaded(viewer)
    assert layer.data_level == 1
    assert np.array_equal(layer._slice.image.raw, image.source.levels[1][0, 0])
    viewer.dims.ndisplay = 2
    assert layer.locked_data_level is None
    assert wait_until_loaded(viewer)


def test_of_many_channels_only_the_active_ones_are_fetched(viewer, open_image):
    image = open_image((1, 12, 2, 60, 80))
    channels = [
        replace(channel, active=channel.index in (3, 7))
        for channel in image.record.channels
    ]
    image.record = replace(image.record, channels=tuple(channels))
    show_layers(viewer, image_layers(image))
    work(lambda: len(viewer.layers) == 12)
    assert wait_until_loaded(viewer)
    assert {call[2] for call in image.source.calls} == {3, 7}
    viewer.layers[10].visible = True
    assert wait_until_loaded(viewer)
    assert {call[2] for call in image.source.calls} == {3, 7, 10}
