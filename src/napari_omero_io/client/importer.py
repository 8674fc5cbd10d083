"""Importing image files as OMERO's own clients do, without Java.

The server reads the files itself, and keeps them: the image can be downloaded as it
was, and may be larger than what is written plane by plane.
"""

from __future__ import annotations

import hashlib
import logging
import platform
import threading
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import (
    SaveCancelled,
    SaveError,
    ServerRefused,
    SessionLost,
)

from .ice import Ice, omero
from .link import PATIENCE
from .translate import translated
from .upload import find_group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from .connection import Connection

logger = logging.getLogger(__name__)

#: Bytes of one message.
_BLOCK = 4 << 20
#: How often a file is sent that arrives damaged.
_TRIES = 2
_ALGORITHMS = {"SHA1-160": "sha1", "MD5-128": "md5"}


def import_files(
    connection: Connection,
    paths: Sequence[Path],
    *,
    dataset_id: int | None = None,
    name: str = "",
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[int]:
    """Import files that belong together, and wait for their images.

    Parameters
    ----------
    paths
        The first one is what the server reads; the others lie beside it.
    dataset_id
        Where the images go; None for no dataset.
    name
        Replaces the name that the files give.
    progress
        Told the bytes that have arrived, and of how many.
    cancelled
        Asked between messages, and while the server reads.

    Returns
    -------
    list
        The images' ids, in the files' order.

    Raises
    ------
    NotPermitted
        The user may put nothing into the dataset; nothing was sent.
    SaveCancelled
        `cancelled` said so.
    SaveError
        A file arrived damaged, every time.
    ServerRefused
        The server does not read such files, or takes no imports.
    """
    what = f"import {paths[0].name}"
    context = connection.context(find_group(connection, dataset_id))
    with translated(what):
        repository = connection.find_repository()
        if repository is None:
            raise ServerRefused(f"Could not {what}: the server takes no imports.")
        algorithm = _agree(repository)
        process = repository.importFileset(
            _describe(paths), _wish(algorithm, dataset_id, name), context
        )
        sending = _Sending(process, paths, algorithm, progress, cancelled)
        try:
            handle = sending.send_and_verify()
            try:
                response = _wait(handle, what, cancelled)
            finally:
                _close(handle)
        finally:
            _close(process)
    if isinstance(response, omero.cmd.ERR):
        said = response.parameters.get("message", "") or response.name
        raise ServerRefused(f"Could not {what}: {said.rstrip('.')}.")
    return [
        int(one.id.val)
        for one in response.objects
        if isinstance(one, omero.model.Image)
    ]


class _Sending:
    """The files of one import on their way."""

    def __init__(
        self,
        process: Any,
        paths: Sequence[Path],
        algorithm: str,
        progress: Callable[[int, int], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._process = process
        self._paths = paths
        self._algorithm = algorithm
        self._progress = progress
        self._cancelled = cancelled
        self._total = sum(path.stat().st_size for path in paths)
        self._done = 0

    def send_and_verify(self) -> Any:
        """Send all files, damaged ones again; return the handle of the import."""
        digests = {index: self._send(index) for index in range(len(self._paths))}
        for _ in range(_TRIES):
            try:
                return self._process.verifyUpload(
                    [digests[index] for index in range(len(self._paths))]
                )
            except omero.ChecksumValidationException as error:
                damaged = sorted(error.failingChecksums)
            for index in damaged:
                self._done -= self._paths[index].stat().st_size
                digests[index] = self._send(index)
        names = ", ".join(self._paths[index].name for index in damaged)
        raise SaveError(f"{names} arrived damaged at the server. Try again.")

    def _send(self, index: int) -> str:
        """Send one file; return its digest."""
        digest = hashlib.new(_ALGORITHMS[self._algorithm], usedforsecurity=False)
        store = self._process.getUploader(index)
        try:
            with self._paths[index].open("rb") as stream:
                at = 0
                while block := stream.read(_BLOCK):
                    self._check()
                    store.write(block, at, len(block))
                    digest.update(block)
                    at += len(block)
                    self._done += len(block)
                    if self._progress is not None:
                        self._progress(self._done, self._total)
        finally:
            _close(store)
        return digest.hexdigest()

    def _check(self) -> None:
        if self._cancelled is not None and self._cancelled():
            raise SaveCancelled("The import was cancelled.")


def _agree(repository: Any) -> str:
    """Choose a checksum algorithm that both sides have."""
    offered = [_algorithm(name) for name in _ALGORITHMS]
    agreed = repository.suggestChecksumAlgorithm(offered)
    if agreed is None:
        raise ServerRefused("The server has none of our checksum algorithms.")
    return str(agreed.value.val)


def _describe(paths: Sequence[Path]) -> Any:
    fileset = omero.model.FilesetI()
    for path in paths:
        entry = omero.model.FilesetEntryI()
        entry.clientPath = omero.rtypes.rstring(path.absolute().as_posix())
        fileset.addFilesetEntry(entry)
    job = omero.model.UploadJobI()
    job.versionInfo = [
        omero.model.NamedValue("omero.version", version("omero-py")),
        omero.model.NamedValue("os.name", platform.system()),
    ]
    fileset.linkJob(job)
    return fileset


def _wish(algorithm: str, dataset_id: int | None, name: str) -> Any:
    settings = omero.grid.ImportSettings()
    settings.doThumbnails = omero.rtypes.rbool(True)
    settings.noStatsInfo = omero.rtypes.rbool(False)
    settings.checksumAlgorithm = _algorithm(algorithm)
    if dataset_id is not None:
        settings.userSpecifiedTarget = omero.model.DatasetI(dataset_id, False)
    if name:
        settings.userSpecifiedName = omero.rtypes.rstring(name)
    return settings


def _algorithm(name: str) -> Any:
    built = omero.model.ChecksumAlgorithmI()
    built.value = omero.rtypes.rstring(name)
    return built


def _wait(handle: Any, what: str, cancelled: Callable[[], bool] | None) -> Any:
    """Ask for the answer, less and less often."""
    pause, until = 0.02, time.monotonic() + PATIENCE
    sleep = threading.Event().wait
    while (response := handle.getResponse()) is None:
        if cancelled is not None and cancelled():
            _cancel(handle)
            raise SaveCancelled("The import was cancelled.")
        if time.monotonic() > until:
            raise SessionLost(f"Could not {what}: the server does not finish.")
        sleep(pause)
        pause = min(1.0, pause * 1.5)
    return response


def _cancel(handle: Any) -> None:
    try:
        handle.cancel()
    except omero.LockTimeout:
        logger.info("An import was too far on to be cancelled")


def _close(proxy: Any) -> None:
    """Give back what the server holds; an error before it matters more."""
    try:
        proxy.close()
    except Ice.Exception as error:
        logger.info("Something was left open: %s", type(error).__name__)
