"""Links to what a viewer shows, in the clipboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtGui import QGuiApplication

from napari_omero_io.errors import BadReference
from napari_omero_io.plugin.scene import read_references
from napari_omero_io.refs import ServerAddress, write_link, write_weblink
from napari_omero_io.session import find_session

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_omero_io.refs import OmeroRef


def copy_link(viewer: ViewerModel) -> str:
    """Copy a link to what the viewer shows; gives a sentence for the user."""
    try:
        link = write_link(read_references(viewer))
    except BadReference as error:
        return str(error)
    QGuiApplication.clipboard().setText(link)
    return f"Copied: {link}"


def copy_web_link(viewer: ViewerModel) -> str:
    """Copy an address of OMERO.web likewise."""
    try:
        ref, *others = read_references(viewer)
    except BadReference as error:
        return str(error)
    link = write_weblink(ref, find_web_host(ref), *others)
    QGuiApplication.clipboard().setText(link)
    return f"Copied: {link}"


def find_web_host(ref: OmeroRef) -> str:
    """Give the host of a server's web client: the one that was learned, or its own."""
    session = find_session(ref.server)
    if session is not None and session.web_host:
        return session.web_host
    return ServerAddress.parse(ref.server or "localhost").host
