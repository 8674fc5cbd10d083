"""The page on which a user looks through a server and chooses images.

Shows rows, pictures and details that it is given; everything it needs is asked for
with a signal.  A mere click never opens anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QSize, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QIcon, QKeySequence, QShortcut
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_omero_io.records import ObjectRecord

from .details import DetailsPanel
from .download_bar import DownloadBar
from .icons import draw_icon, load_icon, read_theme
from .message import MessageBar, make_plain
from .names import NameLabel
from .open_ways import PLATE_KINDS, OpenWays
from .plate_panel import PlatePanel
from .question import QuestionBar
from .thumbnails import THUMBNAIL_SIZE, ThumbnailQueue
from .tree_model import OPENED, TreeModel
from .tree_view import TreeView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_omero_io.client.facts import Details
    from napari_omero_io.records import UserRecord

    from .tree_model import Node

#: Milliseconds that a row stays selected before its details are asked for.
_REST = 250

#: Milliseconds after which a button stops what is being opened.
_LONG = 1000

#: Of the name of a group, on its button.
_GROUP_LETTERS = 18

#: Kinds of rows of which there is more to say.
_DETAILED = (*OPENED, "tagset")

SEARCH_HELP = """Filters the rows below as you type.
Enter searches the server, in names and descriptions, or by
tag:good   key:drug   key:drug=DMSO   id:5   owner:anna
date:2024-05   date:2024-01..2024-03   name:cell   description:mitosis"""

#: Kinds of rows, each with its drawing.
_DRAWINGS = {
    "group": "group",
    "tags": "tag",
    "tagset": "tag",
    "tag": "tag",
    "project": "project",
    "dataset": "dataset",
    "orphaned": "orphaned",
    "screen": "plate",
    "plate": "plate",
    "run": "plate",
    "well": "plate",
}


class BrowserPage(QWidget):
    """Who is logged in, the tree, the selected image, and a button to open it.

    Signals
    -------
    rows_wanted(node, first)
        Read rows below a node; answer with `add_rows` or `report_failure`.
    thumbnails_wanted(image_ids)
        Answer with `accept_thumbnails`, also when there are none, or with
        `give_up_thumbnails`.
    details_wanted(record)
        Answer with `show_details`.
    open_requested(records)
        Open these images, or the images in these.
    arrange_requested(records, arrangement)
        Open them as one ``stack`` or ``mosaic``.
    download_requested(records)
        Fetch their original files.
    search_changed()
        Rows are wanted of another question; see `question`.
    stop_requested()
        Open nothing more of what is waiting to be opened.
    link_submitted(text)
        Open what this text points to.
    view_link_requested()
        Copy a link to what the viewer shows.
    viewing_requested()
        Show how sharp images are, and what is kept of them.
    refreshed()
        The user asked for fresh rows.
    log_out_requested()
    """

    rows_wanted = Signal(object, int)
    thumbnails_wanted = Signal(list)
    details_wanted = Signal(object)
    open_requested = Signal(list)
    arrange_requested = Signal(list, str)
    download_requested = Signal(list)
    stop_requested = Signal()
    link_submitted = Signal(str)
    view_link_requested = Signal()
    viewing_requested = Signal()
    refreshed = Signal()
    log_out_requested = Signal()
    search_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = TreeModel(self)
        self.tree = TreeView(self.model)
        self.details = DetailsPanel()
        self.plate = PlatePanel()
        self.ways = OpenWays()
        self.download = DownloadBar()
        self.message = MessageBar()
        self.doubt = QuestionBar()
        self._user: UserRecord | None = None
        #: What is searched for on the server; '' shows the tree.
        self.question = ""
        self._sought: ObjectRecord | None = None
        self._thumbnails = ThumbnailQueue(self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._build_head()
        self._build_fields()
        self._arrange()
        self._connect()
        self.refresh_looks()
        self._on_selection([])

    # -- what it is told ---------------------------------------------------------

    def show_account(self, user: UserRecord, server: str) -> None:
        """Say who is logged in, in which group, and where."""
        self._user = user
        self._name_account()
        self._account.setToolTip(
            make_plain(f"User {user.name} in group {user.group_name}")
        )
        self._server.setText(server)
        self._server.setToolTip(make_plain(f"Connected to {server}"))

    def name_group(self, name: str, can_choose: bool) -> None:
        """Say whose data is shown: at the user's name, or on the button that chooses.

        Parameters
        ----------
        name
            Of a group, or of all of them.
        """
        short = name if len(name) <= _GROUP_LETTERS else f"{name[:_GROUP_LETTERS]}…"
        # An ampersand would be taken for the mark of a shortcut.
        self.group.setText(f"{short.replace('&', '&&')} ▾")
        self.group.setToolTip(make_plain(f"Whose data is shown: {name}"))
        self.group.setVisible(can_choose)
        self._name_account()

    def _name_account(self) -> None:
        if self._user is not None:
            name, group = self._user.name, self._user.group_name
            both = f"{name}  ·  {group}"
            self._account.setText(name if self.group.isVisibleTo(self) else both)

    def show_certificate(self, fingerprint: str) -> None:
        """Say which certificate the server has, which any later one must equal."""
        self._server.setToolTip(
            f"Connected to {self._server.text()}\n"
            f"SHA-256 of its certificate, which is remembered: {fingerprint}"
        )

    def start_anew(self) -> None:
        """Forget the rows of another server or user and ask for the first ones."""
        self.tree.forget_expansion()
        self.filter.clear()
        self.link.clear()
        self.message.say("")
        self.doubt.drop()
        self.refresh()

    def refresh(self) -> None:
        """Ask for all rows again; what was expanded stays so."""
        self._thumbnails.clear()
        self.details.clear()
        self.tree.reload()

    def go_to(self, kind: str, object_id: int) -> None:
        """Select the row of an object; where it is not there, the server finds it."""
        self._sought = ObjectRecord(kind, object_id, "")
        if self._reveal_sought():
            return
        question = f"id:{object_id}"
        self.filter.setText(question)
        self._ask_server(question)

    def _reveal_sought(self) -> bool:
        if self._sought is None or not self.tree.reveal(self._sought):
            return False
        self._sought = None
        return True

    def add_rows(
        self, node: Node, records: Sequence[ObjectRecord], is_complete: bool
    ) -> None:
        """Take rows that were asked for."""
        self.model.add_rows(node, records, is_complete)
        self._reveal_sought()
        if node is not self.model.root:
            return
        if self.question:
            count = len(node.children)
            what = "1 result" if count == 1 else f"{count or 'No'} results"
            self._results.setText(f"{what} for “{self.question}”")
        elif not node.children:
            self.message.say(
                "There is nothing here yet. Images that you export, or import with "
                "another OMERO program, will be listed here."
            )

    def report_failure(self, node: Node, text: str) -> None:
        """Say why rows could not be read; Refresh asks again."""
        self.model.report_failure(node)
        if node is self.model.root:
            self._results.setText(f"No answer to “{self.question}”")
        self.message.say(text, "error")

    def ask_again(self) -> None:
        """Ask once more for what could not be read, now that the server answers."""
        self.model.ask_again()
        self._thumbnails.ask_again()
        if not self.details.link:
            self._rest.start()

    def give_up_thumbnails(self) -> None:
        """Take note that the thumbnails that were asked for last cannot be read."""
        self._thumbnails.give_up()

    def accept_thumbnails(self, pictures: Mapping[int, bytes]) -> None:
        """Take the thumbnails that were asked for last."""
        self._thumbnails.accept(pictures)

    def show_details(self, details: Details, link: str, web: str = "") -> None:
        """Show details, if they are still of the selected row."""
        if self._is_selected(details.kind, details.id):
            self.details.show_details(details, link, web)

    def show_preview(self, image_id: int, picture: bytes) -> None:
        """Show a picture, if its image is still the selected one."""
        if self._is_selected("image", image_id):
            self.details.show_preview(picture)

    def say(self, text: str, tone: str = "plain") -> None:
        """Show one sentence, or none."""
        self.message.say(text, tone)  # type: ignore[arg-type]

    def offer_stop(self, is_busy: bool) -> None:
        """Let the user stop what is being opened, where it takes long."""
        if not is_busy:
            self._long.stop()
            self.stop.hide()
        elif not self.stop.isVisible() and not self._long.isActive():
            self._long.start()

    def clear_link(self) -> None:
        """Empty the field for links, after what it held was opened."""
        self.link.clear()

    def refresh_looks(self) -> None:
        """Take the colours of the theme that is shown now."""
        theme = read_theme()
        # Pixmaps: an icon smaller than a thumbnail grows to its size on fine screens.
        drawings = {
            kind: draw_icon(name, 18, theme.icon) for kind, name in _DRAWINGS.items()
        }
        drawings["image"] = draw_icon("image", THUMBNAIL_SIZE, theme.border)
        self.model.set_looks(drawings, QColor(theme.dim_text))
        self._link_icon.setIcon(load_icon("link", 16, theme.dim_text))
        self._filter_icon.setIcon(load_icon("search", 16, theme.dim_text))
        self._refresh.setIcon(load_icon("refresh", 16))
        self.copy_view.setIcon(load_icon("copy", 16))
        self._log_out.setIcon(load_icon("log_out", 16))
        self.viewing.setIcon(load_icon("gauge", 16))
        self._user_icon.setPixmap(load_icon("user", 20).pixmap(QSize(20, 20)))
        self._server.setStyleSheet(f"color: {theme.dim_text};")
        self.open.setStyleSheet(theme.primary_button)
        self.tree.setStyleSheet(
            f"QTreeView {{ background-color: {theme.panel}; border-radius: 4px; }}"
            f" QTreeView::item {{ padding: 0px; }}"
            f" QTreeView::item:hover {{ background-color: {theme.border}; }}"
            f" QTreeView::item:selected {{ background-color: {theme.highlight};"
            f" color: {theme.text}; }}"
        )
        self.details.refresh_looks()
        self.plate.refresh_looks()
        self.ways.refresh_looks()
        self.message.refresh_looks()
        self.doubt.refresh_looks()
        for button in (self.owner, self.group, self.more):
            button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self._results.setStyleSheet(f"color: {theme.dim_text};")

    # -- inside ------------------------------------------------------------------

    def _build_head(self) -> None:
        self._user_icon = QLabel()
        self._account = NameLabel()
        self._server = NameLabel()
        self.group = _tool_button("Whose data is shown", "Group")
        self.group.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.group.hide()
        self._refresh = _tool_button("Read the rows again (F5)", "Refresh")
        self.viewing = _tool_button("Quality and cache…", "Quality and cache")
        self._log_out = _tool_button("Log out", "Log out")

    def _build_fields(self) -> None:
        self.link = QLineEdit()
        self.link.setPlaceholderText("Paste a link, or image:5")
        self.link.setToolTip(
            "Paste a link from OMERO.web, OMERO.iviewer or this program and press Enter"
        )
        self.link.setClearButtonEnabled(True)
        leading = QLineEdit.ActionPosition.LeadingPosition
        self._link_icon = self.link.addAction(QIcon(), leading)
        self.copy_view = _tool_button(
            "Copy a link to what the viewer shows: image, place, planes and colours",
            "Copy a link to this view",
        )
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter; Enter: search")
        self.filter.setToolTip(SEARCH_HELP)
        self.filter.setClearButtonEnabled(True)
        self._filter_icon = self.filter.addAction(QIcon(), leading)
        self.owner = _tool_button("Whose rows are shown", "Owner")
        self.owner.setText("All members ▾")
        self.owner.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._results = NameLabel()
        self._leave = _tool_button("Back to all rows (Escape)", "Leave the search")
        self._leave.setText("Back")
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Open nothing more; what is open already stays")
        self.stop.hide()
        self._long = QTimer(self)
        self._long.setSingleShot(True)
        self._long.setInterval(_LONG)
        self.open = QPushButton("Open")
        self.open.setToolTip("Open the selected images (Enter, or double-click)")
        self.more = _tool_button(
            "Regions, rendering settings and tables of the selected row", "More"
        )
        self.more.setText("More ▾")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _arrange(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(0)
        who = QHBoxLayout()
        who.addWidget(self._account, 1)
        who.addWidget(self.group)
        names.addLayout(who)
        names.addWidget(self._server)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self._user_icon)
        head.addLayout(names, 1)
        head.addWidget(self._refresh)
        head.addWidget(self.viewing)
        head.addWidget(self._log_out)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addLayout(head)
        linking = QHBoxLayout()
        linking.addWidget(self.link, 1)
        linking.addWidget(self.copy_view)
        layout.addLayout(linking)
        searching = QHBoxLayout()
        searching.addWidget(self.filter, 1)
        searching.addWidget(self.owner)
        layout.addLayout(searching)
        self._found = QWidget()
        found = QHBoxLayout(self._found)
        found.setContentsMargins(0, 0, 0, 0)
        found.addWidget(self._results, 1)
        found.addWidget(self._leave)
        self._found.hide()
        layout.addWidget(self._found)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.tree)
        parts.addWidget(self.plate)
        parts.addWidget(self.details)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 1)
        parts.setStretchFactor(2, 0)
        parts.setSizes([360, 440, 240])
        layout.addWidget(parts, 1)
        layout.addWidget(self.download)
        saying = QHBoxLayout()
        saying.addWidget(self.message, 1)
        saying.addWidget(self.stop)
        layout.addLayout(saying)
        layout.addWidget(self.doubt)
        last = QHBoxLayout()
        last.setSpacing(4)
        last.addWidget(self.open, 1)
        last.addWidget(self.ways)
        last.addWidget(self.more)
        layout.addLayout(last)

    def _connect(self) -> None:
        self.model.rows_wanted.connect(self.rows_wanted)
        self.model.rows_wanted.connect(lambda *_: self._forget_error())
        self.tree.chosen.connect(self.open_requested)
        self.tree.selection_moved.connect(self._on_selection)
        self.tree.images_visible.connect(self._thumbnails.show_only)
        self._thumbnails.batch_wanted.connect(self.thumbnails_wanted)
        self._thumbnails.icons_ready.connect(self.model.set_thumbnails)
        self._rest.timeout.connect(self._ask_details)
        self.open.clicked.connect(self._open_selected)
        self.ways.arranged.connect(self._arrange_selected)
        self.ways.download_requested.connect(
            lambda: self.download_requested.emit(self._chosen())
        )
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(
            lambda place: self.ways.pop_up(self.tree.viewport().mapToGlobal(place))
        )
        self._long.timeout.connect(self.stop.show)
        self.stop.clicked.connect(self.stop_requested)
        self.link.returnPressed.connect(self._submit_link)
        self.copy_view.clicked.connect(self.view_link_requested)
        self.filter.textChanged.connect(self._on_filter)
        self.filter.returnPressed.connect(self._search)
        self._leave.clicked.connect(self.filter.clear)
        self._refresh.clicked.connect(self._on_refresh)
        self._log_out.clicked.connect(self.log_out_requested)
        self.viewing.clicked.connect(self.viewing_requested)
        for key, slot in (
            ("F5", self._on_refresh),
            ("Ctrl+F", self.filter.setFocus),
            ("Escape", self._leave_search),
            ("Ctrl+L", self.link.setFocus),
        ):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(slot)

    def _on_refresh(self) -> None:
        self.message.say("")
        self.refresh()
        self.refreshed.emit()

    def _forget_error(self) -> None:
        if self.message.tone == "error":
            self.message.say("")

    def _on_selection(self, records: list[ObjectRecord]) -> None:
        self.doubt.drop()
        wanted = choose_opened(records)
        images = [record for record in wanted if record.kind == "image"]
        self.open.setEnabled(bool(wanted))
        several = len(images) > 1
        self.open.setText(f"Open {len(images)} images" if several else "Open")
        if wanted and not images:
            self.open.setText(f"Open all images of this {wanted[0].kind}")
        if wanted and wanted[0].kind in PLATE_KINDS:
            # beside the plate's own button, which opens them as one
            self.open.setText("Open as separate layers")
        self.ways.show_for(wanted)
        if records and records[0].kind in _DETAILED:
            self._rest.start()
        else:
            self._rest.stop()
            self.details.clear()

    def _ask_details(self) -> None:
        records = self.tree.selected_records()
        if records and records[0].kind in _DETAILED:
            self.details_wanted.emit(records[0])

    def _is_selected(self, kind: str, object_id: int) -> bool:
        selected = [(r.kind, r.id) for r in self.tree.selected_records()[:1]]
        return selected == [(kind, object_id)]

    def _open_selected(self) -> None:
        self.open_requested.emit(self._chosen())

    def _arrange_selected(self, arrangement: str) -> None:
        if arrangement == "apart":
            self._open_selected()
        else:
            self.arrange_requested.emit(self._chosen(), arrangement)

    def _chosen(self) -> list[ObjectRecord]:
        return choose_opened(self.tree.selected_records())

    def _on_filter(self, text: str) -> None:
        """Filter the rows; an empty field leaves the search, too."""
        if not self.question:
            self.tree.set_filter(text)
        elif not text:
            self._ask_server("")

    def _search(self) -> None:
        text = self.filter.text().strip()
        if text != self.question:
            self._ask_server(text)

    def _leave_search(self) -> None:
        if self.question:
            self.filter.clear()

    def _ask_server(self, question: str) -> None:
        if not question:
            self._sought = None
        self.question = question
        self.message.say("")
        self.tree.set_filter("")
        self._results.setText("Searching…")
        self._found.setVisible(bool(question))
        self.search_changed.emit()
        self.refresh()

    def _submit_link(self) -> None:
        text = self.link.text().strip()
        if text:
            self.link_submitted.emit(text)


def choose_opened(records: Sequence[ObjectRecord]) -> list[ObjectRecord]:
    """Give what is opened of a selection: its images, its wells, or one container."""
    for kind in ("image", "well"):
        if found := [record for record in records if record.kind == kind]:
            return found
    return [record for record in records if record.kind in OPENED][:1]


def _tool_button(tip: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    return button
