"""The images of a figure that was made with OMERO.figure.

A figure is a file in JSON that is kept as an annotation; links name the annotation.
Its ``panels`` each say the ``imageId`` they show, several perhaps the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import BadReference, NotFound

from . import hql
from .translate import translated
from .wire import make_parameters, unbox

if TYPE_CHECKING:
    from .connection import Connection

#: Bytes; figures of a hundred panels have a tenth of that.
_LARGEST = 20_000_000


def find_figure_images(connection: Connection, figure_id: int) -> list[int]:
    """Give the ids of the images that a figure shows, each once, in its order.

    Raises
    ------
    NotFound
        There is no such annotation with a file, or the user may not see it.
    BadReference
        Its file is no figure.
    """
    what = f"read the figure {figure_id}"
    with translated(what):
        rows = connection.service("query").projection(
            hql.FILE_OF_ANNOTATION,
            make_parameters(id=figure_id),
            connection.context(),
        )
    if not rows:
        raise NotFound(
            f"There is no figure {figure_id} at {connection.server}, or you may not "
            "see it."
        )
    file_id, size, group_id = (unbox(value) for value in rows[0])
    images = None
    if size <= _LARGEST:
        text = _read_file(connection, file_id, size, group_id, what)
        images = _read_panels(text)
    if images is None:
        raise BadReference(
            f"The file of annotation {figure_id} is no figure of OMERO.figure."
        )
    return images


def _read_panels(text: bytes) -> list[int] | None:
    """Give the images that panels show; None if this is no figure."""
    try:
        panels = json.loads(text)["panels"]
        return list(dict.fromkeys(int(panel["imageId"]) for panel in panels))
    except (ValueError, KeyError, TypeError):
        return None


def _read_file(
    connection: Connection, file_id: int, size: int, group_id: int, what: str
) -> bytes:
    store: Any = None

    def open_store() -> None:
        nonlocal store
        store = connection.open_file_store()
        store.setFileId(file_id, connection.context(group_id))

    def read() -> bytes:
        if store is None:
            open_store()
        try:
            data: bytes = store.read(0, size)
        finally:
            store.close()
        return data

    with translated(what):
        return connection.outlive(read, open_store)
