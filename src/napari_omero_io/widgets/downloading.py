"""Downloads original files for one browser page while its user goes on to work."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QFileDialog

from napari_omero_io.errors import DownloadCancelled

from .tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.client.download import DownloadReceipt
    from napari_omero_io.records import ObjectRecord

    from .account import Account
    from .browser import BrowserPage

#: Seconds between two words on how far it is.
_PAUSE = 0.1


class Downloading(QObject):
    """Asks for a folder, and fetches the files of what is selected into it."""

    _progressed = Signal(object, object, str)

    def __init__(self, account: Account, page: BrowserPage) -> None:
        super().__init__(page)
        self._account = account
        self._page = page
        self._bar = page.download
        self._tasks = Tasks()
        self._stop: threading.Event | None = None
        self._folder = ""
        page.download_requested.connect(self._ask_folder)
        page.destroyed.connect(self._give_up)
        self._bar.stop_requested.connect(self._give_up)
        self._progressed.connect(self._bar.show_progress)

    @property
    def is_busy(self) -> bool:
        """Whether files are on their way."""
        return self._stop is not None

    def _ask_folder(self, records: Sequence[ObjectRecord]) -> None:
        if self._stop is not None:
            self._page.say("One download at a time: wait for it, or stop it.")
            return
        dialog = QFileDialog(self._page, "Download original files into…", self._folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, "Download")
        dialog.fileSelected.connect(lambda folder: self.download(records, folder))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def download(self, records: Sequence[ObjectRecord], folder: str) -> None:
        """Fetch the files of some rows into a folder."""
        server = self._account.server
        if server is None or self._stop is not None or not records:
            return
        self._folder = folder
        links = [server.make_link(each.kind, each.id) for each in records]
        stop = self._stop = threading.Event()
        self._page.say("")
        self._bar.begin(
            records[0].name if len(records) == 1 else f"{len(records)} objects"
        )
        told = 0.0

        def tell(done: int, total: int, name: str) -> None:
            # from a working thread, for every block
            nonlocal told
            now = time.monotonic()
            if now - told > _PAUSE and not stop.is_set():
                told = now
                self._progressed.emit(done, total, name)

        self._tasks.run(
            lambda: server.download(links, Path(folder), tell, stop.is_set),
            self._finish,
            self._fail,
        )

    def _finish(self, receipt: DownloadReceipt) -> None:
        self._stop = None
        self._bar.end()
        self._page.say(describe(receipt, self._folder))

    def _fail(self, error: Exception) -> None:
        self._stop = None
        self._bar.end()
        if isinstance(error, DownloadCancelled):
            self._page.say(str(error))
        else:
            self._page.say(self._account.note_failure(error), "error")

    def _give_up(self) -> None:
        if self._stop is not None:
            self._stop.set()


def describe(receipt: DownloadReceipt, folder: str) -> str:
    """Say in a sentence or two what is here now."""
    count = len(receipt.files)
    known = sum(not file.fetched for file in receipt.files)
    unsure = sum(not file.is_verified for file in receipt.files)
    parts = []
    if count:
        files = "1 file is" if count == 1 else f"{count} files are"
        before = f" ({known} had been there)" if known else ""
        parts.append(f"{files} in {folder} now{before}.")
    if unsure:
        parts.append(f"Of {unsure}, the server has no checksum to compare.")
    if receipt.without:
        names = ", ".join(f"“{name}”" for name in receipt.without[:3])
        more = f" and {len(receipt.without) - 3} others" if receipt.without[3:] else ""
        have = "has" if len(receipt.without) == 1 else "have"
        parts.append(f"{names}{more} {have} no original files: made from pixels.")
    return " ".join(parts) or "There is nothing to download."
