"""IShare: there are no shares in the sandbox, and nobody can make one.

Clients list shares before anything else, so the questions are answered: none.
Making and changing shares is refused by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState


class ShareService:
    """Answers what clients ask about shares."""

    def __init__(self, _core: Core, _session: SessionState) -> None:
        pass

    def activate(self, call: Call, share_id: int) -> None:
        """Do nothing: there is no share to enter."""

    def deactivate(self, call: Call) -> None:
        """Do nothing: nobody is in a share."""

    def getShare(self, call: Call, share_id: int) -> None:
        """Return null."""

    def getOwnShares(self, call: Call, active: bool) -> list[Any]:
        """Return the shares that the caller made: none."""
        return []

    def getMemberShares(self, call: Call, active: bool) -> list[Any]:
        """Return the shares that the caller takes part in: none."""
        return []

    def getSharesOwnedBy(self, call: Call, user: Any, active: bool) -> list[Any]:
        """Return the shares that somebody made: none."""
        return []

    def getMemberSharesFor(self, call: Call, user: Any, active: bool) -> list[Any]:
        """Return the shares that somebody takes part in: none."""
        return []

    def getMemberCount(self, call: Call, ids: Sequence[int]) -> dict[int, int]:
        """Return how many take part in shares, of those that there are."""
        return {}

    def getCommentCount(self, call: Call, ids: Sequence[int]) -> dict[int, int]:
        """Return how many comments shares have, of those that there are."""
        return {}

    def getContents(self, call: Call, share_id: int) -> list[Any]:
        """Return what is in a share: nothing."""
        return []

    def getContentSubList(
        self, call: Call, share_id: int, start: int, finish: int
    ) -> list[Any]:
        """Return a part of what is in a share: nothing."""
        return []

    def getContentSize(self, call: Call, share_id: int) -> int:
        """Return how much is in a share: nothing."""
        return 0

    def getContentMap(self, call: Call, share_id: int) -> dict[str, list[int]]:
        """Return the ids of what is in a share: none."""
        return {}

    def getComments(self, call: Call, share_id: int) -> list[Any]:
        """Return the comments on a share: none."""
        return []

    def getAllMembers(self, call: Call, share_id: int) -> list[Any]:
        """Return who takes part in a share: nobody."""
        return []

    def getAllGuests(self, call: Call, share_id: int) -> list[str]:
        """Return the addresses of the guests of a share: none."""
        return []

    def getAllUsers(self, call: Call, share_id: int) -> list[str]:
        """Return members and guests of a share: none."""
        return []
