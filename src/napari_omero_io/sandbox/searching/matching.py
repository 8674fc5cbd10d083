"""Which documents a query finds."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from .language import Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .language import Clauses, Node

    #: Field → texts, each cut into words.
    Document = Mapping[str, Sequence[Sequence[str]]]


def score(query: Clauses, document: Document, fields: Sequence[str] = ()) -> int:
    """Count how often a document has what is looked for; 0 is not at all.

    Parameters
    ----------
    fields
        Where to look unless the query says so; everywhere if there are none.
    """
    return _score(query, document, fields)


def _score(node: Node, document: Document, fields: Sequence[str]) -> int:
    if isinstance(node, Words):
        where = (node.field,) if node.field else fields
        return _count(node.patterns, _texts(document, where))
    if any(_score(part, document, fields) for part in node.none):
        return 0
    every = [_score(part, document, fields) for part in node.every]
    some = [_score(part, document, fields) for part in node.some]
    if not all(every) or not (every or any(some)):
        return 0
    return sum(every) + sum(some)


def _texts(document: Document, fields: Sequence[str]) -> Iterable[Sequence[str]]:
    if not fields or "combined_fields" in fields:
        fields = tuple(document)
    for field in fields:
        yield from document.get(field, ())


def _count(patterns: Sequence[str], texts: Iterable[Sequence[str]]) -> int:
    matchers = [_matcher(pattern) for pattern in patterns]
    length = len(matchers)
    return sum(
        all(m.fullmatch(w) for m, w in zip(matchers, words[start:], strict=False))
        for words in texts
        for start in range(len(words) - length + 1)
    )


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(sign) or re.escape(sign) for sign in pattern))


def is_similar(word: str, term: str) -> bool:
    """Tell whether two words are spelt almost alike, by Lucene's measure."""
    shorter = min(len(word), len(term))
    return shorter > 0 and 2 * _distance(word, term) < shorter


def _distance(one: str, other: str) -> int:
    """Count the letters to be put in, left out or changed (Levenshtein)."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, wanted in enumerate(other, 1):
            changed = above + (letter != wanted)
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, changed)
    return row[-1]
