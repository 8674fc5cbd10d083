"""From image files to images of the sandbox: all of it, or nothing."""

from __future__ import annotations

import hashlib
import logging
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from napari_omero_io.sandbox.errors import ResourceFault
from napari_omero_io.sandbox.store.managed import ensure_folders
from napari_omero_io.sandbox.store.pixels.facts import needs_pyramid
from napari_omero_io.sandbox.store.pixels.imported import (
    store_in_place,
    store_source_pixels,
)
from napari_omero_io.sandbox.store.pixels.tiff_series import TiffSeries
from napari_omero_io.sandbox.store.pixels.types import PixelsFacts, pixel_type_of
from napari_omero_io.sandbox.store.repositories import ensure_repositories
from napari_omero_io.sandbox.store.saving import save

from .imported import ImportedFile, UnreadableFile
from .journal import keep_journal
from .objects import (
    KeptFile,
    Wish,
    build_file,
    build_fileset,
    build_image,
    link,
)
from .paths import make_safe
from .places import choose_folder
from .plate_objects import build_plate
from .reading import read_file
from .watching import WatchedSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call

    from .imported import ImportedImage, PlaneSource

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image as it was stored."""

    image_id: int
    pixels_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of an import; `others` are the files that came with the first."""

    images: list[StoredImage]
    plate_ids: list[int]
    others: tuple[Path, ...] = ()


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
    return import_set(call, path, Wish(dataset_id=dataset_id, name=name)).images


def import_set(call: Call, path: Path, wish: Wish) -> Stored:
    """Store what a file describes, with all files that belong to it.

    Raises
    ------
    UnreadableFile
        A file is missing, damaged or of no known form.
    ResourceFault
        The disk is full.
    """
    file = read_file(path)
    wish = wish if len(file.images) == 1 or file.plates else replace(wish, name=None)
    try:
        return _store_copies(call, file, (path, *file.others), wish)
    finally:
        file.close()


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
    wish = Wish(dataset_id=dataset_id, name=name if len(images) == 1 else None)
    paths = () if path is None else (path,)
    return _store_copies(call, ImportedFile(tuple(images)), paths, wish).images


def _store_copies(
    call: Call, described: ImportedFile, paths: Sequence[Path], wish: Wish
) -> Stored:
    """Store what files describe, and copies of the files."""
    if not paths:
        return store_file(call, described, (), wish)
    folder = choose_folder(call)
    try:
        with ExitStack() as stack:
            kept = []
            for path in paths:
                draft = stack.enter_context(call.core.files.incoming(path))
                kept.append(_describe_file(path, draft, folder))
            return store_file(call, described, kept, wish)
    except OSError as error:
        raise _not_imported(paths[0].name, error) from error


def store_file(
    call: Call,
    described: ImportedFile,
    files: Sequence[KeptFile],
    wish: Wish,
    step: Callable[[], None] = lambda: None,
) -> Stored:
    """Store images and plates of a set of files, and the files, in one transaction.

    Parameters
    ----------
    files
        Theirs, in folders where nobody sees them yet; the first one was read.
    step
        Called after pixels, thumbnails and objects; may raise to give it up.

    Raises
    ------
    UnreadableFile
        The pixels cannot be read.
    ResourceFault
        The disk is full.
    """
    core, images = call.core, described.images
    what = files[0].name if files else images[0].name
    ensure_repositories(core)
    placed: list[int] = []
    kept: list[int] = []
    try:
        with ExitStack() as stack:
            copies = []
            for image in images:
                folder = stack.enter_context(core.pixels.incoming())
                only = files[0].draft if len(files) == 1 else None
                copies.append(_copy_pixels(call, image, folder, what, only))
            step()
            if files:
                place = wish.prefix or files[0].folder
                journal = keep_journal(core.files, described, files, place)
                files = (*files, stack.enter_context(journal))
            rows = [build_file(file) for file in files]
            objects = list(_build_images(images, copies, wish))
            plates = _build_plates(described, objects, wish)
            for one in objects:
                link(one, wish)
            if rows:
                *theirs, journal_row = rows
                fileset = build_fileset(
                    files[:-1], theirs, journal_row, wish, call.caller
                )
                for one in objects:
                    one.fileset = fileset
            step()
            with core.database.write() as connection:
                stored, plate_ids, file_ids = _save(
                    connection, call, objects, plates, rows
                )
                for file in files:
                    ensure_folders(connection, call, file.folder)
                for image_, copy in zip(stored, copies, strict=True):
                    core.pixels.adopt(copy.folder, image_.pixels_id)
                    placed.append(image_.pixels_id)
                for file, file_id in zip(files, file_ids, strict=True):
                    core.files.adopt(file.draft, file_id)
                    kept.append(file_id)
                step()
    except BaseException as error:
        # Nothing was committed: what is on disk belongs to nobody.
        core.pixels.delete(placed)
        core.files.delete(kept)
        if isinstance(error, OSError):
            raise _not_imported(what, error) from error
        raise
    for one, copy in zip(stored, copies, strict=True):
        core.pixels.build_pyramid(replace(copy.facts, id=one.pixels_id))
        log.info("imported Image:%d %s", one.image_id, one.name)
    return Stored(stored, plate_ids, described.others)


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


def _build_images(
    images: Sequence[ImportedImage], copies: Sequence[_Copied], wish: Wish
) -> Iterator[Any]:
    for image, copy in zip(images, copies, strict=True):
        yield build_image(image, copy.extremes, copy.digest, wish)


def _build_plates(
    described: ImportedFile, objects: Sequence[Any], wish: Wish
) -> list[Any]:
    """Return plates that hold the images that were built."""
    screens: dict[str, Any] = {}
    by_key: dict[str | None, Any] = {
        image.key: built
        for image, built in zip(described.images, objects, strict=True)
        if image.key is not None
    }
    if len(described.plates) > 1:
        wish = replace(wish, name=None)
    return [build_plate(one, by_key, screens, wish) for one in described.plates]


def _save(
    connection: Connection,
    call: Call,
    objects: Sequence[Any],
    plates: Sequence[Any],
    rows: Sequence[Any],
) -> tuple[list[StoredImage], list[int], list[int]]:
    """Save images and plates with all that hangs on them; return what became of all."""
    saved = save(connection, call, [*objects, *plates, *rows], may_set_repository=True)
    stored = [_describe_saved(one) for one in saved[: len(objects)]]
    ids = [int(one.id.val) for one in saved[len(objects) :]]
    return stored, ids[: len(plates)], ids[len(plates) :]


def _copy_pixels(
    call: Call, image: ImportedImage, folder: Path, name: str, file: Path | None
) -> _Copied:
    """Put pixels into a folder; of a file with a pyramid of tiles they stay there."""
    facts = describe_facts(call, image)
    source = WatchedSource(image, facts, name)
    try:
        if file is not None and _is_pyramid(image.source):
            source.read_all()
            store_in_place(folder, facts, file, image.source)
        else:
            store_source_pixels(folder, facts, source)
    except OSError as error:
        raise _not_imported(name, error) from error
    return _Copied(folder, facts, source.extremes, source.digest)


def _is_pyramid(source: PlaneSource) -> TypeGuard[TiffSeries]:
    if not isinstance(source, TiffSeries):
        return False
    return source.tile is not None and len(source.sizes) > 1


def _describe_file(path: Path, draft: Path, folder: str) -> KeptFile:
    with draft.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha1").hexdigest()
    return KeptFile(draft, make_safe(path.name), folder, str(path), digest)


def _not_imported(name: str, error: OSError) -> ResourceFault:
    return ResourceFault(f"{name} was not imported: {error.strerror or error}.")


def _describe_saved(image: Any) -> StoredImage:
    return StoredImage(
        image_id=image.id.val,
        pixels_id=image.getPrimaryPixels().id.val,
        name=image.name.val,
    )
