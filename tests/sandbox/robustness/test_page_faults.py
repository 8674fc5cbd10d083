"""What planes cost the server in memory that the system has to clear for it."""

from __future__ import annotations

import ctypes
import mmap
from pathlib import Path

import numpy as np
import pytest

from napari_omero_io import connect
from napari_omero_io.client.stores import close_stores, open_stores
from napari_omero_io.client.upload import create_image
from napari_omero_io.records import NewChannel, NewImage

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists() or not hasattr(ctypes.CDLL(None), "mallopt"),
    reason="only Linux with glibc can be told how to keep memory",
)

#: More than a tile that is kept, so that each answer takes memory of its own.
SIDE = 1024
PLANES = 40


def count_faults(pid):
    """Return how many pages a process was given so far."""
    numbers = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    return int(numbers[7])


def test_a_plane_is_sent_in_memory_that_is_there_already(mistreated):
    plane = np.arange(SIDE * SIDE).astype(np.uint16).reshape(SIDE, SIDE)
    new = NewImage("large plane", "uint16", (1, 1, 1, SIDE, SIDE), (NewChannel(),))
    with connect(mistreated.url, "root", "omero") as session:
        image_id = create_image(session.connection, new, [(0, 0, 0, plane)])
        record = session.open(image_id).record
        stores = open_stores(session.connection, record.pixels_id, record.group_id, 1)
        for _ in range(PLANES):  # until the memory is there
            sent = stores[0].getPlane(0, 0, 0)
        before = count_faults(mistreated.pid)
        for _ in range(PLANES):
            stores[0].getPlane(0, 0, 0)
        faults = (count_faults(mistreated.pid) - before) / PLANES
        close_stores(stores)
    assert np.array_equal(np.frombuffer(sent, ">u2").reshape(SIDE, SIDE), plane)
    assert faults < plane.nbytes / mmap.PAGESIZE
