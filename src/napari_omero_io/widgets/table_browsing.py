"""Answers what a table's page asks for: rows from the server, objects in the viewer."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from qtpy.QtCore import QObject, Signal

from napari_omero_io.convert.features import (
    KEYS,
    TableRows,
    find_links,
    match_rows,
)

from .feature_colors import FeatureColors, compute_colors
from .message import explain
from .object_finder import (
    features_of,
    find_centre,
    find_object,
    list_layers,
    show_object,
)
from .tasks import Task, Tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari import Viewer
    from napari.layers import Layer
    from numpy.typing import NDArray

    from napari_omero_io.records import TableRecord

    from .server import Server, Table
    from .table_page import Colouring, TablePage


#: Kinds of objects that are shown as rows, and what users call others.
_CONTAINERS = ("plate", "dataset")
_WORDS = {"roi": "region"}
#: What tables have for the number of an object where there is none.
_NOWHERE = -1

#: Texts that are made ready at once.
_TEXTS = 20_000


class TableBrowsing(QObject):
    """Fills one table page.

    Signals
    -------
    link_activated(server, link)
        Open an object that a row is about.
    row_wanted(server, kind, id)
        Show an object that a row is about in the browser.
    """

    link_activated = Signal(object, str)
    row_wanted = Signal(object, str, int)

    def __init__(self, viewer: Viewer, page: TablePage) -> None:
        super().__init__(page)
        self._viewer = weakref.ref(viewer)
        self._page = page
        self._tasks = Tasks()
        self._blocks = Tasks()
        self._arranging: Task[Any] | None = None
        self._server: Server | None = None
        self._record: TableRecord | None = None
        self._table: Table | None = None
        self._chosen: NDArray[np.int64] | None = None
        self._sorting: tuple[str, bool] | None = None
        self._colors = FeatureColors()
        page.table_chosen.connect(self._open)
        page.filter_requested.connect(self._filter)
        page.row_activated.connect(self._go_to)
        page.colour_requested.connect(self._colour)
        page.undo_requested.connect(self._undo)
        page.model.block_wanted.connect(self._read_block)
        page.model.sort_wanted.connect(self._sort)
        page.destroyed.connect(self.stop)

    def show(self, server: Server, kind: str, object_id: int, name: str) -> None:
        """Look for the tables about an object."""
        self._close()
        self._server = server
        self._page.show_tables([])
        self._page.say(f"Looking for tables about {name}…", "busy")
        self._tasks.run(
            lambda: server.list_tables(kind, object_id),
            lambda records: self._page.show_tables(records, name),
            self._fail,
        )

    def keep_only(self, servers: Sequence[Server | None]) -> None:
        """Show no table of a server that the user has left."""
        if self._server is not None and self._server not in servers:
            self.stop()
            self._server = None
            self._page.show_tables([])

    def stop(self) -> None:
        """Forget what is on its way, and let go of the table."""
        self._tasks.cancel_all()
        self._blocks.cancel_all()
        self._close()

    # -- rows ------------------------------------------------------------------------

    def _open(self, record: TableRecord) -> None:
        self._close()
        server = self._server
        if server is None:
            return
        self._page.say(f"Opening {record.name}…", "busy")
        self._tasks.run(
            lambda: server.open_table(record.id),
            lambda table: self._show(record, table),
            self._fail,
            discard=lambda table: table.close(),
        )

    def _show(self, record: TableRecord, table: Table) -> None:
        self._record, self._table = record, table
        self._page.show_table(table.columns, table.row_count)
        self._page.say("")
        if not find_links(table.columns):
            self._page.say(
                "No column of this table names labels, regions, shapes, images, wells, "
                "plates or datasets: its rows lead nowhere."
            )

    def _close(self) -> None:
        table, self._table = self._table, None
        self._chosen = self._sorting = None
        self._tasks.cancel_all()
        self._blocks.cancel_all()
        if table is not None:
            Tasks().run(table.close, lambda _: None, lambda _: None)

    def _read_block(self, block: int) -> None:
        table, model = self._table, self._page.model
        if table is None:
            return
        rows = model.rows_of(block)
        is_run = len(rows) == 0 or bool((np.diff(rows) == 1).all())

        def read() -> Mapping[str, NDArray[Any]]:
            if is_run and len(rows):
                return table.read(None, int(rows[0]), int(rows[-1]) + 1)
            return table.read_rows(rows)

        def fail(error: Exception) -> None:
            model.report_failure(block)
            self._fail(error)

        self._blocks.run(read, lambda values: model.accept(block, values), fail)

    def _filter(self, condition: str) -> None:
        table = self._table
        if table is None:
            return
        self._page.say("Looking for rows…", "busy")

        def find() -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
            chosen = table.find_rows(condition) if condition else None
            return chosen, arrange(table, chosen, self._sorting)

        self._arrange(find)

    def _sort(self, name: str, is_descending: bool) -> None:
        table, chosen = self._table, self._chosen
        if table is None:
            return
        self._sorting = (name, is_descending)
        self._page.say(f"Sorting by {name}…", "busy")
        self._arrange(lambda: (chosen, arrange(table, chosen, (name, is_descending))))

    def _arrange(self, work: Any) -> None:
        """Choose and order rows in a thread; whoever asked before is forgotten."""
        if self._arranging is not None:
            self._arranging.cancel()
        table = self._table
        assert table is not None

        def show(
            answer: tuple[NDArray[np.int64] | None, NDArray[np.int64] | None],
        ) -> None:
            self._chosen, rows = answer
            self._blocks.cancel_all()
            self._page.model.show_rows(rows, table.row_count)
            self._page.show_count()
            self._page.view.scrollToTop()
            self._page.say("" if self._page.model.rowCount() else "No row meets this.")

        self._arranging = self._tasks.run(work, show, self._fail)

    # -- objects ---------------------------------------------------------------------

    def _go_to(self, row: int) -> None:
        viewer, table, server = self._viewer(), self._table, self._server
        values = self._page.model.values_at(row)
        if viewer is None or table is None or server is None or values is None:
            return
        links = find_links(table.columns)
        image_id = self._image_of(links, values)
        layers = list(list_layers(viewer, server.is_at, image_id))
        for layer in layers:
            number = find_object(layer, links, values)
            if number is not None:
                self._show_object(layer, number)
                return
        if layers and image_id is not None:
            viewer.layers.selection.active = layers[0]
            is_about_image = KEYS.keys().isdisjoint(links)
            says = "" if is_about_image else "No open layer has the object of this row."
            self._page.say(says)
        else:
            self._go_elsewhere(server, _find_target(links, values, image_id))

    def _go_elsewhere(self, server: Server, target: tuple[str, int] | None) -> None:
        """Open what is not in the viewer; what holds many images is shown as a row."""
        if target is None:
            self._page.say("What this row is about is not open in the viewer.")
            return
        kind, number = target
        if kind in _CONTAINERS:
            self._page.say("")
            self.row_wanted.emit(server, kind, number)
        else:
            self._page.say(f"Opening {_WORDS.get(kind, kind)} {number}…")
            self.link_activated.emit(server, server.make_link(kind, number))

    def _image_of(
        self, links: Mapping[str, str], values: Mapping[str, Any]
    ) -> int | None:
        if "image" in links:
            number = values[links["image"]]
            return int(number) if number > 0 else _NOWHERE
        record = self._record
        if record is not None and record.parent_kind == "image":
            return record.parent_id
        return None

    def _show_object(self, layer: Layer, number: int) -> None:
        def show(centre: Any) -> None:
            viewer = self._viewer()
            if viewer is None or layer not in viewer.layers:
                return
            if centre is None:
                self._page.say(f"There is no label {number} in “{layer.name}”.")
                return
            self._page.say("")
            show_object(viewer, layer, number, centre)

        self._tasks.run(lambda: find_centre(layer, number), show, self._fail)

    def _colour(self, choice: Colouring) -> None:
        viewer, table, server = self._viewer(), self._table, self._server
        record = self._record
        if viewer is None or table is None or server is None or record is None:
            return
        links = find_links(table.columns)
        chosen = self._chosen
        wanted = list(dict.fromkeys([*links.values(), choice.column]))
        layers = [
            (layer, layer.metadata["omero"].get("image_id"), features_of(layer))
            for layer in list_layers(viewer, server.is_at)
        ]
        layers = [each for each in layers if each[2]]
        self._page.say("Reading the values…", "busy")

        def compute() -> list[tuple[Layer, NDArray[Any], NDArray[Any]]]:
            values = (
                table.read(wanted)
                if chosen is None
                else table.read_rows(chosen, wanted)
            )
            # the same limits in all layers
            colors = compute_colors(
                values[choice.column], choice.colormap, choice.limits
            )
            return [
                (layer, *matched)
                for layer, image_id, features in layers
                if (
                    matched := _match(
                        TableRows(record.name, table.columns, values),
                        links,
                        image_id,
                        features,
                        colors,
                    )
                )
            ]

        def show(colored: list[tuple[Layer, NDArray[Any], NDArray[Any]]]) -> None:
            there = [each for each in colored if each[0] in viewer.layers]
            if not there:
                self._page.say(
                    "No open layer has the objects of these rows, or several rows are "
                    "about each: nothing was coloured.",
                    "warning",
                )
                return
            self._colors.apply(there)
            self._page.offer_undo(True)
            self._page.say("")

        self._tasks.run(compute, show, self._fail)

    def _undo(self) -> None:
        if self._colors.can_undo:
            self._colors.undo()
        self._page.offer_undo(self._colors.can_undo)

    def _fail(self, error: Exception) -> None:
        text = str(error) if isinstance(error, ValueError) else explain(error)
        self._page.say(text, "error")


def _find_target(
    links: Mapping[str, str], values: Mapping[str, Any], image_id: int | None
) -> tuple[str, int] | None:
    """Give kind and number of what a row is about: the narrowest that it names."""
    for kind in ("shape", "roi", "image", "well", "plate", "dataset"):
        number = values[links[kind]] if kind in links else None
        if kind == "image":
            number = image_id
        if number is not None and number > 0:
            return kind, int(number)
    return None


def _match(
    table: TableRows,
    links: Mapping[str, str],
    image_id: int | None,
    features: Mapping[str, Any],
    colors: NDArray[Any],
) -> tuple[NDArray[Any], NDArray[Any]] | None:
    """Give the objects of a layer that rows are about, with their colours."""
    values = dict(table.values)
    if "image" in links:
        here = values[links["image"]] == image_id
        values = {name: column[here] for name, column in values.items()}
        colors = colors[here]
    rows = match_rows(TableRows(table.name, table.columns, values), features)
    if rows is None:
        return None
    [places] = np.nonzero(rows >= 0)
    numbers = np.asarray(features["index"])[places] if "index" in features else places
    return numbers, colors[rows[places]]


def arrange(
    table: Table,
    chosen: NDArray[np.int64] | None,
    sorting: tuple[str, bool] | None,
) -> NDArray[np.int64] | None:
    """Give the rows to show in their order; None for all of them in their own.

    OMERO's tables know no order, so the whole column is read.
    """
    if sorting is None:
        return chosen
    name, is_descending = sorting
    if chosen is None:
        values = table.read([name])[name]
        rows = np.arange(len(values))
    else:
        values, rows = table.read_rows(chosen, [name])[name], chosen
    return rows[sort_values(values, is_descending)]


def sort_values(values: NDArray[Any], is_descending: bool) -> NDArray[np.int64]:
    """Give the places of values in order; equal ones stay as they were, NaN go last."""
    if values.ndim > 1:
        values = values[:, 0]
    if values.dtype == object:
        values = _fold_texts(values)
    if not is_descending:
        return np.argsort(values, kind="stable")
    # sorted backwards and read backwards: equal ones are turned twice
    order = len(values) - 1 - np.argsort(values[::-1], kind="stable")[::-1]
    if values.dtype.kind == "f":
        missing = np.isnan(values[order])
        order = np.concatenate([order[~missing], order[missing]])
    return order


def _fold_texts(values: NDArray[Any]) -> NDArray[Any]:
    """Give texts, without regard to case, in a form that sorts beside the window.

    numpy lets other threads work while it sorts these; not while it makes them, or
    brings texts of its older type, which are all as long as the longest, to one length.
    So they are made by and by.
    """
    folded = np.empty(len(values), np.dtypes.StringDType())
    for first in range(0, len(values), _TEXTS):
        some = values[first : first + _TEXTS].tolist()
        folded[first : first + len(some)] = [str(each).casefold() for each in some]
    return folded
