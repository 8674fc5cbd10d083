"""What the menus call.  Everything heavy is imported when it is called.

napari fills in the viewer: with two windows, the one that was used last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import napari


def import_dialog(viewer: napari.Viewer) -> None:
    """Show the OMERO dock, where images are looked for and opened."""
    from napari_omero_io.plugin.docks import show_browser
    from napari_omero_io.plugin.viewer import stage_of

    stage_of(viewer)
    show_browser(viewer)


def export_dialog(viewer: napari.Viewer) -> None:
    """Show the window in which layers are exported."""
    from napari_omero_io.plugin.docks import show_export_window
    from napari_omero_io.plugin.viewer import stage_of

    stage_of(viewer)
    show_export_window(viewer)


def copy_link(viewer: napari.Viewer) -> None:
    """Copy a link to what the viewer shows, for napari."""
    from napari_omero_io.plugin.copying import copy_link

    _tell(copy_link(viewer))


def copy_web_link(viewer: napari.Viewer) -> None:
    """Copy the address at which OMERO.web shows what the viewer shows."""
    from napari_omero_io.plugin.copying import copy_web_link

    _tell(copy_web_link(viewer))


def switch_rendering(viewer: napari.Viewer) -> None:
    """Show the pixels in place of the server's picture of them, or the reverse."""
    from napari_omero_io.plugin.switching import switch_rendering

    _tell(switch_rendering(viewer))


def _tell(text: str) -> None:
    from napari.utils.notifications import show_info

    show_info(text)
