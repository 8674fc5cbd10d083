"""omero.grid.ManagedRepository: imported files by their paths, and new imports."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeAlias

import omero
import omero.all
import omero.cmd
import omero.grid
import omero.model
from omero.rtypes import rlong, rmap, rstring, unwrap

from napari_omero_io.sandbox import requests
from napari_omero_io.sandbox.errors import ApiUsage, Internal, Invalid, ResourceFault
from napari_omero_io.sandbox.importing.paths import find_offence, split_path
from napari_omero_io.sandbox.importing.places import choose_folder
from napari_omero_io.sandbox.importing.upload import Upload
from napari_omero_io.sandbox.importing.wishes import read_wish
from napari_omero_io.sandbox.rules.caller import ALL_GROUPS
from napari_omero_io.sandbox.store import managed
from napari_omero_io.sandbox.store.checksums import ALGORITHMS, digest_file
from napari_omero_io.sandbox.store.repositories import MANAGED
from napari_omero_io.sandbox.store.saving import save

from .import_process import ImportProcess
from .raw_file_store import RawFileStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.importing.objects import Wish

# `list` is an operation, and would be taken for the type within the class.
Rows: TypeAlias = "list[Any]"
Ids: TypeAlias = "list[int]"
Names: TypeAlias = "list[str]"


class ManagedRepository:
    """What is imported; rows of files that the caller may not see are not there."""

    def __init__(self, description: Any) -> None:
        self._description = description
        self._lock = threading.Lock()
        self._imports: list[tuple[ImportProcess, Any]] = []

    def root(self, _call: Call) -> Any:
        """Return the row that stands for the repository."""
        return self._description

    def fileExists(self, call: Call, path: str) -> bool:
        """Tell whether there is a file or folder at a path."""
        if not split_path(path):
            return True
        with call.core.database.read() as connection:
            return managed.find_at(connection, call, path) is not None

    def list(self, call: Call, path: str) -> Names:
        """Return the paths of what lies in a folder."""
        return [
            f"{row.path.val.lstrip('/')}{row.name.val}"
            for row in self.listFiles(call, path)
        ]

    def listFiles(self, call: Call, path: str) -> Rows:
        """Return the rows of what lies in a folder."""
        folder = _as_folder(path)
        with call.core.database.read() as connection:
            found = managed.find_in(connection, call, folder)
            if not found and folder != "/":
                self._find(call, path)
            return found

    def treeList(self, call: Call, path: str) -> Any:
        """Return what lies at a path and below, by names."""
        row = self._find(call, path)
        return rmap({path: self._describe(call, path.rstrip("/"), row)})

    def file(self, call: Call, path: str, mode: str) -> Any:
        """Return a store for a file; a mode with ``w`` makes it if need be."""
        with call.core.database.read() as connection:
            row = managed.find_at(connection, call, path)
        if row is None and "w" not in (mode or ""):
            raise ResourceFault(f"No such file: {path}")
        if row is None:
            row = self._create(call, path, "application/octet-stream")
        return self._open(call, row)

    def fileById(self, call: Call, file_id: int) -> Any:
        """Return a store for a file."""
        with call.core.database.read() as connection:
            found = managed.find_by_id(connection, call, [file_id])
        if not found:
            raise ResourceFault(f"No such file: {file_id}")
        return self._open(call, found[0])

    def mimetype(self, call: Call, path: str) -> str:
        """Return the type of a file."""
        kind = self._find(call, path).mimetype
        return kind.val if kind is not None else "application/octet-stream"

    def register(self, call: Call, path: str, _mimetype: str) -> Any:
        """Return the row of a file: whatever lies here has one already."""
        return self._find(call, path)

    def makeDir(self, call: Call, path: str, parents: bool) -> None:
        """Make a folder; with `parents` also those around it, or none if it is there.

        Raises
        ------
        omero.FilePathNamingException
            A name breaks the rules.
        ResourceFault
            It is there, or what it is to lie in is not.
        """
        _check_group(call)
        _check_names(path)
        parts = split_path(path)
        if not parts:
            raise ApiUsage("The root of the repository cannot be made.")
        with call.core.database.write() as connection:
            if not parents:
                if managed.is_taken(connection, call, "/".join(parts)):
                    raise ResourceFault(f"Path exists on disk: {path}")
                around = "/".join(parts[:-1])
                if around and not managed.is_taken(connection, call, around):
                    raise ResourceFault(f"Cannot find parent directory: {around}")
            managed.ensure_folders(connection, call, "/".join(parts))

    def deletePaths(
        self, call: Call, paths: Sequence[str], recursively: bool, _force: bool
    ) -> Any:
        """Delete files and folders; return the handle of that."""
        rows = [self._find(call, path) for path in paths]
        ids: Ids = []
        for path, row in zip(paths, rows, strict=True):
            below = self._below(call, path, row)
            if below and not recursively:
                raise ResourceFault(f"Directory not empty: {path}")
            ids += [*below, row.id.val]
        request = omero.cmd.Delete2()
        request.targetObjects = {"OriginalFile": ids}
        handle = requests.begin(call, request)
        return _publish(call, omero.cmd.Handle, handle)

    def importFileset(self, call: Call, fileset: Any, settings: Any) -> Any:
        """Begin an import; return its process, which takes the files.

        Raises
        ------
        ApiUsage
            There are no entries, or no checksum algorithm is named.
        """
        _check_group(call)
        if fileset is None or fileset.sizeOfUsedFiles() < 1:
            raise ApiUsage("No paths provided")
        algorithm = _read_algorithm(settings)
        if fileset.sizeOfJobLinks() > 1:
            raise Invalid("A new fileset has one job link, that of its upload.")
        entries = fileset.copyUsedFiles()
        paths = [unwrap(entry.clientPath) for entry in entries if entry is not None]
        if len(paths) < len(entries) or not all(paths):
            raise ApiUsage("Every entry of a fileset needs its clientPath.")
        folder = choose_folder(call)
        jobs = [link.child for link in fileset.copyJobLinks() if link is not None]
        versions = list(getattr(jobs[0], "versionInfo", None) or ()) if jobs else []
        wish = read_wish(call, settings, versions, folder)
        return self._begin(call, paths, folder, algorithm, settings, wish)

    def importPaths(self, call: Call, paths: Sequence[str]) -> Any:
        """Begin an import of files of which nothing else is known."""
        fileset = omero.model.FilesetI()
        for path in paths or ():
            entry = omero.model.FilesetEntryI()
            entry.clientPath = rstring(path)
            fileset.addFilesetEntry(entry)
        settings = omero.grid.ImportSettings()
        settings.checksumAlgorithm = _algorithm(ALGORITHMS[0])
        return self.importFileset(call, fileset, settings)

    def listImports(self, _call: Call) -> Rows:
        """Return the processes of this session that take files."""
        with self._lock:
            self._imports = [one for one in self._imports if not one[0].is_over]
            return [proxy for _, proxy in self._imports]

    def listChecksumAlgorithms(self, _call: Call) -> Rows:
        """Return the algorithms, the preferred one first."""
        return [_algorithm(name) for name in ALGORITHMS]

    def suggestChecksumAlgorithm(self, _call: Call, supported: Sequence[Any]) -> Any:
        """Return the first algorithm that the client has too, or None."""
        names = {unwrap(one.value) for one in supported or () if one is not None}
        return next((_algorithm(name) for name in ALGORITHMS if name in names), None)

    def setChecksumAlgorithm(self, call: Call, hasher: Any, ids: Sequence[int]) -> Ids:
        """Compute the digests of files anew, by another algorithm.

        Returns
        -------
        The ids of the files that had another one.

        Raises
        ------
        Invalid
            A file is not in the repository.
        omero.ChecksumValidationException
            A file is not what it was.
        """
        algorithm = unwrap(hasher.value) if hasher is not None else None
        if algorithm not in ALGORITHMS:
            raise ApiUsage(f"Unknown checksum algorithm: {algorithm}")
        rows = [
            row
            for row in self._rows(call, ids)
            if row.hasher is None or row.hasher.value.val != algorithm
        ]
        wrong = _find_damaged(call, rows)
        if wrong:
            raise omero.ChecksumValidationException(
                serverStackTrace="",
                serverExceptionClass="omero.ChecksumValidationException",
                message=f"{len(wrong)} files do not match their checksums",
                failingChecksums=wrong,
            )
        for row in rows:
            row.hash = rstring(digest_file(call.core.files.path(row.id.val), algorithm))
            row.hasher = _algorithm(algorithm)
        with call.core.database.write() as connection:
            save(connection, call, rows, may_set_repository=True)
        return [row.id.val for row in rows]

    def verifyChecksums(self, call: Call, ids: Sequence[int]) -> Ids:
        """Return the ids of files whose content does not match their digest."""
        rows = self._rows(call, ids)
        return [rows[place].id.val for place in _find_damaged(call, rows)]

    def _begin(
        self,
        call: Call,
        paths: Sequence[str],
        folder: str,
        algorithm: str,
        settings: Any,
        wish: Wish,
    ) -> Any:
        location = omero.grid.ImportLocation(
            sharedPath=folder, omittedLevels=0, usedFiles=[], directory=None
        )
        request = omero.grid.ImportRequest(
            repoUuid=MANAGED, settings=settings, location=location
        )
        upload = Upload(call.core, paths, folder, algorithm)
        location.usedFiles = [folder + one.place for one in upload.drafts]
        process = ImportProcess(upload, settings, wish, request)
        try:
            proxy = _publish(call, omero.grid.ImportProcess, process)
        except BaseException:
            upload.remove()
            raise
        request.process = proxy
        with self._lock:
            self._imports.append((process, proxy))
        return proxy

    def _find(self, call: Call, path: str) -> Any:
        with call.core.database.read() as connection:
            row = managed.find_at(connection, call, path)
        if row is None:
            raise ResourceFault(f"No such file or directory: {path}")
        return row

    def _below(self, call: Call, path: str, row: Any) -> Ids:
        """Return the ids of all that lies below a folder, the deepest first."""
        if unwrap(row.mimetype) != managed.DIRECTORY:
            return []
        ids: Ids = []
        for inner in self.listFiles(call, path):
            ids += self._below(call, f"{path.rstrip('/')}/{inner.name.val}", inner)
            ids.append(inner.id.val)
        return ids

    def _describe(self, call: Call, path: str, row: Any) -> Any:
        told = {"id": row.id, "mimetype": row.mimetype or rstring("")}
        if unwrap(row.mimetype) == managed.DIRECTORY:
            told["files"] = rmap(
                {
                    f"{path}/{one.name.val}": self._describe(
                        call, f"{path}/{one.name.val}", one
                    )
                    for one in self.listFiles(call, path)
                }
            )
        else:
            told["size"] = row.size or rlong(0)
        return rmap(told)

    def _rows(self, call: Call, ids: Sequence[int]) -> Rows:
        with call.core.database.read() as connection:
            found = managed.find_by_id(connection, call, ids or ())
        by_id = {row.id.val: row for row in found}
        missing = [one for one in ids or () if one not in by_id]
        if missing:
            raise Invalid(f"Not files of this repository: {missing}")
        return [by_id[one] for one in ids or ()]

    def _create(self, call: Call, path: str, mimetype: str) -> Any:
        _check_group(call)
        _check_names(path)
        folder, name = managed.split(path)
        row = omero.model.OriginalFileI()
        row.path, row.name = rstring(folder), rstring(name)
        row.mimetype, row.repo = rstring(mimetype), rstring(MANAGED)
        with call.core.database.write() as connection:
            if folder != "/" and not managed.is_taken(connection, call, folder[:-1]):
                raise ResourceFault(f"Cannot find parent directory: {folder}")
            (saved,) = save(connection, call, [row], may_set_repository=True)
        return saved

    def _open(self, call: Call, row: Any) -> Any:
        store = RawFileStore(call.core, call.session)
        store.setFileId(call, row.id.val)
        return _publish(call, omero.api.RawFileStore, store)


def _as_folder(path: str) -> str:
    return "/".join([*split_path(path), ""]) or "/"


def _publish(call: Call, interface: type, service: object) -> Any:
    if call.publish is None:
        raise Internal("The repository is used by a session.")
    return call.publish(interface, service)


def _check_group(call: Call) -> None:
    if call.caller.group_id == ALL_GROUPS:
        raise ApiUsage("Files are put into one group: set omero.group to its id.")


def _check_names(path: str) -> None:
    offence = find_offence(path)
    if offence.is_real:
        raise omero.FilePathNamingException(
            serverStackTrace="",
            serverExceptionClass="omero.FilePathNamingException",
            message=f"Path contains illegal components: {path}",
            illegalFilePath=path,
            illegalCodePoints=list(offence.code_points),
            illegalPrefixes=list(offence.prefixes),
            illegalSuffixes=list(offence.suffixes),
            illegalNames=list(offence.names),
        )


def _find_damaged(call: Call, rows: Sequence[Any]) -> dict[int, str]:
    """Return the digests of files that differ from their rows', by place."""
    wrong = {}
    for place, row in enumerate(rows):
        path = call.core.files.path(row.id.val)
        if row.hasher is None or not path.exists():
            continue
        found = digest_file(path, row.hasher.value.val)
        if found != unwrap(row.hash):
            wrong[place] = found
    return wrong


def _read_algorithm(settings: Any) -> str:
    algorithm = getattr(settings, "checksumAlgorithm", None)
    name = unwrap(algorithm.value) if algorithm is not None else None
    if name is None:
        raise ApiUsage("must specify checksum algorithm")
    if name not in ALGORITHMS:
        raise ApiUsage(f"Unknown checksum algorithm: {name}")
    return str(name)


def _algorithm(name: str) -> Any:
    built = omero.model.ChecksumAlgorithmI()
    built.value = rstring(name)
    return built
