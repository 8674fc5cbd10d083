"""What a session does with one image after another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_omero_io.arrays.remote import RemoteImage
from napari_omero_io.errors import BadReference

from .references import find_view, parse_reference
from .side import Side

if TYPE_CHECKING:
    from napari_omero_io.arrays.picture import PictureImage
    from napari_omero_io.records import ImageRecord, SettingsRecord
    from napari_omero_io.refs import OmeroRef, View


class Images(Side):
    """The part of `Session` that opens images."""

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
        from napari_omero_io.client.images import list_settings

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

    def read_image(self, image_id: int) -> ImageRecord:
        """Read what an image is like; no pixels."""
        from napari_omero_io.client.images import read_image

        return read_image(self.connection, image_id)

    def find_images(
        self, reference: str | int | OmeroRef, limit: int = 1000
    ) -> list[int]:
        """Give the ids of the images that a reference names or contains."""
        from napari_omero_io.client.references import find_images

        return find_images(self.connection, parse_reference(reference), limit)

    def _open(
        self,
        image_id: int,
        settings: int | None = None,
        view: View | None = None,
        rendered: bool = False,
        keep_axes: bool = False,
    ) -> RemoteImage:
        from napari_omero_io.client.lookup_tables import add_lookup_tables
        from napari_omero_io.client.pixels import open_source
        from napari_omero_io.convert.rendering import apply_view

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
        from napari_omero_io.arrays.picture import PictureImage
        from napari_omero_io.client.images import read_image
        from napari_omero_io.client.rendering import RenderedSource
        from napari_omero_io.convert.rendering import apply_view

        record = apply_view(read_image(self.connection, image_id, settings), view)
        record = replace(record, keeps_axes=keep_axes)
        projection = view.projection if view is not None else None
        source = RenderedSource(self.connection, record, projection)
        return PictureImage(source, self._fetcher, view)
