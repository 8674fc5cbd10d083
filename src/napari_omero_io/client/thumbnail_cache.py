"""Thumbnails on this computer's disk, so that a dataset looks at once as it did before.

Files in one private folder, which may be deleted at any time and is never larger than
its bound for long.  A key names all that a picture depends on, so that nothing in the
folder is ever out of date; what is not wanted any more is removed when it is oldest.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

#: Names another folder for what may be deleted, for tests and for shared computers.
FOLDER_VARIABLE = "NAPARI_OMERO_IO_CACHE"

#: Bytes; some fifty thousand thumbnails.
_LIMIT = 200 * 1024 * 1024
#: Files that are written between two looks at the size of the folder.
_WRITES = 500
#: What every JPEG begins and ends with.
_START, _END = b"\xff\xd8", b"\xff\xd9"


class ThumbnailCache:
    """Pictures by their keys; safe to use from several threads and programs.

    Parameters
    ----------
    folder
        None for the usual one.
    limit
        Bytes.
    """

    def __init__(self, folder: Path | None = None, limit: int = _LIMIT) -> None:
        self._folder = folder if folder is not None else find_folder() / "thumbnails"
        self._limit = limit
        self._writes = 0

    def read(self, key: str) -> bytes | None:
        """Give a picture, or None when it is not there or not whole."""
        path = self._path(key)
        try:
            picture = path.read_bytes()
            if not (picture.startswith(_START) and picture.rstrip(b"\0")[-2:] == _END):
                path.unlink()
                return None
            os.utime(path)
        except OSError:
            return None  # not there, or removed by another program meanwhile
        return picture

    def write(self, key: str, picture: bytes) -> None:
        """Keep a picture; a disk that takes no more is told to the log only."""
        if not picture.startswith(_START):
            return
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            with os.fdopen(handle, "wb") as stream:
                stream.write(picture)
            Path(name).replace(path)
        except OSError as error:
            logger.warning("A thumbnail cannot be kept: %s", error)
            return
        if self._writes % _WRITES == 0:
            self.prune()
        self._writes += 1

    def prune(self) -> None:
        """Remove the pictures that were not used for longest, down to the bound."""
        files = sorted(self._files(), reverse=True)
        total = 0
        for _, size, path in files:
            total += size
            if total > self._limit:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[tuple[float, int, Path]]:
        for path in self._folder.glob("*/*"):
            try:
                facts = path.stat()
            except FileNotFoundError:
                continue  # removed by another program meanwhile
            yield facts.st_mtime, facts.st_size, path

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.jpg"


def find_folder() -> Path:
    """Give the folder for what may be deleted, private to the user; made if need be."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    folder = Path(chosen or platformdirs.user_cache_dir("napari-omero-io"))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        logger.warning("There is no place to keep pictures: %s", error)
    return folder
