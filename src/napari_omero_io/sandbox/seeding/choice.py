"""What a sandbox is filled with, in the words of ``--seed``, such as ``many:10000``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Content(StrEnum):
    """Kinds of content."""

    DEMO = "demo"  #: some real images of every kind
    MANY = "many"  #: a dataset of that many small images, with thumbnails
    SLIDE = "slide"  #: one image of three channels, of that many pixels to a side


#: How much without a number, and at most.
_SIZES = {
    Content.DEMO: (0, 0),
    Content.MANY: (10_000, 1_000_000),
    Content.SLIDE: (100_000, 1_000_000),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What to fill a sandbox with, and how much of it."""

    content: Content = Content.DEMO
    size: int = 0

    def __str__(self) -> str:
        return f"{self.content}:{self.size}" if self.size else str(self.content)


DEMO = Choice()


def read_choice(text: str) -> Choice:
    """Read what was asked for.

    Raises
    ------
    ValueError
        There is no such content, or not in that size.
    """
    name, _, number = text.partition(":")
    content = Content(name)
    usual, most = _SIZES[content]
    size = int(number) if number else usual
    if size != usual and not 1 <= size <= most:
        raise ValueError(f"{name} can have a size of 1 to {most}, not {size}")
    return Choice(content, size)
