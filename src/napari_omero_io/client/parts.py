"""Images as parts of something larger: what must be known of each, and their pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import NotFound, PixelsUnavailable, ServerRefused
from napari_omero_io.records import PIXEL_TYPES, PartRecord

from . import plate_queries
from .translate import translated
from .wire import make_parameters, unbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection

#: Images asked about in one query; the queries are under way together.
_BATCH = 500


def read_parts(connection: Connection, image_ids: Sequence[int]) -> list[PartRecord]:
    """Read what must be known of images to put them together, in one round trip.

    Returns
    -------
    list
        In the order of `image_ids`, each once.

    Raises
    ------
    NotFound
        One of them does not exist, or may not be seen.
    PixelsUnavailable
        The pixels of one were never completed.
    """
    wanted = list(dict.fromkeys(image_ids))
    query, context = connection.service("query"), connection.context()
    with translated("read the sizes of images"):
        asked = [
            query.begin_projection(
                plate_queries.PARTS,
                make_parameters(ids=wanted[first : first + _BATCH]),
                _ctx=context,
            )
            for first in range(0, len(wanted), _BATCH)
        ]
        rows = [row for each in asked for row in query.end_projection(each)]
    found: dict[int, PartRecord] = {}
    for row in rows:
        part = _make_part(row)
        # an image has one set of pixels; very old ones may have more
        found.setdefault(part.image_id, part)
    for image_id in wanted:
        if image_id not in found:
            raise NotFound(
                f"There is no image {image_id} at {connection.server}, or you may not "
                "see it, or it has no pixels."
            )
    return [found[image_id] for image_id in wanted]


def _make_part(row: Sequence[Any]) -> PartRecord:
    image_id, name, pixels_id, group_id, kind, *rest = map(unbox, row)
    size_t, size_c, size_z, size_y, size_x, checksum, event, fileset_id = rest
    if (checksum or "").startswith("Pending") and fileset_id is None:
        raise PixelsUnavailable(
            f"The pixels of image {image_id} (“{name}”) were never completed: it is "
            "being written, or its upload broke off."
        )
    if kind not in PIXEL_TYPES:
        raise ServerRefused(
            f"Image {image_id} (“{name}”) has pixels of type “{kind}”, which napari "
            "cannot show."
        )
    return PartRecord(
        image_id=image_id,
        name=name or f"Image {image_id}",
        pixels_id=pixels_id,
        group_id=group_id,
        dtype=PIXEL_TYPES[kind],
        size_t=size_t,
        size_c=size_c,
        size_z=size_z,
        size_y=size_y,
        size_x=size_x,
        version=f"{checksum}-{event}" if checksum and event is not None else "",
    )
