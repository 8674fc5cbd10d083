"""A plate in the real window: its wells in the dock, and all of them as one image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari import Viewer

from napari_omero_io.client.connection import Connection
from napari_omero_io.plugin.viewer import show_layers, wait_until_loaded
from napari_omero_io.settings import FOLDER_VARIABLE
from napari_omero_io.widgets.controller import controller_for, make_real_doors
from napari_omero_io.widgets.login import Login
from napari_omero_io.widgets.main import OmeroDock, show_dock

from .conftest import PASSWORD, Laboratory
from .plates import PIXEL, length, make_pixels, make_plate, store_image

pytestmark = pytest.mark.window

NAME = "Plate in a window"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep napari and the plugin out of the user's own files."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("NAPARI_CONFIG", str(tmp_path / "napari.yaml"))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "settings"))


@pytest.fixture
def stored(ann: Connection) -> dict[tuple[int, int], np.ndarray]:
    """Make a plate of 2 x 3 wells without B2; what was stored, by well."""
    wells, pixels = {}, {}
    for row, column in np.ndindex(2, 3):
        if (row, column) != (1, 1):
            array = make_pixels(10 * row + column)
            image = store_image(ann, f"well {row} {column}", array)
            wells[row, column] = [(image, None, length(0), length(0))]
            pixels[row, column] = array
    make_plate(ann, NAME, wells)
    return pixels


def test_a_plate_is_looked_at_and_opened_as_one(
    qtbot: Any,
    make_napari_viewer: Callable[..., Viewer],
    laboratory: Laboratory,
    stored: dict[tuple[int, int], np.ndarray],
) -> None:
    viewer = make_napari_viewer(show=True)
    controller = controller_for(viewer, make_real_doors(show_layers))
    dock: OmeroDock = show_dock(viewer)
    sandbox = laboratory.sandbox
    login = Login(sandbox.host, "ann", PASSWORD, str(sandbox.port))
    controller.account.log_in(login, is_remembered=False)
    tree, panel = dock.browser.tree, dock.browser.plate

    def find_plate() -> Any:
        model = tree.model()
        rows = (model.index(row, 0) for row in range(model.rowCount()))
        return next((row for row in rows if row.data() == NAME), None)

    qtbot.waitUntil(lambda: find_plate() is not None)
    tree.setCurrentIndex(find_plate())
    qtbot.waitUntil(panel.isVisible)
    grid = panel.grid
    qtbot.waitUntil(lambda: len(grid.wells.icons) >= 3)
    panel.open.click()
    qtbot.waitUntil(lambda: len(viewer.layers) == 3)
    assert wait_until_loaded(viewer)
    first, second, names = viewer.layers
    assert viewer.layers.selection.active is second
    assert list(names.features["name"]) == ["A1", "A2", "A3", "B1", "B3"]
    places = np.array([names.data[index] for index in range(5)], int)
    exact = np.asarray(second.data)
    for (y, x), array in zip(places, stored.values(), strict=True):
        np.testing.assert_array_equal(exact[0, y : y + 32, x : x + 48], array[0, 1, 0])
    assert np.count_nonzero(exact) == sum(
        array[0, 1, 0].size for array in stored.values()
    )
    # what napari shows is that as well, once it is loaded
    shown = second._slice.image.raw
    np.testing.assert_array_equal(shown, exact[0])
    assert tuple(first.scale[-2:]) == (PIXEL, PIXEL)
