"""Deleting objects, all of them or none."""

from __future__ import annotations

import re
import threading
import time
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import (
    NotPermitted,
    OmeroIOError,
    ServerRefused,
    SessionLost,
)

from .browse import TYPES
from .ice import omero
from .translate import translated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection

#: What a container holds, which is kept unless the caller says otherwise.
_CONTENT = {
    "project": ["Dataset", "Image"],
    "dataset": ["Image"],
    "screen": ["Plate"],
    "tagset": ["TagAnnotation"],
}
#: Seconds after which a deletion that does not end is given up.
_PATIENCE = 600.0


def delete_objects(
    connection: Connection,
    kind: str,
    ids: Sequence[int],
    *,
    with_content: bool = False,
) -> dict[str, list[int]]:
    """Delete objects and what only they use, and wait until it is done.

    Tags and attached files are kept.  What does not exist is passed over.

    Parameters
    ----------
    with_content
        Whether what lies in containers goes too, unless it lies elsewhere as well.

    Returns
    -------
    dict
        The ids of all that was deleted, by the name of OMERO's class.

    Raises
    ------
    NotPermitted, ServerRefused
        Nothing was deleted.
    """
    if not ids:
        return {}
    request = omero.cmd.Delete2()
    request.targetObjects = {TYPES[kind]: [int(each) for each in ids]}
    keep = ["TagAnnotation", "FileAnnotation"]
    if not with_content:
        keep += _CONTENT.get(kind, [])
    if kind not in ("tag", "tagset", "annotation"):
        request.childOptions = [omero.cmd.graphs.ChildOption(excludeType=keep)]
    what = f"delete {kind} {', '.join(map(str, ids))}"
    with translated(what):
        handle = connection.submit(request)
        if handle is None:
            raise ServerRefused(f"Could not {what}: the server cannot do that.")
        try:
            response = _wait(handle, what)
        finally:
            handle.close()
    if isinstance(response, omero.cmd.ERR):
        raise _refuse(response, what)
    return {
        name.rpartition(".")[2]: list(deleted)
        for name, deleted in response.deletedObjects.items()
    }


def _wait(handle: Any, what: str) -> Any:
    """Ask for the answer, less and less often."""
    pause, until = 0.02, time.monotonic() + _PATIENCE
    sleep = threading.Event().wait
    while (response := handle.getResponse()) is None:
        if time.monotonic() > until:
            raise SessionLost(f"Could not {what}: the server does not finish.")
        sleep(pause)
        pause = min(1.0, pause * 1.5)
    return response


def _refuse(response: Any, what: str) -> OmeroIOError:
    said = response.parameters.get("message", "") or response.name
    said = " ".join(re.sub(r"\b(?:[a-z]+\.)+(?=[A-Z])", "", said).split()).rstrip(".")
    text = f"Could not {what}: the server declined ({said[:300]}). Nothing was deleted."
    is_forbidden = re.search(r"permi|not allowed|may not|SecurityViolation", said, re.I)
    return NotPermitted(text) if is_forbidden else ServerRefused(text)
