"""Tables as features: which column names what, and which row is about which object."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.convert.features import (
    TableRows,
    add_features,
    find_links,
    match_rows,
    names_objects,
)
from napari_omero_io.records import ColumnRecord


def column(name, kind="long"):
    return ColumnRecord(name, kind)


def rows(name="cells", **values):
    kinds = {"i": "long", "f": "double", "b": "bool", "O": "string"}
    arrays = {key: np.asarray(each) for key, each in values.items()}
    columns = tuple(column(key, kinds[a.dtype.kind]) for key, a in arrays.items())
    return TableRows(name, columns, arrays)


@pytest.mark.parametrize(
    ("columns", "links"),
    [
        ([column("R", "roi"), column("I", "image")], {"roi": "R", "image": "I"}),
        ([column("RoI Id"), column("shape")], {"roi": "RoI Id", "shape": "shape"}),
        ([column("label", "double")], {"label": "label"}),
        ([column("Label number"), column("labels")], {"label": "Label number"}),
        ([column("roi"), column("mine", "roi")], {"roi": "mine"}),
        ([column("label", "string"), column("images")], {}),
        ([column("Where", "well")], {"well": "Where"}),
    ],
)  # fmt: skip
def test_columns_name_objects_by_type_or_name(columns, links):
    assert find_links(columns) == links
    assert names_objects(columns) == bool(links.keys() & {"roi", "shape", "label"})


@given(
    numbers=st.lists(st.integers(0, 50), unique=True),
    objects=st.lists(st.integers(0, 50), max_size=20),
)
def test_each_object_gets_its_row(numbers, objects):
    table = rows(label=np.array(numbers, np.int64))
    found = match_rows(table, {"index": objects})
    expected = [numbers.index(one) if one in numbers else -1 for one in objects]
    if all(row < 0 for row in expected):
        assert found is None
    else:
        assert found.tolist() == expected


def test_rows_that_are_about_the_same_object_are_no_features():
    table = rows(label=[1, 1, 2], area=[1.0, 2.0, 3.0])
    assert match_rows(table, {"index": [1, 2]}) is None
    assert match_rows(table, {"index": [2]}).tolist() == [2]


def test_a_shape_counts_before_its_region():
    table = rows(roi=[7, 7], shape=[1, 2])
    features = {"roi_id": [7, 7], "shape_id": [2, 1]}
    assert match_rows(table, features).tolist() == [1, 0]


def test_features_take_the_columns_and_say_what_is_missing():
    table = rows(
        label=[5, 3],
        count=[10, 20],
        ok=[True, False],
        kind=np.array(["<b>", "x"], object),
        roi_id=[70, 71],
    )
    layer = ("data", {"features": {"index": [3, 4], "kind": ["a", "b"]}}, "labels")
    _, settings, _ = add_features(layer, [table])
    features = settings["features"]
    np.testing.assert_array_equal(features["count"], [20, np.nan])
    np.testing.assert_array_equal(features["ok"], [0, np.nan])
    assert list(features["kind"]) == ["a", "b"]
    assert list(features["kind (cells)"]) == ["x", ""]
    assert "label" not in features
    assert "roi_id" not in features
    assert "feature_defaults" not in settings


def test_numbers_stay_whole_where_none_is_missing():
    layer = (
        "data",
        {"features": {"shape_id": [2, 1]}, "feature_defaults": {"shape_id": [-1]}},
        "shapes",
    )
    table = rows(shape=[1, 2], count=[10, 20])
    _, settings, _ = add_features(layer, [table])
    assert settings["features"]["count"].dtype == np.int64
    assert settings["features"]["count"].tolist() == [20, 10]
    assert settings["feature_defaults"] == {"shape_id": [-1], "count": [0]}


def test_a_table_about_something_else_changes_nothing():
    layer = ("data", {"features": {"shape_id": [2, 1]}}, "shapes")
    assert add_features(layer, [rows(label=[1], x=[1.0])]) is layer
    assert add_features(layer, []) is layer
