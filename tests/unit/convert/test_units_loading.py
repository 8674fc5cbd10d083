"""Units are read once, whichever threads make layers first."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import threading
import pint
from napari_omero_io.convert.units import load_units

sys.setswitchinterval(1e-6)
failures = []
start = threading.Barrier(6)

def make_layer():
    start.wait()
    try:
        load_units()
        pint.get_application_registry().micrometer
    except Exception as error:
        failures.append(repr(error))

threads = [threading.Thread(target=make_layer) for _ in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert not failures, failures
"""


def test_threads_that_begin_at_once_find_all_units():
    """Pint reads its definitions at the first question, and not safely."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
