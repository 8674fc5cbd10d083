from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_omero_io.save.axes import AXES, name_axes


@pytest.mark.parametrize(
    ("ndim", "labels", "times", "order"),
    [
        (2, (), (), "YX"),
        (3, (), (), "ZYX"),
        (4, (), (), "TZYX"),
        (5, (), (), "TCZYX"),
        (3, ("-3", "-2", "-1"), (), "ZYX"),
        (3, ("T", "Y", "X"), (), "TYX"),
        (3, ("", "", ""), (0,), "TYX"),
        (3, ("c", "y", "x"), (), "CYX"),
        (4, ("z", "time", "y", "x"), (), "ZTYX"),
        (4, ("Channel", "", "y", "x"), (), "CZYX"),
        (4, ("", "Z", "Y", "X"), (), "TZYX"),
        (4, ("angle", "T", "Y", "X"), (), "ZTYX"),
        (5, ("", "", "Z", "Y", "X"), (), "TCZYX"),
        (5, ("", "t", "", "Y", "X"), (), "CTZYX"),
    ],
)
def test_naming(
    ndim: int, labels: tuple[str, ...], times: tuple[int, ...], order: str
) -> None:
    assert name_axes(ndim, labels, times).order == order


def test_guessed_letters_are_told() -> None:
    assert name_axes(4, ("T", "", "Y", "X")).guessed == {"Z"}
    assert name_axes(2).guessed == frozenset()


def test_colours_of_an_rgb_layer_take_the_channel_axis() -> None:
    assert name_axes(4, taken="C").order == "TZYX"


@pytest.mark.parametrize(
    ("ndim", "labels", "taken", "message"),
    [
        (1, (), "", "has 1 axes"),
        (6, (), "", "has 6 axes"),
        (5, (), "C", "has 5 axes"),
        (2, ("X", "Y"), "", "transpose"),
        (3, ("Y", "X", ""), "", "transpose"),
        (4, ("T", "t", "Y", "X"), "", "more than one axis that is T"),
        (3, ("C", "Y", "X"), "C", "more than one axis that is C"),
    ],
)
def test_refused(ndim: int, labels: tuple[str, ...], taken: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        name_axes(ndim, labels, taken=taken)


LEADING = st.lists(st.sampled_from(["T", "C", "Z", "", "angle"]), max_size=3)


@given(LEADING)
def test_every_axis_has_a_letter_of_its_own_and_named_ones_keep_theirs(
    leading: list[str],
) -> None:
    labels = [*leading, "Y", "X"]
    named = [label for label in leading if label in ("T", "C", "Z")]
    if len(set(named)) < len(named):
        return
    axes = name_axes(len(labels), labels)
    assert len(set(axes.order)) == len(labels)
    assert set(axes.order) <= set(AXES)
    for label, letter in zip(labels, axes.order, strict=True):
        assert label == letter or (letter in axes.guessed and label in ("", "angle"))
