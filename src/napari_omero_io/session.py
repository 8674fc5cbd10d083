"""A user's session on a server: open, browse, search, save."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from .arrays.fetch import Fetcher
from .arrays.remote import RemoteImage
from .errors import BadReference
from .refs import OmeroRef
from .together import Arrangement, Reference, Together, list_references, parse_reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from .arrays.disk import DiskCache
    from .arrays.picture import PictureImage
    from .client.connection import Connection
    from .client.lifeline import State
    from .client.tables import TableReader
    from .convert.boxes import Box
    from .convert.layers import LayerData
    from .records import (
        ImageRecord,
        ObjectRecord,
        SettingsRecord,
        TableRecord,
        UserRecord,
    )
    from .refs import View
    from .save.plan import SavePlan, SaveTarget
    from .save.receipt import Receipt

#: Sessions that are open in this process, the last one last.
_open_sessions: list[Session] = []
_lock = threading.Lock()

#: Rows that `Session.browse` reads at once.
_PAGE = 200


def find_session(server: str | None = None) -> Session | None:
    """Give the newest session that is open in this process, or None.

    Parameters
    ----------
    server
        Where; None for anywhere.
    """
    with _lock:
        for session in reversed(_open_sessions):
            if session.is_open and (server is None or session.is_at(server)):
                return session
    return None


def list_sessions() -> list[Session]:
    """Give the sessions that are open in this process, the oldest first."""
    with _lock:
        return [session for session in _open_sessions if session.is_open]


class Session(Together):
    """A user's session on one server; a context manager.

    Attributes
    ----------
    connection
        The conversation with the server.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._fetcher = _make_fetcher()
        connection.state_changed.connect(self._note_state)
        with _lock:
            _open_sessions.append(self)

    def __repr__(self) -> str:
        return f"<Session {self.user.name} at {self.server}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def server(self) -> str:
        """The server as it stands in links: ``host:4064``."""
        return self.connection.server

    @property
    def fetcher(self) -> Fetcher:
        """What fetches the session's pixels and keeps them."""
        return self._fetcher

    @property
    def user(self) -> UserRecord:
        """Who is logged in, and in which group."""
        return self.connection.user

    @property
    def is_open(self) -> bool:
        """Whether it was not closed from this side."""
        return self.connection.is_open

    def is_at(self, server: str) -> bool:
        """Whether a link to that server means this one.

        Web links name no port of OMERO's, so a host without one matches any.
        """
        from .client.references import is_same_server

        return is_same_server(self.connection.address, server)

    @property
    def web_host(self) -> str:
        """Host of the web client, '' unless it was learned that it is elsewhere."""
        from .settings import load_settings

        hosts = load_settings().aliases.items()
        return next((host for host, address in hosts if self.is_at(address)), "")

    def link(self, kind: str, object_id: int) -> str:
        """Give the canonical link of an object; asks nobody."""
        return str(OmeroRef(self.server, kind, object_id))

    def open(
        self,
        reference: str | int | OmeroRef,
        settings: int | None = None,
        *,
        rendered: bool = False,
        keep_axes: bool = False,
    ) -> RemoteImage:
        """Open one image: its pixels are read when they are needed.

        Parameters
        ----------
        reference
            Any link or text that names one image, or something on one image; or the
            number of an image.
        settings
            The rendering settings to show it with, one of `list_settings`; None for
            the user's own, or else those of the image's owner.
        rendered
            Whether to read the pictures that the server renders, compressed and in
            colour, in place of the pixels.
        keep_axes
            Whether layers of it have axes for time and depth also where these have
            one step only.  `RemoteImage.levels` always have all five.

        Raises
        ------
        BadReference
            It names no image, several, or one on another server.
        NotFound
            There is no such image, or the user may not see it.
        PixelsUnavailable
            Its pixels are not ready.
        """
        images = self.find_images(reference, limit=2)
        if len(images) != 1:
            raise BadReference(
                f"{reference} names {'several images' if images else 'no image'}; "
                "give exactly one."
            )
        view = find_view(reference)
        return self._open(images[0], settings, view, rendered, keep_axes)

    def list_settings(self, image_id: int) -> list[SettingsRecord]:
        """Read whose rendering settings are saved for an image."""
        from .client.images import list_settings

        return list_settings(self.connection, image_id)

    def open_all(
        self,
        reference: str | int | OmeroRef,
        limit: int = 50,
        *,
        rendered: bool = False,
        keep_axes: bool = False,
    ) -> list[RemoteImage]:
        """Open all images that a reference names or contains.

        Parameters
        ----------
        rendered, keep_axes
            As in `open`.

        Raises
        ------
        BadReference
            It names none, or more than `limit`.
        """
        images = self.find_images(reference, limit=limit + 1)
        if not images:
            raise BadReference(f"{reference} names no image.")
        if len(images) > limit:
            raise BadReference(
                f"{reference} contains more than {limit} images; open some of them, or "
                "all as one stack."
            )
        view = find_view(reference)
        return [self._open(one, None, view, rendered, keep_axes) for one in images]

    def open_layers(
        self,
        reference: Reference | Sequence[Reference],
        arrangement: Arrangement = "apart",
        *,
        rendered: bool = False,
        keep_axes: bool = False,
        run: int | None = None,
        field: int | None = None,
    ) -> list[LayerData]:
        """Read what a reference names as napari's layer data: images and regions.

        Parameters
        ----------
        arrangement
            ``apart`` makes layers for each image, ``stack`` and ``mosaic`` one image of
            all, as `open_stack` and `open_mosaic` do.
        rendered, keep_axes
            As in `open`; images that are combined are never rendered.
        run, field
            Of wells and plates; see `open_mosaic`.
        """
        parts = self.iterate_layers(
            reference,
            arrangement,
            rendered=rendered,
            keep_axes=keep_axes,
            run=run,
            field=field,
        )
        return [each for part in parts for each in part]

    def iterate_layers(
        self,
        reference: Reference | Sequence[Reference],
        arrangement: Arrangement = "apart",
        *,
        rendered: bool = False,
        keep_axes: bool = False,
        run: int | None = None,
        field: int | None = None,
    ) -> Iterator[list[LayerData]]:
        """Yield what `open_layers` gives in parts: images, then what is drawn on them.

        A window shows the first while the others are read.
        """
        from .convert.composites import combined_layers
        from .convert.layers import image_layers

        if arrangement == "stack":
            stack = self.open_stack(reference, run=run, keep_axes=keep_axes)
            yield combined_layers(stack)
            return
        if arrangement == "mosaic":
            mosaic = self.open_mosaic(
                reference, run=run, field=field, keep_axes=keep_axes
            )
            yield combined_layers(mosaic)
            return
        images = [
            image
            for each in list_references(reference)
            for image in self.open_all(each, rendered=rendered, keep_axes=keep_axes)
        ]
        yield [layer for image in images for layer in image_layers(image)]
        for image in images:
            yield self.region_layers(image.record)

    def _add_features(
        self, image: ImageRecord, layers: list[LayerData]
    ) -> list[LayerData]:
        """Give layers what tables say of their objects."""
        from .convert.features import add_features
        from .linked_tables import read_object_tables

        if not layers:
            return layers
        tables = read_object_tables(self.connection, image.id)
        return [add_features(layer, tables) for layer in layers]

    def region_layers(
        self,
        image: ImageRecord,
        *,
        z: int | None = None,
        t: int | None = None,
        limit: int | None = None,
        box: Box | None = None,
    ) -> list[LayerData]:
        """Read the regions of an image as Labels, Shapes and Points layers.

        What tables say of them is among the features of the layers.

        Parameters
        ----------
        z, t
            Only regions with a part on this plane, or on all; None for any.
        limit
            Of regions.
        box
            Only regions with a part in it: left, top, right and bottom in pixels.
        """
        from .client.rois import read_rois
        from .convert.boxes import is_in_box
        from .convert.regions import label_layers
        from .convert.shapes import shape_layers

        rois = read_rois(self.connection, image.id, z=z, t=t, limit=limit)
        if box is not None:
            rois = [roi for roi in rois if is_in_box(roi, box)]
        masks = [roi for roi in rois if roi.masks]
        layers = [
            *label_layers(image, self.server, masks),
            *shape_layers(image, self.server, rois),
        ]
        return self._add_features(image, layers)

    def tables(self, reference: str | int | OmeroRef) -> list[TableRecord]:
        """Find the tables about an object: attached to it, or to what it belongs to.

        Parameters
        ----------
        reference
            One object; a number is an image's.
        """
        from .client.references import locate
        from .client.tables import find_tables

        [ref] = parse_reference(reference)
        return find_tables(self.connection, *locate(self.connection, ref))

    def open_table(self, table: TableRecord | int) -> TableReader:
        """Open a table, of any size, to read parts of it; a context manager.

        Parameters
        ----------
        table
            One of `tables`, or the number of its file.
        """
        from .client.tables import TableReader

        number = table if isinstance(table, int) else table.id
        return TableReader(self.connection, number)

    def read_table(
        self,
        table: TableRecord | int,
        columns: Sequence[str] | None = None,
        condition: str = "",
    ) -> dict[str, NDArray[Any]]:
        """Read a table: an array of each column, by its name.

        Parameters
        ----------
        columns
            None for all of them.
        condition
            Reads the rows that meet it, such as ``(Area > 50) & (Class == "mitotic")``.

        Raises
        ------
        ServerRefused
            The condition is not understood; the message says what to write.
        """
        from .client.tables import read_table

        number = table if isinstance(table, int) else table.id
        return read_table(self.connection, number, columns, condition)

    def read_image(self, image_id: int) -> ImageRecord:
        """Read what an image is like; no pixels."""
        from .client.images import read_image

        return read_image(self.connection, image_id)

    def browse(
        self, reference: str | OmeroRef | ObjectRecord | None = None
    ) -> Iterator[ObjectRecord]:
        """Iterate over what lies in a container, or over the first rows of the tree.

        Rows are read in pages, while they are asked for.
        """
        from .client import browse
        from .client.references import locate

        if reference is None:
            yield from browse.list_roots(self.connection)
            return
        if isinstance(reference, str):
            reference = OmeroRef.parse(reference)
        run_id = None
        if isinstance(reference, OmeroRef):
            kind, object_id = locate(self.connection, reference)
        else:
            kind, object_id = reference.kind, reference.id
            run_id = reference.run_id
        for first in range(0, 10**9, _PAGE):
            page = browse.list_children(
                self.connection,
                kind,
                object_id,
                first=first,
                limit=_PAGE,
                run_id=run_id,
            )
            yield from page
            if len(page) < _PAGE:
                return

    def search(
        self, text: str, kinds: Sequence[str] | None = None, limit: int = 100
    ) -> list[ObjectRecord]:
        """Find objects whose name contains a text, in any case of letters.

        Parameters
        ----------
        kinds
            Of project, dataset, image, screen, plate; None for all of them.
        limit
            Of rows for each kind.
        """
        from .client import browse

        wanted = browse.NAMED if kinds is None else tuple(kinds)
        return browse.search(self.connection, text, wanted, limit)

    def save(
        self,
        layers: Sequence[LayerData],
        target: str | OmeroRef | SaveTarget | None = None,
        *,
        progress: Callable[[int, int, str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        **choices: Any,
    ) -> Receipt:
        """Save layers: images as new ones; labels, shapes and points as regions.

        Shapes that were read from the server are changed in place; those that are no
        longer in their layer stay there, unless `plan` has said before that they go.

        Parameters
        ----------
        layers
            As napari hands them to writers: (data, settings, kind).
        target
            A link to a dataset, the name of a new one, or None for no dataset.
        progress
            Told the bytes that are done, the bytes in all, and what is being sent.
        cancelled
            Asked between planes whether to stop.
        choices
            As `save.plan.plan_save` takes them.

        Raises
        ------
        CannotRepresent
            Naming the layer that OMERO has no form for; nothing was sent.
        UploadIncomplete
            Saying what is left on the server.
        """
        from .save.plan import plan_save
        from .save.upload import carry_out

        plan = plan_save(layers, self.find_target(target), **choices)
        return carry_out(plan, self.connection, progress=progress, cancelled=cancelled)

    def plan(
        self,
        layers: Sequence[LayerData],
        target: str | OmeroRef | SaveTarget | None = None,
        **choices: Any,
    ) -> SavePlan:
        """Say what saving would make, change and delete; `save.upload` carries it out.

        Raises
        ------
        CannotRepresent
            Naming the layer that OMERO has no form for.
        """
        from .save.plan import plan_save

        plan = plan_save(layers, self.find_target(target), **choices)
        return self.compare(plan)

    def compare(self, plan: SavePlan) -> SavePlan:
        """Complete a plan with what is on the server now; see `SavePlan.compare`."""
        from .client.rois import read_rois

        return plan.compare(
            {one: read_rois(self.connection, one) for one in plan.images_to_compare}
        )

    def find_target(self, target: str | OmeroRef | SaveTarget | None) -> SaveTarget:
        """Say where new images go; see `save`."""
        from .client.browse import read_object
        from .client.references import locate
        from .save.plan import SaveTarget

        if isinstance(target, SaveTarget):
            return target
        if target is None:
            return SaveTarget(self.server)
        try:
            ref = target if isinstance(target, OmeroRef) else OmeroRef.parse(target)
        except BadReference:
            return SaveTarget(self.server, dataset_name=str(target))
        if ref.kind != "dataset":
            raise BadReference(f"{ref} is a {ref.kind}; images go into datasets.")
        dataset_id = locate(self.connection, ref)[1]
        name = read_object(self.connection, "dataset", dataset_id).name
        return SaveTarget(self.server, dataset_id=dataset_id, dataset_name=name)

    def find_images(
        self, reference: str | int | OmeroRef, limit: int = 1000
    ) -> list[int]:
        """Give the ids of the images that a reference names or contains."""
        from .client.references import find_images

        return find_images(self.connection, parse_reference(reference), limit)

    def close(self) -> None:
        """End the session; images that were opened by it cannot be read any more."""
        with _lock:
            if self in _open_sessions:
                _open_sessions.remove(self)
        self._fetcher.close()
        self.connection.close()

    def _note_state(self, state: State, _text: str) -> None:
        """Let layers ask again for what could not be had while the server was gone."""
        if state.value == "connected":
            self._fetcher.forget_failures()

    def _open(
        self,
        image_id: int,
        settings: int | None = None,
        view: View | None = None,
        rendered: bool = False,
        keep_axes: bool = False,
    ) -> RemoteImage:
        from .client.lookup_tables import add_lookup_tables
        from .client.pixels import open_source
        from .convert.rendering import apply_view

        if rendered:
            return self._open_rendered(image_id, settings, view, keep_axes)
        readers = self._fetcher.threads
        source = open_source(self.connection, image_id, readers, settings)
        record = source.record
        if view is not None:
            record = add_lookup_tables(self.connection, apply_view(record, view))
        record = replace(record, keeps_axes=keep_axes)
        return RemoteImage(source, self._fetcher, record, view)

    def _open_rendered(
        self,
        image_id: int,
        settings: int | None,
        view: View | None,
        keep_axes: bool,
    ) -> PictureImage:
        from .arrays.picture import PictureImage
        from .client.images import read_image
        from .client.rendering import RenderedSource
        from .convert.rendering import apply_view

        record = apply_view(read_image(self.connection, image_id, settings), view)
        record = replace(record, keeps_axes=keep_axes)
        projection = view.projection if view is not None else None
        source = RenderedSource(self.connection, record, projection)
        return PictureImage(source, self._fetcher, view)


def _make_fetcher() -> Fetcher:
    """Make what fetches pixels, with caches as large as the user wants them."""
    from .arrays.memory import TileCache
    from .settings import load_settings

    return Fetcher(TileCache(load_settings().memory_cache), disk=open_disk_cache())


def open_disk_cache() -> DiskCache:
    """Give the tiles on the disk, which all sessions and programs of the user share."""
    from .arrays.disk import DiskCache
    from .client.thumbnail_cache import find_folder
    from .settings import load_settings

    return DiskCache(find_folder() / "tiles", load_settings().disk_cache)


def find_view(reference: str | int | OmeroRef) -> View | None:
    """Give the view that all objects of a reference are shown with, None for theirs."""
    views = {ref.view for ref in parse_reference(reference)}
    return views.pop() if len(views) == 1 else None
