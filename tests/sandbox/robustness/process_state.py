"""What a running server holds of the machine, as Linux tells it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a process holds.

    Attributes
    ----------
    memory
        Resident, in bytes.
    """

    memory: int
    threads: int
    descriptors: int
    sockets: int


def read_holdings(pid: int) -> Holdings:
    """Return what a process holds now."""
    process = Path("/proc", str(pid))
    pages = int((process / "statm").read_text().split()[1])
    held = []
    for one in (process / "fd").iterdir():
        try:
            held.append(os.readlink(one))
        except FileNotFoundError:  # closed in between
            continue
    return Holdings(
        memory=pages * os.sysconf("SC_PAGE_SIZE"),
        threads=len(list((process / "task").iterdir())),
        descriptors=len(held),
        sockets=sum(name.startswith("socket:") for name in held),
    )


def wait_until(is_so: Callable[[], bool], seconds: float = 120) -> bool:
    """Wait until something is so; return whether it ever was."""
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
