"""What a link names: objects by number or name, and the server they are on."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_omero_io.errors import BadReference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .view import View

#: Our kinds, each with the other words that mean it (lower case, singular).
KINDS: dict[str, tuple[str, ...]] = {
    "image": ("img",),
    "dataset": (),
    "project": ("proj",),
    "screen": (),
    "plate": (),
    "run": ("acquisition", "plateacquisition"),
    "well": (),
    "roi": (),
    "shape": (
        *("mask", "rectangle", "ellipse", "polygon", "polyline", "line", "point"),
        *("label", "path"),
    ),
    "tag": ("tagannotation",),
    "tagset": (),
    "fileset": (),
    "annotation": (
        *("fileannotation", "mapannotation", "commentannotation", "longannotation"),
        *("doubleannotation", "booleanannotation", "xmlannotation", "termannotation"),
        *("timestampannotation", "listannotation"),
    ),
    "file": ("originalfile",),
    "table": (),
    "script": (),
    "figure": (),
    "pixels": ("pixel",),
    "folder": (),
    "experimenter": ("user",),
    "group": ("experimentergroup",),
}

_KIND_OF = {word: kind for kind, words in KINDS.items() for word in (kind, *words)}


#: Keys whose value is a secret in one of the forms.
SECRETS = frozenset(
    {
        *("password", "passwd", "pass", "pw"),
        *("bsession", "session", "sessionid", "session_key", "sessionkey", "key"),
        *("token", "access_token"),
    }
)

_SECRET = re.compile(rf"\b({'|'.join(sorted(SECRETS))})=[^&;\s]*", re.IGNORECASE)
_LONGEST_RANGE = 10_000


class SecretIgnored(UserWarning):
    """A link carried a password or session key, which is neither used nor kept."""


@dataclass(frozen=True, slots=True)
class Target:
    """One object, wherever it is; exactly one of `id` and `name` is set."""

    kind: str
    id: int | None = None
    name: str | None = None
    within: Target | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """What one link says: its objects share the server, the account and the view."""

    targets: tuple[Target, ...]
    server: str | None = None
    user: str | None = None
    view: View | None = None


def read_kind(word: str) -> str | None:
    """Name the kind that a word such as ``Images`` or ``ImageI`` means, or None."""
    word = word.strip().lower()
    for candidate in (word, word.removesuffix("s"), word.removesuffix("i")):
        if candidate in _KIND_OF:
            return _KIND_OF[candidate]
    return None


def read_numbers(text: str) -> list[int]:
    """Read ``1,2,5-9`` as its numbers."""
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise BadReference(f"“{part.strip()}” in “{shorten(text)}” is no number.")
        low, high = int(first), int(last or first)
        if high < low or high - low >= _LONGEST_RANGE:
            raise BadReference(f"“{part.strip()}” is not a range that can be opened.")
        numbers.extend(range(low, high + 1))
    return numbers


def write_numbers(numbers: Sequence[int]) -> str:
    """Write numbers as `read_numbers` reads them, in their order."""
    ranges: list[list[int]] = []
    for number in numbers:
        last = ranges[-1] if ranges else None
        if (
            last is not None
            and number == last[1] + 1
            and number - last[0] < _LONGEST_RANGE
        ):
            last[1] = number
        else:
            ranges.append([number, number])
    return ",".join(
        str(first) if first == last else f"{first}-{last}" for first, last in ranges
    )


def warn_of_secret(what: str) -> None:
    """Tell that a link carried a password or key; never repeats it."""
    warnings.warn(
        f"The {what} in the link was ignored and not kept; log in instead.",
        SecretIgnored,
        stacklevel=2,
    )


def shorten(text: str) -> str:
    """Quote a text in a message: short, without query, account and secrets."""
    text = re.sub(r"[^/@\s]*@", "", text.partition("?")[0])
    text = _SECRET.sub(r"\1=…", text)
    return text if len(text) <= 60 else text[:57] + "…"
