"""A session that is lost is told in one place: by the dock, or instead of it."""

from __future__ import annotations

import pytest
from napari.utils import notifications
from qtpy.QtCore import QTimer

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.convert.layers import image_layers
from napari_omero_io.errors import PixelsUnavailable, SessionLost
from napari_omero_io.plugin import refresher
from napari_omero_io.plugin.viewer import show_layers, stage_of, wait_until_loaded
from napari_omero_io.widgets import controller as controllers
from napari_omero_io.widgets.controller import Doors, controller_for
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.main import show_dock

from ..waiting import work
from .fakes import FakeMemory, FakeServer

pytestmark = pytest.mark.window

LOST = "The connection to here was lost."


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(refresher, "_AFTERTHOUGHT", 200)


@pytest.fixture
def server():
    return FakeServer("here:4064")


@pytest.fixture
def viewer(make_napari_viewer, server):
    viewer = make_napari_viewer(show=True)
    doors = Doors(
        lambda login: server,
        lambda: Login("", ""),
        FakeMemory(),
        controllers.add_at_once,
    )
    account = controller_for(viewer, doors).account
    account.log_in(Login("here:4064", "anna", "right"))
    work(lambda: account.server is not None)
    return viewer


@pytest.fixture
def told(monkeypatch):
    """Collect what napari's notifications say."""
    texts = []

    def note(notification):
        texts.append(notification.message)

    manager = notifications.notification_manager
    monkeypatch.setattr(manager, "dispatch", note)
    return texts


@pytest.fixture
def image(viewer, memory_source):
    fetcher = Fetcher(threads=2)
    source = memory_source((1, 1, 40, 300, 400), server="here:4064")
    image = RemoteImage(source, fetcher)
    show_layers(viewer, image_layers(image))
    assert wait_until_loaded(viewer)
    yield image
    fetcher.close()


def fail_next_plane(viewer, image, error):
    """Look at a plane that is not there yet, and wait until that has failed."""
    seen = []
    stage_of(viewer).refresher._failed.connect(lambda *args: seen.append(args))
    image.source.error = error
    viewer.dims.set_point(0, viewer.dims.point[0] + 60.0)
    work(lambda: seen)
    # A loss is told of after a moment only; timers go off in the order of their times.
    QTimer.singleShot(2 * refresher._AFTERTHOUGHT, lambda: seen.append("and told"))
    work(lambda: "and told" in seen)


def test_the_dock_alone_tells_of_a_lost_session(viewer, server, image, told):
    show_dock(viewer)
    account = controller_for(viewer).account
    server.tell("reconnecting", LOST)
    work(lambda: account.message == LOST)
    fail_next_plane(viewer, image, SessionLost("Could not read pixels: lost."))
    assert told == []
    dock = controller_for(viewer).dock
    assert dock.browser.message.text() == LOST


def test_without_the_dock_a_notification_tells_once(viewer, server, image, told):
    account = controller_for(viewer).account
    server.tell("reconnecting", LOST)
    work(lambda: account.message == LOST)
    fail_next_plane(viewer, image, SessionLost("Could not read pixels: lost."))
    assert told == [LOST]


def test_what_is_no_loss_is_told_all_the_same(viewer, server, image, told):
    show_dock(viewer)
    server.tell("reconnecting", LOST)
    work(lambda: controller_for(viewer).account.message == LOST)
    fail_next_plane(viewer, image, PixelsUnavailable("The plane is missing."))
    assert told == ["The plane is missing."]


def test_an_answer_that_is_late_is_told_while_the_session_lives(
    viewer, server, image, told
):
    show_dock(viewer)
    fail_next_plane(viewer, image, SessionLost("The server did not answer in time."))
    assert told == ["The server did not answer in time."]
