"""Sessions that are shared with the ``omero`` command line, through its files.

A folder per server and user in ``~/omero/sessions`` holds a file per session, named by
its key, with lines ``omero.host=…``.  Files whose names begin with ``._LAST`` say which
one ``omero`` uses when it is told nothing.  Keys are secrets: all of it is for the
user's eyes only.  There are no passwords in it.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import platformdirs

from napari_omero_io.errors import BadReference
from napari_omero_io.refs import ServerAddress

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

#: A file name that stays in its folder.
_PLAIN = re.compile(r"[^/\\\0.][^/\\\0]*")


@dataclass(frozen=True, slots=True)
class CliSession:
    """A session in the files of the command line; it may have ended meanwhile.

    Attributes
    ----------
    group
        '' for the user's default group.
    is_current
        Whether ``omero`` uses it when it is told nothing.
    """

    address: ServerAddress
    user: str
    key: str = field(repr=False)
    group: str = ""
    is_current: bool = False


def find_folder() -> Path:
    """Say where the command line keeps its sessions, as it decides that itself."""
    sessions = os.environ.get("OMERO_SESSIONDIR")
    if sessions:
        return Path(sessions)
    base = os.environ.get("OMERO_SESSION_DIR")
    if base:
        return Path(base, "omero", "sessions")
    home = os.environ.get("OMERO_USERDIR")
    if home is None:
        return Path.home() / "omero" / "sessions"
    if home == "":
        return Path(platformdirs.user_data_dir("omero", "ome")) / "sessions"
    return Path(home, "sessions")


def find_sessions() -> list[CliSession]:
    """Read all sessions, the current one first, then the newest; asks no server."""
    folder = find_folder()
    try:
        found = list(_read_all(folder))
    except OSError as error:
        logger.info("The sessions in %s cannot be read: %s", folder, error)
        return []
    found.sort(key=lambda known: (known[0].is_current, known[1]), reverse=True)
    return [session for session, _ in found]


def keep_session(session: CliSession) -> None:
    """Write a session for the command line; a folder that cannot be is logged."""
    if not _PLAIN.fullmatch(session.user) or not _PLAIN.fullmatch(session.key):
        logger.info("%s has no file name, so it is not shared", session.user)
        return
    host = _name_host(session.address)
    folder = find_folder() / quote(host, safe="") / session.user
    lines = {
        "omero.host": host,
        "omero.user": session.user,
        "omero.sess": session.key,
        "omero.port": str(session.address.port),
    }
    if session.group:
        lines["omero.group"] = session.group
    text = "".join(f"{key}={value}\n" for key, value in lines.items())
    try:
        for each in (folder.parent.parent, folder.parent, folder):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(folder / session.key, text)
        _make_current_if_none_is(session, folder)
    except OSError as error:
        logger.info("The session cannot be shared in %s: %s", folder, error)


def remove_session(session: CliSession) -> None:
    """Remove the file of a session that has ended."""
    if not _PLAIN.fullmatch(session.user) or not _PLAIN.fullmatch(session.key):
        return
    host = quote(_name_host(session.address), safe="")
    folder = find_folder() / host / session.user
    marker = folder / "._LASTSESS_"
    try:
        (folder / session.key).unlink(missing_ok=True)
        if _read_line(marker) == session.key:
            marker.unlink(missing_ok=True)
    except OSError as error:
        logger.info("The shared session cannot be removed: %s", error)


def _read_all(folder: Path) -> Iterator[tuple[CliSession, float]]:
    current = _read_line(folder / "._LASTHOST_")
    for file in sorted(folder.glob("*/*/*")):
        if file.name.startswith(".") or not file.is_file():
            continue
        known = _read_properties(file)
        host = known.get("omero.host", "")
        user = file.parent.name
        is_current = (
            host == current
            and _read_line(file.parent.parent / "._LASTUSER_") == user
            and _read_line(file.parent / "._LASTSESS_") == file.name
        )
        port = known.get("omero.port", "")
        try:
            address = ServerAddress.parse(host, int(port) if port else None)
        except (BadReference, ValueError):
            logger.info("%s names no server that can be reached", file.parent)
            continue
        group = known.get("omero.group", "")
        session = CliSession(address, user, file.name, group, is_current)
        yield session, file.stat().st_mtime


def _name_host(address: ServerAddress) -> str:
    """Give the host as the command line wants it; the port stands apart."""
    if address.transport == "ssl":
        return address.host
    return f"{address.transport}://{address.host}{address.path}"


def _make_current_if_none_is(session: CliSession, folder: Path) -> None:
    top = folder.parent.parent
    if _read_line(top / "._LASTHOST_"):
        return
    _write(folder / "._LASTSESS_", session.key)
    _write(folder.parent / "._LASTUSER_", session.user)
    _write(top / "._LASTPORT_", str(session.address.port))
    _write(top / "._LASTHOST_", _name_host(session.address))


def _read_properties(file: Path) -> dict[str, str]:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def _read_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return ""


def _write(file: Path, text: str) -> None:
    """Write a file that only its owner can read, all of it or nothing."""
    # The command line takes every file for a session whose name begins with no dot.
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
