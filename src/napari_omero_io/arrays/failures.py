"""Cells that could not be fetched: when each may be asked for again.

A server that says how long to wait is believed.  Otherwise the pauses grow while
nothing succeeds, and shrink back as soon as something does.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from napari_omero_io.errors import ServerRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari_omero_io.arrays.memory import TileKey

#: Seconds before a cell is asked for again, at first and at most.
_SHORTEST, _LONGEST = 10.0, 120.0
#: Failures remembered; older ones are simply tried again.
_KEPT = 4096


class Failures:
    """What failed, and a clock that says when to try again.

    Not thread-safe by itself: its owner holds a lock around all but `stop`.

    Parameters
    ----------
    on_due
        Called in a thread of its own when something may be asked for again.
    """

    def __init__(self, on_due: Callable[[], None]) -> None:
        self._on_due = on_due
        self._until: OrderedDict[TileKey, float] = OrderedDict()
        self._declined: set[TileKey] = set()
        self._pause = _SHORTEST
        self._early_until = 0.0
        self._clock: threading.Timer | None = None

    def note(self, key: TileKey, error: Exception) -> None:
        """Remember a failure; what the server declined is not tried by the clock."""
        pause = getattr(error, "retry_after", None) or self._pause
        self._until[key] = time.monotonic() + pause
        while len(self._until) > _KEPT:
            self._declined.discard(self._until.popitem(last=False)[0])
        if isinstance(error, ServerRefused):
            self._declined.add(key)
            return
        self._declined.discard(key)
        if self._clock is None:
            self._pause = min(_LONGEST, 2 * self._pause)
            self._wind(pause)

    def wind(self) -> None:
        """Set the clock for what is still to be tried again, after it has rung."""
        now = time.monotonic()
        due = [
            until
            for key, until in self._until.items()
            if until > now and key not in self._declined
        ]
        if due and self._clock is None:
            self._wind(min(due) - now)

    def _wind(self, pause: float) -> None:
        # a moment later, so that the cell's own pause is over by then
        self._clock = threading.Timer(pause + 0.05, self._ring)
        self._clock.daemon = True
        self._clock.start()

    def note_success(self) -> None:
        """Take short pauses again."""
        self._pause = _SHORTEST

    def holds(self, key: TileKey) -> bool:
        """Whether a cell failed so recently that it is not asked for."""
        until = self._until.get(key)
        if until is None:
            return False
        if time.monotonic() < until:
            return True
        del self._until[key]
        self._declined.discard(key)
        return False

    def is_declined(self, key: TileKey) -> bool:
        """Whether a cell that failed is not tried by the clock."""
        return key in self._declined

    def hold_early(self) -> None:
        """Fetch nothing ahead of the user for a while, since that has failed."""
        self._early_until = time.monotonic() + self._pause

    @property
    def holds_early(self) -> bool:
        """Whether fetching ahead of the user failed a short while ago."""
        return time.monotonic() < self._early_until

    def clear(self) -> None:
        """Let everything be asked for again."""
        self._until.clear()
        self._declined.clear()
        self._early_until = 0.0
        self.note_success()

    def stop(self) -> None:
        """Ring no more."""
        if self._clock is not None:
            self._clock.cancel()

    def _ring(self) -> None:
        self._clock = None
        self._on_due()
