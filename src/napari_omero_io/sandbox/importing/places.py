"""Choosing a folder of the managed repository that no other import has."""

from __future__ import annotations

import threading
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.store.managed import is_taken

from .paths import TEMPLATE, expand_template

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call

_turn = threading.Lock()
#: Folders that were chosen by this process: their rows come with the images.
_chosen: set[str] = set()


def choose_folder(call: Call) -> str:
    """Return a new folder after the template of the settings, ending with a slash."""
    template = call.core.config.get("omero.fs.repo.path") or TEMPLATE
    session = call.session.uuid if call.session is not None else ""
    # Local time, as OMERO.server takes it.
    now = datetime.now().astimezone()
    ours, theirs = expand_template(template, call.caller, session, now)
    wanted = "/".join([*ours, *theirs])
    with _turn, call.core.database.read() as connection:
        folder = wanted
        for suffix in count(1):
            if folder not in _chosen and not is_taken(connection, call, folder):
                break
            folder = f"{wanted}-{suffix}"
        _chosen.add(folder)
    return f"{folder}/"
