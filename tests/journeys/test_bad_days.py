"""What goes wrong on bad days, in the real window: one sentence, and it goes on."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keyring
import numpy as np
import omero
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from napari import Viewer
from napari.utils import notifications
from omero.rtypes import rdouble, rint, rstring
from qtpy.QtWidgets import QApplication

from napari_omero_io import Sandbox
from napari_omero_io.client import credentials, lifeline
from napari_omero_io.client.connect import connect
from napari_omero_io.client.connection import Connection
from napari_omero_io.client.deletion import delete_objects
from napari_omero_io.client.upload import create_image
from napari_omero_io.client.wire import refer
from napari_omero_io.errors import OmeroIOError
from napari_omero_io.plugin.docks import controller_of, show_browser
from napari_omero_io.plugin.viewer import stage_of, wait_until_loaded
from napari_omero_io.records import NewChannel, NewImage
from napari_omero_io.sandbox.faults import give_order
from napari_omero_io.session import Session, find_session
from napari_omero_io.settings import FOLDER_VARIABLE
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.main import OmeroDock
from napari_omero_io.widgets.names import write_line

pytestmark = pytest.mark.window

PIXELS = np.random.default_rng(5).integers(1, 60000, (1, 1, 40, 90, 120)).astype("u2")
ROOT = ("root", "omero")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep napari and the plugin out of the user's own files, and off the keyring."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("NAPARI_CONFIG", str(tmp_path / "napari.yaml"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "settings"))
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(tmp_path_factory.mktemp("server"), faults=True) as sandbox:
        yield sandbox


@pytest.fixture
def root(sandbox: Sandbox) -> Iterator[Connection]:
    with connect(sandbox.url, *ROOT) as connection:
        yield connection


def store_image(connection: Connection, name: str = "noise") -> int:
    new = NewImage(name, "uint16", PIXELS.shape, (NewChannel(),))
    planes = [(0, 0, z, PIXELS[0, 0, z]) for z in range(PIXELS.shape[2])]
    return create_image(connection, new, planes)


@dataclass
class Scene:
    """A window that is logged in to the server."""

    viewer: Viewer
    dock: OmeroDock
    told: list[str] = field(default_factory=list)

    @property
    def account(self) -> Any:
        return controller_of(self.viewer).account

    @property
    def says(self) -> str:
        return self.dock.browser.message.text()

    def open(self, image_id: int) -> Any:
        server = self.account.server
        link = server.make_link("image", image_id)
        controller_of(self.viewer).opening.open_links({link: "image"})
        self.work(lambda: len(self.viewer.layers) > 0)
        assert wait_until_loaded(self.viewer)
        self.work(lambda: self.says == "")
        return self.viewer.layers[0]

    def look_at(self, z: int) -> None:
        self.viewer.dims.set_point(0, float(z))

    def shows(self, z: int) -> bool:
        """Whether the true pixels of a plane are on the screen."""
        layer = self.viewer.layers[0]
        return np.array_equal(layer._slice.image.raw, PIXELS[0, 0, z])

    def work(self, condition: Callable[[], Any], seconds: float = 180) -> None:
        end = time.monotonic() + seconds
        while not condition():
            QApplication.processEvents()
            assert time.monotonic() < end, (self.says, self.told)
            time.sleep(0.005)


def begin(sandbox: Sandbox, viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Log in from the dock of a viewer, and note what its user is told."""
    stage_of(viewer)
    scene = Scene(viewer, show_browser(viewer))
    monkeypatch.setattr(
        notifications.notification_manager,
        "dispatch",
        lambda notification: scene.told.append(notification.message),
    )
    scene.account.log_in(Login(sandbox.url, *ROOT))
    scene.work(lambda: scene.account.state is State.LOGGED_IN)
    return scene


@pytest.fixture
def scene(
    sandbox: Sandbox,
    make_napari_viewer: Callable[..., Viewer],
    monkeypatch: pytest.MonkeyPatch,
) -> Scene:
    return begin(sandbox, make_napari_viewer(show=True), monkeypatch)


def is_sentence(text: str) -> bool:
    return text.endswith(".") and "Traceback" not in text and "\n" not in text


# -- the server ----------------------------------------------------------------------


def test_a_server_that_dies_in_the_middle_of_a_tile_and_comes_back(
    tmp_path: Path, make_napari_viewer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "PAUSES", (0, *[0.5] * 400))
    monkeypatch.setattr(lifeline, "PATIENCE", 180.0)
    with Sandbox(tmp_path / "data", faults=True) as sandbox:
        with connect(sandbox.url, *ROOT) as root:
            image_id = store_image(root)
        viewer = make_napari_viewer(show=True)
        scene = begin(sandbox, viewer, monkeypatch)
        scene.open(image_id)
        order = {"kind": "delay", "service": "RawPixelsStore", "seconds": 30.0}
        give_order(tmp_path / "data", order)
        scene.look_at(35)
        scene.work(lambda: stage_of(viewer).is_busy)
        assert sandbox.pid is not None
        os.kill(sandbox.pid, signal.SIGKILL)
        scene.work(lambda: "restored" in scene.says)
        assert not scene.shows(35)
        again = Sandbox(tmp_path / "data", port=sandbox.port, tcp_port=sandbox.tcp_port)
        with again:
            scene.work(lambda: scene.shows(35))
            scene.work(lambda: scene.says == "")
            np.testing.assert_array_equal(
                np.asarray(viewer.layers[0].data[33]), PIXELS[0, 0, 33]
            )
            assert scene.told == []
            viewer.close()


def test_a_crawling_server_neither_stops_the_window_nor_passes_off_what_is_coarse(
    scene: Scene, sandbox: Sandbox, root: Connection
) -> None:
    layer = scene.open(store_image(root))
    order = {"kind": "delay", "service": "RawPixelsStore", "seconds": 1.0}
    give_order(sandbox.data, order)  # type: ignore[arg-type]
    try:
        scene.look_at(35)
        turns = 0
        while not scene.shows(35):
            QApplication.processEvents()
            turns += 1
            time.sleep(0.005)
            assert turns < 30_000
        assert turns > 2  # it goes on turning, however slowly
        scene.look_at(20)
        np.testing.assert_array_equal(np.asarray(layer.data[20]), PIXELS[0, 0, 20])
    finally:
        give_order(sandbox.data, {"kind": "clear"})  # type: ignore[arg-type]
    assert scene.told == []


def kill_sessions(sandbox: Sandbox) -> None:
    give_order(sandbox.data, {"kind": "expire"})  # type: ignore[arg-type]


def test_a_session_that_was_ended_asks_for_the_password_once_and_goes_on(
    scene: Scene, sandbox: Sandbox, root: Connection
) -> None:
    scene.open(store_image(root))
    credentials._of_this_run.clear()
    kill_sessions(sandbox)
    scene.look_at(30)
    scene.work(lambda: scene.account.state is State.LOST)
    assert scene.dock.pages.currentWidget() is scene.dock.login
    text = scene.dock.login.message.text()
    assert is_sentence(text)
    assert "password of “root”" in text
    scene.dock.login.password.setText(ROOT[1])
    scene.dock.login.log_in.click()
    scene.work(lambda: scene.shows(30))
    assert scene.dock.pages.currentWidget() is scene.dock.browser
    scene.look_at(3)
    scene.work(lambda: scene.shows(3))
    assert scene.told == []


def test_a_laptop_that_slept_longer_than_its_session_lives(
    scene: Scene, sandbox: Sandbox, root: Connection
) -> None:
    """For the client it is the same whichever of the two sleeps."""
    scene.open(store_image(root))
    assert sandbox.pid is not None
    os.kill(sandbox.pid, signal.SIGSTOP)
    try:
        scene.look_at(30)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.005)
        assert not scene.shows(30)
    finally:
        os.kill(sandbox.pid, signal.SIGCONT)
    kill_sessions(sandbox)
    scene.look_at(25)
    scene.work(lambda: scene.shows(25))
    scene.work(lambda: scene.account.state is State.LOGGED_IN and scene.says == "")
    assert scene.told == []


def test_an_image_that_is_deleted_while_it_is_open(
    scene: Scene, root: Connection
) -> None:
    image_id = store_image(root)
    scene.open(image_id)
    delete_objects(root, "image", [image_id])
    scene.look_at(35)
    scene.work(lambda: scene.told)
    assert not scene.shows(35)
    scene.look_at(37)
    assert not wait_until_loaded(scene.viewer)
    assert len(scene.told) == 1
    assert is_sentence(scene.told[0])
    link = scene.account.server.make_link("image", image_id)
    controller_of(scene.viewer).opening.open_links({link: "image"})
    scene.work(lambda: scene.dock.browser.message.tone == "error")
    assert is_sentence(scene.says)


def test_a_session_that_a_link_began_is_shown_and_ended(
    sandbox: Sandbox, root: Connection, make_napari_viewer: Callable[..., Viewer]
) -> None:
    image_id = store_image(root)
    address = f"{sandbox.host}:{sandbox.port}"
    viewer = make_napari_viewer(show=True)
    root.close()
    credentials.hold_password(address, *ROOT)
    stage_of(viewer).links.open_text(f"omero://root@{address}/image/{image_id}")
    scene = Scene(viewer, show_browser(viewer))
    scene.work(lambda: len(viewer.layers) == 1)
    scene.work(lambda: scene.account.state is State.LOGGED_IN)
    assert scene.dock.pages.currentWidget() is scene.dock.browser
    session = find_session(address)
    assert session is not None
    viewer.close()
    scene.work(lambda: not session.is_open)


# -- what is stored ------------------------------------------------------------------


def test_pixels_of_an_impossible_size(root: Connection) -> None:
    """What the metadata say of the size is not what the pixels are."""
    told = []
    for x, y in ((2**31 - 1, 2**31 - 1), (50_000, 20)):
        image_id = store_image(root, f"{x} by {y}")
        resize(root, image_id, x, y)
        with Session(connect(root.address, *ROOT)) as session:
            image = session.open(image_id)
            try:
                corner = np.asarray(image.levels[0][0, 0, 3, :2, :2])
                np.testing.assert_array_equal(corner, PIXELS[0, 0, 3, :2, :2])
            except OmeroIOError as error:
                told.append(str(error))
    assert len(told) == 1
    assert is_sentence(told[0])


def test_a_window_survives_pixels_of_another_size(
    scene: Scene, root: Connection
) -> None:
    image_id = store_image(root)
    resize(root, image_id, 50_000, 20)
    link = scene.account.server.make_link("image", image_id)
    controller_of(scene.viewer).opening.open_links({link: "image"})
    scene.work(lambda: scene.told)
    assert is_sentence(scene.told[0])
    assert "50000 x 20" in scene.told[0]
    assert wait_until_loaded(scene.viewer)


def resize(connection: Connection, image_id: int, x: int, y: int) -> None:
    """Let the metadata say another size than the pixels have."""
    query, update = connection.service("query"), connection.service("update")
    text = f"select p from Pixels p where p.image.id = {image_id}"
    [pixels] = query.findAllByQuery(text, None, connection.context())
    pixels.sizeX, pixels.sizeY = rint(x), rint(y)
    update.saveObject(pixels)


def draw(connection: Connection, image_id: int, *shapes: Any) -> None:
    roi = omero.model.RoiI()
    roi.image = refer("Image", image_id)
    for shape in shapes:
        roi.addShape(shape)
    connection.service("update").saveObject(roi)


def test_regions_with_nothing_in_them(scene: Scene, root: Connection) -> None:
    image_id = store_image(root)
    draw(root, image_id)
    mask = omero.model.MaskI()
    mask.x = mask.y = mask.width = mask.height = rdouble(0)
    mask.bytes = b""
    draw(root, image_id, mask)
    polygon, line = omero.model.PolygonI(), omero.model.PolylineI()
    polygon.points, line.points = rstring(""), rstring("  ")
    draw(root, image_id, polygon, line, omero.model.RectangleI())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        scene.open(image_id)
    assert len(scene.viewer.layers) == 1
    assert scene.shows(PIXELS.shape[2] // 2)
    assert all(is_sentence(text) for text in scene.told)
    assert all("Traceback" not in str(one.message) for one in caught)


NAMES = [
    "<b>bold</b> & <img src=x> &amp;",
    "מיקרוסקופיה ‮ right to left",
    "细胞 клетка κύτταρο 🔬👩‍🔬",
    "two\nlines\tand a tab",
    "NUL-like \u2400 and \ufeff marks \u200b",
    "%s %d {0} {name} \\ / : * ? \" ' `",
    "x" * 255,
]


def test_names_are_shown_as_they_are(scene: Scene, root: Connection) -> None:
    ids = [store_image(root, name) for name in NAMES]
    links = {scene.account.server.make_link("image", n): "it" for n in ids}
    controller_of(scene.viewer).opening.open_links(links)
    scene.work(lambda: len(scene.viewer.layers) == len(ids))
    assert wait_until_loaded(scene.viewer)
    assert [layer.name for layer in scene.viewer.layers] == NAMES
    tree = scene.dock.browser.tree
    tree.model().rowCount()
    scene.dock.browser.refresh()
    scene.work(lambda: tree.model().rowCount() > 0)
    orphaned = tree.model().index(0, 0)
    tree.expand(orphaned)
    scene.work(lambda: tree.model().rowCount(orphaned) >= len(NAMES))
    rows = [
        tree.model().index(row, 0, orphaned)
        for row in range(tree.model().rowCount(orphaned))
    ]
    shown = {row.data(): row for row in rows}
    assert {write_line(name) for name in NAMES} <= shown.keys()
    tip = shown[NAMES[0]].data(3)  # Qt.ToolTipRole
    assert "<b>bold" not in tip
    assert "&lt;b&gt;bold" in tip
    tree.setCurrentIndex(shown[NAMES[0]])
    scene.work(lambda: bool(scene.dock.browser.details.link))
    assert scene.told == []
