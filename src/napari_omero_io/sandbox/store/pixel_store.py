"""All pixels of a sandbox: which may be read, which may be written, and by whom.

Each set of pixels has a folder named by its id, with zarr arrays in it.  What may be
done with it is decided when it is opened, in the order in which OMERO.server decides.
"""

from __future__ import annotations

import logging
import shutil
import threading
import uuid
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import Locked, PyramidMissing, ResourceFault

from .pixels.arrays import open_levels
from .pixels.cache import TileCache
from .pixels.descriptor import Descriptor, Kind, is_finished, read_descriptor
from .pixels.generated import TILE, GeneratedBuffer, PyramidWriter
from .pixels.imported import ImportedBuffer, add_pyramid
from .pixels.raw import RawBuffer, RawFile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from .pixels.arrays import Levels
    from .pixels.buffer import PixelBuffer
    from .pixels.types import PixelsFacts

log = logging.getLogger(__name__)

_CACHE_BYTES = 256_000_000
#: Sets of pixels whose arrays are kept open.
_OPEN_MAX = 64
#: Milliseconds after which a client should ask again, for each tile of a plane.
_TILE_MILLISECONDS = 1
_LOCK_BACK_OFF = 15000


class PixelStore:
    """The pixels in one folder.  All methods may be called by any thread.

    Parameters
    ----------
    cache_bytes
        For tiles that were read lately.
    is_owner
        No other process uses the folder: what a killed one left may be removed.
    """

    def __init__(
        self, folder: Path, *, cache_bytes: int = _CACHE_BYTES, is_owner: bool = True
    ) -> None:
        self.folder = folder
        self.cache = TileCache(cache_bytes)
        self._lock = threading.RLock()
        self._open: OrderedDict[int, tuple[Descriptor, Levels]] = OrderedDict()
        self._raw_files: dict[int, RawFile] = {}
        self._writers: dict[int, PyramidWriter] = {}
        self._builders: dict[int, threading.Thread] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_owner:
            self._remove_leftovers()

    def path(self, pixels_id: int) -> Path:
        """Return the folder of a set of pixels, which may not be there."""
        return self.folder / str(pixels_id)

    def open(self, facts: PixelsFacts, *, for_writing: bool = False) -> PixelBuffer:
        """Open a set of pixels.

        Parameters
        ----------
        for_writing
            Also make it if it was never written.  Where it was, it is opened for
            reading all the same.

        Raises
        ------
        PyramidMissing
            The smaller levels of big pixels are being made.
        Locked
            The pixels were never written, or somebody writes them tile by tile.
        ResourceFault
            They are damaged.
        """
        with self._lock:
            raw_file = self._raw_files.get(facts.id)
            if raw_file is not None and raw_file.exists:
                return RawBuffer(facts, raw_file, self.cache)
            if facts.id in self._writers:
                raise Locked(f"Already locked! {self.path(facts.id)}", _LOCK_BACK_OFF)
            found = self._find(facts.id)
            if found is not None:
                return self._open_finished(facts, *found)
            if facts.needs_pyramid:
                return self._open_new_pyramid(facts, for_writing)
            return self._open_new_raw(facts, for_writing)

    def delete(self, pixels_ids: Iterable[int]) -> None:
        """Remove pixels; those that are not there are passed over.

        Stores that have them open find nothing any more.
        """
        for pixels_id in pixels_ids:
            with self._lock:
                builder = self._builders.get(pixels_id)
            if builder is not None:
                builder.join()
            with self._lock:
                self._forget(pixels_id)
                path = self.path(pixels_id)
                grave = self.folder / f"deleted-{uuid.uuid4()}"
                if path.exists():
                    path.rename(grave)
            shutil.rmtree(grave, ignore_errors=True)

    def keep_only(self, pixels_ids: Collection[int]) -> None:
        """Remove the pixels of all others, which a killed server left.

        Their ids were never committed, and will be given to others; or their rows were
        deleted, and the server had not come to the pixels.
        """
        for path in self.folder.iterdir():
            if path.name.isdecimal() and int(path.name) not in pixels_ids:
                log.warning("removing pixels that are nobody's: %s", path)
                self.delete([int(path.name)])

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """Give a folder for pixels whose id is not known yet.

        What is not moved to its place with `adopt` is removed at the end.
        """
        folder = self.folder / f"incoming-{uuid.uuid4()}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def adopt(self, folder: Path, pixels_id: int) -> None:
        """Move finished pixels to their place.

        What is there was left by a write whose id was taken back.
        """
        with self._lock:
            self._open.pop(pixels_id, None)
            self.cache.discard(pixels_id)
            shutil.rmtree(self.path(pixels_id), ignore_errors=True)
            folder.rename(self.path(pixels_id))

    def copy(self, pixels_id: int, to_id: int) -> None:
        """Give pixels the content of others, if that is finished.

        Raises
        ------
        Locked
            Somebody is writing the others.
        """
        with self._lock:
            if pixels_id in self._raw_files or pixels_id in self._writers:
                raise Locked(f"Already locked! {self.path(pixels_id)}", _LOCK_BACK_OFF)
            builder = self._builders.get(pixels_id)
        if builder is not None:
            builder.join()
        if not is_finished(self.path(pixels_id)):
            return
        with self.incoming() as draft:
            shutil.copytree(self.path(pixels_id), draft, dirs_exist_ok=True)
            self.adopt(draft, to_id)

    def build_pyramid(self, facts: PixelsFacts) -> None:
        """Make the smaller levels of imported pixels now, if they are needed."""
        if not facts.needs_pyramid:
            return
        with self._lock:
            found = self._find(facts.id)
            if found is None or not _lacks_levels(facts, found[0]):
                return
            builder = self._start_builder(facts)
        builder.join()

    def _open_finished(
        self, facts: PixelsFacts, descriptor: Descriptor, levels: Levels
    ) -> PixelBuffer:
        if descriptor.kind is Kind.RAW:
            return RawBuffer(facts, levels, self.cache)
        if descriptor.kind is Kind.GENERATED:
            return GeneratedBuffer(facts, levels, self.cache)
        if _lacks_levels(facts, descriptor):
            self._start_builder(facts)
            tiles = -(-facts.size_x // TILE.x) * -(-facts.size_y // TILE.y)
            raise PyramidMissing(
                f"Missing pyramid:{self.path(facts.id)}",
                back_off=max(1, tiles * facts.planes * _TILE_MILLISECONDS),
                pixels_id=facts.id,
            )
        return ImportedBuffer(facts, levels, self.cache, descriptor.tile)

    def _open_new_pyramid(self, facts: PixelsFacts, for_writing: bool) -> PixelBuffer:
        if not for_writing:
            raise Locked(
                "Pixels pyramid missing, being created or import in progress.",
                _LOCK_BACK_OFF,
            )
        writer = PyramidWriter(
            facts, self.path(facts.id), self.cache, self._release_writer, self.open
        )
        self._writers[facts.id] = writer
        return writer

    def _open_new_raw(self, facts: PixelsFacts, for_writing: bool) -> PixelBuffer:
        if not for_writing:
            raise Locked("Import in progress.", _LOCK_BACK_OFF)
        file = self._raw_files.setdefault(facts.id, RawFile(facts, self.path(facts.id)))
        file.writers += 1
        return RawBuffer(facts, file, self.cache, file, self._release_raw)

    def _release_raw(self, file: RawFile) -> None:
        with self._lock:
            file.writers -= 1
            if file.writers == 0 and self._raw_files.get(file.facts.id) is file:
                del self._raw_files[file.facts.id]

    def _release_writer(self, pixels_id: int) -> None:
        with self._lock:
            self._writers.pop(pixels_id, None)

    def _find(self, pixels_id: int) -> tuple[Descriptor, Levels] | None:
        """Return finished pixels, opened, or None when there are none."""
        found = self._open.get(pixels_id)
        if found is not None:
            self._open.move_to_end(pixels_id)
            return found
        path = self.path(pixels_id)
        descriptor = read_descriptor(path)
        if descriptor is None:
            return None
        if descriptor.kind is Kind.BROKEN:
            raise ResourceFault(f"Error instantiating pixel buffer: {path}")
        found = self._open[pixels_id] = (descriptor, open_levels(path, descriptor))
        if len(self._open) > _OPEN_MAX:
            self._open.popitem(last=False)
        return found

    def _start_builder(self, facts: PixelsFacts) -> threading.Thread:
        """Begin to make the smaller levels, unless somebody does already."""
        builder = self._builders.get(facts.id)
        if builder is None:
            builder = threading.Thread(
                target=self._build,
                args=(facts,),
                name=f"pyramid-{facts.id}",
                daemon=True,
            )
            self._builders[facts.id] = builder
            builder.start()
        return builder

    def _build(self, facts: PixelsFacts) -> None:
        try:
            add_pyramid(self.path(facts.id), facts)
        except Exception:
            log.exception("No pyramid was made of Pixels:%d", facts.id)
        finally:
            with self._lock:
                self._open.pop(facts.id, None)
                self._builders.pop(facts.id, None)

    def _forget(self, pixels_id: int) -> None:
        self._open.pop(pixels_id, None)
        raw_file = self._raw_files.pop(pixels_id, None)
        if raw_file is not None:
            raw_file.delete()
        writer = self._writers.pop(pixels_id, None)
        if writer is not None:
            writer.abandon()
        self.cache.discard(pixels_id)

    def _remove_leftovers(self) -> None:
        for path in self.folder.iterdir():
            if path.is_dir() and not (path.name.isdecimal() and is_finished(path)):
                log.warning("removing unfinished pixels: %s", path)
                shutil.rmtree(path, ignore_errors=True)


def _lacks_levels(facts: PixelsFacts, descriptor: Descriptor) -> bool:
    return (
        descriptor.kind is Kind.IMPORTED
        and facts.needs_pyramid
        and len(descriptor.sizes) == 1
    )
