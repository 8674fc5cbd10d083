"""Says in the canvas that pixels are still to come, or will not come.

What stands in their place looks like data: a coarser resolution, or the plane that was
shown before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

    from .refresher import Refresher

#: Milliseconds between two looks.
_BEAT = 500
#: Looks in a row that find pixels missing before that is said: on a good line nobody
#: needs to read it.
_PATIENCE = 2

OPENING = "Opening… the first pixels are still to come"
INCOMPLETE = "Incomplete: the server does not give some of these pixels"


class LoadingWatch(QObject):
    """Looks from time to time at what a refresher still waits for.

    Parameters
    ----------
    say
        Told what to show to the user, '' for nothing.
    is_opening
        Tells whether layers wait for their first pixels before they are added.
    """

    def __init__(
        self,
        refresher: Refresher,
        say: Callable[[str], None],
        is_opening: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._refresher = refresher
        self._say = say
        self._is_opening = is_opening
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Say how it stands."""
        pending = self._refresher.pending
        is_opening = self._is_opening()
        self._looks = self._looks + 1 if pending or is_opening else 0
        if self._looks >= _PATIENCE:
            self._say(OPENING if is_opening else describe_pending(pending))
        elif self._refresher.is_lacking and not self._looks:
            self._say(INCOMPLETE)
        elif not self._looks:
            self._say("")

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()


def describe_pending(tiles: int) -> str:
    """Say how many tiles are still to come."""
    return f"Loading… {tiles:,} {'tile' if tiles == 1 else 'tiles'} to come"
