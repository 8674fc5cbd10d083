from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_omero_io.arrays.selection import (
    is_basic,
    narrow,
    narrow_fancy,
    overlap,
    rising,
    shape_of,
)

SHAPE = (3, 4, 7)
PIXELS = np.arange(np.prod(SHAPE)).reshape(SHAPE)
WHOLE = tuple(range(length) for length in SHAPE)


def look_up(selection):
    return PIXELS[np.ix_(*(rising(pick) for pick in selection))][
        tuple(
            0 if isinstance(p, int) else slice(None, None, -1 if p.step < 0 else 1)
            for p in selection
        )
    ]


@given(hnp.basic_indices(SHAPE), st.data())
def test_basic_indexing_twice_is_what_numpy_does(key, data):
    assert is_basic(key)
    once = narrow(WHOLE, key)
    expected = PIXELS[key]
    assert shape_of(once) == np.shape(expected)
    assert np.array_equal(look_up(once), expected)
    if np.ndim(expected):
        again = data.draw(hnp.basic_indices(np.shape(expected)))
        assert np.array_equal(look_up(narrow(once, again)), expected[again])


@given(hnp.integer_array_indices(SHAPE))
def test_arrays_of_indices(key):
    selection, rest = narrow_fancy(WHOLE, key)
    assert np.array_equal(look_up(selection)[rest], PIXELS[key])


@pytest.mark.parametrize(
    "key",
    [
        [0, 2],
        (slice(None), [1, 3]),
        (slice(2, 0, -1), np.array([-1, 0]), 3),
        (None, 1),
        (Ellipsis, None, [0, 1]),
        PIXELS % 5 == 0,
        (slice(None), PIXELS[0] > 12),
        (1, np.array([], dtype=int)),
    ],
)
def test_other_keys(key):
    assert not is_basic(key)
    selection, rest = narrow_fancy(WHOLE, key)
    assert np.array_equal(look_up(selection)[rest], PIXELS[key])


def test_arrays_of_indices_narrow_to_what_they_need():
    selection, _ = narrow_fancy(WHOLE, (np.array([1, 1]), slice(2), np.array([2, 4])))
    assert shape_of(selection) == (1, 2, 3)


@pytest.mark.parametrize("key", [(0, 0, 0, 0), 3, -4, (Ellipsis, Ellipsis)])
def test_impossible_keys_raise_as_numpy_does(key):
    with pytest.raises(IndexError):
        narrow(WHOLE, key)
    with pytest.raises(IndexError):
        narrow_fancy(WHOLE, (np.array([9]), 0, 0))


def test_numpy_integers_become_plain_ones():
    selection = narrow(WHOLE, (np.int64(1), slice(np.int64(0), np.int64(2))))
    assert type(selection[0]) is int
    assert type(selection[1].stop) is int


@given(
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(1, 9),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_overlap(start, length, step, first, extent):
    picks = range(start, start + length, step)
    places, taken = overlap(picks, first, first + extent)
    inside = [pick for pick in picks if first <= pick < first + extent]
    assert list(picks[places]) == inside
    assert list(range(first, first + extent)[taken]) == inside
