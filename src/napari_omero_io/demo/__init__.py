"""``napari-omero-io demo``: a server with images, and napari connected to it.

`command` reads the words of the command line and opens the window; `performance` does
the main job by itself where nobody sits before a screen; `stage` is what it needs of
the window: waiting, clicking, taking pictures.
"""

from __future__ import annotations

from .command import main

__all__ = ["main"]
