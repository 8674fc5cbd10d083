"""From an image file to an image of the sandbox: all of it, or nothing."""

from __future__ import annotations

import hashlib
import logging
import mimetypes
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.sandbox.errors import ResourceFault
from napari_omero_io.sandbox.store.pixels.facts import needs_pyramid
from napari_omero_io.sandbox.store.pixels.imported import store_source_pixels
from napari_omero_io.sandbox.store.pixels.types import (
    PixelsFacts,
    Place,
    Size,
    pixel_type_of,
)
from napari_omero_io.sandbox.store.saving import save

from .imported import UnreadableFile
from .objects import build_file, build_fileset, build_image, link_to_dataset
from .reading import read_images

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_omero_io.sandbox.core import Call

    from .imported import ImportedImage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image as it was stored."""

    image_id: int
    pixels_id: int
    name: str


@dataclass(frozen=True, slots=True)
class _Copied:
    """Pixels that are on disk, in a folder that nobody sees yet."""

    folder: Path
    facts: PixelsFacts
    extremes: list[tuple[float, float]]
    digest: str


def import_file(
    call: Call, path: Path, *, dataset_id: int | None = None, name: str | None = None
) -> list[StoredImage]:
    """Store the images of a file, and the file itself.

    Raises
    ------
    UnreadableFile
        The file is damaged or of no known form.
    ResourceFault
        The disk is full.
    """
    images = read_images(path)
    try:
        return store_images(call, images, path, dataset_id=dataset_id, name=name)
    finally:
        for image in images:
            image.source.close()


def store_images(
    call: Call,
    images: Sequence[ImportedImage],
    path: Path | None = None,
    *,
    dataset_id: int | None = None,
    name: str | None = None,
) -> list[StoredImage]:
    """Store images that have been described.

    Parameters
    ----------
    path
        The file that they came from, which is kept; None when there is none.
    name
        Replaces the image's own where there is only one.
    """
    core = call.core
    placed: list[int] = []
    kept: list[int] = []
    try:
        with ExitStack() as stack:
            copies = []
            for image in images:
                folder = stack.enter_context(core.pixels.incoming())
                copies.append(_copy_pixels(call, image, folder, path))
            draft = stack.enter_context(core.files.incoming(path)) if path else None
            objects = [
                build_image(
                    image,
                    copy.extremes,
                    copy.digest,
                    name if len(images) == 1 else None,
                )
                for image, copy in zip(images, copies, strict=True)
            ]
            file = _attach_file(call, objects, path, draft) if path and draft else None
            roots = (
                [link_to_dataset(one, dataset_id) for one in objects]
                if dataset_id is not None
                else objects
            )
            with core.database.write() as connection:
                saved = save(connection, call, [*roots, *([file] if file else [])])
                stored = [
                    _describe_saved(one.child if dataset_id is not None else one)
                    for one in saved[: len(objects)]
                ]
                for one, copy in zip(stored, copies, strict=True):
                    core.pixels.adopt(copy.folder, one.pixels_id)
                    placed.append(one.pixels_id)
                if draft is not None:
                    file_id = saved[-1].id.val
                    core.files.adopt(draft, file_id)
                    kept.append(file_id)
    except BaseException as error:
        # Nothing was committed: what is on disk belongs to nobody.
        core.pixels.delete(placed)
        core.files.delete(kept)
        if isinstance(error, OSError):
            what = path.name if path else images[0].name
            raise ResourceFault(
                f"{what} was not imported: {error.strerror or error}."
            ) from error
        raise
    for one, copy in zip(stored, copies, strict=True):
        core.pixels.build_pyramid(_with_id(copy.facts, one.pixels_id))
        log.info("imported Image:%d %s", one.image_id, one.name)
    return stored


def describe_facts(call: Call, image: ImportedImage) -> PixelsFacts:
    """Return what the pixel store must know of an image that has no id yet."""
    kind = pixel_type_of(np.dtype(image.dtype))
    if kind is None:
        raise UnreadableFile(f"{image.name} has pixels of type {image.dtype}.")
    t, c, z, y, x = image.shape
    return PixelsFacts(
        id=0,
        type=kind,
        size_x=x,
        size_y=y,
        size_z=z,
        size_c=c,
        size_t=t,
        needs_pyramid=needs_pyramid(call.core.config, kind, x, y),
    )


class _WatchedSource:
    """The pixels of a file on their way into the store, looked at once.

    The store copies the full size first, plane by plane in the order in which
    OMERO's digest is taken.
    """

    def __init__(self, image: ImportedImage, facts: PixelsFacts, name: str) -> None:
        self._source = image.source
        self._name = name
        self._wire = facts.type.wire
        self._digest = hashlib.sha1(usedforsecurity=False)
        self._lows = [np.inf] * facts.size_c
        self._highs = [-np.inf] * facts.size_c
        self.sizes = tuple(Size(x, y) for y, x in image.levels)

    def read_rows(self, level: int, place: Place, rows: range) -> np.ndarray:
        z, c, t = place
        band = slice(rows.start, rows.stop)
        try:
            part = self._source.read_region(level, t, c, z, band, slice(None))
        except Exception as error:
            # Every decoder has errors of its own for data that end early.
            raise UnreadableFile(f"{self._name} is damaged: {error}.") from error
        if level == 0:
            self._digest.update(part.astype(self._wire).tobytes())
            finite = part[np.isfinite(part)] if part.dtype.kind == "f" else part
            if finite.size:
                self._lows[c] = min(self._lows[c], float(finite.min()))
                self._highs[c] = max(self._highs[c], float(finite.max()))
        return part

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    @property
    def extremes(self) -> list[tuple[float, float]]:
        pairs = zip(self._lows, self._highs, strict=True)
        return [(low, high) if low <= high else (0.0, 0.0) for low, high in pairs]


def _copy_pixels(
    call: Call, image: ImportedImage, folder: Path, path: Path | None
) -> _Copied:
    facts = describe_facts(call, image)
    name = path.name if path else image.name
    source = _WatchedSource(image, facts, name)
    try:
        store_source_pixels(folder, facts, source)
    except OSError as error:
        reason = error.strerror or error
        raise ResourceFault(f"{name} was not imported: {reason}.") from error
    return _Copied(folder, facts, source.extremes, source.digest)


def _attach_file(call: Call, objects: list[Any], path: Path, draft: Path) -> Any:
    """Make the fileset of an imported file and put the images into it."""
    with draft.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha1").hexdigest()
    folder = f"{call.caller.user_name}_{call.caller.user_id}/{digest[:12]}/"
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    file = build_file(path.name, folder, draft.stat().st_size, digest, mimetype)
    fileset = build_fileset(file, path.name, folder)
    for one in objects:
        one.fileset = fileset
    return file


def _describe_saved(image: Any) -> StoredImage:
    return StoredImage(
        image_id=image.id.val,
        pixels_id=image.getPrimaryPixels().id.val,
        name=image.name.val,
    )


def _with_id(facts: PixelsFacts, pixels_id: int) -> PixelsFacts:
    return replace(facts, id=pixels_id)
