"""Where in a query something is wrong, for the log of the server."""

from __future__ import annotations

import logging
import re

from napari_omero_io.sandbox.errors import IllegalQuery

log = logging.getLogger(__name__)


def refuse(
    text: str, reason: str, place: int | None = None, subject: str | None = None
) -> IllegalQuery:
    """Log a query with its wrong place marked; return what the client is told.

    Parameters
    ----------
    place
        Number of characters before the wrong place.
    subject
        The words that are wrong, where the place is not known.
    """
    if place is None and subject is not None:
        words = r"\s*\.\s*".join(map(re.escape, subject.split(".")))
        found = re.search(rf"(?<![\w.]){words}(?!\w)", text)
        place = None if found is None else found.start()
    log.warning("%s\n%s", reason, mark(text, place))
    return IllegalQuery(f"Illegal query: {text}\n{reason}")


def mark(text: str, place: int | None) -> str:
    """Return a text with a caret below one of its places.

    Examples
    --------
    >>> print(mark("select x form Image x", 9))
    select x form Image x
             ^
    """
    if place is None:
        return text
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    end = len(text) if end < 0 else end
    before = re.sub(r"\S", " ", text[start:place])
    return f"{text[:end]}\n{before}^{text[end:]}"
