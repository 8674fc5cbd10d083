"""napari's way to open a link: ``viewer.open``, the command line, the clipboard.

In a window that is running, opening goes on in the background and the reader returns
at once, without layers.  In a script it waits, and returns them.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import BadReference
from napari_omero_io.refs import OmeroRef, gather

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import napari

    from napari_omero_io.convert.layers import LayerData

#: Tells napari that the link was taken and that no layers come of it now.
HANDLED: list[tuple[Any, ...]] = [(None,)]


def get_reader(
    path: str | Sequence[str],
) -> Callable[[str | Sequence[str]], Sequence[tuple[Any, ...]]] | None:
    """Return the function that reads a link; None if this is no link to OMERO."""
    try:
        for text in _as_list(path):
            OmeroRef.parse_all(text)
    except BadReference:
        # A link of ours with a mistake, or an address of an OMERO web server that shows
        # no object: in a window, the parser's sentence says more than napari's "no
        # reader"; in a script another reader may know the address.
        is_ours = all(text.startswith("omero") for text in _as_list(path))
        return read if is_ours or _runs_window() else None
    return read


def read(path: str | Sequence[str]) -> Sequence[tuple[Any, ...]]:
    """Open one link or several.

    Raises
    ------
    OmeroIOError
        In a script: it cannot be opened.
    """
    viewer = _find_viewer()
    if viewer is not None and (_runs_window() or _runs_command_line()):
        _open_later(viewer, _as_list(path))
        return HANDLED
    return _read_now(viewer, _as_list(path))


def _read_now(
    viewer: napari.Viewer | None, links: Sequence[str]
) -> Sequence[LayerData]:
    from napari_omero_io.plugin.sessions import (
        choose_arrangement,
        read_layers,
        read_references,
    )

    layers = [
        layer
        for link in links
        for group in gather(read_references(link))
        for part in read_layers(group, arrangement=choose_arrangement(group[0]))
        for layer in part
    ]
    if viewer is not None:
        from napari_omero_io.plugin.viewer import prefetch, stage_of

        prefetch(layers)
        stage_of(viewer)  # from here on it serves all layers of the viewer
    return layers


def _open_later(viewer: napari.Viewer, links: Sequence[str]) -> None:
    """Open links as soon as the window works; on the command line it does not yet."""
    from qtpy.QtCore import QTimer

    from napari_omero_io.plugin.viewer import stage_of

    links_opener = stage_of(viewer).links

    def open_all() -> None:
        for link in links:
            links_opener.open_text(link)

    QTimer.singleShot(0, open_all)


def _as_list(path: str | Sequence[str]) -> list[str]:
    return [str(path)] if isinstance(path, str | Path) else [str(one) for one in path]


def _find_viewer() -> napari.Viewer | None:
    if "napari.viewer" not in sys.modules:
        return None
    import napari

    return napari.current_viewer()


def _runs_window() -> bool:
    """Whether the thread that asks runs a window: it must not be held up."""
    if "qtpy.QtWidgets" not in sys.modules:
        return False
    from qtpy.QtCore import QThread
    from qtpy.QtWidgets import QApplication

    app = QApplication.instance()
    return (
        app is not None
        and QThread.currentThread() is app.thread()
        and app.thread().loopLevel() > 0
    )


def _runs_command_line() -> bool:
    """Whether this is ``napari LINK``, which opens files before the window works."""
    program = Path(sys.argv[0])
    name = program.parent.name if program.stem == "__main__" else program.stem
    return name == "napari"
