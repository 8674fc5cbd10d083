"""Browsing: rows, pictures and details come late, and a click opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QMimeData, QModelIndex, QPoint, Qt
from qtpy.QtGui import QGuiApplication, QPixmap

from napari_omero_io.errors import (
    BadReference,
    NotFound,
    PixelsUnavailable,
    ServerRefused,
    SessionLost,
)
from napari_omero_io.plugin.drops import find_links
from napari_omero_io.widgets.account import Account, State
from napari_omero_io.widgets.browser import BrowserPage
from napari_omero_io.widgets.browsing import Browsing
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.opening import Opening
from napari_omero_io.widgets.server import size_page

from .fakes import DATASETS, ROOTS, FakeServer, describe_object, image_row


@dataclass
class Scene:
    """A browser page that shows the fake server."""

    page: BrowserPage
    browsing: Browsing
    opening: Opening
    account: Account
    server: FakeServer
    qtbot: QtBot
    opened: list[Any]

    def row(self, *rows: int) -> QModelIndex:
        """Expand down to a row and give its index in the view."""
        tree, index = self.page.tree, QModelIndex()
        for row in rows:
            if index.isValid():
                tree.expand(index)
            parent = index
            self.qtbot.waitUntil(lambda p=parent, r=row: tree.model().rowCount(p) > r)
            index = tree.model().index(row, 0, parent)
        return index

    def click(self, index: QModelIndex, **keys: Any) -> None:
        self._mouse(self.qtbot.mouseClick, index, **keys)

    def double_click(self, index: QModelIndex) -> None:
        self.click(index)
        self._mouse(self.qtbot.mouseDClick, index)

    def _mouse(self, act: Any, index: QModelIndex, **keys: Any) -> None:
        tree = self.page.tree
        tree.scrollTo(index)
        place = tree.visualRect(index).center()
        act(tree.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place), **keys)


@pytest.fixture
def scene(qtbot: QtBot, account: Account, server: FakeServer) -> Iterator[Scene]:
    page = BrowserPage()
    qtbot.addWidget(page)
    opening = Opening(account)
    opened: list[Any] = []
    opening.layers_ready.connect(opened.append)
    browsing = Browsing(account, opening, page)
    page.resize(320, 900)
    page.show()
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    browsing.start()
    qtbot.waitUntil(lambda: page.tree.model().rowCount() == len(ROOTS))
    yield Scene(page, browsing, opening, account, server, qtbot, opened)
    browsing.stop()


def test_rows_are_read_when_they_are_looked_at(scene: Scene) -> None:
    assert scene.server.asked("list_children") == []
    scene.row(0, 0)
    assert scene.server.asked("list_children") == [("project", 1, 0, 200)]


def test_click_opens_nothing(scene: Scene) -> None:
    image = scene.row(0, 0, 1)
    scene.click(image)
    scene.qtbot.waitUntil(
        lambda: scene.server.asked("read_details") == [("image", 1101)]
    )
    scene.qtbot.wait(50)
    assert scene.server.asked("open_layers") == []
    assert scene.page.open.isEnabled()


def test_double_click_opens(scene: Scene) -> None:
    scene.double_click(scene.row(0, 0, 1))
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    link = "omero://omero.example.org:4064/image/1101"
    assert scene.server.asked("open_layers") == [link]


def test_double_click_on_a_dataset_only_expands_it(scene: Scene) -> None:
    scene.double_click(scene.row(0, 0))
    scene.qtbot.waitUntil(lambda: len(scene.server.asked("list_children")) == 2)
    assert scene.server.asked("open_layers") == []


def test_enter_and_button_open_all_that_is_selected(scene: Scene) -> None:
    scene.click(scene.row(0, 0, 0))
    scene.click(scene.row(0, 0, 2), modifier=Qt.KeyboardModifier.ShiftModifier)
    assert scene.page.open.text() == "Open 3 images"
    scene.qtbot.keyClick(scene.page.tree, Qt.Key.Key_Return)
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 3)
    scene.page.open.click()
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 6)


def test_enter_expands_a_dataset(scene: Scene) -> None:
    dataset = scene.row(0, 0)
    scene.click(dataset)
    assert scene.page.open.text() == "Open all images of this dataset"
    scene.qtbot.keyClick(scene.page.tree, Qt.Key.Key_Return)
    assert scene.page.tree.isExpanded(dataset)
    scene.qtbot.keyClick(scene.page.tree, Qt.Key.Key_Return)
    assert not scene.page.tree.isExpanded(dataset)


def test_thumbnails_are_read_in_batches_for_visible_rows_only(scene: Scene) -> None:
    scene.row(2, 0)
    scene.qtbot.waitUntil(lambda: bool(scene.server.asked("read_thumbnails")))
    scene.qtbot.wait(300)
    batches = scene.server.asked("read_thumbnails")
    scene.qtbot.waitUntil(lambda: scene.page.model.has_thumbnail(batches[0][0]))
    seen = [image_id for batch in batches for image_id in batch]
    assert max(map(len, batches)) <= 24
    assert len(seen) == len(set(seen)) < 30
    scene.page.tree.verticalScrollBar().setValue(
        scene.page.tree.verticalScrollBar().maximum() // 2
    )
    scene.qtbot.waitUntil(
        lambda: len(scene.server.asked("read_thumbnails")) > len(batches)
    )


def test_thumbnails_that_failed_are_asked_for_again(scene: Scene) -> None:
    scene.server.failures["read_thumbnails"] = SessionLost("It was lost.")
    scene.row(0, 0, 0)
    scene.qtbot.waitUntil(lambda: scene.page.message.tone == "warning")
    scene.server.failures.clear()
    scene.page.ask_again()
    scene.qtbot.waitUntil(lambda: scene.page.model.has_thumbnail(1100))


def test_thumbnails_that_fail_hide_no_other_sentence(scene: Scene) -> None:
    scene.page.say("Something that matters more.", "error")
    scene.server.failures["read_thumbnails"] = ServerRefused("It failed.")
    # asked for by hand: rows that are read would clear the sentence
    scene.page.thumbnails_wanted.emit([1100])
    scene.qtbot.waitUntil(lambda: bool(scene.server.asked("read_thumbnails")))
    scene.server.failures.clear()
    scene.page.thumbnails_wanted.emit([1100])
    scene.qtbot.waitUntil(lambda: scene.page.model.has_thumbnail(1100))
    assert scene.page.message.text() == "Something that matters more."


def test_scrolling_to_the_end_reads_on(scene: Scene) -> None:
    first = scene.row(2, 0)
    tree = scene.page.tree
    scene.qtbot.waitUntil(lambda: tree.model().rowCount(first.parent()) == 200)
    scene.qtbot.wait(300)
    assert tree.model().rowCount(first.parent()) == 200  # nothing comes unasked
    for count in (400, 450):
        tree.scrollTo(
            tree.model().index(count - 201 if count == 400 else 399, 0, first.parent())
        )
        scene.qtbot.waitUntil(
            lambda n=count: tree.model().rowCount(first.parent()) == n
        )


def test_details_of_the_selected_image_are_shown(scene: Scene) -> None:
    scene.click(scene.row(0, 0, 1))
    link = "omero://omero.example.org:4064/image/1101"
    scene.qtbot.waitUntil(lambda: scene.page.details.link == link)
    scene.page.details._copy.click()
    assert QGuiApplication.clipboard().text() == link
    assert "good <b>" in scene.page.details._text.toPlainText()
    scene.click(scene.row(3))
    assert scene.page.details.link == ""


def test_details_that_come_late_for_another_row_are_dropped(scene: Scene) -> None:
    scene.row(0, 0, 1)
    scene.click(scene.row(0, 0, 0))
    scene.qtbot.waitUntil(lambda: scene.page.details.link.endswith("/1100"))
    late = describe_object("image", 1101)
    scene.page.show_details(late, "omero://elsewhere/image/1101")
    assert scene.page.details.link.endswith("/1100")


def test_filter_keeps_names_and_what_is_above_and_below(scene: Scene) -> None:
    scene.row(0, 0, 0)
    model = scene.page.tree.model()
    scene.qtbot.keyClicks(scene.page.filter, "CELL 1101")
    project = model.index(0, 0)
    assert model.rowCount() == 1
    assert model.rowCount(project) == 1
    dataset = model.index(0, 0, project)
    assert [
        model.index(r, 0, dataset).data() for r in range(model.rowCount(dataset))
    ] == ["cell 1101"]
    scene.page.filter.setText("control")
    dataset = model.index(0, 0, model.index(0, 0))
    assert model.rowCount(dataset) == 3
    scene.page.filter.setText("nothing of this name")
    assert model.rowCount() == 0
    scene.page.filter.clear()
    assert model.rowCount() == len(ROOTS)


def test_filter_reads_what_was_begun_to_its_end(scene: Scene) -> None:
    """Row 449 of 450 is found, of which the first 200 had been read."""
    scene.row(2, 0)
    model = scene.page.tree.model()
    scene.page.filter.setText("cell 1349")
    scene.qtbot.waitUntil(lambda: model.rowCount(model.index(0, 0)) == 1)
    assert model.index(0, 0, model.index(0, 0)).data() == "cell 1349"
    pages = [each[2:] for each in scene.server.asked("list_children")]
    assert pages == [(0, 200), (200, 200), (400, 400)]


def test_search_that_fails_is_over(scene: Scene) -> None:
    scene.server.failures["search"] = BadReference("“date:x” is not understood.")
    scene.page.filter.setText("date:x")
    scene.qtbot.keyClick(scene.page.filter, Qt.Key.Key_Return)
    scene.qtbot.waitUntil(lambda: scene.page.message.tone == "error")
    assert scene.page._results.text() == "No answer to “date:x”"


def test_opening_that_takes_long_can_be_stopped(scene: Scene) -> None:
    scene.click(scene.row(0, 0, 0))
    scene.click(scene.row(0, 0, 2), modifier=Qt.KeyboardModifier.ShiftModifier)
    assert not scene.page.stop.isVisible()
    scene.server.gate.clear()
    scene.page.open.click()
    scene.qtbot.waitUntil(scene.page.stop.isVisible, timeout=60000)
    assert scene.page.message.tone == "busy"
    scene.page.stop.click()
    assert not scene.page.stop.isVisible()
    assert "Stopped" in scene.page.message.text()
    scene.server.gate.set()
    # the next one is opened, and it alone
    scene.double_click(scene.row(0, 0, 1))
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    scene.qtbot.waitUntil(lambda: not scene.opening.is_busy)
    assert len(scene.server.asked("open_layers")) == 2
    assert scene.page.message.text() == ""


def test_drawings_are_of_their_own_size_on_any_screen(scene: Scene) -> None:
    """Qt enlarges a small icon to the size of thumbnails where dots are fine."""
    drawing = scene.row(0).data(Qt.ItemDataRole.DecorationRole)
    assert isinstance(drawing, QPixmap)
    assert drawing.width() / drawing.devicePixelRatio() == 18


def test_pages_grow() -> None:
    assert [size_page(n) for n in (0, 200, 400, 3200)] == [200, 200, 400, 1000]


def test_empty_tree_says_why(scene: Scene) -> None:
    scene.row(2, 0)
    tree = scene.page.tree
    assert tree.describe_emptiness() == ""
    scene.server.gate.clear()
    scene.page.filter.setText("no such <name>")
    scene.qtbot.waitUntil(lambda: tree.describe_emptiness() == "Reading more rows…")
    scene.server.gate.set()
    scene.qtbot.waitUntil(lambda: "Press Enter" in tree.describe_emptiness())
    assert "“no such <name>”" in tree.describe_emptiness()
    scene.server.gate.clear()
    scene.page.filter.clear()
    scene.page.refresh()
    scene.qtbot.waitUntil(lambda: tree.describe_emptiness() == "Reading…")
    scene.server.gate.set()
    scene.qtbot.waitUntil(lambda: tree.describe_emptiness() == "")


def test_rows_that_a_filter_hid_come_back_as_they_were(scene: Scene) -> None:
    scene.row(0, 0, 0)
    tree, model = scene.page.tree, scene.page.tree.model()
    scene.page.filter.setText("nothing of this name")
    assert model.rowCount() == 0
    scene.page.filter.clear()
    project = model.index(0, 0)
    assert tree.isExpanded(project)
    assert tree.isExpanded(model.index(0, 0, project))


def test_refresh_asks_again_and_keeps_what_was_expanded(scene: Scene) -> None:
    scene.row(0, 0, 0)
    scene.server.calls.clear()
    scene.page._refresh.click()
    model = scene.page.tree.model()
    scene.qtbot.waitUntil(lambda: model.rowCount() == len(ROOTS))
    scene.qtbot.waitUntil(
        lambda: model.rowCount(model.index(0, 0, model.index(0, 0))) == 3
    )
    assert scene.server.asked("list_roots") == [None]


def test_failure_is_said_and_not_repeated(scene: Scene) -> None:
    scene.server.failures["list_children"] = ServerRefused("The server is tired.")
    project = scene.row(0)
    scene.page.tree.expand(project)
    scene.qtbot.waitUntil(lambda: scene.page.message.text() == "The server is tired.")
    scene.qtbot.wait(200)
    assert len(scene.server.asked("list_children")) == 1
    del scene.server.failures["list_children"]
    scene.page._refresh.click()
    scene.row(0, 0)
    assert scene.page.message.text() == ""


def test_lost_session_while_browsing_is_said(scene: Scene) -> None:
    scene.server.failures["list_children"] = SessionLost("It is being restored.")
    scene.page.tree.expand(scene.row(0))
    scene.qtbot.waitUntil(lambda: scene.page.message.text() == "It is being restored.")
    assert scene.account.state is State.LOGGED_IN


def test_pasted_link_is_opened(scene: Scene) -> None:
    scene.page.link.setText(
        "https://omero.example.org/webclient/?show=image-12|image-13"
    )
    scene.qtbot.keyClick(scene.page.link, Qt.Key.Key_Return)
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 2)
    assert scene.server.asked("open_layers") == [
        "omero://omero.example.org:4064/image/12",
        "omero://omero.example.org:4064/image/13",
    ]
    assert scene.page.link.text() == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("omero://other.example.org/image/12", "other.example.org"),
        ("omero://omero.example.org:9999/image/12", "9999"),
        ("no link at all, sorry", "no link"),
    ],
)
def test_link_that_cannot_be_opened_here_stays_and_is_explained(
    scene: Scene, text: str, says: str
) -> None:
    scene.page.link.setText(text)
    scene.qtbot.keyClick(scene.page.link, Qt.Key.Key_Return)
    assert says in scene.page.message.text()
    assert scene.page.message.tone == "error"
    assert scene.page.link.text() == text
    assert scene.server.asked("open_layers") == []


def test_one_image_that_fails_does_not_stop_the_others(scene: Scene) -> None:
    scene.server.failures["open_layers"] = NotFound("There is no image 1.")
    scene.opening.open_links({"omero://omero.example.org/image/1": "1"})
    scene.qtbot.waitUntil(lambda: scene.page.message.text() == "There is no image 1.")
    del scene.server.failures["open_layers"]
    scene.opening.open_links({"omero://omero.example.org/image/2": "2"})
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    scene.qtbot.waitUntil(lambda: scene.page.message.text() == "")


def test_log_out_closes_the_session(scene: Scene) -> None:
    scene.page._log_out.click()
    assert scene.account.state is State.LOGGED_OUT
    scene.qtbot.waitUntil(lambda: scene.server.is_closed)


def test_empty_server_says_so(
    qtbot: QtBot, account: Account, server: FakeServer
) -> None:
    server.roots = ()
    page = BrowserPage()
    qtbot.addWidget(page)
    browsing = Browsing(account, Opening(account), page)
    page.show()
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    browsing.start()
    qtbot.waitUntil(lambda: "nothing here yet" in page.message.text())


def test_rows_say_what_they_are(scene: Scene) -> None:
    index = scene.row(0, 1)
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "Treated\nDataset 12\nOwner: anna"
    assert image_row(3).child_count is None
    assert DATASETS[1].child_count == 0


def test_enter_in_the_field_searches_the_server(scene: Scene) -> None:
    model = scene.page.tree.model()
    scene.qtbot.keyClicks(scene.page.filter, "cell")
    assert scene.server.asked("search") == []
    scene.qtbot.keyClick(scene.page.filter, Qt.Key.Key_Return)
    scene.qtbot.waitUntil(lambda: model.rowCount() == 2)
    assert scene.page._results.text() == "2 results for “cell”"
    scene.double_click(scene.row(0))
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    scene.page._leave.click()
    scene.qtbot.waitUntil(lambda: model.rowCount() == len(ROOTS))
    assert not scene.page._found.isVisible()


def test_a_search_without_result_says_so(scene: Scene) -> None:
    scene.qtbot.keyClicks(scene.page.filter, "nothing")
    scene.qtbot.keyClick(scene.page.filter, Qt.Key.Key_Return)
    text = "No results for “nothing”"
    scene.qtbot.waitUntil(lambda: scene.page._results.text() == text)


def test_a_dataset_opens_whole(scene: Scene) -> None:
    scene.click(scene.row(0, 0))
    scene.page.open.click()
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 3)
    assert not scene.page.doubt.isVisible()


def test_many_images_are_opened_after_a_question_only(scene: Scene) -> None:
    scene.server.image_count = 12
    scene.click(scene.row(0, 0))
    scene.page.open.click()
    scene.qtbot.waitUntil(scene.page.doubt.isVisible)
    assert scene.opened == []
    scene.page.doubt.agree.click()
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 12)


def test_many_images_may_be_one_stack(scene: Scene) -> None:
    scene.server.image_count = 12
    scene.click(scene.row(0, 0))
    scene.page.open.click()
    scene.qtbot.waitUntil(scene.page.doubt.isVisible)
    assert "12 images" in scene.page.doubt.message.text()
    scene.page.doubt.other.click()
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    links = ["omero://omero.example.org:4064/dataset/11"]
    assert scene.server.asked("open_together") == [(links, "stack", None, None)]
    assert scene.server.asked("open_layers") == []
    assert not scene.page.doubt.isVisible()


def test_more_images_than_a_window_holds_may_only_be_a_stack(scene: Scene) -> None:
    scene.server.image_count = 300
    scene.click(scene.row(0, 0))
    scene.page.open.click()
    scene.qtbot.waitUntil(scene.page.doubt.isVisible)
    assert "too many" in scene.page.doubt.message.text()
    assert not scene.page.doubt.other.isVisible()
    assert scene.opened == []
    scene.page.doubt.agree.click()
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    [(_, arrangement, _, _)] = scene.server.asked("open_together")
    assert arrangement == "stack"


def test_a_pasted_link_may_say_that_all_it_names_is_one(scene: Scene) -> None:
    scene.page.link.setText(
        "https://omero.example.org/webclient/?show=image-5|image-7&open=stack"
    )
    scene.page.link_submitted.emit(scene.page.link.text())
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    [(links, arrangement, _, _)] = scene.server.asked("open_together")
    assert arrangement == "stack"
    assert links == [
        f"omero://omero.example.org:4064/image/{n}?open=stack" for n in (5, 7)
    ]


def test_the_menu_offers_what_can_be_done(scene: Scene) -> None:
    ways = scene.page.ways
    scene.click(scene.row(0, 0, 0))
    assert not ways.stack.isEnabled()
    assert not ways.mosaic.isVisible()
    scene.click(scene.row(0, 0, 1), modifier=Qt.KeyboardModifier.ControlModifier)
    assert ways.stack.isEnabled()
    ways.stack.trigger()
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    [(links, arrangement, _, _)] = scene.server.asked("open_together")
    assert arrangement == "stack"
    assert sorted(links) == [
        f"omero://omero.example.org:4064/image/{n}" for n in (1100, 1101)
    ]


def test_an_empty_project_says_so(scene: Scene) -> None:
    scene.server.image_count = 0
    scene.click(scene.row(1))
    scene.page.open.click()
    scene.qtbot.waitUntil(lambda: "no images" in scene.page.message.text())


def test_another_members_rows(scene: Scene) -> None:
    menu = scene.browsing.owners.menu
    scene.qtbot.waitUntil(lambda: len(menu.actions()) == 4)
    before = len(scene.server.asked("list_roots"))
    [ben] = [action for action in menu.actions() if action.text() == "ben"]
    ben.trigger()
    assert scene.server.owner_id == 6
    assert scene.page.owner.text() == "ben ▾"
    scene.qtbot.waitUntil(lambda: len(scene.server.asked("list_roots")) > before)


def test_dragged_rows_are_links(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    dragged: list[QMimeData] = []

    class Drag:
        def __init__(self, source: object) -> None:
            assert source is scene.page.tree

        def setMimeData(self, data: QMimeData) -> None:
            dragged.append(data)

        def exec_(self, action: Qt.DropAction) -> None:
            assert action == Qt.DropAction.CopyAction

    monkeypatch.setattr("napari_omero_io.widgets.tree_view.QDrag", Drag)
    scene.click(scene.row(0, 0, 0))
    scene.click(scene.row(0, 0, 1), modifier=Qt.KeyboardModifier.ControlModifier)
    scene.page.tree.startDrag(Qt.DropAction.CopyAction)
    assert find_links(dragged[0]) == [
        "omero://omero.example.org:4064/image/1101",
        "omero://omero.example.org:4064/image/1100",
    ]
    scene.click(scene.row(3))
    scene.page.tree.startDrag(Qt.DropAction.CopyAction)
    assert len(dragged) == 1


def test_images_come_before_what_is_drawn_on_any_of_them(scene: Scene) -> None:
    scene.server.has_regions = True
    links = {f"omero://omero.example.org/image/{n}": str(n) for n in (1, 2)}
    scene.opening.open_links(links)
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 4)
    assert [part[0][2] for part in scene.opened] == ["image"] * 2 + ["points"] * 2
    scene.qtbot.waitUntil(lambda: scene.page.message.text() == "")


def test_regions_that_fail_leave_the_image(scene: Scene) -> None:
    scene.server.failures["open_regions"] = ServerRefused("The regions are broken.")
    scene.opening.open_links({"omero://omero.example.org/image/1": "1"})
    scene.qtbot.waitUntil(lambda: scene.page.message.tone == "error")
    assert scene.page.message.text() == "The regions are broken."
    assert len(scene.opened) == 1


def test_what_is_not_ready_opens_by_itself(scene: Scene) -> None:
    error = PixelsUnavailable("The pixels are being prepared.", 0.1)
    scene.server.failures["open_layers"] = error
    scene.opening.open_links({"omero://omero.example.org/image/1": "1"})
    scene.qtbot.waitUntil(lambda: "by itself" in scene.page.message.text())
    del scene.server.failures["open_layers"]
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)


def paste(scene: Scene, text: str) -> None:
    scene.page.link.setText(text)
    scene.qtbot.keyClick(scene.page.link, Qt.Key.Key_Return)


def test_a_link_to_many_images_asks(scene: Scene) -> None:
    scene.server.image_count = 30
    paste(scene, "dataset:11")
    scene.qtbot.waitUntil(scene.page.doubt.isVisible)
    assert "30 images" in scene.page.doubt.message.text()
    scene.page.doubt.other.click()
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    links = ["omero://omero.example.org:4064/dataset/11"]
    assert scene.server.asked("open_together") == [(links, "stack", None, None)]


def test_a_text_with_many_links_asks(scene: Scene) -> None:
    paste(scene, "image:" + ",".join(map(str, range(1, 13))))
    scene.qtbot.waitUntil(scene.page.doubt.isVisible)
    scene.page.doubt.agree.click()
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 12)
    assert len(scene.server.asked("open_layers")) == 12


def test_a_link_to_a_few_images_opens_them(scene: Scene) -> None:
    paste(scene, "dataset:11")
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    link = "omero://omero.example.org:4064/dataset/11"
    assert scene.server.asked("open_layers") == [link]


def test_a_link_to_a_plate_opens_it_as_one(scene: Scene) -> None:
    paste(scene, "plate:4")
    scene.qtbot.waitUntil(lambda: len(scene.opened) == 1)
    links = ["omero://omero.example.org:4064/plate/4"]
    assert scene.server.asked("open_together") == [(links, "mosaic", None, None)]
