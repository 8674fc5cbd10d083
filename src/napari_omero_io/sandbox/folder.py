"""The data folder: private to its owner, and used by one server at a time."""

from __future__ import annotations

import contextlib
import sys
from typing import IO, TYPE_CHECKING

from .errors import ResourceFault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FolderInUse(ResourceFault):
    """Another process has claimed the folder."""


@contextlib.contextmanager
def claim(folder: Path) -> Iterator[None]:
    """Make a data folder if need be, and keep others out of it.

    The claim ends with the process, however that ends.

    Raises
    ------
    FolderInUse
        Another server uses the folder.
    ResourceFault
        It cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stream = (folder / "server.lock").open("a+")
    except OSError as error:
        raise ResourceFault(f"Cannot use {folder}: {error}") from error
    with stream:
        try:
            _lock(stream)
        except OSError as error:
            raise FolderInUse(
                f"Another sandbox is using {folder}; stop it, or choose another "
                "folder with --data."
            ) from error
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(stream: IO[str]) -> None:
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(stream: IO[str]) -> None:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
