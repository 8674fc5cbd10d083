"""The dock below the canvas in which tables are shown; one for each viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QDockWidget, QVBoxLayout, QWidget

from .table_browsing import TableBrowsing
from .table_page import TablePage

if TYPE_CHECKING:
    from napari_omero_io.records import ObjectRecord

    from .account import Account
    from .controller import Controller
    from .server import Server

DOCK_NAME = "Table (OMERO)"


class TableDock(QWidget):
    """A table's page, and what fills it, for one viewer."""

    def __init__(self, controller: Controller) -> None:
        super().__init__()
        viewer = controller.viewer
        assert viewer is not None
        self._controller = controller
        self.page = TablePage()
        self.browsing = TableBrowsing(viewer, self.page)
        self.browsing.link_activated.connect(self._open)
        self.browsing.row_wanted.connect(self._show_row)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        controller.theme_changed.connect(self.page.refresh_looks)
        controller.accounts.removed.connect(self._on_left)

    def _open(self, server: Server, link: str) -> None:
        """Open what a row is about, with the account that its table came from."""
        for account in self._controller.accounts:
            if account.server is server:
                opening = self._controller.opening_for(account)
                opening.open_links({link: link.rpartition("/")[2]})

    def _show_row(self, server: Server, kind: str, object_id: int) -> None:
        """Show what a row is about in the browser."""
        for account in self._controller.accounts:
            if account.server is server:
                self._controller.row_wanted.emit(account, kind, object_id)

    def _on_left(self, _: Account) -> None:
        servers = [account.server for account in self._controller.accounts]
        self.browsing.keep_only(servers)


def show_tables(controller: Controller, server: Server, record: ObjectRecord) -> None:
    """Show the tables about an object, below the canvas."""
    viewer = controller.viewer
    if viewer is None:
        return
    window = viewer.window
    dock = window.dock_widgets.get(DOCK_NAME)
    if not isinstance(dock, TableDock):
        dock = TableDock(controller)
        window.add_dock_widget(dock, name=DOCK_NAME, area="bottom")
    frame = dock.parentWidget()
    while frame is not None and not isinstance(frame, QDockWidget):
        frame = frame.parentWidget()
    if frame is not None:
        frame.show()
        frame.raise_()
    name = f"{record.kind} “{record.name}”" if record.name else record.kind
    dock.browsing.show(server, record.kind, record.id, name)
