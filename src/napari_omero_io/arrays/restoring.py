"""Levels that come out of a pickle, in a process that reads the server itself."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from napari_omero_io.arrays.fetch import Fetcher
from napari_omero_io.arrays.level import RemoteLevel
from napari_omero_io.arrays.picture import PictureImage, PictureLevel
from napari_omero_io.arrays.remote import RemoteImage

if TYPE_CHECKING:
    from napari_omero_io.arrays.picture import PictureSource
    from napari_omero_io.arrays.selection import Selection
    from napari_omero_io.arrays.source import TileSource

_IMAGES = 32

_restoring = threading.Lock()


def restore_level(
    source: TileSource, level: int, axes: str, selection: Selection
) -> RemoteLevel:
    """Give what was pickled; it is exact, since nobody would repaint it here."""
    with _restoring:
        return RemoteLevel(_image_of(source), level, axes, selection)


def restore_picture(
    source: PictureSource, level: int, axes: str, selection: Selection
) -> PictureLevel:
    """Give what was pickled of a picture that the server renders."""
    with _restoring:
        return PictureLevel(_picture_of(source), level, axes, selection)


@lru_cache(_IMAGES)
def _picture_of(source: PictureSource) -> PictureImage:
    return PictureImage(source, _fetcher())


@lru_cache(_IMAGES)
def _image_of(source: TileSource) -> RemoteImage:
    return RemoteImage(source, _fetcher())


@lru_cache(1)
def _fetcher() -> Fetcher:
    """Give the one fetcher of a worker."""
    return Fetcher()
