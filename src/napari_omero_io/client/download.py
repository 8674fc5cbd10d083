"""Fetching original files: block by block, checked, and never over another file.

A file on its way lies beside its place under a name that tells which file of the
server it is.  What has arrived stays there, whatever happens, and the next try goes on
from its end.
"""

from __future__ import annotations

import errno
import shutil
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from napari_omero_io.errors import DownloadCancelled, DownloadError, NotPermitted

from .digests import make_digest
from .ice import Ice
from .originals import place_files
from .translate import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path, PurePosixPath

    from .connection import Connection
    from .digests import Digest
    from .originals import OriginalFile, Originals

#: Bytes of one answer; a server gives at most 64,000,000 of a file in its repository.
BLOCK = 4 << 20
#: Blocks that are asked for before the first has come.
_AHEAD = 3
#: How often a file is fetched that arrives damaged.
_TRIES = 2


@dataclass(frozen=True, slots=True)
class DownloadedFile:
    """One file that is here now.

    Attributes
    ----------
    fetched
        Bytes that came from the server now; the others had been here before.
    is_verified
        Whether its checksum is the server's; else only its size is.
    """

    path: Path
    size: int
    fetched: int
    is_verified: bool


@dataclass(frozen=True, slots=True)
class DownloadReceipt:
    """What was downloaded, and the names of the images that have no files."""

    files: tuple[DownloadedFile, ...]
    without: tuple[str, ...] = ()


def download(
    connection: Connection,
    originals: Originals,
    folder: Path,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> DownloadReceipt:
    """Fetch files into a folder.

    Parameters
    ----------
    folder
        Made if need be.
    progress
        Told the bytes that are here, of how many, and the name of the file.
    cancelled
        Asked between blocks whether to stop.

    Raises
    ------
    DownloadCancelled
        `cancelled` said so; what has arrived is kept.
    DownloadError
        A file arrived damaged, or the disk does not take it.
    NotPermitted
        The server does not give these files out.
    """
    run = _Run(connection, originals, progress, cancelled)
    with _explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        root = folder.resolve()
        places = place_files(
            originals.files, lambda place, file: _is_free(root / place, file)
        )
        run.check_room(root, places)
        files = tuple(
            run.fetch(file, _within(root, place)) for file, place in places.items()
        )
    return DownloadReceipt(files, originals.without)


class _Run:
    """One download on its way."""

    def __init__(
        self,
        connection: Connection,
        originals: Originals,
        progress: Callable[[int, int, str], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._connection = connection
        self._progress = progress
        self._cancelled = cancelled
        self._total = originals.size
        self._done = 0

    def check_room(self, root: Path, places: dict[OriginalFile, PurePosixPath]) -> None:
        """Refuse to begin what the disk has no room for."""
        needed = 0
        for file, place in places.items():
            here = root / place
            part = _part_of(here, file)
            if not here.exists():
                needed += max(0, (file.size or 0) - _size_of(part))
        free = shutil.disk_usage(root).free
        if needed > free:
            raise DownloadError(
                f"There is no room for these files in {root}: {_megabytes(needed)} are "
                f"to come, {_megabytes(free)} are free. Choose another folder."
            )

    def fetch(self, file: OriginalFile, path: Path) -> DownloadedFile:
        """Fetch one file, or what is missing of it."""
        if path.exists():  # it is the very file: see `_is_free`
            size = path.stat().st_size
            self._advance(size, file)
            return DownloadedFile(path, size, 0, is_verified=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _part_of(path, file)
        for _ in range(_TRIES):
            fetched, is_good = self._fill(file, part)
            if is_good is not False:
                part.replace(path)
                size = path.stat().st_size
                return DownloadedFile(path, size, fetched, is_good is True)
            self._done -= _size_of(part)
            part.unlink()
        raise DownloadError(
            f"“{file.name}” arrived damaged: its checksum is not the server's. Try "
            "again; if it happens again, tell the server's administrator."
        )

    def _fill(self, file: OriginalFile, part: Path) -> tuple[int, bool | None]:
        """Bring a file to its full size.

        Returns
        -------
        fetched
            Bytes that came from the server.
        is_good
            Whether the checksum is right; None where it cannot be computed.
        """
        digest = make_digest(file.hasher) if file.digest else None
        fetched = 0
        with _Reader(self._connection, file) as reader:
            size = file.size if file.size is not None else reader.size()
            if _size_of(part) > size:
                part.unlink()
            with part.open("ab+") as stream:
                at = self._take_up(stream, digest, file)
                for block in reader.read(at, size):
                    self._check()
                    stream.write(block)
                    if digest is not None:
                        digest.update(block)
                    fetched += len(block)
                    self._advance(len(block), file)
        return fetched, None if digest is None else digest.equals(file.digest)

    def _take_up(self, stream: Any, digest: Digest | None, file: OriginalFile) -> int:
        """Read what is there already; return its length."""
        stream.seek(0)
        at = 0
        while block := stream.read(BLOCK):
            self._check()
            if digest is not None:
                digest.update(block)
            at += len(block)
            self._advance(len(block), file)
        return at

    def _check(self) -> None:
        if self._cancelled is not None and self._cancelled():
            raise DownloadCancelled(
                "The download was stopped. What has arrived is kept: download again "
                "into the same folder to go on."
            )

    def _advance(self, count: int, file: OriginalFile) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done, max(self._total, self._done), file.name)


class _Reader:
    """Reads one file of the server; some blocks are under way at once."""

    def __init__(self, connection: Connection, file: OriginalFile) -> None:
        self._connection = connection
        self._file = file
        self._generation = connection.generation
        self._store: Any = None
        #: Answers that are to come, in the order of their blocks.
        self._asked: deque[Any] = deque()
        self._what = f"download “{file.name}”"

    def __enter__(self) -> Self:
        with translated(self._what):
            self._connection.outlive(self._open, lambda: None)
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._store.close()
        except Ice.Exception:
            # Nothing was written: the server frees it with the session.
            return

    def size(self) -> int:
        """Ask for the number of bytes."""
        with translated(self._what):
            return int(self._connection.outlive(lambda: self._store.size(), self._open))

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes from `start` to `stop`, in blocks.

        The store never says that a file ends: it fills up with zeros.
        """
        places = deque((at, min(BLOCK, stop - at)) for at in range(start, stop, BLOCK))
        while places:
            length = places[0][1]
            try:
                with translated(self._what):
                    data = self._read_next(places)
            except NotPermitted as error:
                raise NotPermitted(
                    f"The server does not give out “{self._file.name}”: whether "
                    "original files may be downloaded is its administrator's choice, "
                    "and those of plates usually may not."
                ) from error
            if len(data) != length:
                raise DownloadError(
                    f"The server sent {len(data)} of {length} bytes of "
                    f"“{self._file.name}”. Try again."
                )
            yield data

    def _read_next(self, places: deque[tuple[int, int]]) -> bytes:
        """Read the first of these blocks, with the next ones on their way behind it."""

        def take() -> bytes:
            if self._generation != self._connection.generation:
                self._open()
            for place in islice(places, len(self._asked), _AHEAD):
                self._asked.append(self._store.begin_read(*place))
            data: bytes = self._store.end_read(self._asked.popleft())
            return data

        data: bytes = self._connection.outlive(take, self._open)
        places.popleft()
        return data

    def _open(self) -> None:
        """Take a store, the first one or one of a new session."""
        self._asked.clear()
        self._generation = self._connection.generation
        self._store = self._connection.open_file_store()
        context = self._connection.context(self._file.group_id)
        self._store.setFileId(self._file.id, context)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Raise errors of the disk as ours."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DownloadError(
                f"The disk of {folder} is full. What has arrived is kept: make room "
                "and download again into the same folder to go on."
            ) from error
        raise DownloadError(
            f"Could not write into {folder}: {error.strerror or error}. Choose "
            "another folder."
        ) from error


def _is_free(path: Path, file: OriginalFile) -> bool:
    """Whether nothing lies at a place, or the very file that goes there."""
    if not path.exists() and not path.is_symlink():
        # a file where a folder is needed
        return not any(above.is_file() for above in path.parents)
    if not path.is_file() or path.is_symlink() or path.stat().st_size != file.size:
        return False
    digest = make_digest(file.hasher) if file.digest else None
    if digest is None:
        return False
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.equals(file.digest)


def _within(root: Path, place: PurePosixPath) -> Path:
    """Give a place below a folder, and refuse one that a link leads out of it."""
    path = root / place
    if not path.parent.resolve().is_relative_to(root):
        raise DownloadError(
            f"{path.parent} leads out of {root}. Choose an empty folder."
        )
    return path


def _part_of(path: Path, file: OriginalFile) -> Path:
    """Give the name of a file on its way: it tells which one it is."""
    return path.with_name(f"{path.name}.omero-{file.id}-{file.digest[:8]}.part")


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
