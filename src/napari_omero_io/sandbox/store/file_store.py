"""The contents of original files, each named by the id of its row."""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import ResourceFault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path


log = logging.getLogger(__name__)


class FileStore:
    """The files in one folder.  All methods may be called by any thread.

    Parameters
    ----------
    is_owner
        No other process uses the folder: what a killed one left may be removed.
    """

    def __init__(self, folder: Path, *, is_owner: bool = True) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_owner:
            for draft in folder.glob("incoming-*"):
                draft.unlink()
            for drafts in folder.glob("uploads-*"):
                shutil.rmtree(drafts)

    def path(self, file_id: int) -> Path:
        """Return where a file's content is, or would be."""
        return self.folder / str(file_id)

    def exists(self, file_id: int) -> bool:
        """Tell whether a file has content."""
        return self.path(file_id).exists()

    def size(self, file_id: int) -> int:
        """Return the length of a file in bytes; 0 when it has no content."""
        try:
            return self.path(file_id).stat().st_size
        except FileNotFoundError:
            return 0

    def read(self, file_id: int, position: int, length: int) -> bytes:
        """Return bytes from a position on; fewer where the file ends."""
        try:
            with self.path(file_id).open("rb") as stream:
                stream.seek(position)
                return stream.read(length)
        except FileNotFoundError:
            return b""

    def write(self, file_id: int, position: int, content: bytes) -> None:
        """Write bytes at a position; a gap before it is filled with zeros.

        Raises
        ------
        ResourceFault
            The disk is full or fails.
        """
        path = self.path(file_id)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _BINARY, 0o600)
            with open(descriptor, "r+b") as stream:
                stream.seek(position)
                stream.write(content)
        except OSError as error:
            raise ResourceFault(f"File {file_id} cannot be written: {error}") from error

    def put(self, file_id: int, content: bytes) -> None:
        """Give a file a content, at once: a reader sees the old or the new one.

        Raises
        ------
        ResourceFault
            The disk is full or fails.
        """
        try:
            with self.note(content) as draft:
                self.adopt(draft, file_id)
        except OSError as error:
            raise ResourceFault(f"File {file_id} cannot be written: {error}") from error

    def truncate(self, file_id: int, length: int) -> bool:
        """Shorten a file; tell whether that was necessary."""
        if self.size(file_id) <= length:
            return False
        with self.path(file_id).open("r+b") as stream:
            stream.truncate(length)
        return True

    def keep_only(self, file_ids: Collection[int]) -> None:
        """Remove the contents of all others, which a killed server left."""
        for path in self.folder.iterdir():
            if path.name.isdecimal() and int(path.name) not in file_ids:
                log.warning("removing a file that is nobody's: %s", path)
                path.unlink()

    @contextmanager
    def incoming(self, source: Path) -> Iterator[Path]:
        """Copy a file into the store whose id is not known yet.

        The copy is removed at the end, unless it was moved with `adopt`.
        """
        with self._draft() as draft:
            shutil.copyfile(source, draft)
            yield draft

    @contextmanager
    def note(self, content: bytes) -> Iterator[Path]:
        """Write bytes into the store whose id is not known yet; see `incoming`."""
        with self._draft() as draft:
            draft.write_bytes(content)
            yield draft

    @contextmanager
    def _draft(self) -> Iterator[Path]:
        """Make an empty file that nobody else may read, and remove what is left."""
        draft = self.folder / f"incoming-{uuid.uuid4()}"
        draft.touch(mode=0o600)
        try:
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def open_drafts(self) -> Path:
        """Make a folder for files with names; who asks for it removes it.

        What a killed server leaves is removed at the next start.
        """
        folder = self.folder / f"uploads-{uuid.uuid4()}"
        folder.mkdir(mode=0o700)
        return folder

    def adopt(self, draft: Path, file_id: int) -> None:
        """Move a copy to its place."""
        draft.replace(self.path(file_id))

    def copy(self, file_id: int, to_id: int) -> None:
        """Give a file the content of another, if that has any."""
        if self.exists(file_id):
            with self.incoming(self.path(file_id)) as draft:
                self.adopt(draft, to_id)

    def delete(self, file_ids: Iterable[int]) -> None:
        """Remove files; those that are not there are passed over."""
        for file_id in file_ids:
            self.path(file_id).unlink(missing_ok=True)


#: Windows would translate line ends.
_BINARY = getattr(os, "O_BINARY", 0)
