"""The command line's way to original files: ``napari-omero-io download LINK…``."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from .entry import connect
from .errors import BadReference, LoginRefused, OmeroIOError
from .refs import OmeroRef
from .session import Session, find_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .client.download import DownloadReceipt

#: Characters of the line that tells how far it is.
_WIDTH = 78


def main(argv: Sequence[str] | None = None) -> int:
    """Download what the links name; 0 when all of it is there."""
    options = _read_words(argv)
    sessions: list[Session] = []
    try:
        refs = [ref for link in options.links for ref in OmeroRef.parse_all(link)]
        by_server: dict[str, list[OmeroRef]] = {}
        for ref in refs:
            server = ref.server or options.server
            if server is None:
                raise BadReference(f"{ref} names no server: give one with --server.")
            by_server.setdefault(server, []).append(ref)
        for server, there in by_server.items():
            session = _log_in(server, options.user or there[0].user)
            sessions.append(session)
            receipt = session.download(there, options.to, progress=_tell_progress)
            _tell(receipt)
    except OmeroIOError as error:
        print(f"\ndownload: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\ndownload: stopped. What has arrived is kept; the same command goes on.",
            file=sys.stderr,
        )
        return 130
    finally:
        for session in sessions:
            session.close()
    return 0


def _read_words(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="napari-omero-io download",
        description="Fetch the files that images were imported from, and compare their "
        "checksums. Broken off, the same command goes on where it ended.",
    )
    parser.add_argument(
        "links",
        nargs="+",
        metavar="LINK",
        help="an image, or what contains images: a link of OMERO.web, "
        "omero://host/dataset/5, or dataset:5",
    )
    parser.add_argument(
        "--to", required=True, metavar="DIR", help="the folder, made if need be"
    )
    parser.add_argument("--server", help="for links that name none")
    parser.add_argument("--user", help="whose account; the last one used there if not")
    return parser.parse_args(argv)


def _log_in(server: str, user: str | None) -> Session:
    """Log in with what is known, else with what the user types."""
    found = find_session(server)
    if found is not None:
        return found
    try:
        return connect(server, user)
    except LoginRefused:
        if not sys.stdin.isatty():
            raise
    user = user or input(f"User name at {server}: ")
    return connect(server, user, getpass.getpass(f"Password of {user} at {server}: "))


def _tell_progress(done: int, total: int, name: str) -> None:
    if sys.stderr.isatty():
        text = f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB  {name}"
        print(f"\r{text[:_WIDTH]:{_WIDTH}}", end="", file=sys.stderr, flush=True)


def _tell(receipt: DownloadReceipt) -> None:
    if sys.stderr.isatty():
        print(file=sys.stderr)
    for file in receipt.files:
        was_here = "was here" if not file.fetched else f"{file.size / 1e6:,.1f} MB"
        doubt = "" if file.is_verified else "  (no checksum to compare)"
        print(f"{file.path}  {was_here}{doubt}")
    for name in receipt.without:
        print(f"{name}: has no original files", file=sys.stderr)
