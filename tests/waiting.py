"""Waiting for what comes in its own time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

#: Seconds after which something will not come any more, on the slowest machine.
PATIENCE = 60.0
_PAUSE = 0.005


def wait_until(
    is_so: Callable[[], Any],
    seconds: float = PATIENCE,
    meanwhile: Callable[[], Any] = lambda: None,
) -> None:
    """Wait until something is so; do something else again and again meanwhile."""
    end = time.monotonic() + seconds
    while not is_so():
        meanwhile()
        assert time.monotonic() < end, "it did not come"
        time.sleep(_PAUSE)


def work(is_so: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Let the window work until something is so."""
    from qtpy.QtWidgets import QApplication

    wait_until(is_so, seconds, QApplication.processEvents)
