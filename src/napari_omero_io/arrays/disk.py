"""Tiles on this computer's disk, so that an image looks at once as it did yesterday.

One file for each tile, in a private folder that any number of processes share and
that may be deleted at any time.  A file names what it holds and carries a checksum:
whatever is not what it should be is dropped, and fetched from the server again.

A tile is called by its server, its pixels and their version, so none is ever out of
date; those that were not used for longest go when the bound is reached.
"""

from __future__ import annotations

import hashlib
import logging
import os
import struct
import tempfile
import threading
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import DTypeLike, NDArray

    from napari_omero_io.arrays.memory import TileKey

logger = logging.getLogger(__name__)

#: Bytes.
DEFAULT_LIMIT = 4 << 30
#: After the bound was reached, this part of it is kept.
_KEPT = 0.9
#: The folder is measured again when this part of the bound was written.
_MEASURED = 0.05
#: Seconds without writing after the disk refused.
_PAUSE = 60.0
#: What a file begins with: these words, its checksum, and the length of its name.
_HEADER = struct.Struct("<8sII")
_MAGIC = b"OMEROTL1"
_SUFFIX = ".tile"


class DiskCache:
    """Tiles by their keys; safe to use from any thread and any number of processes.

    Parameters
    ----------
    folder
        Made when the first tile is kept.
    limit
        Bytes; 0 keeps nothing.
    """

    def __init__(self, folder: Path, limit: int = DEFAULT_LIMIT) -> None:
        self.folder = folder
        self.limit = limit
        self._lock = threading.Lock()
        self._written: int | None = None
        self._paused_until = 0.0

    def get(
        self, key: TileKey, shape: tuple[int, int], dtype: DTypeLike
    ) -> NDArray[Any] | None:
        """Return a tile of this shape and type, or None; it counts as just used."""
        if self.limit <= 0:
            return None
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None  # not there, or removed by another process meanwhile
        pixels = _unpack(data, _name(key))
        kind = np.dtype(dtype)
        if pixels is None or len(pixels) != shape[0] * shape[1] * kind.itemsize:
            logger.warning("%s is damaged, or no tile; it is fetched again", path)
            _remove(path)
            return None
        try:
            os.utime(path)
        except OSError as error:
            logger.debug("%s cannot be marked as used: %s", path, error)
        return np.frombuffer(pixels, kind).reshape(shape)

    def put(self, key: TileKey, tile: NDArray[Any]) -> None:
        """Keep a tile; a disk that takes no more is told to the log only."""
        if self.limit <= 0 or time.monotonic() < self._paused_until:
            return
        path = self._path(key)
        data = _pack(_name(key), tile)
        try:
            _write(path, data)
        except OSError as error:
            logger.warning("Tiles cannot be kept on the disk for now: %s", error)
            self._paused_until = time.monotonic() + _PAUSE
            return
        with self._lock:
            # measured at the first tile: earlier runs may have left too many
            is_due = self._written is None
            self._written = (self._written or 0) + len(data)
            is_due = is_due or self._written > _MEASURED * self.limit
            if is_due:
                self._written = 0
        if is_due:
            self.prune()

    @property
    def size(self) -> int:
        """Bytes in use, by all processes; looks at every file."""
        return sum(size for _, size, _ in self._files())

    def prune(self) -> None:
        """Remove the tiles that were not used for longest, if the bound is reached."""
        files = sorted(self._files(), reverse=True)
        if sum(size for _, size, _ in files) <= self.limit:
            return
        kept = 0
        for _, size, path in files:
            kept += size
            if kept > _KEPT * self.limit:
                _remove(path)

    def clear(self) -> None:
        """Remove all tiles."""
        for _, _, path in self._files():
            _remove(path)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self.folder.glob(f"??/*{_SUFFIX}"):
            try:
                facts = path.stat()
            except OSError:
                continue  # removed by another process meanwhile
            yield facts.st_mtime, facts.st_size, path

    def _path(self, key: TileKey) -> Path:
        digest = hashlib.sha256(_name(key)).hexdigest()
        return self.folder / digest[:2] / f"{digest[2:]}{_SUFFIX}"


def _name(key: TileKey) -> bytes:
    return "/".join(map(str, key)).encode()


def _pack(name: bytes, tile: NDArray[Any]) -> bytes:
    content = name + np.ascontiguousarray(tile).tobytes()
    return _HEADER.pack(_MAGIC, zlib.crc32(content), len(name)) + content


def _unpack(data: bytes, name: bytes) -> memoryview | None:
    """Return the pixels of a file, None where it is not the tile of that name."""
    if len(data) < _HEADER.size:
        return None
    magic, checksum, length = _HEADER.unpack_from(data)
    content = memoryview(data)[_HEADER.size :]
    if magic != _MAGIC or content[:length] != name or zlib.crc32(content) != checksum:
        return None
    return content[length:]


def _write(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all, for this user alone."""
    # `parents=True` would make the folders above with the user's usual rights.
    path.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.mkdir(exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix="new-", suffix=_SUFFIX)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        Path(name).replace(path)
    except OSError:
        _remove(Path(name))
        raise


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        logger.info("%s cannot be removed: %s", path, error)
