"""Small pictures of images."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import row_queries
from .ice import omero
from .translate import translated
from .wire import make_parameters, unbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection
    from .thumbnail_cache import ThumbnailCache


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a thumbnail is of, and what it is called in the cache."""

    image_id: int
    pixels_id: int
    group_id: int
    key: str


def read_thumbnails(
    connection: Connection,
    image_ids: Sequence[int],
    size: int = 96,
    cache: ThumbnailCache | None = None,
) -> dict[int, bytes]:
    """Read thumbnails as JPEG; images that have none yet are left out.

    Two round trips, however many they are, and one where all are in the cache: the
    server is always asked by which settings it draws them.  The first time it is one
    more, unless the connection's `thumbnail_stores` were prepared.

    Parameters
    ----------
    size
        Of the longer side, in pixels.
    cache
        Where pictures are looked for and kept; None for nowhere.
    """
    if not image_ids:
        return {}
    with (
        translated("read thumbnails"),
        connection.thumbnail_stores.lend() as store,
    ):
        subjects = _find_subjects(connection, image_ids, size)
        found, missing = _look_up(subjects, cache)
        for group_id, wanted in missing.items():
            drawn = _draw(store.result(), connection, group_id, wanted, size)
            for each in wanted:
                if picture := drawn.get(each.pixels_id):
                    found.setdefault(each.image_id, picture)
                    if cache is not None:
                        cache.write(each.key, picture)
    return found


def _find_subjects(
    connection: Connection, image_ids: Sequence[int], size: int
) -> list[_Subject]:
    rows = connection.service("query").projection(
        row_queries.PICTURES,
        make_parameters(ids=list(image_ids)),
        connection.context(),
    )
    subjects = []
    for row in rows:
        image_id, pixels_id, group_id, change = map(unbox, row)
        key = f"{connection.server} {connection.user.id} {image_id} {size} {change}"
        subjects.append(_Subject(image_id, pixels_id, group_id, key))
    return subjects


def _look_up(
    subjects: Sequence[_Subject], cache: ThumbnailCache | None
) -> tuple[dict[int, bytes], dict[int, list[_Subject]]]:
    """Give what is in the cache by image, and the rest by group."""
    found: dict[int, bytes] = {}
    missing: dict[int, list[_Subject]] = defaultdict(list)
    for each in subjects:
        # What was never looked at may have no settings yet, and get some any time.
        picture = cache.read(each.key) if cache is not None else None
        if picture is None:
            missing[each.group_id].append(each)
        else:
            found.setdefault(each.image_id, picture)
    return found, missing


def _draw(
    store: Any,
    connection: Connection,
    group_id: int,
    subjects: Sequence[_Subject],
    size: int,
) -> dict[int, bytes]:
    # Where an image cannot be drawn the server sends no bytes, or leaves it out.
    drawn: dict[int, bytes] = store.getThumbnailByLongestSideSet(
        omero.rtypes.rint(size),
        [each.pixels_id for each in subjects],
        connection.context(group_id),
    )
    return drawn
