"""Conditions on the rows of a table: what users write → what OMERO.tables reads.

OMERO hands conditions to PyTables, which reads Python's operators in its own way and
says little about what it does not understand.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HELP = (
    'Such as (Area > 50) & (Class == "mitotic"). Join conditions with & and |, each in '
    "its brackets; ~ turns one round. Names with blanks stand between backquotes: "
    "`Mean intensity` > 5."
)

_QUOTED = re.compile(r"`([^`]*)`")
_TEXT = re.compile(r"\"[^\"]*\"|'[^']*'")
_SINGLE = re.compile(r"(?<![=<>!])=(?!=)")
_WORDS = re.compile(r"\b(and|or|not)\b")
_INSTEAD = {"and": "&", "or": "|", "not": "~"}


def prepare_condition(text: str, columns: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Give a condition as the server takes it, and the columns behind its variables.

    Parameters
    ----------
    columns
        Names of the table's columns.

    Raises
    ------
    ValueError
        With a sentence that says what to write instead.
    """
    variables: dict[str, str] = {}

    def name_column(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in columns:
            raise ValueError(_no_column(name, columns))
        variable = f"column_{len(variables)}"
        variables[variable] = name
        return variable

    condition = _QUOTED.sub(name_column, text.strip())
    _check_words(_TEXT.sub('""', condition))
    if not condition.isascii():
        raise ValueError(
            f"{_unclear(text)} OMERO compares texts of plain ASCII letters only; a "
            "column with another name stands between backquotes."
        )
    try:
        names = _find_names(condition)
    except SyntaxError as error:
        raise ValueError(f"{_unclear(text)} {HELP}") from error
    for name in names:
        if name not in variables and name not in columns:
            raise ValueError(_no_column(name, columns))
    return condition, variables


def explain_refusal(text: str) -> str:
    """Say what to write where the server did not accept a condition, and not why."""
    return f"{_unclear(text)} {HELP}"


def _check_words(bare: str) -> None:
    if found := _WORDS.search(bare):
        word = found.group(1)
        raise ValueError(
            f"Write {_INSTEAD[word]} instead of “{word}”, and each condition in "
            "brackets: (a > 1) & (b < 2)."
        )
    if _SINGLE.search(bare):
        raise ValueError("Write == to compare, as in (a == 1).")


def _find_names(condition: str) -> list[str]:
    """Give the names in a condition, those of functions apart."""
    tree = ast.parse(condition, mode="eval")
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in called
    ]


def _no_column(name: str, columns: Sequence[str]) -> str:
    shown = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
    return f"There is no column “{name}” in this table. It has: {shown}."


def _unclear(text: str) -> str:
    return f"The condition “{text.strip()}” is not understood."
