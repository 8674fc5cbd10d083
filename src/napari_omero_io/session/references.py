"""What users say when they mean something on a server, and what they want of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from napari_omero_io.refs import OmeroRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.refs import View

#: What names something on a server: a link, another text, or the number of an image.
Reference: TypeAlias = str | int | OmeroRef
#: How several images are shown: each by itself, or as one.
Arrangement: TypeAlias = Literal["apart", "stack", "mosaic"]


def list_references(references: Reference | Sequence[Reference]) -> list[Reference]:
    """Give one reference or several as a list."""
    if isinstance(references, str | int | OmeroRef):
        return [references]
    return list(references)


def parse_all(references: Reference | Sequence[Reference]) -> list[OmeroRef]:
    """Read what one text or several name."""
    return [
        ref for each in list_references(references) for ref in parse_reference(each)
    ]


def parse_reference(reference: str | int | OmeroRef) -> list[OmeroRef]:
    """Read what a text names; a number is an image's."""
    if isinstance(reference, OmeroRef):
        return [reference]
    return OmeroRef.parse_all(str(reference))


def find_view(reference: str | int | OmeroRef) -> View | None:
    """Give the view that all objects of a reference are shown with, None for theirs."""
    return share_view(parse_reference(reference))


def share_view(refs: Sequence[OmeroRef]) -> View | None:
    """Give the view that all of some objects are shown with, None for theirs."""
    views = {ref.view for ref in refs}
    return views.pop() if len(views) == 1 else None
