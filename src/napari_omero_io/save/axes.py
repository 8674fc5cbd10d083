"""Which axis of a layer is T, C, Z, Y or X.

napari's axes are free text, and most layers carry none; OMERO has exactly these
five.  Y and X are always the last two, since napari shows them as rows and columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

#: OMERO's axes in the order in which this program keeps pixels.
AXES = "TCZYX"

_NAMES = {
    "t": "T",
    "time": "T",
    "frame": "T",
    "c": "C",
    "ch": "C",
    "channel": "C",
    "z": "Z",
    "plane": "Z",
    "y": "Y",
    "x": "X",
}

#: What unnamed axes are, by how many there are in front of Y and X.
_BY_COUNT = {0: "", 1: "Z", 2: "TZ", 3: "TCZ"}


@dataclass(frozen=True, slots=True)
class NamedAxes:
    """The axes of one layer.

    Attributes
    ----------
    order
        One letter for each axis of the data, such as ``TZYX``.
    guessed
        Letters that no label and no unit backs.
    """

    order: str
    guessed: frozenset[str] = frozenset()


def name_axes(
    ndim: int,
    labels: Sequence[str] = (),
    time_axes: Collection[int] = (),
    *,
    taken: str = "",
) -> NamedAxes:
    """Name every axis of a layer.

    Parameters
    ----------
    ndim
        Number of axes, without the samples of an RGB layer.
    labels
        The layer's axis labels, first axis first, or nothing.
    time_axes
        Indices of the axes whose unit is one of time.
    taken
        Letters that are in use already: C, for the samples of an RGB layer.

    Raises
    ------
    ValueError
        With the end of a sentence that begins with the layer's name.
    """
    if not 2 <= ndim <= len(AXES) - len(taken):
        raise ValueError(
            f"has {ndim} axes; an OMERO image has Y and X, and Z, C and T if needed"
        )
    texts = labels if len(labels) == ndim else [""] * ndim
    named = [_NAMES.get(text.strip().lower()) for text in texts]
    for index in time_axes:
        named[index] = named[index] or "T"
    named[-2:] = _check_rows_and_columns(named[-2:])
    used = [letter for letter in named if letter] + list(taken)
    for letter in used:
        if used.count(letter) > 1:
            raise ValueError(f"has more than one axis that is {letter}")
    free = [letter for letter in AXES if letter not in used]
    unnamed = [index for index, letter in enumerate(named) if letter is None]
    guesses = _guess(len(unnamed), free)
    for index, letter in zip(unnamed, guesses, strict=True):
        named[index] = letter
    order = "".join(letter or "" for letter in named)
    return NamedAxes(order, frozenset(guesses))


def _check_rows_and_columns(last: list[str | None]) -> list[str | None]:
    if (last[0] or "Y", last[1] or "X") != ("Y", "X"):
        raise ValueError(
            "must have Y and X as its last two axes, in this order; transpose it first"
        )
    return ["Y", "X"]


def _guess(count: int, free: Sequence[str]) -> str:
    """Name `count` axes in front of Y and X with letters that are free."""
    if count == len(free):
        return "".join(free)
    preferred = [letter for letter in _BY_COUNT[count] if letter in free]
    others = [letter for letter in "ZTC" if letter in free and letter not in preferred]
    chosen = (preferred + others)[:count]
    return "".join(sorted(chosen, key=AXES.index))
