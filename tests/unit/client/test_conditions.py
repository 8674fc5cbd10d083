"""Conditions on tables: what is passed on, and what is explained."""

from __future__ import annotations

import re

import pytest

from napari_omero_io.client.conditions import prepare_condition

COLUMNS = ["Area", "Class", "Mean intensity", "größe"]


@pytest.mark.parametrize(
    "text",
    [
        "Area > 5",
        '(Area > 5) & (Class == "a = b and c")',
        "~(Area < 2) | (sqrt(Area) >= 3)",
        "(Area + 1) ** 2 != 4",
    ],
)
def test_what_the_server_understands_is_passed_on(text: str) -> None:
    assert prepare_condition(f" {text} ", COLUMNS) == (text, {})


def test_names_with_blanks_become_variables() -> None:
    condition, variables = prepare_condition(
        "(`Mean intensity` > 5) & (`größe` < 3)", COLUMNS
    )
    assert condition == "(column_0 > 5) & (column_1 < 3)"
    assert variables == {"column_0": "Mean intensity", "column_1": "größe"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(Area > 5) and (Area < 7)", "Write & instead of “and”"),
        ("not (Area > 5)", "Write ~ instead of “not”"),
        ("Area = 5", "Write == to compare"),
        ("Size > 5", "no column “Size”"),
        ("`Mean` > 5", "no column “Mean”"),
        ("Area >", "is not understood"),
        ("", "is not understood"),
        ("Mean intensity > 5", "backquotes"),
        ('Class == "größer"', "ASCII"),
        ("Area > 5)\n", "is not understood"),
    ],
)
def test_what_it_does_not_is_explained(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        prepare_condition(text, COLUMNS)
