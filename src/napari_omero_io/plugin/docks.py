"""The plugin's dock and windows in a viewer: how they are found and shown."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from napari_omero_io.plugin.copying import copy_link
from napari_omero_io.plugin.sessions import take_begun
from napari_omero_io.plugin.viewing import LiveViewing
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.controller import controller_for, make_real_doors
from napari_omero_io.widgets.live_server import LiveServer
from napari_omero_io.widgets.main import OmeroDock, show_dock, show_export

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer

    from napari_omero_io.widgets.controller import Controller


def controller_of(viewer: Viewer) -> Controller:
    """Return what the viewer's docks and dialogs are views of."""
    doors = replace(
        make_real_doors(),
        add_layers=_show_layers,
        copy_link=copy_link,
        viewing=LiveViewing(),
    )
    return controller_for(viewer, doors)


class Browser(OmeroDock):
    """The dock as napari's Plugins menu makes it.

    A class, since napari gives its viewer to classes and not to functions.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        from napari_omero_io.plugin.viewer import stage_of

        stage_of(napari_viewer)
        controller_of(napari_viewer)
        super().__init__(napari_viewer)


def show_browser(
    viewer: Viewer, server: str | None = None, notice: str = ""
) -> OmeroDock:
    """Show the dock.

    Parameters
    ----------
    server
        Where the user is expected to log in.
    notice
        Why.
    """
    accounts = controller_of(viewer).accounts
    dock = show_dock(viewer)
    if notice and server and accounts.find(server) is None:
        dock.ask_login()
    account = accounts.current
    if account.state is State.LOGGED_OUT and notice:
        if server:
            dock.login.server.setCurrentText(server)
            dock.login.server.lineEdit().home(False)
        dock.login.show_notice(notice)
        dock.login.focus_first_gap()
    return dock


def show_sessions(viewer: Viewer) -> None:
    """Let the dock show the sessions that links began, and the window end them."""
    for session in take_begun():
        controller_of(viewer).accounts.adopt(LiveServer(session))


def show_export_window(viewer: Viewer) -> None:
    """Show the export window; without a session, the login first."""
    controller_of(viewer)
    show_export(viewer)


def _show_layers(viewer: Viewer, layers: Sequence[Any]) -> None:
    from napari_omero_io.plugin.viewer import show_layers

    show_layers(viewer, layers)
