"""The files of one import while a client sends them: nothing of them is seen yet."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import ApiUsage, ResourceFault
from napari_omero_io.sandbox.store.checksums import digest_file

from .objects import KeptFile
from .paths import place_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from napari_omero_io.sandbox.core import Core


@dataclass(frozen=True, slots=True)
class Draft:
    """One file that is being sent.

    Attributes
    ----------
    place
        Below the folder of the import: folders and name.
    """

    client_path: str
    place: str
    path: Path


class Upload:
    """The drafts of one import, in a folder that ends with it.

    Parameters
    ----------
    folder
        Where they will be in the managed repository, ending with a slash.
    algorithm
        By which their digests are compared.
    """

    def __init__(
        self, core: Core, client_paths: Sequence[str], folder: str, algorithm: str
    ) -> None:
        self.folder = folder
        self.algorithm = algorithm
        self._lock = threading.Lock()
        self._root = core.files.open_drafts()
        self.drafts = tuple(
            Draft(client_path, place, self._root / place)
            for client_path, place in zip(
                client_paths, place_files(client_paths), strict=True
            )
        )
        for draft in self.drafts:
            draft.path.parent.mkdir(parents=True, exist_ok=True)
            draft.path.touch(mode=0o600)

    def draft(self, index: int) -> Draft:
        """Return a draft by its place among the entries of the fileset.

        Raises
        ------
        ApiUsage
            There is none.
        """
        if not 0 <= index < len(self.drafts):
            raise ApiUsage(f"There is no file {index}: {len(self.drafts)} are imported")
        return self.drafts[index]

    def digest(self) -> list[str]:
        """Return the digests of the drafts, in hexadecimal."""
        return [digest_file(draft.path, self.algorithm) for draft in self.drafts]

    def describe(self, digests: Sequence[str]) -> list[KeptFile]:
        """Say what the drafts are to become."""
        return [
            KeptFile(
                draft=draft.path,
                name=draft.path.name,
                folder=self.folder + draft.place.removesuffix(draft.path.name),
                client_path=draft.client_path,
                digest=digest,
                algorithm=self.algorithm,
            )
            for draft, digest in zip(self.drafts, digests, strict=True)
        ]

    def write(self, index: int, position: int, content: bytes) -> None:
        """Write bytes of a draft.

        Raises
        ------
        ResourceFault
            The disk is full, or the import is over.
        """
        path = self.draft(index).path
        try:
            with self._lock, path.open("r+b") as stream:
                stream.seek(position)
                stream.write(content)
        except OSError as error:
            reason = error.strerror or error
            raise ResourceFault(f"{path.name} cannot be written: {reason}.") from error

    def remove(self) -> None:
        """Remove what is left of the drafts; harmless when repeated."""
        with self._lock:
            shutil.rmtree(self._root, ignore_errors=True)
