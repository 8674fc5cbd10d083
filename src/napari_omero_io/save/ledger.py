"""What one run has made on the server so far, so that it can be taken back.

A run that ends early must leave nothing behind, or say exactly what.  Nothing that
this run did not make is ever touched.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from napari_omero_io.errors import OmeroIOError, SessionLost, UploadIncomplete

from .receipt import SavedObject, link_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from .destination import Destination


class Ledger:
    """The objects that were made, in the order in which they were made."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._made: list[SavedObject] = []
        self._doubtful: list[str] = []

    @property
    def made(self) -> tuple[SavedObject, ...]:
        """Everything made so far."""
        return tuple(self._made)

    @contextmanager
    def making(self, kind: str, name: str) -> Iterator[Callable[[Sequence[int]], None]]:
        """Note what is being made, and its ids once they are known.

        If the answer is lost on its way, the object may be there without anybody
        knowing its id.
        """
        try:
            yield lambda ids: self._add(kind, name, ids)
        except SessionLost:
            self._doubtful.append(f"{kind} '{name}'")
            raise

    def take_back(self, reason: BaseException) -> None:
        """Delete everything that was made, last made first.

        Raises
        ------
        UploadIncomplete
            If something could not be deleted, or may have been made unseen; says what.
        """
        left: list[SavedObject] = []
        for kind in ("roi", "image", "dataset"):
            objects = [made for made in self._made if made.kind == kind]
            if objects and not self._delete(kind, objects):
                left += objects
        self._made = left
        if left or self._doubtful:
            # The client may have left something behind as well, and says so itself.
            before = reason.left if isinstance(reason, UploadIncomplete) else ()
            raise UploadIncomplete(
                f"{_end_sentence(str(reason))} {_list_left(left, self._doubtful)}",
                (*before, *(made.link for made in left)),
            ) from reason

    def _add(self, kind: str, name: str, ids: Sequence[int]) -> None:
        server = self._destination.server
        self._made += [
            SavedObject(kind, made_id, name, link_to(server, kind, made_id))
            for made_id in ids
        ]

    def _delete(self, kind: str, objects: Sequence[SavedObject]) -> bool:
        """Delete objects; False if they are still there."""
        ids = [made.id for made in objects]
        try:
            if kind == "dataset" and any(map(self._destination.has_children, ids)):
                # Somebody else has put an image into it in the meantime.
                return False
            self._destination.delete(kind, ids)
        except OmeroIOError:
            return False
        return True


def _end_sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _list_left(left: Sequence[SavedObject], doubtful: Sequence[str]) -> str:
    things = [
        f"{made.kind} '{made.name}' ({made.link})"
        for made in left
        if made.kind != "roi"
    ]
    regions = [made for made in left if made.kind == "roi"]
    names = dict.fromkeys(made.name for made in regions)
    for name in names:
        ids = [str(made.id) for made in regions if made.name == name]
        things.append(f"{len(ids)} regions of '{name}' ({', '.join(ids)})")
    parts = []
    if things:
        parts.append(f"Left on the server, incomplete: {'; '.join(things)}.")
    if doubtful:
        parts.append(
            f"The server may also have made {' and '.join(doubtful)} without saying so."
        )
    parts.append("Delete what is left there, then save again.")
    return " ".join(parts)
