"""Downloading from the dock: a folder, a bar, a sentence in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from qtpy.QtWidgets import QFileDialog

from napari_omero_io.errors import DownloadError
from napari_omero_io.widgets.account import Account, State
from napari_omero_io.widgets.browser import BrowserPage
from napari_omero_io.widgets.browsing import Browsing
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.opening import Opening

from .fakes import ROOTS, FakeServer, image_row


@pytest.fixture
def browsing(qtbot: QtBot, account: Account) -> Iterator[Browsing]:
    page = BrowserPage()
    qtbot.addWidget(page)
    browsing = Browsing(account, Opening(account), page)
    page.resize(320, 900)
    page.show()
    account.log_in(Login("omero.example.org", "anna", "right"))
    qtbot.waitUntil(lambda: account.state is State.LOGGED_IN)
    browsing.start()
    qtbot.waitUntil(lambda: page.tree.model().rowCount() == len(ROOTS))
    yield browsing
    browsing.stop()


def test_the_menu_asks_for_a_folder_and_the_files_go_there(
    browsing: Browsing, qtbot: QtBot, server: FakeServer, tmp_path: Path
) -> None:
    page = browsing._page
    page.tree.setCurrentIndex(page.tree.model().index(2, 0))
    page.ways.download.trigger()
    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    qtbot.waitUntil(lambda: "1 file is in" in page.message.text())
    link = "omero://omero.example.org:4064/dataset/9"
    assert server.asked("download") == [([link], tmp_path)]
    assert "“made of pixels” has no original files" in page.message.text()
    assert not page.download.isVisible()


def test_a_download_shows_how_far_it_is_and_can_be_stopped(
    browsing: Browsing, qtbot: QtBot, server: FakeServer, tmp_path: Path
) -> None:
    page = browsing._page
    server.gate.clear()
    browsing.downloads.download([image_row(3)], str(tmp_path))
    qtbot.waitUntil(lambda: "30 of 90 MB" in page.download.text.text())
    assert page.download.isVisible()
    assert page.download.bar.value() == 333
    page.download.stop.click()
    server.gate.set()
    qtbot.waitUntil(lambda: "was stopped" in page.message.text())
    assert not page.download.isVisible()
    assert not browsing.downloads.is_busy


def test_a_download_that_fails_is_one_sentence(
    browsing: Browsing, qtbot: QtBot, server: FakeServer, tmp_path: Path
) -> None:
    server.failures["download"] = DownloadError("The disk is full.")
    browsing.downloads.download([image_row(3)], str(tmp_path))
    page = browsing._page
    qtbot.waitUntil(lambda: page.message.text() == "The disk is full.")
    assert page.message.tone == "error"
    assert not browsing.downloads.is_busy
