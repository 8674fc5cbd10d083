"""The package is imported at every start of napari, and must cost nothing."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = (
    *("qtpy", "PyQt5", "PyQt6", "superqt", "napari", "npe2", "magicgui"),
    *("Ice", "IcePy", "Glacier2", "omero"),
    *("dask", "zarr", "numpy", "pint", "sqlalchemy", "lark", "pydantic"),
    *("keyring", "tifffile", "skimage", "cryptography"),
)


def modules_of(statement: str) -> set[str]:
    """Run a statement in a new Python, and name the modules it loaded."""
    script = f"import sys, json; {statement}; print(json.dumps(list(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(json.loads(run.stdout))


def loaded_by(statement: str) -> set[str]:
    """Run a statement in a new Python, and name the packages it loaded."""
    return {name.partition(".")[0] for name in modules_of(statement)}


@pytest.mark.parametrize(
    "statement",
    [
        "import napari_omero_io",
        "import napari_omero_io.errors, napari_omero_io.records",
        "from napari_omero_io import OmeroRef; OmeroRef.parse('Image:3')",
        "import napari_omero_io.doctor",
    ],
)
def test_loads_none_of_the_heavy_packages(statement: str) -> None:
    assert loaded_by(statement).isdisjoint(HEAVY)


def test_the_session_waits_with_ice_until_it_is_needed() -> None:
    packages = loaded_by("from napari_omero_io import connect, open_layers, Session")
    assert packages.isdisjoint({"Ice", "omero", "napari", "qtpy", "sqlalchemy"})


def test_what_starts_with_napari_brings_neither_dock_nor_saving() -> None:
    modules = modules_of(
        "from napari_omero_io.plugin import drops, listening, menus; menus.arm()"
    )
    assert "napari_omero_io.plugin.listening" in modules
    parts = ("widgets", "save", "arrays", "sandbox")
    assert modules.isdisjoint(f"napari_omero_io.{part}" for part in parts)


def test_the_check_itself_sees_a_heavy_package() -> None:
    assert "numpy" in loaded_by("import numpy")
