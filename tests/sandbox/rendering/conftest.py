"""Calls of mia, and rendering engines that are ready."""

from __future__ import annotations

import pytest

from napari_omero_io.sandbox.services.rendering_engine import RenderingEngine


@pytest.fixture
def call(stocked):
    return stocked.call("mia")


@pytest.fixture
def load(stocked, call):
    """Return an engine that has loaded pixels with their default settings."""

    def make(pixels_id, by=call):
        engine = RenderingEngine(stocked.core, None)
        engine.lookupPixels(by, pixels_id)
        if not engine.lookupRenderingDef(by, pixels_id):
            engine.resetDefaultSettings(by, True)
        engine.load(by)
        return engine

    return make
