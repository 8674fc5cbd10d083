"""A plate in the dock: what is seen of it, what is selected, what is opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QPoint, QPointF, Qt
from qtpy.QtGui import QMouseEvent
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QSplitter

from napari_omero_io.errors import ServerRefused
from napari_omero_io.records import (
    FieldRecord,
    ObjectRecord,
    PlateRecord,
    RunRecord,
    WellRecord,
)
from napari_omero_io.widgets.account import Account, State
from napari_omero_io.widgets.browser import BrowserPage
from napari_omero_io.widgets.browsing import Browsing
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.opening import Opening
from napari_omero_io.widgets.plate_panel import PlatePanel

from .fakes import FakeServer

#: Rows and columns; B2 is missing, and C3 has nothing in the first run.
ROWS, COLUMNS = 3, 4


def make_plate(rows: int = ROWS, columns: int = COLUMNS, runs: int = 2) -> PlateRecord:
    """Make a plate with two fields a run, and images numbered by their place."""
    run_ids = [70 + n for n in range(runs)] or [None]
    wells = []
    for row in range(rows):
        for column in range(columns):
            number = row * columns + column
            fields = tuple(
                FieldRecord(n, index, 1000 * place + 10 * number + index, run_id)
                for place, run_id in enumerate(run_ids)
                for n, index in ((0, 0), (1, 1))
                if not (place == 0 and (row, column) == (2, 2))
            )
            color = (255, 0, 0, 255) if column == 0 else None
            wells.append(
                WellRecord(
                    number + 1, row, column, "control", color=color, fields=fields
                )
            )
    wells = [well for well in wells if (well.row, well.column) != (1, 1)]
    names = tuple(RunRecord(n, f"day {n}") for n in run_ids if n is not None)
    return PlateRecord(4, "Plate <1>", names, tuple(wells))


@pytest.fixture
def panel(qtbot: QtBot) -> PlatePanel:
    panel = PlatePanel()
    qtbot.addWidget(panel)
    panel.resize(300, 400)
    panel.show_plate(make_plate())
    return panel


def click_well(panel: PlatePanel, row: int, column: int, **more: Any) -> None:
    grid = panel.grid
    place = grid.visualRect(grid.wells.index(row, column)).center()
    button = Qt.MouseButton.LeftButton
    QTest.mouseClick(grid.viewport(), button, pos=QPoint(place), **more)


def names(panel: PlatePanel) -> list[str]:
    plate = panel.plate
    assert plate is not None
    return [plate.well_name(well) for well in panel.grid.selected_wells()]


def drag(panel: PlatePanel, first: tuple[int, int], last: tuple[int, int]) -> None:
    grid, button = panel.grid, Qt.MouseButton.LeftButton
    places = [
        grid.visualRect(grid.wells.index(*each)).center() for each in (first, last)
    ]
    view = grid.viewport()
    QTest.mousePress(view, button, pos=places[0])
    for place in places[1] - QPoint(2, 2), places[1]:
        # Qt 5's mouseMove tells of no button that is held
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(place),
            Qt.MouseButton.NoButton,
            button,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(view, move)
    QTest.mouseRelease(view, button, pos=places[1])


def test_rows_and_columns_are_named_as_on_the_plate(qtbot: QtBot) -> None:
    panel = PlatePanel()
    qtbot.addWidget(panel)
    panel.show_plate(make_plate(32, 48, runs=0))
    model = panel.grid.wells
    assert (model.rowCount(), model.columnCount()) == (32, 48)
    vertical = Qt.Orientation.Vertical
    assert [model.headerData(n, vertical) for n in (0, 25, 26, 31)] == [
        "A",
        "Z",
        "AA",
        "AF",
    ]
    assert model.headerData(47, Qt.Orientation.Horizontal) == "48"
    assert model.data(model.index(31, 47)) == "AF48"


def test_wells_that_are_missing_or_empty_cannot_be_selected(panel: PlatePanel) -> None:
    panel.grid.selectAll()
    assert len(names(panel)) == ROWS * COLUMNS - 2
    assert not {"B2", "C3"} & set(names(panel))
    model = panel.grid.wells
    assert model.data(model.index(1, 1), Qt.ItemDataRole.ToolTipRole) is None
    tip = model.data(model.index(2, 2), Qt.ItemDataRole.ToolTipRole)
    assert "C3" in tip
    assert "no image" in tip


def test_a_box_ctrl_and_keys_select(panel: PlatePanel) -> None:
    drag(panel, (0, 1), (2, 2))
    assert names(panel) == ["A2", "A3", "B3", "C2"]
    click_well(panel, 0, 3, modifier=Qt.KeyboardModifier.ControlModifier)
    assert names(panel)[2] == "A4"
    click_well(panel, 0, 0)
    assert names(panel) == ["A1"]
    QTest.keyClick(panel.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert names(panel) == ["A1", "A2"]


def test_enter_double_click_and_button_open(panel: PlatePanel, qtbot: QtBot) -> None:
    wanted: list[tuple[list[int], int]] = []
    panel.mosaic_wanted.connect(
        lambda wells, field: wanted.append(([well.id for well in wells], field))
    )
    assert panel.open.text() == "Open plate as one"
    panel.open.click()
    click_well(panel, 0, 2)
    assert panel.open.text() == "Open well A3"
    QTest.keyClick(panel.grid, Qt.Key.Key_Return)
    place = panel.grid.visualRect(panel.grid.wells.index(0, 2)).center()
    QTest.mouseDClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    panel.field.setValue(1)
    panel.open_field.click()
    assert wanted == [([], -1), ([3], -1), ([3], -1), ([3], 1)]


def test_all_runs_are_offered_where_there_are_several(panel: PlatePanel) -> None:
    panel.all_runs.setChecked(True)
    assert panel.run_choice == "all"
    panel.show_plate(make_plate(runs=1))
    assert not panel.all_runs.isVisible()
    assert panel.run_choice == 70


def test_a_plate_without_images_says_so(panel: PlatePanel) -> None:
    panel.show_plate(PlateRecord(9, "Empty"))
    assert panel.open.text() == "No images in this plate"
    assert not panel.open.isEnabled()
    panel.show_plate(make_plate())
    assert panel.open.text() == "Open plate as one"


def test_pictures_are_of_the_run_and_field_that_are_shown(
    panel: PlatePanel, qtbot: QtBot
) -> None:
    seen: list[list[int]] = []
    panel.grid.images_visible.connect(seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[-1][:2] == [0, 10]
    assert len(seen[-1]) == ROWS * COLUMNS - 2
    panel.field.setValue(1)
    qtbot.waitUntil(lambda: seen[-1][:2] == [1, 11])
    panel.run.setCurrentIndex(1)
    qtbot.waitUntil(lambda: seen[-1][:2] == [1000, 1010])
    assert len(seen[-1]) == ROWS * COLUMNS - 1
    assert panel.run_id == 71
    assert panel.field.value() == 0


def test_only_what_can_be_seen_is_asked_for(qtbot: QtBot) -> None:
    panel = PlatePanel()
    qtbot.addWidget(panel)
    panel.resize(240, 260)
    seen: list[list[int]] = []
    panel.grid.images_visible.connect(seen.append)
    panel.show_plate(make_plate(32, 48, runs=0))
    qtbot.waitUntil(lambda: bool(seen) and 0 in seen[-1])
    assert len(seen[-1]) < 400
    panel.grid.scrollToBottom()
    qtbot.waitUntil(lambda: 0 not in seen[-1])


def test_keys_zoom_within_bounds(panel: PlatePanel) -> None:
    header = panel.grid.horizontalHeader()
    before = header.defaultSectionSize()
    QTest.keyClick(panel.grid, Qt.Key.Key_Plus)
    assert header.defaultSectionSize() > before
    for _ in range(40):
        QTest.keyClick(panel.grid, Qt.Key.Key_Minus)
    assert header.defaultSectionSize() == 14


def test_a_plate_goes_into_a_window_and_comes_back(qtbot: QtBot) -> None:
    splitter, panel = QSplitter(), PlatePanel()
    qtbot.addWidget(splitter)
    splitter.addWidget(panel)
    splitter.show()
    panel.show_plate(make_plate())
    panel.enlarge.click()
    assert panel.isWindow()
    assert panel.isVisible()
    panel.close()
    assert not panel.isWindow()
    assert splitter.indexOf(panel) == 0
    assert panel.isVisible()


@pytest.fixture
def page(qtbot: QtBot, account: Account, server: FakeServer) -> Iterator[BrowserPage]:
    server.roots = (ObjectRecord("plate", 4, "Plate", child_count=11),)
    server.plate = make_plate()
    page = BrowserPage()
    qtbot.addWidget(page)
    browsing = Browsing(account, Opening(account), page)
    page.resize(320, 900)
    page.show()
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    browsing.start()
    qtbot.waitUntil(lambda: page.tree.model().rowCount() == 1)
    yield page
    browsing.stop()


def select_plate(page: BrowserPage, qtbot: QtBot) -> None:
    page.tree.setCurrentIndex(page.tree.model().index(0, 0))
    qtbot.waitUntil(page.plate.isVisible)


def test_a_plate_that_is_selected_shows_its_wells(
    page: BrowserPage, qtbot: QtBot, server: FakeServer
) -> None:
    select_plate(page, qtbot)
    assert server.asked("read_plate") == [("plate", 4)]
    qtbot.waitUntil(lambda: len(page.plate.grid.wells.icons) > COLUMNS)
    page.tree.clearSelection()
    qtbot.waitUntil(lambda: not page.plate.isVisible())


def test_the_plate_and_its_wells_open_as_one(
    page: BrowserPage, qtbot: QtBot, server: FakeServer
) -> None:
    select_plate(page, qtbot)
    page.plate.open.click()
    page.plate.run.setCurrentIndex(1)
    page.plate.grid.select([1, 3])
    page.plate.open.click()
    page.plate.all_runs.click()
    page.plate.open_field.click()
    qtbot.waitUntil(lambda: len(server.asked("open_together")) == 3)
    here = "omero://omero.example.org:4064"
    wells = [f"{here}/well/1", f"{here}/well/3"]
    assert server.asked("open_together") == [
        ([f"{here}/plate/4"], "mosaic", 70, None),
        (wells, "mosaic", 71, None),
        (wells, "mosaic", "all", 0),
    ]


def test_a_plate_that_cannot_be_read_is_one_sentence(
    page: BrowserPage, qtbot: QtBot, server: FakeServer
) -> None:
    server.failures["read_plate"] = ServerRefused("Could not read plate 4.")
    page.tree.setCurrentIndex(page.tree.model().index(0, 0))
    qtbot.waitUntil(lambda: "Could not read plate 4" in page.message.text())
    assert not page.plate.isVisible()
