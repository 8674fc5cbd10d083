"""An hour of mixed calls: the server needs no more memory at its end.

`NOIO_SOAK_MINUTES=60 scripts/test -m soak -s tests/sandbox/robustness` prints what the
server held every half minute, and by how much that grew.
"""

from __future__ import annotations

import os
import sys
import threading
import time

import numpy as np
import pytest

from napari_omero_io import Sandbox

from .chores import work
from .process_state import read_holdings

MINUTES = float(os.environ.get("NOIO_SOAK_MINUTES", "0"))
CLIENTS = 3
#: The caches of pixels and queries fill up first.
WARM_UP = 0.25
#: Megabytes an hour that count as flat; a leak of one small object a call is more.
FLAT = 30

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not MINUTES, reason="NOIO_SOAK_MINUTES says for how long"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


def test_memory_is_flat(tmp_path):
    with Sandbox(tmp_path / "data", seed="demo") as sandbox:
        samples, done = soak(sandbox)
    times = np.array([time for time, _ in samples])
    memory = np.array([held.memory for _, held in samples]) / 1e6
    settled = times > times[-1] * WARM_UP
    slope, _ = np.polyfit(times[settled], memory[settled], 1)
    slope *= 3600
    print(f"\n{sum(done.values())} chores in {times[-1] / 60:.1f} minutes: {done}")
    print(f"memory: {memory[settled][0]:.0f} MB after the warm-up,", end=" ")
    print(f"{memory[-1]:.0f} MB at the end, {slope:+.1f} MB an hour")
    last = samples[-1][1]
    assert last.threads <= 120, last
    assert last.sockets <= 20, last
    if MINUTES >= 20:
        assert slope < FLAT


def soak(sandbox):
    """Let clients work; return samples of what the server held, and counts."""
    begin = time.monotonic()
    until = begin + MINUTES * 60
    counts = [{} for _ in range(CLIENTS)]
    failures = []

    def labour(done):
        try:
            work(sandbox, until, done)
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=labour, args=(one,)) for one in counts]
    for thread in threads:
        thread.start()
    samples = []
    while any(map(threading.Thread.is_alive, threads)) and not failures:
        time.sleep(min(30, MINUTES * 60 / 20))
        held = read_holdings(sandbox.pid)
        samples.append((time.monotonic() - begin, held))
        print(f"{samples[-1][0]:6.0f} s {held}", flush=True)
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    done = {}
    for one in counts:
        for name, number in one.items():
            done[name] = done.get(name, 0) + number
    return samples, done
