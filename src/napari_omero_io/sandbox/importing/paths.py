"""Names of files in the managed repository: which are allowed, and where they go.

A repository may be moved between systems, so its names keep the rules of Windows and
of UNIX both, wherever the server runs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import ApiUsage

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from datetime import datetime

    from napari_omero_io.sandbox.rules.caller import Caller

#: Where an import goes; what stands before ``//`` belongs to the server.
TEMPLATE = "%user%_%userId%//%year%-%month%/%day%/%time%"

_ILLEGAL_CHARACTERS = frozenset({*range(32), 127, *map(ord, '"*/:<>?\\|')})
_ILLEGAL_SUFFIXES = (" ", ".")
_ILLEGAL_NAMES = frozenset(
    {"CON", "PRN", "AUX", "NUL", "CLOCK$"}
    | {f"{device}{digit}" for device in ("COM", "LPT") for digit in range(1, 10)}
)
_TERM = re.compile(r"%(\w+)%")


@dataclass(frozen=True, slots=True)
class Offence:
    """What is wrong with a path, rule by rule."""

    path: str
    code_points: tuple[int, ...]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def is_real(self) -> bool:
        """Whether any rule is broken."""
        return bool(self.code_points or self.prefixes or self.suffixes or self.names)


def find_offence(path: str) -> Offence:
    """Say which rules a path with slashes breaks."""
    points: set[int] = set()
    prefixes: set[str] = set()
    suffixes: set[str] = set()
    names: set[str] = set()
    for part in split_path(path):
        points |= {ord(letter) for letter in part} & _ILLEGAL_CHARACTERS
        suffixes |= {end for end in _ILLEGAL_SUFFIXES if part.endswith(end)}
        stem = part.partition(".")[0].upper()
        if part.upper() in _ILLEGAL_NAMES:
            names.add(part.upper())
        elif stem in _ILLEGAL_NAMES:
            prefixes.add(f"{stem}.")
    return Offence(
        path,
        tuple(sorted(points)),
        tuple(sorted(prefixes)),
        tuple(sorted(suffixes)),
        tuple(sorted(names)),
    )


def make_safe(name: str) -> str:
    """Return a name that breaks no rule; one that breaks none stays as it is."""
    safe = "".join("_" if ord(x) in _ILLEGAL_CHARACTERS else x for x in name)
    while safe.endswith(_ILLEGAL_SUFFIXES):
        safe = safe.rstrip(" .") + "_"
    stem, dot, rest = safe.partition(".")
    return f"{stem}_{dot}{rest}" if stem.upper() in _ILLEGAL_NAMES else safe


def split_path(path: str) -> list[str]:
    """Split a path of the repository into its parts.

    Raises
    ------
    ApiUsage
        It leads upwards.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise ApiUsage(f"Not a path within the repository: {path!r}")
    return parts


def folder_of(parts: Sequence[str]) -> str:
    """Return the folder that holds what lies at a path, as it stands in a row."""
    return "/".join([*parts[:-1], ""]) or "/"


def expand_template(
    template: str, caller: Caller, session: str, now: datetime
) -> tuple[list[str], list[str]]:
    """Return the folders of the server's and of the user's part of a template.

    Raises
    ------
    ApiUsage
        The template has a term that is not known.
    """
    known = {
        "user": caller.user_name,
        "userId": str(caller.user_id),
        "group": caller.group_name,
        "groupId": str(caller.group_id),
        "session": session,
        "year": f"{now:%Y}",
        "month": f"{now:%m}",
        "monthname": f"{now:%B}",
        "day": f"{now:%d}",
        "time": f"{now:%H-%M-%S}.{now.microsecond // 1000:03}",
    }

    def expand(text: str) -> list[str]:
        unknown = [name for name in _TERM.findall(text) if name not in known]
        if unknown:
            raise ApiUsage(f"Unknown term of omero.fs.repo.path: %{unknown[0]}%")
        filled = [
            _TERM.sub(lambda term: known[term[1]], part) for part in split_path(text)
        ]
        return [make_safe(part) for part in filled]

    before, found, after = template.partition("//")
    return (expand(before), expand(after)) if found else ([], expand(before))


def place_files(client_paths: Sequence[str]) -> list[str]:
    """Say where files go below the folder of their import, in their order.

    Folders that all of them lie in are left out; names are made safe, and two that
    would be one get numbers.
    """
    split = [
        [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
        for path in client_paths
    ]
    shared = 0
    while all(len(one) > shared + 1 for one in split) and all(
        one[shared] == split[0][shared] for one in split
    ):
        shared += 1
    placed: list[str] = []
    for parts in split:
        safe = "/".join(
            make_safe("_" if part == ".." else part) for part in parts[shared:]
        )
        placed.append(number(safe or "_", {one.lower() for one in placed}))
    return placed


def number(name: str, taken: Container[str]) -> str:
    """Return a name that is not taken: with a number before its ending, if need be."""
    if name.lower() not in taken:
        return name
    folder, slash, last = name.rpartition("/")
    stem, dot, ending = last.partition(".")
    names = (f"{folder}{slash}{stem}-{n}{dot}{ending}" for n in count(1))
    return next(one for one in names if one.lower() not in taken)
