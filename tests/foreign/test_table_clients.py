"""ezomero and omero2pandas, unmodified: data frames to tables and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("tables", reason="the extra `tables` is not installed")
ezomero = pytest.importorskip("ezomero", reason="the extra `foreign` is not installed")
omero2pandas = pytest.importorskip(
    "omero2pandas", reason="the extra `foreign` is not installed"
)

# The clients' own code, which nobody here can change.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture
def image_id(conn: Any) -> int:
    dataset_id = ezomero.post_dataset(conn, "measured")
    pixels = np.zeros((8, 8, 1, 1, 1), "uint8")
    return int(
        ezomero.post_image(
            conn, pixels, "image", dataset_id=dataset_id, dim_order="xyczt"
        )
    )


@pytest.fixture
def frame(image_id: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Image": [image_id] * 3,
            "area": [1.5, 2.5, 3.5],
            "name": ["a", "bc", "def"],
            "number": [1, -2, 3],
        }
    )


def in_order(found: pd.DataFrame, expected: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its columns as expected: clients sort them their own way."""
    assert set(found.columns) == set(expected.columns)
    return found[list(expected.columns)].reset_index(drop=True)


def test_ezomero(conn: Any, image_id: int, frame: pd.DataFrame) -> None:
    annotation_id = ezomero.post_table(
        conn, frame, object_type="Image", object_id=image_id, title="by ezomero"
    )
    found = ezomero.get_table(conn, annotation_id)
    pd.testing.assert_frame_equal(
        in_order(found, frame), frame, check_dtype=False, check_column_type=False
    )
    (listed,) = ezomero.get_file_annotation_ids(conn, "Image", image_id)
    assert listed == annotation_id


def test_omero2pandas(
    conn: Any, image_id: int, frame: pd.DataFrame, tmp_path: Any
) -> None:
    annotation_id = omero2pandas.upload_table(
        *(frame, "by omero2pandas"),
        parent_id=image_id,
        parent_type="Image",
        omero_connector=conn,
    )
    which = {"annotation_id": annotation_id, "omero_connector": conn}
    assert omero2pandas.get_table_size(**which) == (3, 4)
    assert set(omero2pandas.get_table_columns(**which)) == set(frame.columns)
    pd.testing.assert_frame_equal(
        in_order(omero2pandas.read_table(**which), frame),
        frame,
        check_dtype=False,
        check_column_type=False,
    )
    # It asks for rows up to -1, which leaves the last one out: so it is with OMERO.
    chosen = omero2pandas.read_table(
        **which, query="(area > 2)", column_names=["name", "area"]
    )
    assert chosen["name"].tolist() == ["bc"]
    target = tmp_path / "table.csv"
    omero2pandas.download_table(str(target), **which)
    again = pd.read_csv(target)
    assert again["name"].tolist() == ["a", "bc", "def"]
