"""A server that is mistreated, and must be as good as new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from napari_omero_io import Sandbox

from .chores import make_client


@pytest.fixture(scope="package")
def mistreated_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mistreated") / "data"


@pytest.fixture(scope="package")
def mistreated(mistreated_data: Path) -> Iterator[Sandbox]:
    with Sandbox(mistreated_data, ws_port=0) as sandbox:
        yield sandbox


@pytest.fixture
def client(mistreated: Sandbox) -> Iterator[Any]:
    client = make_client(mistreated)
    client.createSession(mistreated.user, mistreated.password)
    yield client
    client.closeSession()


@pytest.fixture
def still_serves(mistreated: Sandbox) -> Iterator[None]:
    """See that the server serves the next client after a test."""
    pid = mistreated.pid
    yield
    client = make_client(mistreated)
    client.createSession(mistreated.user, mistreated.password)
    assert client.sf.getQueryService().get("Experimenter", 0).omeName.val == "root"
    client.closeSession()
    assert mistreated.pid == pid
