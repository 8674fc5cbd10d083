"""An image that was looked at is there the next day, without a call for pixels."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import Any

import numpy as np

from napari_omero_io.client.upload import create_image
from napari_omero_io.records import NewChannel, NewImage
from napari_omero_io.session import Session

from .conftest import Laboratory

#: Another run of the program: looks at a plane, and counts the calls that it takes.
NEXT_DAY = """
import hashlib, sys
import numpy as np, omero.api
from napari_omero_io import connect
url, key, image = sys.argv[1:]
calls = []
for name in ("getTile", "getPlane", "begin_getTile", "begin_getPlane"):
    def ask(*arguments, plain=getattr(omero.api.RawPixelsStorePrx, name), **named):
        calls.append(name)
        return plain(*arguments, **named)
    setattr(omero.api.RawPixelsStorePrx, name, ask)
with connect(url, session=key) as session:
    level = session.open(int(image)).channel_levels(0)[0]
    for z in (1, 2):
        plane = np.asarray(level[z])
        print(len(calls), hashlib.sha1(plane.tobytes()).hexdigest())
"""


def test_an_image_is_not_fetched_again(laboratory: Laboratory) -> None:
    planes = np.random.default_rng(0).integers(0, 60000, (3, 700, 900), np.uint16)
    new = NewImage("seen", "uint16", (1, 1, 3, 700, 900), (NewChannel(),))
    with Session(laboratory.log_in("ann")) as session:
        image = create_image(
            session.connection, new, [(0, 0, z, planes[z]) for z in range(3)]
        )
        seen = np.asarray(session.open(image).channel_levels(0)[0][1])
        np.testing.assert_array_equal(seen, planes[1])
        key: Any = session.connection.key
        words = (laboratory.sandbox.url, key, image)
        # the tile is written after it was shown, at the latest when all ends
        session._fetcher.close()
        told = subprocess.run(
            [sys.executable, "-c", NEXT_DAY, *map(str, words)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
    digests = [hashlib.sha1(planes[z].tobytes()).hexdigest() for z in (1, 2)]
    assert told == ["0", digests[0], "1", digests[1]]
