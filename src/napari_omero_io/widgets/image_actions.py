"""What else can be shown of a selected row: regions, others' settings, tables.

A menu beside the browser's Open button.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal
from qtpy.QtWidgets import QMenu

from .message import explain
from .shown_plane import find_plane
from .tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer
    from qtpy.QtGui import QAction

    from napari_omero_io.records import ObjectRecord, SettingsRecord

    from .account import Account
    from .browser import BrowserPage
    from .server import Plane, Server

#: Kinds of rows that may have tables.
_TABLED = ("project", "dataset", "image", "screen", "plate", "run", "well")


class ImageActions(QObject):
    """Fills the menu of one browser page, and carries out what is chosen.

    Signals
    -------
    layers_ready(layers)
        Layer data to be shown.
    tables_requested(server, record)
        Show the tables about a row.
    """

    layers_ready = Signal(list)
    tables_requested = Signal(object, object)

    def __init__(self, viewer: Viewer, account: Account, page: BrowserPage) -> None:
        super().__init__(page)
        self._viewer = viewer
        self._account = account
        self._page = page
        self._tasks = Tasks()
        self.menu = QMenu(page)
        self.menu.setToolTipsVisible(True)
        self.plane = self._add("Regions of this plane", lambda: self._read_plane(False))
        self.view = self._add("Regions of this view", lambda: self._read_plane(True))
        self.all = self._add("All regions", lambda: self._read_regions(None))
        self.menu.addSeparator()
        self.settings = self.menu.addMenu("Rendering settings")
        self.settings.aboutToShow.connect(self._list_settings)
        self.menu.addSeparator()
        self.tables = self._add("Tables…", self._show_tables)
        self.menu.aboutToShow.connect(self._update)
        page.more.setMenu(self.menu)
        page.tree.selection_moved.connect(self._on_selection)
        page.destroyed.connect(self._tasks.cancel_all)
        self._on_selection([])

    def _add(self, text: str, work: Any) -> QAction:
        action = self.menu.addAction(text)
        action.triggered.connect(work)
        return action

    def _on_selection(self, records: list[ObjectRecord]) -> None:
        self._page.more.setEnabled(bool(records) and records[0].kind in _TABLED)

    def _selected(self) -> tuple[Server, ObjectRecord] | None:
        records = self._page.tree.selected_records()
        server = self._account.server
        return (server, records[0]) if records and server is not None else None

    def _update(self) -> None:
        selected = self._selected()
        is_image = selected is not None and selected[1].kind == "image"
        is_open = is_image and self._find_plane(False) is not None
        for action in (self.all, self.settings.menuAction()):
            action.setEnabled(is_image)
        for action in (self.plane, self.view):
            action.setEnabled(is_open)
            action.setToolTip("" if is_open else "Open the image first")
        self.tables.setEnabled(selected is not None)

    # -- regions ---------------------------------------------------------------------

    def _find_plane(self, with_box: bool) -> Plane | None:
        selected = self._selected()
        if selected is None:
            return None
        server, record = selected
        return find_plane(self._viewer, server.is_at, record.id, with_box=with_box)

    def _read_plane(self, with_box: bool) -> None:
        plane = self._find_plane(with_box)
        if plane is not None:
            self._read_regions(plane)

    def _read_regions(self, plane: Plane | None) -> None:
        selected = self._selected()
        if selected is None:
            return
        server, record = selected
        self._page.say(f"Reading the regions of {record.name}…", "busy")

        def show(layers: Sequence[Any]) -> None:
            self._page.say("" if layers else f"No regions there in “{record.name}”.")
            if layers:
                self.layers_ready.emit(list(layers))

        self._tasks.run(lambda: server.read_regions(record.id, plane), show, self._fail)

    # -- rendering settings ----------------------------------------------------------

    def _list_settings(self) -> None:
        self.settings.clear()
        self.settings.addAction("Reading…").setEnabled(False)
        selected = self._selected()
        if selected is None:
            return
        server, record = selected

        def fill(found: Sequence[SettingsRecord]) -> None:
            self.settings.clear()
            for one in found:
                text = describe_settings(one).replace("&", "&&")
                action = self.settings.addAction(text)
                action.triggered.connect(
                    lambda _=False, number=one.id: self._open(server, record, number)
                )
            if not found:
                text = "Nobody has saved settings for this image"
                self.settings.addAction(text).setEnabled(False)

        def fail(error: Exception) -> None:
            self.settings.clear()
            self.settings.addAction("They cannot be read").setEnabled(False)
            self._fail(error)

        self._tasks.run(lambda: server.list_settings(record.id), fill, fail)

    def _open(self, server: Server, record: ObjectRecord, settings_id: int) -> None:
        self._page.say(f"Opening {record.name}…", "busy")

        def show(layers: Sequence[Any]) -> None:
            self._page.say("")
            self.layers_ready.emit(list(layers))

        self._tasks.run(
            lambda: server.open_with_settings(record.id, settings_id), show, self._fail
        )

    # -- tables ----------------------------------------------------------------------

    def _show_tables(self) -> None:
        selected = self._selected()
        if selected is not None:
            self.tables_requested.emit(*selected)

    def _fail(self, error: Exception) -> None:
        self._page.say(explain(error), "error")


def describe_settings(settings: SettingsRecord) -> str:
    """Say whose rendering settings these are."""
    whose = "My own" if settings.is_own else f"Those of {settings.owner}"
    return f"{whose}: {settings.name}" if settings.name else whose
