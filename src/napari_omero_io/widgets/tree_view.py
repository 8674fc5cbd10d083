"""The browser's tree as Qt shows it: filter, keys, and what is on the screen now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.QtCore import (
    QMimeData,
    QModelIndex,
    QSize,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from qtpy.QtGui import QColor, QDrag, QPainter
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from .icons import read_theme
from .thumbnails import THUMBNAIL_SIZE
from .tree_model import COUNT, NAME, OPENED, RECORD_ROLE, Node, Rows, TreeModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from qtpy.QtGui import QKeyEvent, QPaintEvent

    from napari_omero_io.records import ObjectRecord

#: Milliseconds without movement after which the visible rows are looked at.
_REST = 60

#: Rows this close to the end of what was read have the next ones asked for.
_AHEAD = 100

#: For a filter, rows are read on up to so many below each row that is open.
_MOST_FILTERED = 20_000

#: Letters of a filter that are repeated to whom it left nothing.
_LONGEST = 40
#: Around a sentence in the place of rows.
_MARGIN = 16


class NameFilter(QSortFilterProxyModel):
    """Keeps rows whose name holds a text, with what is above and below them.

    What is kept is worked out for all rows at once, and Qt is told row by row: asked
    through the model's indexes, ten thousand rows would hold the window.
    """

    def __init__(self, model: TreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._text = ""
        self._kept: set[Node] = set()
        # before the rows are looked at: connected first, called first
        model.rowsInserted.connect(self._look_at_new_rows)
        self.setSourceModel(model)

    @property
    def text(self) -> str:
        """What is filtered by; '' when nothing is."""
        return self._text

    def set_text(self, text: str) -> None:
        """Filter by this text, whatever its case; '' keeps everything."""
        text = text.strip().casefold()
        if text != self._text:
            self._text = text
            self._kept = self._model.find_names(text) if text else set()
            self.invalidateFilter()

    def canFetchMore(self, parent: QModelIndex) -> bool:
        """Whether there is a first page to be had.

        The next ones are the view's affair (`TreeView._fetch_on`): with rows of one
        height, Qt's layout asks for more whenever it can, until all are there.
        """
        source = self.mapToSource(parent)
        return self.sourceModel().rowCount(source) == 0 and bool(
            self.sourceModel().canFetchMore(source)
        )

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        """Whether the row, one above or one below it, has the text in its name."""
        return not self._text or self._model.child_at(parent, row) in self._kept

    def _look_at_new_rows(self, parent: QModelIndex, *_: int) -> None:
        if not self._text:
            return
        above = self._model.node_at(parent)
        was_kept = above in self._kept or above is self._model.root
        self._kept = self._model.find_names(self._text)
        if not was_kept and above in self._kept:
            # Qt knows nothing of what is below a hidden row, nor that it comes back
            QTimer.singleShot(0, self.invalidateFilter)


class TreeView(QTreeView):
    """A tree that opens by double-click and Enter, and knows what can be seen.

    Signals
    -------
    chosen(records)
        The user wants these opened.
    selection_moved(records)
        These rows are selected now, the current one first.
    images_visible(image_ids)
        These images can be seen now.
    """

    chosen = Signal(list)
    selection_moved = Signal(list)
    images_visible = Signal(list)

    def __init__(self, model: TreeModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = model
        self._filter = NameFilter(model, self)
        self._expanded: set[tuple[str, int]] = set()
        #: Makes the link that is dragged; nothing can be dragged without.
        self.make_link: Callable[[str, int], str] | None = None
        self._set_up_looks()
        self.setModel(self._filter)
        self._set_up_columns()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST)
        self._timer.timeout.connect(self._look)
        self._watch()

    # -- what the browser calls --------------------------------------------------

    def set_filter(self, text: str) -> None:
        """Show only rows whose names hold `text`; what was begun is read to its end."""
        self._filter.set_text(text)
        self._timer.start()

    def selected_records(self) -> list[ObjectRecord]:
        """Give the records of the selected rows, the current one first."""
        current = self.currentIndex()
        rows = self.selectionModel().selectedRows(NAME)
        rows.sort(key=lambda index: (index != current, index.row()))
        return [index.data(RECORD_ROLE) for index in rows]

    def reload(self) -> None:
        """Forget all rows; what was expanded is expanded again as it arrives."""
        expanded = set(self._expanded)
        self._source.clear()
        self._expanded = expanded

    def reveal(self, record: ObjectRecord) -> bool:
        """Select a row that is loaded; False when it is not."""
        index = self._filter.mapFromSource(self._source.find(record.kind, record.id))
        if not index.isValid():
            return False
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def forget_expansion(self) -> None:
        """Start with a closed tree the next time."""
        self._expanded.clear()

    def describe_emptiness(self) -> str:
        """Say why there are no rows; '' when there are, or nothing is to be said."""
        if self._filter.rowCount():
            return ""
        if self._source.root.rows is Rows.LOADING:
            return "Reading…"
        if self._source.root.rows is Rows.FAILED:
            return "The rows could not be read.\n\nF5 tries again."
        if not self._filter.text:
            return ""
        if any(node.rows is Rows.LOADING for node in self._source):
            return "Reading more rows…"
        text = self._filter.text
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]}…"
        return (
            f"No row that was read has “{text}” in its name.\n\n"
            "Press Enter to search the whole server."
        )

    # -- what Qt calls -----------------------------------------------------------

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Show the rows, or say why there are none."""
        super().paintEvent(event)
        text = self.describe_emptiness()
        if text:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(read_theme().dim_text))
            place = (
                self.viewport().rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
            )
            flags = int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(place, flags, text)
            painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter; everything else as in any tree."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_or_expand()
            event.accept()
        else:
            super().keyPressEvent(event)

    def startDrag(self, supported: Qt.DropActions) -> None:
        """Drag the links of the selected rows, which the canvas opens."""
        records = [each for each in self.selected_records() if each.kind in OPENED]
        if self.make_link is None or not records:
            return
        data = QMimeData()
        links = [self.make_link(each.kind, each.id) for each in records]
        data.setText("\n".join(links))
        data.setUrls([QUrl(link) for link in links])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec_(Qt.DropAction.CopyAction)

    # -- inside ------------------------------------------------------------------

    def _set_up_looks(self) -> None:
        self.setHeaderHidden(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUniformRowHeights(True)
        self.setIconSize(QSize(THUMBNAIL_SIZE, THUMBNAIL_SIZE))
        self.setIndentation(14)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setAccessibleName("Projects, datasets and images on the server")

    def _set_up_columns(self) -> None:
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(24)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        # Of one width: Qt does not measure again when larger numbers come, and
        # would write dots for the 384 wells of a plate.
        header.setSectionResizeMode(COUNT, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(COUNT, self.fontMetrics().horizontalAdvance("00000") + 8)

    def _watch(self) -> None:
        # Not `activated`: on some desktops a single click sends that.
        self.doubleClicked.connect(self._open_row)
        self.selectionModel().selectionChanged.connect(self._announce_selection)
        self._filter.modelReset.connect(self._announce_selection)
        self.expanded.connect(self._remember_expanded)
        self.collapsed.connect(self._remember_collapsed)
        self._filter.rowsInserted.connect(self._restore_expansion)
        for signal in (
            self.verticalScrollBar().valueChanged,
            self.verticalScrollBar().rangeChanged,
            self.expanded,
            self.collapsed,
            self._filter.rowsInserted,
            self._filter.modelReset,
            # the filter may keep none of them
            self._source.rowsInserted,
        ):
            signal.connect(lambda *_: self._timer.start())

    def _open_row(self, index: QModelIndex) -> None:
        record = index.data(RECORD_ROLE)
        if record.kind == "image":
            self.chosen.emit([record])

    def _open_or_expand(self) -> None:
        images = [r for r in self.selected_records() if r.kind == "image"]
        if images:
            self.chosen.emit(images)
        elif self.currentIndex().isValid():
            index = self.currentIndex()
            self.setExpanded(index, not self.isExpanded(index))

    def _announce_selection(self, *_: Any) -> None:
        self.selection_moved.emit(self.selected_records())

    def _remember_expanded(self, index: QModelIndex) -> None:
        record = index.data(RECORD_ROLE)
        self._expanded.add((record.kind, record.id))

    def _remember_collapsed(self, index: QModelIndex) -> None:
        record = index.data(RECORD_ROLE)
        self._expanded.discard((record.kind, record.id))

    def _restore_expansion(self, parent: QModelIndex, first: int, last: int) -> None:
        above = self._source.node_at(self._filter.mapToSource(parent))
        if not any(child.may_have_children for child in above.children):
            return  # ten thousand images need not be asked one by one
        for row in range(first, last + 1):
            index = self._filter.index(row, NAME, parent)
            record = index.data(RECORD_ROLE)
            if (record.kind, record.id) in self._expanded:
                self.setExpanded(index, True)
                # A filter brings rows back with all that is below them.
                self._restore_expansion(index, 0, self._filter.rowCount(index) - 1)

    def _look(self) -> None:
        """Say which images can be seen, and fetch on where a list goes on below."""
        images = []
        for index in self._visible_indexes():
            record = index.data(RECORD_ROLE)
            if record.kind == "image":
                images.append(record.id)
            self._fetch_on(index)
        if self._filter.text:
            self._read_to_the_end()
        self.images_visible.emit(images)

    def _read_to_the_end(self) -> None:
        """Ask for the next rows wherever the first ones are there."""
        for node in self._source:
            if node.rows is Rows.PARTIAL and len(node.children) < _MOST_FILTERED:
                self._source.fetchMore(self._source.index_of(node))
        self.viewport().update()

    def _visible_indexes(self) -> Iterator[QModelIndex]:
        bottom = self.viewport().height()
        index = self.indexAt(self.viewport().rect().topLeft())
        while index.isValid() and self.visualRect(index).top() <= bottom:
            yield index.siblingAtColumn(NAME)
            index = self.indexBelow(index)

    def _fetch_on(self, index: QModelIndex) -> None:
        parent = index.parent()
        if index.row() < self._filter.rowCount(parent) - 1 - _AHEAD:
            return
        model, source = self._filter.sourceModel(), self._filter.mapToSource(parent)
        if model.canFetchMore(source):
            model.fetchMore(source)
