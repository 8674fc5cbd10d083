"""A dataset of very many small images, each with settings and its thumbnail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import omero.model

from napari_omero_io.sandbox.importing.arrays import describe_array
from napari_omero_io.sandbox.importing.storing import store_images
from napari_omero_io.sandbox.rendering import stored
from napari_omero_io.sandbox.rendering.subject import default_settings, find_subject
from napari_omero_io.sandbox.rendering.thumbnails import draw_thumbnail, fit_longest
from napari_omero_io.sandbox.store.saving import write

from .samples import stain_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.importing.imported import (
        ImportedChannel,
        ImportedImage,
    )

#: Images in one transaction.
_BATCH = 250
#: Width and height of each.
_SIDE = 96
#: The longer side of a thumbnail, as OMERO.web asks for it.
_THUMBNAIL = 96


def store_many(call: Call, dataset_id: int, count: int) -> None:
    """Store that many images in a dataset, and draw their thumbnails."""
    pixels, channels = stain_apart()
    chosen = (pixels[:2] >> 8).astype(np.uint8), channels[:2]
    for first in range(0, count, _BATCH):
        numbers = range(first, min(first + _BATCH, count))
        images = list(_cut_images(*chosen, numbers, len(str(count))))
        made = store_images(call, images, dataset_id=dataset_id)
        _draw_thumbnails(call, [one.pixels_id for one in made])


def _cut_images(
    pixels: np.ndarray,
    channels: Sequence[ImportedChannel],
    numbers: range,
    digits: int,
) -> Iterator[ImportedImage]:
    """Cut a picture, (C, Y, X), into small ones; each number gives another piece."""
    _, height, width = pixels.shape
    for number in numbers:
        place = np.random.default_rng(number)
        y, x = (int(place.integers(0, size - _SIDE + 1)) for size in (height, width))
        piece = pixels[:, y : y + _SIDE, x : x + _SIDE]
        yield describe_array(
            f"Field {number + 1:0{digits}}",
            np.ascontiguousarray(piece)[np.newaxis, :, np.newaxis],
            channels,
            pixel_size=(0.5, 0.5, None),
        )


def _draw_thumbnails(call: Call, pixels_ids: Sequence[int]) -> None:
    """Give images their default settings in one transaction, and draw them."""
    core = call.core
    with core.database.read() as connection:
        subjects = [find_subject(connection, call, one) for one in pixels_ids]
    known = [subject for subject in subjects if subject is not None]
    definitions = []
    for subject in known:
        definition = omero.model.RenderingDefI()
        stored.fill_definition(definition, default_settings(call, subject))
        definitions.append(definition)
    with core.database.write() as connection:
        write(connection, call, definitions)
    with core.database.read() as connection:
        saved = stored.find_definitions_to_show(connection, call, pixels_ids)
    for subject in known:
        settings = stored.read_settings(saved[subject.facts.id])
        size = fit_longest(subject.facts.size, _THUMBNAIL)
        draw_thumbnail(call, subject, settings, size)
