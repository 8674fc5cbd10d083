"""The window with the quality and the caches."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest
from pytestqt.qtbot import QtBot

from napari_omero_io.arrays.caches import CacheReport
from napari_omero_io.widgets.viewing_panel import ViewingPanel, write_size

MB = 1 << 20


@dataclass
class FakeViewing:
    quality: str = "balanced"
    rendered: bool = False
    keep_axes: bool = False
    limits: tuple[int, int] = (192 * MB, 4096 * MB)
    folder: str = "/somewhere/tiles"
    disk: int = 700 * MB
    threads: set[int | None] = field(default_factory=set)
    error: Exception | None = None

    def report(self) -> CacheReport:
        return CacheReport(30 * MB, 80, 10, 10)

    def measure_disk(self) -> int:
        self.threads.add(threading.main_thread().ident - threading.get_ident())
        if self.error is not None:
            raise self.error
        return self.disk

    def clear(self) -> None:
        self.threads.add(threading.main_thread().ident - threading.get_ident())
        self.disk = 0


@pytest.fixture
def viewing() -> FakeViewing:
    return FakeViewing()


@pytest.fixture
def panel(qtbot: QtBot, viewing: FakeViewing) -> ViewingPanel:
    panel = ViewingPanel(viewing)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: panel.disk.text() == "700 MB")
    return panel


def test_it_shows_what_is_kept_and_chosen(panel: ViewingPanel) -> None:
    assert panel.qualities["balanced"].isChecked()
    assert panel.memory.text() == "30 MB"
    assert panel.hits.text().startswith("90%")
    assert "10 from the server" in panel.hits.text()
    assert (panel.memory_limit.value(), panel.disk_limit.value()) == (192, 4096)


def test_choices_are_passed_on(panel: ViewingPanel, viewing: FakeViewing) -> None:
    panel.qualities["exact"].click()
    panel.rendered.click()
    panel.keep_axes.click()
    panel.memory_limit.setValue(300)
    panel.memory_limit.editingFinished.emit()
    assert (viewing.quality, viewing.rendered) == ("exact", True)
    assert viewing.keep_axes
    assert viewing.limits == (300 * MB, 4096 * MB)


def test_clearing_happens_behind_the_window(
    qtbot: QtBot, panel: ViewingPanel, viewing: FakeViewing
) -> None:
    panel.clear.click()
    assert not panel.clear.isEnabled()
    qtbot.waitUntil(lambda: panel.disk.text() == "nothing")
    qtbot.waitUntil(panel.clear.isEnabled)
    assert 0 not in viewing.threads


def test_a_disk_that_cannot_be_read_is_said(
    qtbot: QtBot, panel: ViewingPanel, viewing: FakeViewing
) -> None:
    viewing.error = OSError("The folder cannot be read.")
    panel.hide()
    panel.show()
    qtbot.waitUntil(lambda: panel.message.tone == "error")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "nothing"), (2048, "2 kB"), (5 * MB, "5 MB"), (3000 * MB, "2.9 GB")],
)
def test_sizes_are_written_for_people(count: int, text: str) -> None:
    assert write_size(count) == text
