"""Answers what the panel of a plate asks for, from the server that is logged in to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

from .open_ways import PLATE_KINDS
from .tasks import Tasks
from .well_grid import PICTURE_SIZE

if TYPE_CHECKING:
    from napari_omero_io.records import ObjectRecord, PlateRecord, WellRecord

    from .account import Account
    from .browser import BrowserPage
    from .opening import Opening

#: Milliseconds that a row stays selected before its plate is asked for.
_REST = 200


class PlateBrowsing(QObject):
    """Fills the plate panel of one browser page."""

    def __init__(self, account: Account, opening: Opening, page: BrowserPage) -> None:
        super().__init__(page)
        self._account = account
        self._opening = opening
        self._page = page
        self._panel = page.plate
        self._tasks = Tasks()
        self._wanted: ObjectRecord | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._read)
        page.tree.selection_moved.connect(self._on_selection)
        self._panel.pictures_wanted.connect(self._read_pictures)
        self._panel.mosaic_wanted.connect(self._open)
        page.destroyed.connect(self._tasks.cancel_all)

    def stop(self) -> None:
        """Forget what is still on its way, and the plate."""
        self._tasks.cancel_all()
        self._rest.stop()
        self._wanted = None
        self._panel.clear()

    def _on_selection(self, records: list[ObjectRecord]) -> None:
        record = records[0] if records and records[0].kind in PLATE_KINDS else None
        self._wanted = record
        if record is None:
            self._rest.stop()
            if not self._panel.isWindow():
                self._panel.hide()
        else:
            self._rest.start()

    def _read(self) -> None:
        record, server = self._wanted, self._account.server
        if record is None or server is None:
            return
        if (
            record.kind == "well"
            and self._panel.run_id in (None, record.run_id)
            and self._panel.select_well(record.id)
        ):
            self._panel.show()
            return
        self._tasks.cancel_all()

        def show(plate: PlateRecord) -> None:
            if self._wanted is record:
                run_id = record.id if record.kind == "run" else record.run_id
                self._panel.show_plate(plate, run_id)
                if record.kind == "well":
                    self._panel.select_well(record.id)

        self._tasks.run(
            lambda: server.read_plate(record.kind, record.id), show, self._fail
        )

    def _read_pictures(self, image_ids: list[int]) -> None:
        server = self._account.server
        if server is None:
            return

        def fail(error: Exception) -> None:
            # Pictures are an extra: a sentence, and the names of the wells stay.
            self._panel.accept_pictures({})
            self._page.say(self._account.note_failure(error), "warning")

        self._tasks.run(
            lambda: server.read_thumbnails(image_ids, PICTURE_SIZE),
            self._panel.accept_pictures,
            fail,
        )

    def _open(self, wells: list[WellRecord], field: int) -> None:
        plate, server = self._panel.plate, self._account.server
        if plate is None or server is None:
            return
        if wells:
            links = [server.make_link("well", well.id) for well in wells]
        else:
            links = [server.make_link("plate", plate.id)]
        self._opening.open_together(
            links,
            f"{len(wells)} wells of {plate.name}" if len(wells) > 1 else plate.name,
            "mosaic",
            run=self._panel.run_choice,
            field=None if field < 0 else field,
        )

    def _fail(self, error: Exception) -> None:
        self._page.say(self._account.note_failure(error), "error")
