"""What an image is like: sizes, channels, units, resolutions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.errors import NotFound, PixelsUnavailable, ServerRefused
from napari_omero_io.records import (
    PIXEL_TYPES,
    ImageRecord,
    LevelRecord,
    SettingsRecord,
)

from . import hql
from .appearance import needs_measuring, read_channels, read_is_rgb
from .lookup_tables import add_lookup_tables
from .stores import close_stores, open_stores
from .translate import translated
from .wire import make_parameters, read_length, read_text, read_time, unbox

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .connection import Connection

#: Planes up to this many pixels are read whole, so their levels need not be known: a
#: round trip costs more than they do.
SMALL_PLANE = 1024 * 1024

#: Single-level planes up to this many pixels are read whole as well.  OMERO.server
#: makes pyramids of larger ones (`omero.pixeldata.max_plane_width` times height).
MAX_PLANE = 3192 * 3192


def read_image(
    connection: Connection, image_id: int, settings_id: int | None = None
) -> ImageRecord:
    """Read all that is needed to show an image; no pixels.

    Two calls for most small images, at most eight for any, in five round trips.

    Parameters
    ----------
    settings_id
        As `open_image` takes it.

    Raises
    ------
    NotFound
        There is no such image, or the user may not see it.
    PixelsUnavailable
        Its pixels were never written, or are not ready.
    """
    record, stores = open_image(connection, image_id, settings_id=settings_id)
    close_stores(stores)
    return record


def list_settings(connection: Connection, image_id: int) -> list[SettingsRecord]:
    """Read whose rendering settings there are for an image, in the order of their ids.

    Each person has at most one in most cases; OMERO takes the newest.
    """
    with translated(f"list the rendering settings of image {image_id}"):
        found = connection.service("query").findAllByQuery(
            hql.SAVED_SETTINGS, make_parameters(id=image_id), connection.context()
        )
    return [
        SettingsRecord(
            settings.id.val,
            read_text(settings.details.owner.omeName),
            settings.details.owner.id.val == connection.user.id,
            read_text(settings.name),
        )
        for settings in found
    ]


def open_image(
    connection: Connection,
    image_id: int,
    readers: int = 1,
    settings_id: int | None = None,
) -> tuple[ImageRecord, list[Any]]:
    """Read what an image is like, and keep the pixel stores that it took.

    Four round trips for a large image, however many readers.

    Parameters
    ----------
    readers
        How many threads are going to read; no more stores are opened than there are
        visible channels.
    settings_id
        The rendering settings to show it with; None for the user's own, or else those
        of the image's owner.

    Returns
    -------
    record
        All that is needed to show the image.
    stores
        RawPixelsStores at full resolution, which the caller closes; none for a small
        image, whose record needs none.
    """
    with translated(f"open image {image_id}"):
        image, settings = _ask(connection, image_id, settings_id)
        _check(connection, image, image_id)
        pixels = image.copyPixels()[0]
        area = pixels.sizeX.val * pixels.sizeY.val
        dtype = np.dtype(PIXEL_TYPES[pixels.pixelsType.value.val])
        # nothing is told of the values of planes for which there is a pyramid
        is_unmeasured = area <= MAX_PLANE and needs_measuring(pixels, settings, dtype)
        facts = _Facts((LevelRecord(pixels.sizeX.val, pixels.sizeY.val, 0),))
        if area <= SMALL_PLANE and not is_unmeasured:
            record = _make_record(image, settings, facts)
            return add_lookup_tables(connection, record), []
        count = min(readers, pixels.sizeC.val) if area > SMALL_PLANE else 1
        stores = open_stores(
            connection, pixels.id.val, image.details.group.id.val, count
        )
        try:
            if area > SMALL_PLANE:
                facts = _read_levels(stores[0], area)
            if is_unmeasured:
                facts = replace(facts, measured=_measure(stores[0], pixels.sizeC.val))
            record = add_lookup_tables(connection, _make_record(image, settings, facts))
        except BaseException:
            close_stores(stores)
            raise
        return record, stores


@dataclass(frozen=True, slots=True)
class _Facts:
    """What only a pixel store knows of an image."""

    levels: tuple[LevelRecord, ...]
    tile: tuple[int, int] | None = None
    measured: Mapping[int, tuple[float, float]] = field(default_factory=dict)


def _ask(
    connection: Connection, image_id: int, settings_id: int | None
) -> tuple[Any, Any]:
    """Send both queries at once, so that they take one round trip."""
    query, context = connection.service("query"), connection.context()
    wanted = make_parameters(id=image_id)
    asked = query.begin_findByQuery(hql.IMAGE, wanted, _ctx=context)
    if settings_id is None:
        own = make_parameters(id=image_id, user=connection.user.id)
        found = query.findAllByQuery(hql.RENDERING, own, context)
    else:
        one = make_parameters(id=image_id, settings=settings_id)
        found = query.findAllByQuery(hql.RENDERING_BY_ID, one, context)
        if not found:
            raise NotFound(f"Image {image_id} has no rendering settings {settings_id}.")
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


def _read_levels(store: Any, area: int) -> _Facts:
    """Ask an open store for its resolutions and the tile it reads best.

    Level sizes must be asked for: those of imported files follow no rule.  Two calls
    may wait for one store, no more.
    """
    tile_asked = store.begin_getTileSize()
    descriptions = store.getResolutionDescriptions()
    width, height = store.end_getTileSize(tile_asked)
    count = len(descriptions)
    levels = tuple(
        LevelRecord(each.sizeX, each.sizeY, count - 1 - index)
        for index, each in enumerate(descriptions)
    )
    if count == 1 and area <= MAX_PLANE:
        return _Facts(levels)
    return _Facts(levels, (width, max(1, height)))  # 0 where a row exceeds 1 MiB


def _measure(store: Any, count: int) -> dict[int, tuple[float, float]]:
    """Ask for the values in the middle plane; nothing is told of large images."""
    found = store.findMinMax(list(range(count)))
    return {
        index: (float(low), float(high))
        for index, (low, high) in found.items()
        if low < high
    }


def _make_record(image: Any, settings: Any, facts: _Facts) -> ImageRecord:
    pixels = image.copyPixels()[0]
    dtype = PIXEL_TYPES[pixels.pixelsType.value.val]
    channels = read_channels(pixels, settings, np.dtype(dtype), facts.measured)
    tile = facts.tile or (pixels.sizeX.val, pixels.sizeY.val)
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
        levels=facts.levels,
        tile=tile,
        is_tiled=len(facts.levels) > 1 or tile[0] < pixels.sizeX.val,
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
        version=_read_version(pixels),
    )


def _read_version(pixels: Any) -> str:
    """Tell these pixels from any others that the same object has had or will have.

    OMERO writes a new checksum and a new event when pixels are completed.
    """
    checksum, event = read_text(pixels.sha1), pixels.details.updateEvent
    if not checksum or event is None:
        return ""
    return f"{checksum}-{event.id.val}"


def _default_plane(settings: Any, name: str, otherwise: int) -> int:
    value = None if settings is None else unbox(getattr(settings, name))
    return otherwise if value is None else value
