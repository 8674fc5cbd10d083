"""What a session does with many images at once: stacks, mosaics, their files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.errors import BadReference

from .references import list_references, parse_all, share_view
from .side import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_omero_io.arrays.composite import CompositeSource
    from napari_omero_io.client.download import DownloadReceipt
    from napari_omero_io.records import RunChoice
    from napari_omero_io.refs import View

    from .references import Reference

#: Images of one stack, or of one download.
_MOST_IMAGES = 10_000


class Together(Side):
    """The part of `Session` that is about many images."""

    def open_stack(
        self,
        references: Reference | Sequence[Reference],
        limit: int = _MOST_IMAGES,
        *,
        run: RunChoice = None,
        keep_axes: bool = False,
    ) -> RemoteImage:
        """Open images of the same size as one, whose first axis goes through them.

        Where they have several time points, those of one image follow each other.

        Parameters
        ----------
        references
            Anything that names or contains images.
        run
            Of wells: the run whose fields are wanted; None or ``all`` for any.
        keep_axes
            As in `Session.open`.

        Raises
        ------
        BadReference
            They name no image, or more than `limit`.
        CannotCombine
            The images differ in size or type; the message says which.
        """
        from napari_omero_io.arrays.composite import Origin
        from napari_omero_io.client.references import locate
        from napari_omero_io.combining import open_stack

        refs = parse_all(references)
        view = share_view(refs)
        if run is None and view is not None:
            run = view.run
        images = self._find_all(refs, limit, run)
        named = tuple(locate(self.connection, ref) for ref in refs)
        source = open_stack(self.connection, images, Origin("stack", named, run))
        return self._show(source, keep_axes, view)

    def open_mosaic(
        self,
        references: Reference | Sequence[Reference],
        *,
        run: RunChoice = None,
        field: int | None = None,
        keep_axes: bool = False,
    ) -> RemoteImage:
        """Open wells of one plate as one image, each well where it is on the plate.

        Parameters
        ----------
        references
            A plate, a run, or wells of one plate.
        run
            The id of the run whose fields are shown; None for the one that the
            reference names, or else the first that has images in these wells; ``all``
            puts the runs behind each other, along the first axis.
        field
            The number of the one field to show of each well, from 0; None for all
            fields, as they lie in their wells.
        keep_axes
            As in `Session.open`.

        Raises
        ------
        BadReference
            That is no plate and no part of one, or these are wells of several plates.
        CannotCombine
            There are no images in these wells, or they have different types of pixels.
        """
        from napari_omero_io.client.references import locate
        from napari_omero_io.combining import open_mosaic

        refs = parse_all(references)
        view = share_view(refs)
        if view is not None:
            run = view.run if run is None else run
            field = view.field if field is None else field
        named = [locate(self.connection, ref) for ref in refs]
        source = open_mosaic(self.connection, named, run=run, field=field)
        return self._show(source, keep_axes, view)

    def _show(
        self, source: CompositeSource, keep_axes: bool, view: View | None
    ) -> RemoteImage:
        from napari_omero_io.client.lookup_tables import add_lookup_tables
        from napari_omero_io.convert.rendering import apply_view

        record = source.record
        if view is not None:
            record = add_lookup_tables(self.connection, apply_view(record, view))
        record = replace(record, keeps_axes=keep_axes)
        return RemoteImage(source, self._fetcher, record, view)

    def download(
        self,
        references: Reference | Sequence[Reference],
        folder: str | Path,
        *,
        progress: Callable[[int, int, str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> DownloadReceipt:
        """Fetch the files that images were imported from.

        Their checksums are compared with the server's.  What was begun before in the
        same folder goes on where it ended; no other file is ever overwritten.

        Parameters
        ----------
        references
            Anything that names or contains images.
        progress
            Told the bytes that are here, of how many, and the name of the file.
        cancelled
            Asked between blocks whether to stop.

        Raises
        ------
        BadReference
            They name no image.
        DownloadError
            A file arrived damaged, or the disk does not take it.
        NotPermitted
            The server does not give these files out.
        """
        from napari_omero_io.client.download import download
        from napari_omero_io.client.originals import read_originals

        images = self._find_all(references, _MOST_IMAGES, None)
        originals = read_originals(self.connection, images)
        return download(
            self.connection,
            originals,
            Path(folder),
            progress=progress,
            cancelled=cancelled,
        )

    def _find_all(
        self,
        references: Reference | Sequence[Reference],
        limit: int,
        run: RunChoice,
    ) -> list[int]:
        """Give the ids of the images that references name or contain, each once."""
        from napari_omero_io.client.references import find_images

        run_id = None if run == "all" else run
        found = find_images(self.connection, parse_all(references), limit + 1, run_id)
        names = ", ".join(str(each) for each in list_references(references)[:3])
        if not found:
            raise BadReference(f"There are no images in {names}.")
        if len(found) > limit:
            raise BadReference(
                f"There are more than {limit} images in {names}; take some of them."
            )
        return found
