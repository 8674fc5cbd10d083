"""A sandbox for clients that nobody here wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from omero.gateway import BlitzGateway

from napari_omero_io import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def conn(sandbox: Sandbox) -> Iterator[BlitzGateway]:
    connection = BlitzGateway(
        sandbox.user,
        sandbox.password,
        host=sandbox.host,
        port=sandbox.port,
        secure=True,
    )
    assert connection.connect()
    yield connection
    connection.close()
