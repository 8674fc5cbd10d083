"""Links that are read, dropped and pasted, in a real window."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from napari import Viewer
from napari._qt.dialogs import qt_reader_dialog as reader_dialog
from napari._qt.widgets.qt_welcome import QtWelcomeWidget
from napari.qt import QtViewer
from napari.settings import get_settings
from npe2 import PluginManager, PluginManifest
from qtpy.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QApplication, QMessageBox

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.convert.layers import image_layers
from napari_omero_io.convert.rendering import apply_view
from napari_omero_io.errors import BadReference, LoginRefused, NotFound
from napari_omero_io.plugin import (
    commands,
    copying,
    listening,
    opening,
    precedence,
    reader,
    sessions,
)
from napari_omero_io.plugin import viewer as viewer_module
from napari_omero_io.plugin.drops import find_links
from napari_omero_io.plugin.viewer import stage_of, wait_until_loaded
from napari_omero_io.plugin.writer import write_layers
from napari_omero_io.refs import SecretIgnored

from ...waiting import work

pytestmark = pytest.mark.window

LINK = "omero://here:4064/image/7"
MACRO = "omero:server=here\nuser=me\niid=7"
WEB = "https://here/webclient/?show=image-7%7Cimage-8"


class FakeSession:
    """A session whose images all look the same."""

    server = "here:4064"

    def __init__(self, memory_source):
        self.opened = []
        self.combined = []
        self.image_count = 1
        self.threads = []
        self.error = None
        self.fetcher = Fetcher(threads=2)
        self.source = memory_source((1, 1, 3, 300, 400), server=self.server)

    def find_images(self, ref, limit):
        self.threads.append(threading.get_ident())
        return list(range(1, 301))[: min(limit, self.image_count)]

    def iterate_layers(
        self, refs, arrangement="apart", *, rendered=False, keep_axes=False
    ):
        ref = refs[0]
        if arrangement != "apart":
            self.combined.append((list(map(str, refs)), arrangement))
        self.threads.append(threading.get_ident())
        if self.error is not None:
            raise self.error
        self.opened.append(str(ref))
        record = apply_view(self.source.record, ref.view)
        image = RemoteImage(self.source, self.fetcher, record, ref.view)
        yield image_layers(image)


@pytest.fixture
def session(memory_source, monkeypatch):
    session = FakeSession(memory_source)
    monkeypatch.setattr(sessions, "find_session_for", lambda ref: session)
    yield session
    session.fetcher.close()


@pytest.fixture
def viewer(make_napari_viewer):
    return make_napari_viewer(show=True)


@pytest.fixture
def complaints(monkeypatch):
    told = []
    for module in (opening, viewer_module):
        monkeypatch.setattr(module, "show_error", told.append)
    return told


def in_window(action):
    """Do something as a user does it: while the window's loop runs."""
    results = []

    def act():
        results.append(action())
        QApplication.instance().quit()

    QTimer.singleShot(0, act)
    QApplication.instance().exec_()
    return results[0]


# -- the reader ----------------------------------------------------------------------


def test_a_script_gets_its_layers_at_once(viewer, session):
    layers = viewer.open(LINK, plugin="napari-omero-io")
    assert [layer.name for layer in layers] == ["memory"]
    assert session.opened == [LINK]
    pixels = session.source.levels[0][0, 0]
    assert np.array_equal(layers[0].data, pixels)
    assert wait_until_loaded(viewer)
    assert layers[0].data.viewpoint.has_listeners


def test_a_script_gets_the_error(viewer, session):
    session.error = NotFound("There is no image 7.")
    with pytest.raises(NotFound, match="no image 7"):
        viewer.open(LINK, plugin="napari-omero-io")


def test_a_running_window_is_not_held_up(viewer, session):
    result = in_window(lambda: viewer.open(LINK, plugin="napari-omero-io"))
    assert result == []
    work(lambda: len(viewer.layers) == 1)
    assert session.threads[0] != threading.get_ident()
    assert wait_until_loaded(viewer)


def test_a_running_window_is_told_what_failed(viewer, session, complaints):
    session.error = NotFound("There is no image 7.")
    in_window(lambda: viewer.open(LINK, plugin="napari-omero-io"))
    work(lambda: complaints)
    assert complaints == ["There is no image 7."]
    assert not viewer.layers


def test_the_command_line_opens_when_the_window_works(viewer, session, monkeypatch):
    monkeypatch.setattr("sys.argv", ["/usr/bin/napari", LINK])
    assert viewer.open(LINK, plugin="napari-omero-io") == []
    work(lambda: len(viewer.layers) == 1)
    assert session.threads[0] != threading.get_ident()


def test_web_links_find_the_reader(viewer, session):
    assert len(viewer.open(WEB, plugin=None)) == 2
    assert session.opened == [LINK, "omero://here:4064/image/8"]


def test_other_addresses_are_left_to_others():
    assert reader.get_reader("https://here/webclient/help/") is None
    assert reader.get_reader(["omero://here/Image:3", "x.tif"]) is None


# -- from other programs -------------------------------------------------------------


def run_open(*words):
    """Run our command in a program of its own while the window works."""
    command = [sys.executable, "-m", "napari_omero_io", "open", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        work(lambda: program.poll() is not None)
        return program.stdout.read()


def test_another_program_hands_its_links_over(viewer, session):
    stage_of(viewer)
    assert "the napari that runs" in run_open(LINK + VIEW, WEB)
    work(lambda: len(viewer.layers) == 3)
    assert wait_until_loaded(viewer)
    assert session.opened[0].startswith(f"{LINK}?z=2")
    assert len(session.opened) == 3


def test_where_nobody_listens_nothing_is_handed_over(monkeypatch, tmp_path_factory):
    # a short name: that of a socket has about a hundred letters at most
    monkeypatch.setenv("NAPARI_OMERO_IO_CACHE", str(tmp_path_factory.mktemp("s")))
    assert not listening.hand_over([LINK])
    # a napari that ended without a word leaves its socket
    left = socket.socket(socket.AF_UNIX)
    left.bind(listening.find_socket())
    left.close()
    assert not listening.hand_over([LINK])
    listener = listening.LinkListener(QApplication.instance())
    assert listener.listen()
    assert stat.S_IMODE(os.stat(listening.find_socket()).st_mode) & 0o077 == 0
    listener.deleteLater()


# -- the view ------------------------------------------------------------------------

VIEW = "?z=2&c=1|10:20$0000FF&x=100&y=50&zm=400&m=c"


def check_view(viewer):
    (layer,) = viewer.layers
    assert viewer.dims.current_step[0] == 2
    assert layer.contrast_limits == [10, 20]
    camera = viewer.scene.camera
    # pixels of half a micrometre, and half a pixel between OMERO's and napari's
    assert camera.center[-2:] == pytest.approx((49.5 * 0.5, 99.5 * 0.5))
    assert camera.zoom == pytest.approx(4 / 0.5)


def test_a_window_shows_the_view_of_a_link(viewer, session):
    in_window(lambda: viewer.open(LINK + VIEW, plugin="napari-omero-io"))
    work(lambda: len(viewer.layers) == 1)
    assert wait_until_loaded(viewer)
    check_view(viewer)


def test_a_script_shows_the_view_of_a_link(viewer, session):
    viewer.open(LINK + VIEW, plugin="napari-omero-io")
    assert wait_until_loaded(viewer)
    check_view(viewer)


def test_the_links_to_a_view_are_copied_and_open_it_again(viewer, session):
    viewer.open(LINK + VIEW, plugin="napari-omero-io")
    commands.copy_link(viewer)
    link = QApplication.clipboard().text()
    assert link.startswith(f"{LINK}?")
    commands.copy_web_link(viewer)
    web = QApplication.clipboard().text()
    assert web.startswith("https://here/webclient/img_detail/7/?z=3&")
    for copied in (link, web):
        viewer.layers.clear()
        viewer.reset_view()
        viewer.open(copied, plugin="napari-omero-io")
        check_view(viewer)


def test_without_an_image_there_is_no_link(viewer, session, monkeypatch):
    QApplication.clipboard().setText("before")
    assert "open one" in copying.copy_link(viewer)
    assert QApplication.clipboard().text() == "before"


# -- many images ---------------------------------------------------------------------


def find_question():
    boxes = [
        box
        for box in QApplication.topLevelWidgets()
        if isinstance(box, QMessageBox) and box.isVisible()
    ]
    return boxes[-1] if boxes else None


def answer(text):
    work(lambda: find_question() is not None)
    box = find_question()
    (button,) = [b for b in box.buttons() if b.text().replace("&", "") == text]
    said = box.text()
    button.click()
    return said


DATASET = "omero://here:4064/dataset/5"


def test_a_link_to_many_images_asks_and_opens_one_stack(viewer, session):
    session.image_count = 60
    stage_of(viewer).links.open_text(DATASET)
    assert "60 images" in answer("One stack")
    work(lambda: len(viewer.layers) == 1)
    assert session.combined == [([DATASET], "stack")]
    assert threading.main_thread().ident not in session.threads


def test_a_question_that_is_cancelled_opens_nothing(viewer, session):
    session.image_count = 300
    stage = stage_of(viewer)
    stage.links.open_text(DATASET)
    assert "too many" in answer("Cancel")
    work(lambda: not stage.links.is_busy)
    assert session.opened == []


def test_many_links_at_once_ask_as_well(viewer, session):
    numbers = ",".join(map(str, range(1, 13)))
    stage_of(viewer).links.open_text(f"omero://here:4064/image/{numbers}")
    assert "12 images" in answer("One stack")
    work(lambda: len(viewer.layers) == 1)
    [(links, arrangement)] = session.combined
    assert (len(links), arrangement) == (12, "stack")


def test_a_link_to_a_plate_opens_it_as_one(viewer, session):
    session.image_count = 96
    stage_of(viewer).links.open_text("omero://here:4064/plate/5")
    work(lambda: len(viewer.layers) == 1)
    assert session.combined == [(["omero://here:4064/plate/5"], "mosaic")]
    assert find_question() is None


def test_a_link_may_say_that_all_it_names_is_one(viewer, session):
    links = [f"omero://here:4064/image/{n}?t=1&open=stack" for n in (4, 9)]
    stage_of(viewer).links.open_text("omero://here:4064/image/4,9?t=1&open=stack")
    work(lambda: len(viewer.layers) == 1)
    assert session.combined == [(links, "stack")]
    viewer.open("omero://here:4064/image/4,9?t=1&open=stack", plugin="napari-omero-io")
    assert session.combined == [(links, "stack")] * 2


def test_a_script_gets_a_plate_as_one(viewer, session):
    session.image_count = 96
    viewer.open("omero://here:4064/plate/5", plugin="napari-omero-io")
    assert session.combined == [(["omero://here:4064/plate/5"], "mosaic")]


# -- logging in ----------------------------------------------------------------------


def test_what_needs_a_login_shows_the_dock(viewer, session, complaints):
    session.error = LoginRefused("Give the name of your account.")
    stage = stage_of(viewer)
    stage.links.open_text(LINK)
    work(lambda: "Browser (OMERO)" in viewer.window.dock_widgets)
    dock = viewer.window.dock_widgets["Browser (OMERO)"]
    assert dock.login.server.currentText() == "here:4064"
    assert LINK in dock.login.message.text()
    assert not complaints


# -- drops ---------------------------------------------------------------------------


def mime(**parts):
    kinds = {"uri": "text/uri-list", "plain": "text/plain"}
    data = QMimeData()
    for kind, content in parts.items():
        data.setData(kinds[kind], content)
    return data


@pytest.mark.parametrize(
    ("data", "links"),
    [
        (mime(plain=WEB.encode()), [WEB]),
        (mime(uri=WEB.encode(), plain=b"see this"), [WEB]),
        (mime(plain=f"{LINK}\n{WEB}\n".encode()), [LINK, WEB]),
        (mime(uri=b"file:///x.tif"), []),
        (mime(plain=b"hello"), []),
        (mime(plain=b"314"), []),
        (mime(uri=b"https://example.org/x.zarr"), []),
        (mime(plain=f"{LINK} and more".encode()), []),
        (mime(plain=f"{LINK}\nhello".encode()), []),
        (mime(plain=b"Image:7, 8"), ["Image:7, 8"]),
        (mime(plain=b"Cat:7"), []),
        (mime(plain=b"10:30"), []),
        (
            mime(plain=b"omero:server=h\nuser=u\niid=7"),
            ["omero:server=h\nuser=u\niid=7"],
        ),
        (mime(plain=b"urn:lsid:h:Image:7"), ["urn:lsid:h:Image:7"]),
        (mime(uri=b"mailto:me@example.org"), []),
        (mime(), []),
    ],
)
def test_what_counts_as_links(data, links):
    assert find_links(data) == links


def find_targets(viewer):
    """Return the canvas, and the welcome page that lies over it at first."""
    (canvas,) = [
        widget
        for window in QApplication.topLevelWidgets()
        for widget in window.findChildren(QtViewer)
        if widget.viewer is viewer
    ]
    return {"canvas": canvas, "welcome page": canvas.findChild(QtWelcomeWidget)}


def drop(viewer, data, place="canvas"):
    """Drop something on a viewer; return whether it was taken."""
    stage_of(viewer)
    target = find_targets(viewer)[place]
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(
        QPoint(50, 50), Qt.DropAction.CopyAction, data, buttons, keys
    )
    enter.ignore()
    QApplication.sendEvent(target, enter)
    if enter.isAccepted():
        where = QPointF(50, 50)
        event = QDropEvent(where, Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(target, event)
    return enter.isAccepted()


#: One of each form that OMERO's programs and ours write, and what it names.
FORMS = {
    LINK: [LINK],
    f"{LINK}{VIEW}": [f"{LINK}{VIEW}"],
    "omero+wss://here/ws/image/7": [LINK],
    "https://here/webclient/?show=image-7|image-8": [LINK, LINK[:-1] + "8"],
    "https://here/omero/webclient/img_detail/7/?dataset=2": [LINK],
    "https://here/iviewer/?images=7,8": [LINK, LINK[:-1] + "8"],
    "https://here/webgateway/render_image/7/2/0/": [f"{LINK}?z=2&t=0"],
    "https://here/figure/new/?image=7&image=8": [LINK, LINK[:-1] + "8"],
    "https://here/api/v0/m/images/7/": [LINK],
}


def check_forms(viewer, session, open_text):
    """Open each form, and compare what came of it."""
    for text, wanted in FORMS.items():
        session.opened.clear()
        viewer.layers.clear()
        open_text(text)
        count = len(wanted)
        work(lambda n=count: len(viewer.layers) == n)
        assert session.opened == wanted, text


@pytest.mark.parametrize("place", ["canvas", "welcome page"])
def test_every_form_can_be_dropped(viewer, session, place):
    def drop_text(text):
        assert drop(viewer, mime(plain=text.encode()), place)

    check_forms(viewer, session, drop_text)


def test_every_form_is_opened_from_the_clipboard(viewer, session):
    def paste(text):
        QApplication.clipboard().setText(text)
        in_window(find_targets(viewer)["canvas"]._image_from_clipboard)

    check_forms(viewer, session, paste)


def test_every_form_is_opened_by_a_script(viewer, session):
    check_forms(viewer, session, lambda text: viewer.open(text, plugin=None))


@pytest.fixture
def rival(monkeypatch):
    """Let another plugin claim all that we do, as napari-omero does."""

    def refuse(*args, **kwargs):
        raise AssertionError("napari asks which reader to use")

    monkeypatch.setattr(reader_dialog, "handle_gui_reading", refuse)
    manifest = PluginManifest(
        name="rival-omero",
        contributions={
            "commands": [
                {
                    "id": "rival-omero.read",
                    "title": "Read",
                    "python_name": "rival:read",
                }
            ],
            "readers": [
                {
                    "command": "rival-omero.read",
                    "filename_patterns": ["*omero*", "*here*"],
                }
            ],
        },
    )
    manager = PluginManager.instance()
    # napari is not told, since each window of the tests would register it again
    with manager.events.plugins_registered.blocked():
        manager.register(manifest)
    yield
    manager.unregister("rival-omero")


def test_beside_another_plugin_nothing_is_asked(viewer, session, rival):
    manager = PluginManager.instance()
    readers = {each.plugin_name for each in manager.iter_compatible_readers([LINK])}
    assert {"rival-omero", "napari-omero-io"} <= readers
    assert drop(viewer, mime(uri=WEB.encode()))
    work(lambda: len(viewer.layers) == 2)
    commands.import_dialog(viewer)
    listening._open(viewer, [LINK])
    work(lambda: len(viewer.layers) == 3)
    viewer.open(LINK, plugin="napari-omero-io")
    assert len(viewer.layers) == 4


@pytest.fixture
def taken():
    """Take links as at napari's start, which napari's own fixtures leave out."""
    undo = precedence.take_links(Viewer)
    yield
    undo()
    assert "open" not in vars(Viewer)


#: Forms that napari or npe2 would not let through to a reader, beside usual ones.
UNNAMED = {
    LINK: [LINK],
    WEB: [LINK, LINK[:-1] + "8"],
    "OMERO://here:4064/Image/7": [LINK],
    "Image:7,8": [LINK, LINK[:-1] + "8"],
    "omero://Image:7?z=2": [f"{LINK}?z=2"],
    "omero:iid=7": [LINK],
    "omero:server=here&port=4064&imageID=7": [LINK],
    "omero:///image/7?z=2": [f"{LINK}?z=2"],
    "urn:lsid:example.org:Image:7": [LINK],
    "https://example.org/tile/7/0/1/0?x=0&y=0&w=2&h=2": [f"{LINK}?z=0&t=0&c=2&x=1&y=1"],
}


def test_where_no_plugin_is_named_links_are_ours(viewer, session, rival, taken):
    canvas = find_targets(viewer)["canvas"]
    ways = [
        viewer.open,
        lambda text: viewer.open([text], plugin=None),
        lambda text: canvas._qt_open([text], stack=False),  # as ``napari LINK`` does
        lambda text: in_window(lambda: viewer.open(text)),
    ]
    for number, (text, wanted) in enumerate(UNNAMED.items()):
        viewer.layers.clear()
        session.opened.clear()
        ways[number % len(ways)](text)
        count = len(wanted)
        work(lambda n=count: len(viewer.layers) == n)
        assert session.opened == wanted, text


def test_the_clipboard_asks_nothing_either(viewer, session, rival, taken):
    QApplication.clipboard().setText(WEB)
    in_window(find_targets(viewer)["canvas"]._image_from_clipboard)
    work(lambda: len(viewer.layers) == 2)


def test_what_is_no_link_stays_with_napari(session, rival, tmp_path):
    texts = ("Image_7", "7", "https://example.org/x.zarr", "https://here.org/")
    for text in (*texts, "omero/Image:7", "/tmp/omero.tif", Path("Image:7")):
        assert precedence.find_links(text) == []
    assert precedence.find_links([LINK, "x.tif"]) == []
    assert precedence.find_links(long := f"{LINK}?c=" + "1," * 3000) == [long]
    (tmp_path / "image:7").touch()
    with contextlib.chdir(tmp_path):
        assert precedence.find_links("image:7") == []


def test_the_plugin_that_is_preferred_stays_so(session, rival, monkeypatch):
    plugins = get_settings().plugins
    monkeypatch.setattr(plugins, "extension2reader", {"*/omero:/*": "rival-omero"})
    assert precedence.find_links(LINK) == []
    assert precedence.find_links(WEB) == [WEB]


def test_a_mistake_in_a_link_is_told_to_a_script(viewer, session, rival, taken):
    with pytest.raises(BadReference, match="z=abc"):
        viewer.open(f"{LINK}?z=abc")


def test_napari_never_sees_a_password(viewer, session, taken, caplog):
    caplog.set_level("DEBUG")
    with pytest.warns(SecretIgnored, match="ignored"):
        layers = viewer.open("omero://me:secret@here:4064/image/7")
    assert [layer.source.path for layer in layers] == ["omero://me@here:4064/image/7"]
    assert "secret" not in caplog.text


def test_other_texts_are_not_taken(viewer, session):
    assert not drop(viewer, mime(plain=b"hello"))


# -- the writer ----------------------------------------------------------------------


def test_the_writer_takes_nothing_but_datasets():
    with pytest.raises(BadReference, match="not on an OMERO server"):
        write_layers("/tmp/picture.tif", [])
    with pytest.raises(BadReference, match="no dataset"):
        write_layers(LINK, [])


def test_layers_are_saved_to_a_link(viewer, monkeypatch):
    saved = []

    class Receipt:
        def links(self, kind):
            return ("omero://here:4064/image/9",)

    class Session:
        def save(self, layers, target):
            saved.append((layers, str(target)))
            return Receipt()

    monkeypatch.setattr(sessions, "find_session_for", lambda ref: Session())
    viewer.add_image(np.zeros((4, 4)), name="one")
    viewer.add_labels(np.zeros((4, 4), int), name="two")
    paths = viewer.layers.save("omero://here:4064/dataset/5", plugin="napari-omero-io")
    assert paths == ["omero://here:4064/image/9"]
    ((layers, target),) = saved
    assert target == "omero://here:4064/dataset/5"
    assert [layer[1]["name"] for layer in layers] == ["one", "two"]
