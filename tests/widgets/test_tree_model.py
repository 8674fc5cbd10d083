"""The tree: lazy, paged, and correct in the eyes of Qt's own checker."""

from __future__ import annotations

import pytest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QModelIndex, Qt, QTimer

from napari_omero_io.records import ObjectRecord
from napari_omero_io.widgets.tree_model import COUNT, NAME, Node, TreeModel
from napari_omero_io.widgets.tree_view import NameFilter

from .fakes import DATASETS, ROOTS, image_row


@pytest.fixture
def model(qtbot: QtBot) -> TreeModel:
    return TreeModel()


def answer_from(model: TreeModel, delay: int = 0) -> list[tuple[str, int]]:
    """Answer the model as a server would; give what it asked for."""
    asked: list[tuple[str, int]] = []

    def answer(node: Node, first: int) -> None:
        record = node.record
        asked.append(("root" if record is None else record.kind, first))
        rows: list[ObjectRecord]
        if record is None:
            rows = list(ROOTS)
        elif record.kind == "project":
            rows = list(DATASETS)
        else:
            stop = min(first + 200, record.child_count or 0)
            rows = [image_row(100 * record.id + row) for row in range(first, stop)]
        is_last = len(rows) < 200
        QTimer.singleShot(delay, lambda: model.add_rows(node, rows, is_last))

    model.rows_wanted.connect(answer)
    return asked


def test_asks_for_nothing_before_it_is_started(model: TreeModel) -> None:
    assert not model.canFetchMore(QModelIndex())
    assert not model.hasChildren(QModelIndex())


def test_qt_finds_no_fault(
    qtbot: QtBot, model: TreeModel, qtmodeltester: ModelTester
) -> None:
    answer_from(model)
    model.clear()
    qtmodeltester.check(model)
    model.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: model.rowCount() == len(ROOTS))
    project = model.index(0, NAME)
    model.fetchMore(project)
    qtbot.waitUntil(lambda: model.rowCount(project) == len(DATASETS))
    model.fetchMore(model.index(0, NAME, project))
    qtbot.waitUntil(lambda: model.rowCount(model.index(0, NAME, project)) == 3)
    qtmodeltester.check(model)
    qtmodeltester.check(NameFilter(model))


def test_asks_once_while_the_answer_is_on_its_way(
    qtbot: QtBot, model: TreeModel
) -> None:
    asked = answer_from(model, delay=20)
    model.clear()
    model.fetchMore(QModelIndex())
    assert not model.canFetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: model.rowCount() == len(ROOTS))
    assert asked == [("root", 0)]


def test_reads_long_lists_in_pages(qtbot: QtBot, model: TreeModel) -> None:
    asked = answer_from(model)
    model.clear()
    model.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: model.rowCount() == len(ROOTS))
    dataset = model.index(2, NAME)
    for expected in (200, 400, 450):
        model.fetchMore(dataset)
        qtbot.waitUntil(lambda n=expected: model.rowCount(dataset) == n)  # type: ignore[misc]
    assert not model.canFetchMore(dataset)
    assert asked[1:] == [("dataset", 0), ("dataset", 200), ("dataset", 400)]


def test_rows_without_children_are_leaves(qtbot: QtBot, model: TreeModel) -> None:
    answer_from(model)
    model.clear()
    model.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: model.rowCount() == len(ROOTS))
    empty = model.index(1, NAME)
    assert not model.hasChildren(empty)
    assert not model.canFetchMore(empty)
    assert model.flags(empty) & Qt.ItemFlag.ItemNeverHasChildren
    assert model.index(0, COUNT).data() == "2"
    assert model.index(1, COUNT).data() == "0"


def test_row_says_that_it_is_being_read(qtbot: QtBot, model: TreeModel) -> None:
    answer_from(model, delay=20)
    model.clear()
    model.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: model.rowCount() == len(ROOTS))
    project = model.index(0, NAME)
    with qtbot.waitSignal(model.dataChanged):
        model.fetchMore(project)
    assert model.index(0, COUNT).data() == "…"
    qtbot.waitUntil(lambda: model.rowCount(project) == len(DATASETS))
    assert model.index(0, COUNT).data() == "2"


def test_failure_is_not_repeated_until_asked_again(
    qtbot: QtBot, model: TreeModel
) -> None:
    nodes: list[Node] = []
    model.rows_wanted.connect(lambda node, first: nodes.append(node))
    model.clear()
    model.fetchMore(QModelIndex())
    model.report_failure(nodes[0])
    assert not model.canFetchMore(QModelIndex())
    model.ask_again()
    assert len(nodes) == 2


def test_answer_for_forgotten_rows_is_dropped(qtbot: QtBot, model: TreeModel) -> None:
    nodes: list[Node] = []
    model.rows_wanted.connect(lambda node, first: nodes.append(node))
    model.clear()
    model.fetchMore(QModelIndex())
    model.clear()
    model.add_rows(nodes[0], ROOTS, True)
    model.report_failure(nodes[0])
    assert model.rowCount() == 0
    assert model.canFetchMore(QModelIndex())


def fill(model: TreeModel, parent: QModelIndex, *records: ObjectRecord) -> QModelIndex:
    """Put rows below another; give the first of them."""
    model.add_rows(model.node_at(parent), records, True)
    return model.index(0, NAME, parent)


def test_filtering_very_many_rows_asks_for_no_cell(
    qtbot: QtBot, model: TreeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To ask for their names one by one would hold the window."""
    model.clear()
    dataset = ObjectRecord("dataset", 1, "many", child_count=3000)
    above = fill(model, QModelIndex(), dataset)
    fill(model, above, *(image_row(number) for number in range(3000)))
    kept = NameFilter(model)
    assert kept.rowCount(kept.index(0, NAME)) == 3000
    asked = []
    monkeypatch.setattr(TreeModel, "data", lambda *args: asked.append(args))
    kept.set_text("CELL 299")
    assert kept.rowCount(kept.index(0, NAME)) == 11
    kept.set_text("")
    assert kept.rowCount(kept.index(0, NAME)) == 3000
    assert not asked


def test_rows_that_come_while_others_are_hidden(qtbot: QtBot, model: TreeModel) -> None:
    """A row that was hidden comes back when one below it has the text."""
    model.clear()
    project = ObjectRecord("project", 1, "all", child_count=1)
    above = fill(model, QModelIndex(), project)
    kept = NameFilter(model)
    kept.set_text("cell")
    assert kept.rowCount() == 0
    dataset = fill(model, above, ObjectRecord("dataset", 2, "one", child_count=2))
    fill(model, dataset, image_row(5), image_row(6), ObjectRecord("image", 7, "other"))
    qtbot.waitUntil(lambda: kept.rowCount() == 1)
    shown = kept.index(0, NAME, kept.index(0, NAME))
    assert kept.rowCount(shown) == 2
