"""What an image is like: sizes, channels, units, resolutions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.errors import NotFound, PixelsUnavailable, ServerRefused
from napari_omero_io.records import PIXEL_TYPES, ImageRecord, LevelRecord

from . import hql
from .appearance import needs_measuring, read_channels, read_is_rgb
from .translate import translated
from .wire import make_parameters, read_length, read_text, read_time, unbox

if TYPE_CHECKING:
    from .connection import Connection

#: Planes up to this many pixels are read whole, so their levels need not be known: a
#: round trip costs more than they do.
SMALL_PLANE = 1024 * 1024

#: Single-level planes up to this many pixels are read whole as well.  OMERO.server
#: makes pyramids of larger ones (`omero.pixeldata.max_plane_width` times height).
MAX_PLANE = 3192 * 3192


def read_image(connection: Connection, image_id: int) -> ImageRecord:
    """Read all that is needed to show an image; no pixels.

    Two calls for most small images, at most nine for any, in five round trips.

    Raises
    ------
    NotFound
        There is no such image, or the user may not see it.
    PixelsUnavailable
        Its pixels were never written, or are not ready.
    """
    record, store = open_image(connection, image_id)
    if store is not None:
        with translated(f"open image {image_id}"):
            store.close()
    return record


def open_image(connection: Connection, image_id: int) -> tuple[ImageRecord, Any]:
    """Read what an image is like, and keep the pixel store that it took.

    Returns
    -------
    record
        All that is needed to show the image.
    store
        A RawPixelsStore at full resolution, which the caller closes; None for a small
        image, whose record needs none.
    """
    with translated(f"open image {image_id}"):
        image, settings = _ask(connection, image_id)
        _check(connection, image, image_id)
        pixels = image.copyPixels()[0]
        size_x, size_y = pixels.sizeX.val, pixels.sizeY.val
        dtype = np.dtype(PIXEL_TYPES[pixels.pixelsType.value.val])
        is_unmeasured = needs_measuring(pixels, settings, dtype)
        levels: tuple[LevelRecord, ...] = (LevelRecord(size_x, size_y, 0),)
        tile = (size_x, size_y)
        measured: dict[int, tuple[float, float]] = {}
        if size_x * size_y <= SMALL_PLANE and not is_unmeasured:
            return _make_record(image, settings, levels, tile, measured), None
        store = connection.open_pixel_store()
        try:
            context = connection.context(image.details.group.id.val)
            store.setPixelsId(pixels.id.val, True, context)
            if size_x * size_y > SMALL_PLANE:
                levels, tile = _read_levels(store, size_x, size_y)
            if is_unmeasured:
                measured = _measure(store, pixels.sizeC.val)
        except BaseException:
            store.close()
            raise
        return _make_record(image, settings, levels, tile, measured), store


def _ask(connection: Connection, image_id: int) -> tuple[Any, Any]:
    """Send both queries at once, so that they take one round trip."""
    query, context = connection.service("query"), connection.context()
    wanted = make_parameters(id=image_id)
    asked = query.begin_findByQuery(hql.IMAGE, wanted, _ctx=context)
    own = make_parameters(id=image_id, user=connection.user.id)
    found = query.findAllByQuery(hql.RENDERING, own, context)
    return query.end_findByQuery(asked), _choose_settings(found, connection.user.id)


def _choose_settings(found: list[Any], user_id: int) -> Any:
    """Take the user's newest settings, else the newest of the owner, else None."""

    def rank(settings: Any) -> tuple[bool, int]:
        details = settings.details
        event = details.updateEvent
        return details.owner.id.val == user_id, event.id.val if event is not None else 0

    return max(found, key=rank, default=None)


def _check(connection: Connection, image: Any, image_id: int) -> None:
    """Refuse what has no pixels.

    Opening the pixels of an image that somebody is about to write would make them
    unwritable for ever, so an image without a checksum is left alone.
    """
    if image is None:
        raise NotFound(
            f"There is no image {image_id} at {connection.server}, or you may not see "
            "it."
        )
    name = read_text(image.name)
    pixels = image.copyPixels()
    if not pixels:
        raise PixelsUnavailable(f"Image {image_id} (“{name}”) has no pixels.")
    is_pending = read_text(pixels[0].sha1).startswith("Pending")
    if is_pending and image.fileset is None:
        raise PixelsUnavailable(
            f"The pixels of image {image_id} (“{name}”) were never completed: it is "
            "being written, or its upload broke off."
        )
    if unbox(pixels[0].pixelsType.value) not in PIXEL_TYPES:
        raise ServerRefused(
            f"Image {image_id} (“{name}”) has pixels of type "
            f"“{unbox(pixels[0].pixelsType.value)}”, which napari cannot show."
        )


def _read_levels(
    store: Any, size_x: int, size_y: int
) -> tuple[tuple[LevelRecord, ...], tuple[int, int]]:
    """Ask an open store for its resolutions and the tile it reads best.

    Level sizes must be asked for: those of imported files follow no rule.
    """
    descriptions = store.getResolutionDescriptions()
    count = len(descriptions)
    levels = tuple(
        LevelRecord(each.sizeX, each.sizeY, count - 1 - index)
        for index, each in enumerate(descriptions)
    )
    if count == 1 and size_x * size_y <= MAX_PLANE:
        return levels, (size_x, size_y)
    width, height = store.getTileSize()
    return levels, (width, max(1, height))  # 0 where a row exceeds 1 MiB


def _measure(store: Any, count: int) -> dict[int, tuple[float, float]]:
    """Ask for the values in the middle plane; nothing is told of large images."""
    found = store.findMinMax(list(range(count)))
    return {
        index: (float(low), float(high))
        for index, (low, high) in found.items()
        if low < high
    }


def _make_record(
    image: Any,
    settings: Any,
    levels: tuple[LevelRecord, ...],
    tile: tuple[int, int],
    measured: dict[int, tuple[float, float]],
) -> ImageRecord:
    pixels = image.copyPixels()[0]
    dtype = PIXEL_TYPES[pixels.pixelsType.value.val]
    channels = read_channels(pixels, settings, np.dtype(dtype), measured)
    details = image.details
    return ImageRecord(
        id=image.id.val,
        name=read_text(image.name),
        pixels_id=pixels.id.val,
        dtype=dtype,
        size_t=pixels.sizeT.val,
        size_c=pixels.sizeC.val,
        size_z=pixels.sizeZ.val,
        size_y=pixels.sizeY.val,
        size_x=pixels.sizeX.val,
        channels=channels,
        levels=levels,
        tile=tile,
        is_tiled=len(levels) > 1 or tile[0] < pixels.sizeX.val,
        is_rgb=read_is_rgb(pixels, channels, dtype),
        default_z=_default_plane(settings, "defaultZ", pixels.sizeZ.val // 2),
        default_t=_default_plane(settings, "defaultT", 0),
        pixel_size_x=read_length(pixels.physicalSizeX),
        pixel_size_y=read_length(pixels.physicalSizeY),
        pixel_size_z=read_length(pixels.physicalSizeZ),
        time_increment=read_time(pixels.timeIncrement),
        group_id=details.group.id.val,
        owner=read_text(details.owner.omeName) if details.owner.loaded else "",
        description=read_text(image.description),
        can_annotate=details.permissions.canAnnotate(),
    )


def _default_plane(settings: Any, name: str, otherwise: int) -> int:
    value = None if settings is None else unbox(getattr(settings, name))
    return otherwise if value is None else value
