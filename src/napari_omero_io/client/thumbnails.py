"""Small pictures of images."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from . import hql
from .ice import omero
from .translate import translated
from .wire import make_parameters, unbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection


def read_thumbnails(
    connection: Connection, image_ids: Sequence[int], size: int = 96
) -> dict[int, bytes]:
    """Read thumbnails as JPEG; images that have none yet are left out.

    One call draws all images of a group.

    Parameters
    ----------
    size
        Of the longer side, in pixels.
    """
    if not image_ids:
        return {}
    with translated("read thumbnails"):
        rows = connection.service("query").projection(
            hql.PIXELS_OF_IMAGES,
            make_parameters(ids=list(image_ids)),
            connection.context(),
        )
        groups: dict[int, dict[int, int]] = defaultdict(dict)
        for row in rows:
            image_id, pixels_id, group_id = map(unbox, row)
            groups[group_id][pixels_id] = image_id
        found: dict[int, bytes] = {}
        for group_id, images in groups.items():
            drawn = _draw(connection, group_id, list(images), size)
            for pixels_id, picture in drawn.items():
                found.setdefault(images[pixels_id], picture)
    return found


def _draw(
    connection: Connection, group_id: int, pixels_ids: list[int], size: int
) -> dict[int, bytes]:
    store = connection.open_thumbnail_store()
    try:
        # Where an image cannot be drawn the server sends no bytes, or leaves it out.
        drawn = store.getThumbnailByLongestSideSet(
            omero.rtypes.rint(size), pixels_ids, connection.context(group_id)
        )
    finally:
        store.close()
    return {pixels_id: picture for pixels_id, picture in drawn.items() if picture}
