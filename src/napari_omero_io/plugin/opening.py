"""Opens links in a viewer's window while its user goes on to work."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING

from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QObject, Signal

from napari_omero_io.errors import LoginRefused, OmeroIOError
from napari_omero_io.plugin.docks import controller_of, show_browser
from napari_omero_io.plugin.sessions import read_layers, read_references
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.message import explain
from napari_omero_io.widgets.patience import Patience
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer

    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.refs import OmeroRef
    from napari_omero_io.widgets.account import Account


class LinkOpener(QObject):
    """Turns links into layers, in threads; asks for a login where one is missing.

    Signals
    -------
    layers_ready(layers)
        Layer data to be shown.
    """

    layers_ready = Signal(list)

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = weakref.ref(viewer)
        self._tasks = Tasks()
        self._on_their_way = 0
        self._without_session: list[OmeroRef] = []
        self._unready = Patience(self)
        self._is_asking = False

    @property
    def is_busy(self) -> bool:
        """Whether something is being opened, or waited for."""
        return self._on_their_way > 0 or len(self._unready) > 0

    def open_text(self, text: str, rendered: bool | None = None) -> None:
        """Open everything that a link or another text names.

        Parameters
        ----------
        rendered
            Whether to show what the server renders; None for the user's choice.
        """
        try:
            refs = read_references(text)
        except OmeroIOError as error:
            show_error(str(error))
            return
        for ref in refs:
            self._open(ref, rendered)

    def stop(self) -> None:
        """Forget what is on its way."""
        self._tasks.cancel_all()
        self._without_session.clear()
        self._unready.clear()

    def _open(
        self, ref: OmeroRef, rendered: bool | None = None, *, is_first: bool = True
    ) -> None:
        self._on_their_way += 1
        if is_first:
            show_info(f"Opening {ref.kind} {ref.id or ref.name}…")
        parts = read_layers(ref, rendered)

        def show(layers: Sequence[LayerData] | None) -> None:
            if layers is None:
                self._on_their_way -= 1
                return
            self._unready.forget(ref)
            if layers:
                self.layers_ready.emit(list(layers))
            read_next()

        def fail(error: Exception) -> None:
            self._on_their_way -= 1
            is_new = ref not in self._unready
            again = partial(self._open, ref, rendered, is_first=False)
            if self._unready.wait(ref, error, again):
                if is_new:
                    show_info(f"{error} It will open by itself.")
            elif isinstance(error, LoginRefused):
                self._ask_for_login(ref)
            else:
                show_error(explain(error))

        def read_next() -> None:
            self._tasks.run(lambda: next(parts, None), show, fail)

        read_next()

    def _ask_for_login(self, ref: OmeroRef) -> None:
        """Show the dock; what waits is opened when the user has logged in."""
        viewer = self._viewer()
        if viewer is None:
            return
        self._without_session.append(ref)
        show_browser(viewer, ref.server, f"Log in to open {ref}.")
        if not self._is_asking:
            self._is_asking = True
            controller_of(viewer).accounts.changed.connect(self._on_account_changed)

    def _on_account_changed(self, account: Account) -> None:
        server = account.server
        if account.state is not State.LOGGED_IN or server is None:
            return
        waiting, self._without_session = self._without_session, []
        for ref in waiting:
            if ref.server is None or server.is_at(ref.server):
                self._open(ref)
            else:
                self._without_session.append(ref)
