from __future__ import annotations

import pytest

from napari_omero_io.client.browse import _name_well


@pytest.mark.parametrize(
    ("row", "column", "name"),
    [(0, 0, "A1"), (7, 11, "H12"), (25, 0, "Z1"), (26, 47, "AA48"), (31, 0, "AF1")],
)
def test_wells_are_named_as_plates_are_labelled(
    row: int, column: int, name: str
) -> None:
    assert _name_well(row, column) == name
