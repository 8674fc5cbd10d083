"""Which session serves a link: one that is open, the user's own sandbox, a new one."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from napari_omero_io.entry import connect
from napari_omero_io.errors import LoginRefused
from napari_omero_io.refs import OmeroRef
from napari_omero_io.session import Session, find_session
from napari_omero_io.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.session import Arrangement

#: In links: the server that this program brings along, wherever it listens today.
SANDBOX = "sandbox"

#: Sessions that were begun for links, and that nobody shows yet.
_begun: list[Session] = []
_beginning = threading.Lock()


def read_references(text: str) -> list[OmeroRef]:
    """Read a link or another text; where it names no server, the last one is meant.

    Raises
    ------
    BadReference
        The text is no reference.
    """
    last = find_session()
    return OmeroRef.parse_all(text, last.server if last is not None else None)


def count_images(ref: OmeroRef, limit: int) -> int:
    """Return how many images a reference names or contains, `limit` at most.

    Raises
    ------
    LoginRefused
        There is no session for it, and the password is not in the keyring.
    OmeroIOError
        It cannot be read.
    """
    session = find_session_for(ref)
    return len(session.find_images(replace(ref, server=session.server), limit))


def choose_arrangement(ref: OmeroRef) -> Arrangement:
    """Return how a reference opens where there is nobody to ask.

    Plates, runs and wells are one image, as in a window.
    """
    if ref.view is not None and ref.view.arrangement is not None:
        return ref.view.arrangement
    if ref.kind in ("plate", "run", "well") and count_images(ref, 2) > 1:
        return "mosaic"
    return "apart"


def read_layers(
    refs: Sequence[OmeroRef],
    rendered: bool | None = None,
    arrangement: Arrangement = "apart",
) -> Iterator[Sequence[LayerData]]:
    """Read what references name as layer data: images, then what is drawn on them.

    May log in, and takes a while before each part.

    Parameters
    ----------
    rendered
        Whether to show what the server renders; None for the user's choice.
    arrangement
        As `Session.open_layers` takes it; all references are of one server then.

    Raises
    ------
    LoginRefused
        There is no session for it, and the password is not in the keyring.
    OmeroIOError
        It cannot be read.
    """
    session, settings = find_session_for(refs[0]), load_settings()
    if rendered is None:
        rendered = settings.rendered
    here = [replace(ref, server=session.server) for ref in refs]
    yield from session.iterate_layers(
        here, arrangement, rendered=rendered, keep_axes=settings.keep_axes
    )


def find_session_for(ref: OmeroRef) -> Session:
    """Give the session that serves a reference, beginning one if need be.

    Raises
    ------
    LoginRefused
        There is none, and not enough is known to begin one.
    """
    if ref.server == SANDBOX:
        return _find_sandbox_session()
    found = find_session(ref.server)
    if found is not None:
        return found
    if ref.server is None:
        raise LoginRefused(f"Log in to a server first: {ref} does not name one.")
    return _begin(ref.server, ref.user)


def _find_sandbox_session() -> Session:
    from napari_omero_io.trial import start_trial

    trial = start_trial()
    found = find_session(trial.address)
    return found or _begin(trial.address, trial.user, trial.password)


def _begin(server: str, user: str | None, password: str | None = None) -> Session:
    with _beginning:
        found = find_session(server)  # two links may have been opened at once
        if found is not None:
            return found
        session = connect(server, user, password)
        _begun.append(session)
        return session


def take_begun() -> list[Session]:
    """Hand over the sessions that links began; who takes them shows and ends them."""
    taken, _begun[:] = list(_begun), []
    return [session for session in taken if session.is_open]
