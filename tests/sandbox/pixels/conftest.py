"""Calls, and stores that are open."""

from __future__ import annotations

import pytest

from napari_omero_io.sandbox.services.raw_pixels_store import RawPixelsStore


@pytest.fixture
def core(stocked):
    return stocked.core


@pytest.fixture
def call(stocked):
    """Return a call of mia in her read-annotate group."""
    return stocked.call("mia")


@pytest.fixture
def open_store(core, call):
    """Open pixels in a new store."""

    def make(pixels_id, by=call):
        store = RawPixelsStore(core, None)
        store.setPixelsId(by, pixels_id, True)
        return store

    return make
