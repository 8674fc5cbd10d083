"""What an import leaves to be read later: the log that clients offer beside images."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .objects import KeptFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_omero_io.sandbox.store.file_store import FileStore

    from .imported import ImportedFile

#: How clients know the log of an import among files.
LOG_FILE = "application/omero-log-file"


@contextmanager
def keep_journal(
    store: FileStore, described: ImportedFile, files: Sequence[KeptFile], folder: str
) -> Iterator[KeptFile]:
    """Write the log of an import beside the folder of its files.

    Parameters
    ----------
    folder
        Of the import in the managed repository, ending with a slash.
    """
    content = describe(described, files, datetime.now(UTC)).encode()
    above, name = folder.removesuffix("/").rpartition("/")[::2]
    with store.note(content) as draft:
        yield KeptFile(
            draft=draft,
            name=f"{name}.log",
            folder=f"{above}/",
            client_path="",
            digest=hashlib.sha1(content, usedforsecurity=False).hexdigest(),
            mimetype=LOG_FILE,
        )


def describe(described: ImportedFile, files: Sequence[KeptFile], when: datetime) -> str:
    """Tell in lines which files were read and what was found in them."""
    stamp = when.isoformat(sep=" ", timespec="milliseconds")
    found = [
        *(
            f"file {file.folder}{file.name}, {file.algorithm} {file.digest}, "
            f"from {file.client_path}"
            for file in files
        ),
        *(
            f"image {image.name}: {image.dtype}, {' x '.join(map(str, image.shape))} "
            "(T, C, Z, Y, X)"
            for image in described.images
        ),
        *(f"plate {plate.name or 'without a name'}" for plate in described.plates),
    ]
    return "".join(f"{stamp} INFO {' '.join(one.splitlines())}\n" for one in found)
