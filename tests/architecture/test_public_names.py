"""The names that users, documentation and tests may rely on."""

from __future__ import annotations

import subprocess
import sys

import napari_omero_io

PUBLIC = {
    "OmeroRef",
    "Sandbox",
    "Session",
    "connect",
    "open_layers",
    "wait_until_loaded",
}


def test_every_public_name_can_be_had() -> None:
    assert set(napari_omero_io.__all__) >= PUBLIC
    for name in napari_omero_io.__all__:
        assert getattr(napari_omero_io, name) is not None


def test_public_names_are_listed() -> None:
    assert set(dir(napari_omero_io)) >= PUBLIC


def test_a_missing_name_is_an_attribute_error() -> None:
    assert not hasattr(napari_omero_io, "no_such_name")


def test_import_is_light() -> None:
    """Importing the package runs at every start of napari: nothing heavy in it."""
    heavy = {
        *("Ice", "IcePy", "omero", "napari", "qtpy", "PyQt5", "PyQt6", "superqt"),
        *("numpy", "dask", "zarr", "sqlalchemy", "lark", "cryptography", "tifffile"),
        *("skimage", "keyring", "pydantic", "pandas", "pint"),
    }
    program = (
        f"import sys, napari_omero_io\nprint(sorted({heavy!r} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
