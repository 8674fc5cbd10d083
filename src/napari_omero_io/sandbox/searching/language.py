"""The query language of full-text search, as OMERO's users type it (Lucene's).

Terms are combined by OR unless AND, ``+`` or ``-`` say otherwise; ``"a phrase"``,
``field:term``, ``prefix*``, ``one?letter``, and parentheses have their usual meaning.
Case is of no account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from napari_omero_io.sandbox.errors import ApiUsage

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<open>\() | (?P<close>\)) | (?P<sign>[+\-!](?=\S))
      | (?P<operator>(?:AND|OR|NOT)(?=[\s()]|$) | && | \|\|)
      | (?P<field>[^\s()"':+\-!\\][^\s()"':]*):(?=\S)
      | "(?P<phrase>[^"]*)"?
      | (?P<term>(?:\\.|[^\s()"])+)
    )""",
    re.VERBOSE,
)
_WORD = re.compile(r"[^\W_]+")
_WORD_OR_WILD = re.compile(r"(?:[^\W_]|[*?])+")
#: What asks for a likeness or a weight that is not reckoned here.
_SUFFIX = re.compile(r"[~^][\d.]*$")


@dataclass(frozen=True, slots=True)
class Words:
    """Words that follow each other; of a word with wildcards its pattern.

    Attributes
    ----------
    field
        Where to look; None is wherever the search looks by default.
    """

    patterns: tuple[str, ...]
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Clauses:
    """Some of these, all of those, and none of the others.

    Attributes
    ----------
    some
        At least one, where nothing else is required.
    """

    some: tuple[Node, ...] = ()
    every: tuple[Node, ...] = ()
    none: tuple[Node, ...] = ()


Node: TypeAlias = "Words | Clauses"


def split_words(text: str) -> list[str]:
    """Cut a text into the words that are looked for, in lower case."""
    return _WORD.findall(text.lower())


def read_query(text: str, *, allows_leading_wildcard: bool) -> Clauses:
    """Read what a user has typed.

    Raises
    ------
    ApiUsage
        There is nothing to look for, or a wildcard comes first and may not.
    """
    tokens = list(_tokens(text))
    found, rest = _read_clauses(tokens, None)
    while rest:  # a parenthesis too many
        more, rest = _read_clauses(rest[1:], None)
        found = Clauses((found, more))
    words = list(_all_words(found))
    patterns = [pattern for one in words for pattern in one.patterns]
    if not any(pattern.strip("*?") for pattern in patterns):
        raise ApiUsage(f"There is nothing to search for in {text!r}.")
    first = [one.patterns[0] for one in words]
    if not allows_leading_wildcard and any(word[0] in "*?" for word in first):
        raise ApiUsage(
            "A search begins with no wildcard unless setAllowLeadingWildcard says so."
        )
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while match := _TOKEN.match(text, position):
        kind = str(match.lastgroup)
        yield kind, match[kind]
        position = match.end()


def _all_words(node: Node) -> Iterator[Words]:
    if isinstance(node, Words):
        yield node
        return
    for part in (*node.some, *node.every, *node.none):
        yield from _all_words(part)


def _read_clauses(
    tokens: list[tuple[str, str]], field: str | None
) -> tuple[Clauses, list[tuple[str, str]]]:
    """Read up to the end or a closing parenthesis; return what is left too."""
    parts: list[tuple[str, Node]] = []
    sign, is_and, own_field = "", False, field
    while tokens and tokens[0][0] != "close":
        (kind, text), *tokens = tokens
        if kind == "sign":
            sign = "+" if text == "+" else "-"
            continue
        if kind == "operator":
            if text in {"AND", "&&"}:
                is_and = True
                if parts and not parts[-1][0]:
                    parts[-1] = ("+", parts[-1][1])
            sign = "-" if text == "NOT" else sign
            continue
        if kind == "field":
            own_field = text
            continue
        node: Node | None
        if kind == "open":
            node, tokens = _read_clauses(tokens, own_field)
            tokens = tokens[1:]
        else:
            node = _read_words(text, own_field, is_phrase=kind == "phrase")
        if node is not None:
            parts.append((sign or ("+" if is_and else ""), node))
        sign, is_and, own_field = "", False, field
    return (
        Clauses(
            tuple(node for mark, node in parts if not mark),
            tuple(node for mark, node in parts if mark == "+"),
            tuple(node for mark, node in parts if mark == "-"),
        ),
        tokens,
    )


def _read_words(text: str, field: str | None, *, is_phrase: bool) -> Words | None:
    if is_phrase:
        words = split_words(text)
    else:
        plain = re.sub(r"\\(.)", r"\1", _SUFFIX.sub("", text))
        words = _WORD_OR_WILD.findall(plain.lower())
    return Words(tuple(words), field) if words else None
