"""Waiting for what a handle answers."""

from __future__ import annotations

import time
from typing import Any


def answer_of(handle: Any) -> Any:
    """Return the response of a request once there is one, for five minutes at most."""
    for _ in range(15_000):
        response = handle.getResponse()
        if response is not None:
            return response
        time.sleep(0.02)
    raise AssertionError(f"no answer: {handle.getStatus()}")
