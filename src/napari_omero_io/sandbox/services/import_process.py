"""omero.grid.ImportProcess: one import, from the first byte to its images."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
import omero.grid

from napari_omero_io.sandbox import hql
from napari_omero_io.sandbox.errors import ApiUsage, Internal, SandboxError
from napari_omero_io.sandbox.importing.imported import (
    MissingDecoder,
    UnknownForm,
    UnreadableFile,
)
from napari_omero_io.sandbox.importing.reading import read_file
from napari_omero_io.sandbox.importing.storing import store_file
from napari_omero_io.sandbox.requests.failure import error_response
from napari_omero_io.sandbox.requests.running import Cancelled, RunningHandle

from .uploader import Uploader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.importing.objects import KeptFile, Wish
    from napari_omero_io.sandbox.importing.storing import Stored
    from napari_omero_io.sandbox.importing.upload import Upload

log = logging.getLogger(__name__)

#: Metadata, extremes of the pixels, thumbnails, processing, objects.
STEPS = 5
#: What is told of a failure, by its kind; the first that fits.
_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (UnknownForm, "import-unknown-format"),
    (MissingDecoder, "import-missing-library"),
    (UnreadableFile, "import-file-exception"),
    (OSError, "import-file-exception"),
    (Cancelled, "cancel-called"),
)
_PIXELS = (
    "select p from Pixels p join fetch p.image join fetch p.pixelsType "
    "where p.id in (:ids) order by p.id"
)
_PLATES = "select p from Plate p where p.id in (:ids) order by p.id"


class ImportProcess:
    """Takes the files of an import, compares their digests, imports them.

    Nothing is in the database before all of it is: an import that fails or is left
    alone leaves nothing behind.
    """

    def __init__(self, upload: Upload, settings: Any, wish: Wish, request: Any) -> None:
        self._upload = upload
        self._settings = settings
        self._wish = wish
        self._request = request
        self._lock = threading.Lock()
        self._handle: Any = None
        self._is_over = False

    @property
    def is_over(self) -> bool:
        """Whether it takes no more files."""
        return self._is_over or self._handle is not None

    def getUploader(self, call: Call, index: int) -> Any:
        """Return a store for one of the files."""
        self._upload.draft(index)
        if call.publish is None:
            raise Internal("Files are imported by a session.")
        return call.publish(omero.api.RawFileStore, Uploader(self._upload, index))

    def getUploadOffset(self, _call: Call, index: int) -> int:
        """Return how many bytes of a file have arrived, to go on from there."""
        path = self._upload.draft(index).path
        return path.stat().st_size if path.exists() else 0

    def getImportSettings(self, _call: Call) -> Any:
        """Return what the client wanted."""
        return self._settings

    def getHandle(self, _call: Call) -> Any:
        """Return the handle of the import, None before the upload was verified."""
        return self._handle

    def verifyUpload(self, call: Call, hashes: Sequence[str]) -> Any:
        """Compare digests; begin to import and return the handle if all are equal.

        Raises
        ------
        ApiUsage
            Not one digest for each file, or the import has begun.
        omero.ChecksumValidationException
            Digests differ; those of the server are told.  Files can be sent again.
        """
        expected = len(self._upload.drafts)
        if hashes is None or len(hashes) != expected:
            given = "no" if hashes is None else str(len(hashes))
            raise ApiUsage(f"{given} checksums given for {expected} files")
        if call.publish is None:
            raise Internal("Files are imported by a session.")
        with self._lock:
            if self._is_over:
                raise ApiUsage("The import is closed.")
            if self._handle is not None:
                raise ApiUsage("The upload was verified before.")
            found = self._upload.digest()
            _compare(found, hashes)
            handle = RunningHandle(self._request, STEPS)
            self._handle = call.publish(omero.cmd.Handle, handle)
        files = self._upload.describe(found)
        handle.start(lambda running: self._import(call, files, running))
        return self._handle

    def close(self, _call: Call) -> None:
        """End the import; one that has begun goes on by its handle."""
        with self._lock:
            self._is_over = True
            if self._handle is None:
                self._upload.remove()

    def _import(
        self, call: Call, files: Sequence[KeptFile], handle: RunningHandle
    ) -> Any:
        """Read and store; return the response, whatever happens."""
        try:
            described = read_file(files[0].draft)
            try:
                handle.step()
                stored = store_file(call, described, files, self._wish, handle.step)
                handle.step()
            finally:
                described.close()
            return _respond(call, stored)
        except (SandboxError, OSError, Cancelled) as failure:
            return _tell(self._request, failure)
        except Exception as failure:
            log.exception("an import failed")
            return _tell(self._request, failure)
        finally:
            self._upload.remove()


def _compare(found: Sequence[str], hashes: Sequence[str]) -> None:
    pairs = enumerate(zip(found, hashes, strict=True))
    wrong = {index: ours for index, (ours, theirs) in pairs if ours != theirs.lower()}
    if wrong:
        raise omero.ChecksumValidationException(
            serverStackTrace="",
            serverExceptionClass="omero.ChecksumValidationException",
            message=f"checksum mismatch: {len(wrong)} of {len(found)} files arrived "
            "with another content than was sent",
            failingChecksums=wrong,
        )


def _respond(call: Call, stored: Stored) -> Any:
    """Answer pixels, and the plates before the images."""
    ids = [one.pixels_id for one in stored.images]
    with call.core.database.read() as connection:
        pixels = hql.find(connection, call, _PIXELS, {"ids": ids})
        plates = []
        if stored.plate_ids:
            plates = hql.find(connection, call, _PLATES, {"ids": stored.plate_ids})
    by_id = {one.id.val: one for one in pixels}
    ordered = [by_id[pixels_id] for pixels_id in ids]
    return omero.grid.ImportResponse(
        ordered, [*plates, *(one.image for one in ordered)]
    )


def _tell(request: Any, failure: Exception) -> Any:
    code = next(
        (code for kind, code in _FAILURES if isinstance(failure, kind)),
        "import-request-failure",
    )
    message = str(failure) or type(failure).__name__
    return error_response(request, code, message, {"exception": type(failure).__name__})
