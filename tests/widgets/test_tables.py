"""Tables below the canvas: read by blocks, filtered, sorted, and linked to layers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from napari import Viewer
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QModelIndex, Qt

from napari_omero_io.errors import ServerRefused
from napari_omero_io.records import (
    ColumnRecord,
    MaskRecord,
    ObjectRecord,
    TableMask,
    TableRecord,
)
from napari_omero_io.widgets import controller as controllers
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.controller import Controller, Doors, controller_for
from napari_omero_io.widgets.feature_colors import UNKNOWN, compute_colors
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.main import show_dock
from napari_omero_io.widgets.table_browsing import sort_values
from napari_omero_io.widgets.table_dock import DOCK_NAME, TableDock, show_tables
from napari_omero_io.widgets.table_model import BLOCK, describe_value

from .fakes import FakeMemory, FakeServer

pytestmark = pytest.mark.window

SERVER = "omero.example.org:4064"
IMAGE = 7


@dataclass
class FakeTable:
    """A table in memory; its one condition is ``big``, and it notes what is read."""

    values: dict[str, Any]
    columns: tuple[ColumnRecord, ...]
    threads: set[int] = field(default_factory=set)
    reads: list[int] = field(default_factory=list)
    is_closed: bool = False

    @property
    def row_count(self) -> int:
        return len(next(iter(self.values.values())))

    def read(self, columns: Any = None, start: int = 0, stop: Any = None) -> Any:
        return self.read_rows(np.arange(self.row_count)[start:stop], columns)

    def read_rows(self, rows: Any, columns: Any = None) -> Any:
        self.threads.add(threading.get_ident())
        self.reads.append(len(rows))
        names = columns or list(self.values)
        return {name: self.values[name][np.asarray(rows, int)] for name in names}

    def find_rows(self, condition: str) -> Any:
        self.threads.add(threading.get_ident())
        if condition != "big":
            raise ServerRefused("Write == to compare.")
        return np.flatnonzero(self.values["Area"] > 5)

    def close(self) -> None:
        self.is_closed = True


def make_table(**values: Any) -> FakeTable:
    kinds = {"i": "long", "f": "double", "O": "string", "b": "bool"}
    arrays = {name: np.asarray(each) for name, each in values.items()}
    columns = tuple(
        ColumnRecord(name, "image" if name == "Image" else kinds[each.dtype.kind])
        for name, each in arrays.items()
    )
    return FakeTable(arrays, columns)


@dataclass
class Scene:
    viewer: Viewer
    controller: Controller
    server: FakeServer
    qtbot: QtBot

    @property
    def dock(self) -> TableDock:
        return self.viewer.window.dock_widgets[DOCK_NAME]

    def show(self, *tables: FakeTable, parent: str = "image") -> None:
        self.server.tables = [
            TableRecord(n, f"table {n}", parent, IMAGE) for n in range(len(tables))
        ]
        self.server.open_tables = dict(enumerate(tables))
        record = ObjectRecord("image", IMAGE, "cell <b>")
        show_tables(self.controller, self.server, record)
        self.wait_for(lambda: self.page.model.rowCount() > 0)
        self.wait_for(lambda: self.values(0) is not None)

    @property
    def page(self) -> Any:
        return self.dock.page

    def values(self, row: int) -> Any:
        return self.page.model.values_at(row)

    def wait_for(self, condition: Callable[[], Any]) -> None:
        self.qtbot.waitUntil(condition)

    def column(self, name: str) -> list[Any]:
        rows = range(self.page.model.rowCount())
        self.wait_for(lambda: all(self.values(row) is not None for row in rows))
        return [self.values(row)[name] for row in rows]

    def add_labels(self) -> Any:
        labels = np.zeros((3, 20, 30), int)
        labels[1, 2:5, 10:21], labels[2, 8, 8] = 4, 9
        return self.viewer.add_labels(
            labels,
            scale=(1, 0.5, 0.5),
            features={"index": [4, 9], "roi_id": [40, 90]},
            metadata={"omero": {"server": SERVER, "image_id": IMAGE}},
        )


@pytest.fixture
def scene(
    make_napari_viewer: Callable[..., Viewer],
    server: FakeServer,
    memory: FakeMemory,
    qtbot: QtBot,
) -> Iterator[Scene]:
    viewer = make_napari_viewer(show=True)
    doors = Doors(
        lambda login: server, lambda: Login("", ""), memory, controllers.add_at_once
    )
    controller = controller_for(viewer, doors)
    controller.account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: controller.account.state is State.LOGGED_IN)
    yield Scene(viewer, controller, server, qtbot)
    for table in server.open_tables.values():
        assert threading.main_thread().ident not in table.threads


def test_a_million_rows_are_read_where_one_looks(scene: Scene) -> None:
    table = make_table(label=np.arange(1_000_000), Area=np.zeros(1_000_000))
    scene.show(table)
    assert scene.page.count.text() == "1,000,000 rows"
    assert sum(table.reads) <= 2 * BLOCK
    scene.page.view.scrollToBottom()
    scene.wait_for(lambda: scene.values(999_999) is not None)
    assert scene.values(999_999)["label"] == 999_999
    assert sum(table.reads) <= 5 * BLOCK


def test_rows_are_filtered_and_sorted(scene: Scene) -> None:
    scene.show(
        make_table(
            label=[1, 2, 3, 4],
            Area=[9.0, 1.0, np.nan, 6.0],
            Class=np.array(["b", "A", "", "c"], object),
        )
    )
    page = scene.page
    page.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    scene.wait_for(lambda: scene.column("label") == [1, 4, 2, 3])
    page.filter.setText("big")
    page.filter.returnPressed.emit()
    scene.wait_for(lambda: page.count.text() == "2 of 4 rows")
    assert scene.column("label") == [1, 4]
    page.view.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    page.filter.clear()
    scene.wait_for(lambda: page.count.text() == "4 rows")
    assert scene.column("Class") == ["", "A", "b", "c"]
    header = page.model.headerData(0, Qt.Orientation.Vertical)
    assert header == "2"  # the row's number in the table


def test_a_wrong_condition_is_explained_and_changes_nothing(scene: Scene) -> None:
    scene.show(make_table(label=[1, 2], Area=[9.0, 1.0]))
    scene.page.filter.setText("Area = 5")
    scene.page.filter.returnPressed.emit()
    scene.wait_for(lambda: scene.page.message.tone == "error")
    assert scene.page.message.text() == "Write == to compare."
    assert scene.page.model.rowCount() == 2


def test_a_row_leads_to_its_label(scene: Scene) -> None:
    layer = scene.add_labels()
    scene.viewer.layers.selection.clear()
    scene.show(make_table(label=[9, 4, 5], Area=[1.0, 2.0, 3.0]))
    index: QModelIndex = scene.page.model.index(1, 0)
    scene.page.view.clicked.emit(index)
    scene.wait_for(lambda: layer.selected_label == 4)
    assert scene.viewer.layers.selection.active is layer
    assert scene.viewer.dims.point[0] == 1
    y, x = scene.viewer.scene.camera.center[-2:]
    assert (y, x) == (1.5, 7.5)
    scene.page.view.clicked.emit(scene.page.model.index(2, 0))
    scene.wait_for(lambda: "No open layer" in scene.page.message.text())


def test_a_row_leads_to_its_shape(scene: Scene) -> None:
    layer = scene.viewer.add_shapes(
        [[[0, 0], [0, 4], [4, 4], [4, 0]], [[10, 10], [10, 20], [14, 20], [14, 10]]],
        features={"shape_id": [11, 12], "roi_id": [1, 2]},
        metadata={"omero": {"server": SERVER, "image_id": IMAGE}},
    )
    scene.show(make_table(roi=[2, 1], Area=[1.0, 2.0]))
    scene.page.view.clicked.emit(scene.page.model.index(0, 0))
    scene.wait_for(lambda: layer.selected_data == {1})
    assert tuple(scene.viewer.scene.camera.center[-2:]) == (12, 15)


def test_a_row_opens_its_image(scene: Scene) -> None:
    scene.show(make_table(Image=[33], Area=[1.0]))
    scene.page.view.clicked.emit(scene.page.model.index(0, 0))
    scene.wait_for(lambda: len(scene.viewer.layers) == 1)
    assert scene.viewer.layers[0].metadata["omero"]["image_id"] == 33


def test_a_row_opens_the_region_whose_image_is_not_open(scene: Scene) -> None:
    """Its link opens the image, and goes to the region."""
    scene.show(make_table(roi=[44, -1], Area=[1.0, 2.0]))
    scene.page.view.clicked.emit(scene.page.model.index(0, 0))
    scene.wait_for(lambda: bool(scene.server.asked("open_layers")))
    [asked] = scene.server.asked("open_layers")
    assert "/roi/44" in str(asked)


def test_a_row_leads_to_the_row_of_its_dataset(scene: Scene) -> None:
    """To one that the tree shows, else to what a search finds."""
    table = make_table(dataset=[9, 12, -1], Area=[1.0, 2.0, 3.0])
    table.columns = (ColumnRecord("dataset", "dataset"), table.columns[1])
    dock = show_dock(scene.viewer)
    tree = dock.browser.tree
    scene.wait_for(lambda: tree.model().rowCount() > 0)
    scene.show(table, parent="plate")
    assert "nowhere" not in scene.page.message.text()
    scene.page.view.clicked.emit(scene.page.model.index(0, 0))
    scene.wait_for(lambda: chosen(tree) == [("dataset", 9)])
    assert not scene.server.asked("search")
    scene.page.view.clicked.emit(scene.page.model.index(1, 0))
    scene.wait_for(lambda: chosen(tree) == [("dataset", 12)])
    assert scene.server.asked("search") == ["id:12"]
    scene.page.view.clicked.emit(scene.page.model.index(2, 0))
    scene.wait_for(lambda: "not open in the viewer" in scene.page.message.text())
    assert chosen(tree) == [("dataset", 12)]


def chosen(tree: Any) -> list[tuple[str, int]]:
    return [(record.kind, record.id) for record in tree.selected_records()]


def test_layers_of_another_server_are_left_alone(scene: Scene) -> None:
    layer = scene.add_labels()
    layer.metadata["omero"]["server"] = "elsewhere:4064"
    before = layer.colormap
    scene.show(make_table(label=[9, 4], Area=[1.0, 2.0]))
    scene.page.colour.click()
    scene.wait_for(lambda: "nothing was coloured" in scene.page.message.text())
    assert layer.colormap is before


def test_labels_are_coloured_by_numbers_and_back(scene: Scene) -> None:
    layer = scene.add_labels()
    before = layer.colormap
    scene.show(make_table(label=[9, 4, 5], Area=[10.0, 0.0, 5.0]))
    assert scene.page.column.currentText() == "Area"
    scene.page.colormap.setCurrentText("gray")
    scene.page.colour.click()
    scene.wait_for(scene.page.undo.isEnabled)
    colors = layer.colormap.color_dict
    np.testing.assert_allclose(colors[4], (0, 0, 0, 1), atol=0.01)
    np.testing.assert_allclose(colors[9], (1, 1, 1, 1), atol=0.01)
    scene.page.low.setText("-10")
    scene.page.high.setText("30")
    scene.page.colour.click()
    scene.wait_for(lambda: layer.colormap.color_dict is not colors)
    np.testing.assert_allclose(layer.colormap.color_dict[9][:3], 0.5, atol=0.01)
    scene.page.undo.click()
    np.testing.assert_allclose(layer.colormap.color_dict[9], (1, 1, 1, 1), atol=0.01)
    scene.page.undo.click()
    assert layer.colormap == before
    assert not scene.page.undo.isEnabled()


def test_shapes_are_coloured_by_texts_and_back(scene: Scene) -> None:
    box = [[0, 0], [0, 4], [4, 4], [4, 0]]
    layer = scene.viewer.add_shapes(
        [box, box, box],
        edge_color="red",
        features={"shape_id": [1, 2, 3]},
        metadata={"omero": {"server": SERVER, "image_id": IMAGE}},
    )
    before = layer.edge_color.copy()
    kinds = np.array(["x", "y"], object)
    scene.show(make_table(shape=[3, 1], Kind=kinds))
    scene.page.column.setCurrentText("Kind")
    scene.page.colour.click()
    scene.wait_for(scene.page.undo.isEnabled)
    first, second, third = layer.edge_color
    np.testing.assert_allclose(second, UNKNOWN)
    assert not np.allclose(first, third)
    scene.page.undo.click()
    np.testing.assert_array_equal(layer.edge_color, before)


def test_limits_the_wrong_way_round_are_explained(scene: Scene) -> None:
    scene.add_labels()
    scene.show(make_table(label=[9, 4], Area=[10.0, 0.0]))
    scene.page.low.setText("30")
    scene.page.high.setText("10")
    scene.page.colour.click()
    scene.wait_for(lambda: scene.page.message.tone == "error")
    assert "above the largest" in scene.page.message.text()


def test_choosing_another_table_closes_the_first(scene: Scene) -> None:
    first, second = make_table(label=[1]), make_table(label=[5, 6])
    scene.show(first, second)
    scene.page.tables.setCurrentIndex(1)
    scene.wait_for(lambda: scene.page.model.rowCount() == 2)
    scene.wait_for(lambda: first.is_closed)
    assert scene.column("label") == [5, 6]


def test_an_object_without_tables_says_so(scene: Scene) -> None:
    show_tables(scene.controller, scene.server, ObjectRecord("image", 1, "cell <b>"))
    scene.wait_for(lambda: "no tables" in scene.page.message.text())
    assert "“cell <b>”" in scene.page.message.text()
    assert not scene.page.view.isEnabled()


def test_a_table_that_fails_is_one_sentence(scene: Scene) -> None:
    scene.server.failures["open_table"] = ServerRefused("The file is gone.")
    scene.server.tables = [TableRecord(3, "lost", "image", IMAGE)]
    show_tables(scene.controller, scene.server, ObjectRecord("image", 1, "cell"))
    scene.wait_for(lambda: scene.page.message.text() == "The file is gone.")


def test_leaving_the_server_closes_its_table(scene: Scene) -> None:
    table = make_table(label=[1])
    scene.show(table)
    scene.controller.accounts.begin()
    first = next(iter(scene.controller.accounts))
    first.leave()
    scene.wait_for(lambda: table.is_closed)
    assert scene.page.model.rowCount() == 0


# -- the row's other actions ---------------------------------------------------------


def test_more_offers_regions_settings_and_tables(scene: Scene) -> None:
    scene.server.has_regions = True
    dock = show_dock(scene.viewer)
    page = dock.browser
    assert not page.more.isEnabled()
    tree = page.tree
    scene.wait_for(lambda: tree.model().rowCount() > 0)
    index = tree.model().index(3, 0)
    tree.expand(index)
    scene.wait_for(lambda: tree.model().rowCount(index) == 1)
    tree.setCurrentIndex(tree.model().index(0, 0, index))
    assert page.more.isEnabled()
    menu = page.more.menu()
    menu.aboutToShow.emit()
    actions = {action.text(): action for action in menu.actions()}
    assert not actions["Regions of this plane"].isEnabled()
    actions["All regions"].trigger()
    scene.wait_for(lambda: len(scene.viewer.layers) == 1)
    assert scene.server.asked("read_regions") == [(500, None)]

    pixels = np.zeros((3, 20, 30))
    omero = {"server": SERVER, "image_id": 500}
    scene.viewer.add_image(
        pixels, axis_labels=("Z", "Y", "X"), metadata={"omero": omero}
    )
    scene.viewer.dims.set_point(0, 2)
    menu.aboutToShow.emit()
    assert actions["Regions of this plane"].isEnabled()
    actions["Regions of this plane"].trigger()
    scene.wait_for(lambda: len(scene.server.asked("read_regions")) == 2)
    _, plane = scene.server.asked("read_regions")[1]
    assert (plane.z, plane.t, plane.box) == (2, 0, None)
    actions["Regions of this view"].trigger()
    scene.wait_for(lambda: len(scene.server.asked("read_regions")) == 3)
    _, plane = scene.server.asked("read_regions")[2]
    left, top, right, bottom = plane.box
    assert left <= right <= 30
    assert top <= bottom <= 20

    settings = actions["Rendering settings"].menu()
    settings.aboutToShow.emit()
    scene.wait_for(lambda: len(settings.actions()) == 2)
    texts = [action.text() for action in settings.actions()]
    assert texts == ["My own", "Those of R&&D <b>: bright"]
    settings.actions()[1].trigger()
    scene.wait_for(lambda: scene.server.asked("open_with_settings") == [(500, 2)])


# -- parts ---------------------------------------------------------------------------


@given(
    values=hnp.arrays(
        np.float64,
        st.integers(0, 30),
        elements=st.sampled_from([0.0, 1.0, 2.5, -3.0, np.nan]),
    ),
    is_descending=st.booleans(),
)
def test_sorting_is_stable_and_puts_nan_last(values: Any, is_descending: bool) -> None:
    order = sort_values(values, is_descending)
    assert sorted(order.tolist()) == list(range(len(values)))
    sign = -1 if is_descending else 1
    expected = sorted(
        range(len(values)),
        key=lambda n: (1, 0) if np.isnan(values[n]) else (0, sign * values[n]),
    )
    assert order.tolist() == expected


def test_texts_are_sorted_without_regard_to_case() -> None:
    values = np.array(["b", "A", "c", "a", ""], object)
    assert sort_values(values, False).tolist() == [4, 1, 3, 0, 2]
    assert sort_values(values, True).tolist() == [2, 0, 1, 3, 4]
    assert sort_values(values[:0], False).tolist() == []


@given(values=st.lists(st.text(max_size=5)), is_descending=st.booleans())
def test_texts_of_any_letters_are_sorted_as_python_does(
    values: list[str], is_descending: bool
) -> None:
    given_values = np.empty(len(values), object)
    given_values[:] = values
    order = sort_values(given_values, is_descending)
    folded = [value.casefold() for value in values]
    expected = sorted(range(len(values)), key=folded.__getitem__, reverse=is_descending)
    assert order.tolist() == expected


def test_one_very_long_text_costs_no_more_than_itself() -> None:
    """Texts that were all made as long would take 80 GB."""
    values = np.array(["short"] * 20_000 + ["long" * 250_000], object)
    assert sort_values(values, False)[0] == 20_000
    assert sort_values(values, True)[0] == 0


def test_colours_of_what_is_unknown() -> None:
    colors = compute_colors(np.array([np.nan, 1.0, 3.0]), "gray")
    np.testing.assert_allclose(colors[0], UNKNOWN)
    np.testing.assert_allclose(colors[2], (1, 1, 1, 1))
    one_value = compute_colors(np.array([2.0, 2.0]), "gray")
    assert np.isfinite(one_value).all()
    assert compute_colors(np.array([True, False]), "gray").shape == (2, 4)
    texts = compute_colors(np.array(["", "a", "b", "a"], object), "gray")
    np.testing.assert_allclose(texts[0], UNKNOWN)
    np.testing.assert_array_equal(texts[1], texts[3])


def test_values_are_one_line() -> None:
    assert describe_value("a\x00b\nc") == "a b c"
    assert len(describe_value("x" * 5000)) == 4000
    assert describe_value(np.float64("nan")) == ""
    assert describe_value(np.bool_(True)) == "true"
    assert describe_value(np.array([1.5, 2.0])) == "[1.5, 2]"
    mask = TableMask(1, MaskRecord(0, 0, 12, 8, b"", None, None))
    assert describe_value(mask) == "mask of 12 × 8 pixels"
