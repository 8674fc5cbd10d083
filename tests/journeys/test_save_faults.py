"""A server that fails while a user saves: one clear error, nothing kept by halves."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from napari_omero_io import Sandbox
from napari_omero_io.client import lifeline
from napari_omero_io.client.browse import list_roots
from napari_omero_io.client.connect import connect
from napari_omero_io.client.connection import Connection
from napari_omero_io.errors import (
    OmeroIOError,
    ServerRefused,
    SessionLost,
    UploadIncomplete,
)
from napari_omero_io.save.plan import SavePlan, SaveTarget, plan_save
from napari_omero_io.save.upload import carry_out

PLANES = 12


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Give a server of its own to each test, which breaks it."""
    with Sandbox() as running:
        yield running


def log_in(sandbox: Sandbox) -> Connection:
    address = f"{sandbox.host}:{sandbox.port}"
    return connect(address, sandbox.user, sandbox.password)


def make_plan(connection: Connection) -> SavePlan:
    data = np.random.default_rng(1).integers(0, 2**16, (PLANES, 1000, 1000), "uint16")
    labels = np.eye(1000, dtype="uint8")
    layers = [
        (data, {"name": "stack"}, "image"),
        (labels, {"name": "diagonal"}, "labels"),
    ]
    return plan_save(layers, SaveTarget(connection.server, dataset_name="results"))


def test_a_server_that_dies_in_the_middle(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifeline, "PATIENCE", 0.2)  # it will not come back
    plane = 1000 * 1000 * 2

    def kill(done: int, _total: int, _text: str) -> None:
        if done == 3 * plane:
            assert sandbox.pid is not None
            os.kill(sandbox.pid, signal.SIGKILL)

    with log_in(sandbox) as connection:
        plan = make_plan(connection)
        before = plan.images[0].read_plane(0, 0, 5).copy()
        with pytest.raises(UploadIncomplete) as caught:
            carry_out(plan, connection, progress=kill)
        message = str(caught.value)
        assert "connection to the server was lost" in message
        assert "image 'stack'" in message
        assert "dataset 'results'" in message
        assert len(caught.value.left) == 2
        np.testing.assert_array_equal(plan.images[0].read_plane(0, 0, 5), before)
        with pytest.raises(SessionLost):
            carry_out(plan, connection)


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process")
@pytest.mark.parametrize("largest_file", [1, 2_000_000])
def test_a_full_disk(sandbox: Sandbox, largest_file: int) -> None:
    """Pixels fit no more, or they do and the database does not."""
    import resource

    def fill_disk(done: int, _total: int, _text: str) -> None:
        # No file of the server can grow any more, as if its disk were full.
        if done > 0:
            limit_files(largest_file)

    def limit_files(soft: int) -> None:
        assert sandbox.pid is not None
        limits = (soft, resource.RLIM_INFINITY)
        resource.prlimit(sandbox.pid, resource.RLIMIT_FSIZE, limits)

    with log_in(sandbox) as connection:
        plan = make_plan(connection)
        with pytest.raises(OmeroIOError) as caught:
            carry_out(plan, connection, progress=fill_disk)
        assert isinstance(caught.value, ServerRefused | UploadIncomplete)
        assert "disk" in str(caught.value)
        limit_files(resource.RLIM_INFINITY)
        check_what_is_left(connection, caught.value)
        # There is room again: the same layers can be saved now.
        receipt = carry_out(make_plan(connection), connection)
        assert [made.kind for made in receipt.objects] == ["dataset", "image", "roi"]


def check_what_is_left(connection: Connection, error: OmeroIOError) -> None:
    left: Any = getattr(error, "left", ())
    found = [row.id for row in list_roots(connection) if row.kind == "dataset"]
    named = [link for link in left if "/dataset/" in link]
    assert len(found) == len(named)
