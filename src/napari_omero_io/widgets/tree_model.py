"""What the browser shows, as a plain tree and as a Qt model over it.

The model asks for rows with a signal and is given them later; it neither knows
where they come from nor waits for them.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QAbstractItemModel, QModelIndex, QObject, QSize, Qt, Signal
from qtpy.QtGui import QColor

from .message import make_plain
from .names import write_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qtpy.QtGui import QIcon, QPixmap

    from napari_omero_io.records import ObjectRecord

NAME, COUNT = range(2)
#: Role under which an index answers with its `ObjectRecord`.
RECORD_ROLE = Qt.ItemDataRole.UserRole + 1

#: Kinds of rows that are, or hold, images.
OPENED = ("image", "dataset", "project", "plate", "run", "well", "screen", "tag")

#: All rows are equally high: Qt would otherwise measure thousands at every change.
ROW_SIZE = QSize(24, 36)

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


_SELECTABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_LEAF = _SELECTABLE | Qt.ItemFlag.ItemNeverHasChildren
#: By whether a row can be opened, and whether there are rows below it.  Made once:
#: Qt asks for those of every row whenever rows are added.
_FLAGS = {
    (False, False): _LEAF,
    (False, True): _SELECTABLE,
    (True, False): _LEAF | Qt.ItemFlag.ItemIsDragEnabled,
    (True, True): _SELECTABLE | Qt.ItemFlag.ItemIsDragEnabled,
}


class Rows(Enum):
    """How much is known of what is below a node."""

    UNREAD = auto()
    LOADING = auto()
    PARTIAL = auto()
    COMPLETE = auto()
    FAILED = auto()


class Node:
    """An object of the server in the tree; the root has no record."""

    __slots__ = (
        *("__weakref__", "children", "flags", "name", "parent", "record", "row"),
        "rows",
    )

    def __init__(
        self, record: ObjectRecord | None, parent: Node | None = None, row: int = 0
    ) -> None:
        self.record = record
        self.parent = parent
        self.row = row
        self.children: list[Node] = []
        self.rows = Rows.UNREAD
        # What Qt and the filter want to know of ten thousand rows at once.
        self.name = "" if record is None else record.name.casefold()
        is_opened = record is not None and record.kind in OPENED
        self.flags = _FLAGS[is_opened, self.may_have_children]

    @property
    def may_have_children(self) -> bool:
        """Whether it is worth asking for rows below."""
        # What a group holds is not counted before it is opened.
        record = self.record
        return record is None or bool(record.child_count) or record.kind == "group"

    @property
    def wants_rows(self) -> bool:
        """Whether there are rows to ask for, and nobody asked yet."""
        return self.may_have_children and self.rows in (Rows.UNREAD, Rows.PARTIAL)


class TreeModel(QAbstractItemModel):
    """The rows of a server and what is below them, filled as the user looks.

    Signals
    -------
    rows_wanted(node, first)
        The view needs the rows below `node` from number `first` on.  The answer is
        one call of `add_rows` or `report_failure` with the same node.
    """

    rows_wanted = Signal(object, int)
    _asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Queued: a view asks for rows while it lays itself out.
        queued = Qt.ConnectionType.QueuedConnection
        self._asked.connect(self._announce_progress, queued)
        self._root = Node(None)
        # Until `clear` is called there is nobody to ask.
        self._root.rows = Rows.COMPLETE
        # Qt keeps a number per index; Python objects there would not survive
        # garbage collection, so the number is looked up here.
        self._nodes: dict[int, Node] = {}
        self._drawings: Mapping[str, QPixmap] = {}
        self._thumbnails: dict[int, QIcon] = {}
        self._dim = QColor()

    # -- what the browser calls --------------------------------------------------

    @property
    def root(self) -> Node:
        """The node above everything."""
        return self._root

    def clear(self) -> None:
        """Forget every row and begin to ask for them."""
        self.beginResetModel()
        self._root = Node(None)
        self._nodes.clear()
        self._thumbnails.clear()
        self.endResetModel()

    def set_looks(self, drawings: Mapping[str, QPixmap], dim: QColor) -> None:
        """Give the drawing of every kind, and the colour of what is read second."""
        self._drawings = drawings
        self._dim = dim
        for node in [self._root, *self._nodes.values()]:
            if node.children:
                self._announce_change(node.children[0], node.children[-1])

    def add_rows(
        self, node: Node, records: Sequence[ObjectRecord], is_complete: bool
    ) -> None:
        """Append rows below `node`; an answer for a node that is gone is dropped."""
        if not self._is_known(node):
            return
        if records:
            first = len(node.children)
            self.beginInsertRows(self.index_of(node), first, first + len(records) - 1)
            for row, record in enumerate(records, start=first):
                child = Node(record, node, row)
                self._nodes[id(child)] = child
                node.children.append(child)
            node.rows = Rows.COMPLETE if is_complete else Rows.PARTIAL
            self.endInsertRows()
        else:
            node.rows = Rows.COMPLETE
        self._announce_progress(node)

    def report_failure(self, node: Node) -> None:
        """Stop asking for rows below `node` until `ask_again`."""
        if self._is_known(node):
            node.rows = Rows.FAILED
            self._announce_progress(node)

    def ask_again(self) -> None:
        """Ask once more for all rows whose reading failed."""
        for node in [self._root, *self._nodes.values()]:
            if node.rows is Rows.FAILED:
                node.rows = Rows.PARTIAL if node.children else Rows.UNREAD
                self.fetchMore(self.index_of(node))

    def set_thumbnails(self, icons: Mapping[int, QIcon]) -> None:
        """Show these pictures at the images with these ids."""
        self._thumbnails.update(icons)
        for node in self._nodes.values():
            if _image_id(node) in icons:
                self._announce_change(node, node)

    def has_thumbnail(self, image_id: int) -> bool:
        """Whether the picture of this image is there."""
        return image_id in self._thumbnails

    def record_at(self, index: QModelIndex) -> ObjectRecord | None:
        """Record of the row, None above everything."""
        return self._node_at(index).record

    def index_of(self, node: Node) -> QModelIndex:
        """Index of a node's first column."""
        if node.parent is None:
            return QModelIndex()
        return self.createIndex(node.row, NAME, id(node))

    def find(self, kind: str, object_id: int) -> QModelIndex:
        """First loaded row of this object, else an invalid index."""
        for node in self._nodes.values():
            record = node.record
            if record and (record.kind, record.id) == (kind, object_id):
                return self.index_of(node)
        return QModelIndex()

    def find_names(self, text: str) -> set[Node]:
        """Give the loaded nodes whose names hold a text, and those above and below.

        Parameters
        ----------
        text
            Case-folded.
        """
        found: set[Node] = set()

        def look(node: Node, is_below: bool) -> bool:
            is_found = is_below or text in node.name
            for child in node.children:
                if not child.children:
                    if is_found or text in child.name:
                        found.add(child)
                elif look(child, is_found):
                    found.add(child)
            return is_found or not found.isdisjoint(node.children)

        look(self._root, False)
        return found

    def node_at(self, index: QModelIndex) -> Node:
        """Node of a row; the root for an invalid index."""
        return self._node_at(index)

    def child_at(self, parent: QModelIndex, row: int) -> Node:
        """Node of a row that is there, without the way through an index."""
        return self._node_at(parent).children[row]

    def __iter__(self) -> Iterator[Node]:
        return iter(list(self._nodes.values()))

    # -- what Qt calls -----------------------------------------------------------

    def index(
        self, row: int, column: int, parent: QModelIndex | None = None
    ) -> QModelIndex:
        """Index of a child."""
        node = self._node_at(parent)
        if not (0 <= row < len(node.children) and column in (NAME, COUNT)):
            return QModelIndex()
        return self.createIndex(row, column, id(node.children[row]))

    def parent(self, index: QModelIndex | None = None) -> Any:
        """Index of the row above; without an index, the owning object."""
        if index is None:
            return super().parent()
        parent = self._node_at(index).parent
        return QModelIndex() if parent is None else self.index_of(parent)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Rows that are there already."""
        if parent is not None and parent.column() > NAME:
            return 0
        return len(self._node_at(parent).children)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Name and count."""
        return 2

    def hasChildren(self, parent: QModelIndex | None = None) -> bool:
        """Whether there are rows below, here or still on the server."""
        if parent is not None and parent.column() > NAME:
            return False
        node = self._node_at(parent)
        if node.rows is Rows.COMPLETE:
            return bool(node.children)
        return node.may_have_children

    def canFetchMore(self, parent: QModelIndex | None = None) -> bool:
        """Whether asking would bring more rows."""
        return self._node_at(parent).wants_rows

    def fetchMore(self, parent: QModelIndex | None = None) -> None:
        """Ask for the next rows; they come later."""
        node = self._node_at(parent)
        if node.wants_rows:
            node.rows = Rows.LOADING
            self.rows_wanted.emit(node, len(node.children))
            self._asked.emit(node)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Rows can be selected, not edited."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        return self._nodes[index.internalId()].flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Give what a cell shows."""
        node = self._node_at(index)
        record = node.record
        if record is None:
            return None
        if role == RECORD_ROLE:
            return record
        if role == Qt.ItemDataRole.SizeHintRole:
            return ROW_SIZE
        if role == Qt.ItemDataRole.ToolTipRole:
            return make_plain(describe_object(record))
        if index.column() == COUNT:
            return self._count_data(node, record, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return write_line(record.name)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._decoration(record)
        return None

    # -- inside ------------------------------------------------------------------

    def _count_data(self, node: Node, record: ObjectRecord, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            if node.rows is Rows.LOADING:
                return "…"
            return "" if record.child_count is None else str(record.child_count)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._dim
        return None

    def _decoration(self, record: ObjectRecord) -> QIcon | QPixmap | None:
        if record.kind == "image" and record.id in self._thumbnails:
            return self._thumbnails[record.id]
        return self._drawings.get(record.kind)

    def _node_at(self, index: QModelIndex | None) -> Node:
        if index is None or not index.isValid():
            return self._root
        return self._nodes[int(index.internalId())]

    def _is_known(self, node: Node) -> bool:
        return node is self._root or self._nodes.get(id(node)) is node

    def _announce_progress(self, node: Node) -> None:
        if node is not self._root and self._is_known(node):
            self._announce_change(node, node)

    def _announce_change(self, first: Node, last: Node) -> None:
        top = self.index_of(first)
        bottom = self.createIndex(last.row, COUNT, id(last))
        self.dataChanged.emit(top, bottom)


def describe_object(record: ObjectRecord) -> str:
    """Say in a line or two what a row is, for its tooltip."""
    if record.kind in ("orphaned", "tags"):
        return record.name
    owner = f"\nOwner: {record.owner}" if record.owner else ""
    return f"{record.name}\n{record.kind.capitalize()} {record.id}{owner}"


def _image_id(node: Node) -> int | None:
    record = node.record
    return record.id if record is not None and record.kind == "image" else None
