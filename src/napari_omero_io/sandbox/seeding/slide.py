"""A slide as large as a scanner's, made of one small picture."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_omero_io.sandbox.importing.objects import Wish, build_image, link
from napari_omero_io.sandbox.importing.storing import StoredImage, describe_facts
from napari_omero_io.sandbox.store.pixels.imported import store_mirrored
from napari_omero_io.sandbox.store.saving import save

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call

    from .samples import Sample


def store_slide(call: Call, sample: Sample, dataset_id: int) -> StoredImage:
    """Store a picture as a slide in which it is repeated, mirrored, without end."""
    if sample.slide_size is None:
        raise ValueError(f"{sample.image.name} is no slide")
    height, width = sample.slide_size
    small = sample.image
    source = np.stack([small.source.read(0, 0, c, 0) for c in range(small.shape[1])])
    image = replace(
        small, shape=(1, small.shape[1], 1, height, width), levels=((height, width),)
    )
    extremes = [(float(band.min()), float(band.max())) for band in source]
    # The digest of what is stored: that of the whole slide would take minutes.
    digest = hashlib.sha1(source.tobytes(), usedforsecurity=False).hexdigest()
    core = call.core
    with core.pixels.incoming() as folder:
        store_mirrored(folder, describe_facts(call, image), source)
        wish = Wish(dataset_id=dataset_id)
        built = build_image(image, extremes, digest, wish)
        link(built, wish)
        with core.database.write() as connection:
            (saved,) = save(connection, call, [built])
            stored = StoredImage(
                saved.id.val,
                saved.getPrimaryPixels().id.val,
                saved.name.val,
            )
            core.pixels.adopt(folder, stored.pixels_id)
    return stored
