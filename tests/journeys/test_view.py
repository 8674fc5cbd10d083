"""Looking at images of a real server in a real window: what links and the dock do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from napari import Viewer
from napari.qt import QtViewer
from qtpy.QtWidgets import QApplication

from napari_omero_io import OmeroRef, Sandbox, connect
from napari_omero_io.arrays.picture import PictureImage
from napari_omero_io.errors import PixelsUnavailable
from napari_omero_io.plugin import commands, opening
from napari_omero_io.plugin.docks import controller_of, show_browser
from napari_omero_io.plugin.refresher import camera_of
from napari_omero_io.plugin.scene import read_references
from napari_omero_io.plugin.viewer import stage_of, wait_until_loaded
from napari_omero_io.refs import View
from napari_omero_io.sandbox.command import main as run_sandbox
from napari_omero_io.sandbox.store.pixel_store import PixelStore
from napari_omero_io.settings import FOLDER_VARIABLE, load_settings
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.controller import find_window
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.main import DOCK_NAME

pytestmark = pytest.mark.window

#: The images of the server: two whose pyramids are not made yet, then a small stack.
BIG, BIG_TOO, STACK = 1, 2, 3


def draw_stack() -> np.ndarray:
    """Give Z, C, Y, X of 16 bits; smooth, so that JPEG does little harm."""
    z, c, y, x = np.indices((5, 3, 60, 80))
    waves = np.sin(x / (9 + 3 * c)) + np.cos(y / (7 + c) + z)
    return np.round(1000 * (waves + 2)).astype(np.uint16)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("view")
    y, x = np.indices((3300, 3200))
    for name in ("big.tif", "big too.tif"):
        tifffile.imwrite(folder / name, ((x // 7 + y // 5) % 251).astype(np.uint8))
    tifffile.imwrite(
        folder / "stack.ome.tif", draw_stack(), metadata={"axes": "ZCYX"}, ome=True
    )
    files = [str(folder / n) for n in ("big.tif", "big too.tif", "stack.ome.tif")]
    with pytest.MonkeyPatch.context() as patch:
        # An import makes them; a server that was stopped meanwhile has not yet.
        patch.setattr(PixelStore, "build_pyramid", lambda *_: None)
        words = ["import", "--data", str(folder / "data"), "--dataset", "Seen"]
        assert run_sandbox([*words, *files]) == 0
    with Sandbox(folder / "data") as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep napari and the plugin out of the user's own files."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("NAPARI_CONFIG", str(tmp_path / "napari.yaml"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "settings"))


@pytest.fixture
def viewer(
    make_napari_viewer: Callable[..., Viewer], qtbot: Any, server: Sandbox
) -> Viewer:
    """Give a window whose dock is logged in."""
    viewer = make_napari_viewer(show=True)
    stage_of(viewer)
    account = controller_of(viewer).account
    show_browser(viewer)
    login = Login(server.host, server.user, server.password, str(server.port))
    account.log_in(login)
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    return viewer


def paste(viewer: Viewer, text: str) -> Any:
    """Paste a text into the dock's field and press Enter."""
    page = show_browser(viewer).browser
    page.link.setText(text)
    page.link.returnPressed.emit()
    return page


def test_the_dock_waits_for_a_pyramid(qtbot: Any, viewer: Viewer) -> None:
    page = paste(viewer, f"image:{BIG}")
    qtbot.waitUntil(lambda: "preparing" in page.message.text())
    assert "by itself" in page.message.text()
    assert page.message.tone == "busy"
    qtbot.waitUntil(lambda: len(viewer.layers) == 1)
    assert wait_until_loaded(viewer)
    assert viewer.layers[0].name == "big.tif"
    qtbot.waitUntil(lambda: page.message.text() == "")


def test_a_link_waits_for_a_pyramid(
    qtbot: Any, viewer: Viewer, server: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(opening, "show_info", told.append)
    address = f"{server.host}:{server.port}"
    stage_of(viewer).links.open_text(f"omero://{address}/image/{BIG_TOO}")
    qtbot.waitUntil(lambda: len(viewer.layers) == 1)
    assert wait_until_loaded(viewer)
    assert sum("by itself" in text for text in told) == 1


def test_the_dock_copies_a_link_that_leads_back(qtbot: Any, viewer: Viewer) -> None:
    paste(viewer, f"image:{STACK}")
    qtbot.waitUntil(lambda: len(viewer.layers) == 3)
    assert wait_until_loaded(viewer)
    viewer.dims.set_current_step(0, 4)
    viewer.scene.camera.center = (0, 20.0, 30.0)
    viewer.scene.camera.zoom = 7.5
    viewer.layers[0].visible = False
    viewer.layers[1].contrast_limits = (100, 2000)
    viewer.layers[2].colormap = "magenta"
    page = show_browser(viewer).browser
    page.copy_view.click()
    link = QApplication.clipboard().text()
    assert link in page.message.text()
    viewer.layers.clear()
    paste(viewer, link)
    qtbot.waitUntil(lambda: len(viewer.layers) == 3)
    assert wait_until_loaded(viewer)
    assert viewer.dims.current_step[0] == 4
    camera = viewer.scene.camera
    assert camera.center[-2:] == pytest.approx((20.0, 30.0))
    assert camera.zoom == pytest.approx(7.5)
    first, second, third = viewer.layers
    assert not first.visible
    assert second.contrast_limits == [100, 2000]
    assert np.allclose(third.colormap.map([1.0])[0, :3], [1, 0, 1])
    shown = second._slice.image.raw
    np.testing.assert_array_equal(shown, draw_stack()[4, 1])


def compose(planes: np.ndarray, channels: Any) -> np.ndarray:
    """Show planes C, Y, X as OMERO does: each channel's level times its colour."""
    picture = np.zeros((*planes.shape[1:], 3))
    for plane, channel in zip(planes, channels, strict=True):
        low, high = channel.window
        level = np.clip((plane.astype(float) - low) / (high - low), 0, 1)
        level = 1 - level if channel.inverted else level
        picture += channel.active * level[..., None] * np.array(channel.color[:3])
    return np.minimum(picture, 255)


def test_a_rendered_image_looks_as_its_channels_do(server: Sandbox) -> None:
    c = "1|500:3500$FF0000,-2|0:4000$00FF00,3|1000:3000$3040FF"
    maps = '[{},{},{"inverted":{"enabled":true}}]'
    ref = OmeroRef(None, "image", STACK, view=View(z=3, c=c, maps=maps))
    with connect(f"{server.host}:{server.port}", "root", "omero") as session:
        image = session.open(ref, rendered=True)
        picture = np.asarray(image.levels[0][0, :, 3])
        assert isinstance(image, PictureImage)
        wanted = compose(draw_stack()[3], image.shown.channels)
        assert np.abs(np.moveaxis(picture, 0, -1) - wanted).mean() < 4
        flat = OmeroRef(None, "image", STACK, view=View(c=c, maps=maps, p="intmax|1:3"))
        projected = session.open(flat, rendered=True)
        assert projected.shape == (1, 3, 1, 60, 80)
        wanted = compose(draw_stack()[1:4].max(axis=0), image.shown.channels)
        picture = np.asarray(projected.levels[0][0, :, 0])
        assert np.abs(np.moveaxis(picture, 0, -1) - wanted).mean() < 4


def test_a_large_rendered_image_is_read_by_regions(server: Sandbox) -> None:
    address = f"{server.host}:{server.port}"
    with connect(address, "root", "omero") as session:
        for _ in range(1500):  # its pyramid may not be ready yet
            try:
                image = session.open(BIG, rendered=True)
            except PixelsUnavailable:
                time.sleep(0.2)
            else:
                break
        raw = session.open(BIG)
        for level in (0, len(raw.levels) - 1):
            part = np.s_[0, 0, 0, 40:100, 30:90]
            wanted = np.asarray(raw.levels[level][part])
            low, high = image.shown.channels[0].window
            wanted = np.clip((wanted - low) / (high - low) * 255, 0, 255)
            picture = np.asarray(image.levels[level][part])
            assert np.abs(picture - wanted).mean() < 12


def test_pixels_take_the_place_of_a_picture_and_the_view_stays(
    qtbot: Any, viewer: Viewer, server: Sandbox
) -> None:
    viewer.add_points([(5, 5)], name="mine")
    text = f"omero://{server.host}:{server.port}/image/{STACK}?z=1&x=30&y=20&zm=600"
    text += "&c=1|0:4000$FF0000,-2|0:4000$00FF00,3|0:4000$0000FF"
    stage_of(viewer).links.open_text(text, rendered=True)
    qtbot.waitUntil(lambda: len(viewer.layers) == 2)
    assert wait_until_loaded(viewer)
    (picture,) = [layer for layer in viewer.layers if layer.name != "mine"]
    assert picture.rgb
    before = read_references(viewer)[0]
    for names in (3, 1):
        commands.switch_rendering(viewer)
        qtbot.waitUntil(lambda n=names: len(viewer.layers) == 1 + n)
        qtbot.waitUntil(lambda: picture not in viewer.layers)
        assert wait_until_loaded(viewer)
        after = read_references(viewer)[0]
        assert after == before
    assert viewer.layers.selection.active.rgb


def test_the_lowest_layer_is_switched_and_the_window_lives(
    qtbot: Any, viewer: Viewer, server: Sandbox
) -> None:
    """With napari 0.9.2 on Mesa's software renderer the next picture ended it."""
    link = f"omero://{server.host}:{server.port}/image/{BIG}"
    stage_of(viewer).links.open_text(link, rendered=True)
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=60000)
    assert wait_until_loaded(viewer)
    picture = viewer.layers[0]
    commands.switch_rendering(viewer)
    qtbot.waitUntil(lambda: picture not in viewer.layers, timeout=60000)
    canvas = find_window(viewer).findChild(QtViewer).canvas
    for _ in range(15):  # beyond the time for which the old picture is kept
        camera_of(viewer).zoom *= 1.02
        canvas.native.repaint()
        assert wait_until_loaded(viewer)
    assert not any(layer.rgb for layer in viewer.layers)


@pytest.fixture
def web_host() -> Iterator[str]:
    """Run a web server on another loopback address, where no OMERO server is."""
    try:
        web = ThreadingHTTPServer(("127.0.0.2", 80), SimpleHTTPRequestHandler)
    except OSError as error:
        pytest.skip(f"no web server can be run here: {error}")
    with web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield "127.0.0.2"
        web.shutdown()


def test_the_server_behind_a_web_address_is_asked_once(
    qtbot: Any,
    make_napari_viewer: Callable[..., Viewer],
    server: Sandbox,
    web_host: str,
) -> None:
    viewer = make_napari_viewer(show=True)
    links = stage_of(viewer).links
    link = f"http://{web_host}/webclient/img_detail/{STACK}/?z=2"
    links.open_text(link)
    qtbot.waitUntil(lambda: DOCK_NAME in viewer.window.dock_widgets)
    page = show_browser(viewer).login
    assert page.server.currentText() == web_host
    page.user.setText(server.user)
    page.password.setText(server.password)
    page.log_in.click()
    qtbot.waitUntil(lambda: page.message.tone == "error")
    assert "is a web address" in page.message.text()
    page.server.setCurrentText(server.host)
    page.port.setText(str(server.port))
    page.log_in.click()
    qtbot.waitUntil(lambda: len(viewer.layers) == 3)
    assert wait_until_loaded(viewer)
    assert load_settings().aliases == {web_host: f"{server.host}:{server.port}"}
    # from now on nobody is asked, and our links to the web client lead there
    links.open_text(f"https://{web_host}/webclient/?show=image-{STACK}")
    qtbot.waitUntil(lambda: len(viewer.layers) == 6)
    commands.copy_web_link(viewer)
    copied = QApplication.clipboard().text()
    assert copied.startswith(f"https://{web_host}/webclient/img_detail/{STACK}/?z=2&")
    view = OmeroRef.parse(copied).view
    assert view is not None
    # though the image is open twice
    assert [channel.index for channel in view.channels] == [0, 1, 2]
