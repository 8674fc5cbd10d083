from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_omero_io.records import PIXEL_TYPES
from napari_omero_io.save.pixel_types import (
    convert_exactly,
    fit_pixel_type,
    holds,
    name_pixel_type,
)


@pytest.mark.parametrize(("omero_name", "numpy_name"), PIXEL_TYPES.items())
@pytest.mark.parametrize("order", "<>")
def test_the_eight_types_are_stored_as_they_are(
    omero_name: str, numpy_name: str, order: str
) -> None:
    assert name_pixel_type(np.dtype(numpy_name).newbyteorder(order)) == omero_name


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("bool", "uint8"), ("float16", "float"), ("int64", None), ("complex64", None)],
)
def test_other_types(dtype: str, expected: str | None) -> None:
    assert name_pixel_type(np.dtype(dtype)) == expected


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("int64", [0, 255], "uint8"),
        ("int64", [-1, 127], "int8"),
        ("int64", [-1, 128], "int16"),
        ("uint64", [65535], "uint16"),
        ("int64", [-1, 65535], "int32"),
        ("uint64", [2**32 - 1], "uint32"),
        ("int64", [-1, 2**32 - 1], "double"),
        ("int64", [2**53], "double"),
        ("int64", [2**53 + 1], None),
        ("int64", [-(2**63)], "double"),
        ("int64", [2**63 - 1], None),
        ("uint64", [2**63], "double"),
        ("uint64", [2**64 - 1], None),
        ("complex64", [1.5, -2], "float"),
        ("complex128", [0.1], "double"),
        ("complex64", [1j], None),
        ("longdouble", [0.5, np.nan, np.inf], "float"),
        ("longdouble", [0.1], None),
    ],
)
def test_smallest_type_that_holds_all_values(
    dtype: str, values: list[float], expected: str | None
) -> None:
    if dtype == "longdouble" and np.dtype("longdouble").itemsize == 8:
        pytest.skip("long double is double on this machine")
    array = np.array(values, dtype=dtype)
    if dtype == "longdouble" and expected is None:
        array = np.array([1], dtype) / np.array([10], dtype)
    assert fit_pixel_type(array.dtype, [array]) == expected


def test_all_planes_count() -> None:
    planes = [np.array([[5]]), np.array([[-5]]), np.array([[40_000]])]
    assert fit_pixel_type(np.dtype("int64"), planes) == "int32"


@pytest.mark.parametrize("dtype", ["O", "U3", "datetime64[s]"])
def test_what_is_no_number_fits_nowhere(dtype: str) -> None:
    assert fit_pixel_type(np.dtype(dtype), [np.zeros(1, dtype)]) is None


DTYPES = st.sampled_from(
    ["bool", "float16", "int64", "uint64", "complex64", *PIXEL_TYPES.values()]
)


@given(
    DTYPES.flatmap(
        lambda name: hnp.arrays(np.dtype(name), hnp.array_shapes(max_dims=2))
    )
)
def test_what_is_stored_is_what_was_given(array: np.ndarray) -> None:
    fitted = name_pixel_type(array.dtype) or fit_pixel_type(array.dtype, [array])
    if fitted is None:
        with pytest.raises(ValueError, match="do not all fit"):
            convert_exactly(array, "int8")
        return
    stored = convert_exactly(array, fitted)
    assert stored.dtype == PIXEL_TYPES[fitted]
    assert stored.dtype.isnative
    assert [complex(value) for value in stored.ravel() if value == value] == [
        complex(value) for value in array.ravel() if value == value
    ]
    assert np.array_equal(np.isnan(stored), np.isnan(array))


@given(hnp.arrays(np.int64, 3), st.sampled_from(sorted(PIXEL_TYPES)))
def test_holds_is_what_python_says(values: np.ndarray, pixel_type: str) -> None:
    dtype = np.dtype(PIXEL_TYPES[pixel_type])
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        expected = all(limits.min <= int(value) <= limits.max for value in values)
    elif pixel_type == "double":
        expected = all(int(float(int(value))) == int(value) for value in values)
    else:
        return
    assert holds(pixel_type, values) == expected
