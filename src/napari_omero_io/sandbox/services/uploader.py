"""RawFileStore over one file of an import that is being sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.sandbox.errors import ApiUsage

if TYPE_CHECKING:
    from pathlib import Path

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.importing.upload import Upload

#: Bytes of one read, as from every file of a repository.
_READ = 64_000_000


class Uploader:
    """Serves `omero.api.RawFileStore` for a file that has no id yet."""

    def __init__(self, upload: Upload, index: int) -> None:
        self._upload = upload
        self._index = index

    @property
    def _path(self) -> Path:
        return self._upload.draft(self._index).path

    def setFileId(self, _call: Call, file_id: int) -> None:
        """Refuse: this store keeps its file."""
        raise ApiUsage(f"Cannot reset id to {file_id}")

    def getFileId(self, _call: Call) -> None:
        """Return none: the file gets its id when the import succeeds."""

    def exists(self, _call: Call) -> bool:
        """Tell whether the import still waits for the file."""
        return self._path.exists()

    def size(self, _call: Call) -> int:
        """Return the bytes that have arrived."""
        return self._path.stat().st_size if self._path.exists() else 0

    def read(self, _call: Call, position: int, length: int) -> bytes:
        """Return bytes, with zeros after the end of the file."""
        if length > _READ:
            raise ApiUsage(f"Too big: {length}")
        if position < 0 or length < 0:
            raise ApiUsage(f"Cannot read {length} bytes from {position} on.")
        with self._path.open("rb") as stream:
            stream.seek(position)
            return stream.read(length).ljust(length, b"\0")

    def write(self, _call: Call, buf: bytes, position: int, length: int) -> None:
        """Write the first bytes of a buffer at a position."""
        if position < 0 or not 0 <= length <= len(buf):
            raise ApiUsage(
                f"Cannot write {length} of {len(buf)} bytes from {position} on."
            )
        self._upload.write(self._index, position, buf[:length])

    def truncate(self, _call: Call, length: int) -> bool:
        """Shorten the file; tell whether that was necessary."""
        if length < 0:
            raise ApiUsage(f"A file cannot have {length} bytes.")
        if self._path.stat().st_size <= length:
            return False
        with self._path.open("r+b") as stream:
            stream.truncate(length)
        return True

    def save(self, _call: Call) -> Any:
        """Return none: there is no row yet."""

    def close(self, _call: Call) -> None:
        """Keep what has arrived, for another uploader of the same file."""
