"""How a session looks through a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_omero_io.refs import OmeroRef

from .side import Side

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_omero_io.records import ObjectRecord

#: Rows that `Tree.browse` reads at once.
_PAGE = 200


class Tree(Side):
    """The part of `Session` that lists and searches."""

    def browse(
        self, reference: str | OmeroRef | ObjectRecord | None = None
    ) -> Iterator[ObjectRecord]:
        """Iterate over what lies in a container, or over the first rows of the tree.

        Rows are read in pages, while they are asked for.
        """
        from napari_omero_io.client import browse
        from napari_omero_io.client.references import locate

        if reference is None:
            yield from browse.list_roots(self.connection)
            return
        if isinstance(reference, str):
            reference = OmeroRef.parse(reference)
        run_id = None
        if isinstance(reference, OmeroRef):
            kind, object_id = locate(self.connection, reference)
        else:
            kind, object_id = reference.kind, reference.id
            run_id = reference.run_id
        for first in range(0, 10**9, _PAGE):
            page = browse.list_children(
                self.connection,
                kind,
                object_id,
                first=first,
                limit=_PAGE,
                run_id=run_id,
            )
            yield from page
            if len(page) < _PAGE:
                return

    def search(
        self, text: str, kinds: Sequence[str] | None = None, limit: int = 100
    ) -> list[ObjectRecord]:
        """Find objects whose name contains a text, in any case of letters.

        Parameters
        ----------
        kinds
            Of project, dataset, image, screen, plate; None for all of them.
        limit
            Of rows for each kind.
        """
        from napari_omero_io.client import browse

        wanted = browse.NAMED if kinds is None else tuple(kinds)
        return browse.search(self.connection, text, wanted, limit)
