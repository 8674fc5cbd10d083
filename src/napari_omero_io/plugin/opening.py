"""Opens links in a viewer's window while its user goes on to work."""

from __future__ import annotations

import weakref
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import QObject, Signal

from napari_omero_io.errors import LoginRefused, OmeroIOError
from napari_omero_io.plugin.docks import controller_of, show_browser, show_sessions
from napari_omero_io.plugin.sessions import (
    count_images,
    read_layers,
    read_references,
)
from napari_omero_io.refs import gather, write_link
from napari_omero_io.widgets.account import State
from napari_omero_io.widgets.arranging import (
    CONTAINERS,
    MANY,
    MOST,
    Offer,
    ask,
    decide,
)
from napari_omero_io.widgets.controller import find_window
from napari_omero_io.widgets.message import explain
from napari_omero_io.widgets.patience import Patience
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari import Viewer

    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.refs import OmeroRef
    from napari_omero_io.session import Arrangement
    from napari_omero_io.widgets.account import Account


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is to be opened at once, and how."""

    refs: tuple[OmeroRef, ...]
    rendered: bool | None
    arrangement: Arrangement


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
        self._counting = 0
        self._waiting: deque[_Wish] = deque()
        self._is_opening = False
        self._without_session: list[tuple[OmeroRef, ...]] = []
        self._unready = Patience(self)
        self._is_asking = False

    @property
    def is_busy(self) -> bool:
        """Whether something is being opened, or waited for."""
        return self._is_opening or self._counting > 0 or len(self._unready) > 0

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
        groups = gather(refs)
        if len(groups) > MANY and all(ref.kind == "image" for ref in refs):
            self._arrange(tuple(refs), len(refs), rendered)
            return
        for group in groups:
            ref = group[0]
            if ref.view is not None and ref.view.arrangement is not None:
                self._open(group, rendered, ref.view.arrangement)
            elif ref.kind in CONTAINERS:
                self._count(ref, rendered)
            else:
                self._open((ref,), rendered)

    def stop(self) -> None:
        """Forget what is on its way."""
        self._tasks.cancel_all()
        self._waiting.clear()
        self._is_opening = False
        self._without_session.clear()
        self._unready.clear()

    def _count(self, ref: OmeroRef, rendered: bool | None) -> None:
        """Open what something holds, as befits the number of images."""
        self._counting += 1

        def show(count: int) -> None:
            self._counting -= 1
            self._arrange((ref,), count, rendered, ref.kind)

        def fail(error: Exception) -> None:
            self._counting -= 1
            self._tell(error, ref)

        self._tasks.run(lambda: count_images(ref, MOST + 1), show, fail)

    def _arrange(
        self,
        refs: tuple[OmeroRef, ...],
        count: int,
        rendered: bool | None,
        kind: str = "",
    ) -> None:
        def open_them(arrangement: Arrangement) -> None:
            if arrangement != "apart":
                self._open(refs, rendered, arrangement)
                return
            for ref in refs:
                self._open((ref,), rendered)

        viewer, decision = self._viewer(), decide(count, kind)
        if not isinstance(decision, Offer):
            open_them(decision)
        elif viewer is not None:
            ask(find_window(viewer), decision, open_them)

    def _open(
        self,
        refs: tuple[OmeroRef, ...],
        rendered: bool | None = None,
        arrangement: Arrangement = "apart",
    ) -> None:
        """Open things one after another, in the order in which they were named."""
        self._waiting.append(_Wish(refs, rendered, arrangement))
        if not self._is_opening:
            self._open_next()

    def _open_next(self) -> None:
        self._is_opening = bool(self._waiting)
        if not self._waiting:
            return
        wish = self._waiting.popleft()
        refs, ref = wish.refs, wish.refs[0]
        key = (refs, wish.arrangement)
        if key not in self._unready and len(refs) == 1:
            show_info(f"Opening {ref.kind} {ref.id or ref.name}…")
        parts = read_layers(refs, wish.rendered, wish.arrangement)

        def show(layers: Sequence[LayerData] | None) -> None:
            if layers is None:
                self._open_next()
                return
            self._unready.forget(key)
            self._show_sessions()
            if layers:
                self.layers_ready.emit(list(layers))
            read_next()

        def fail(error: Exception) -> None:
            is_new = key not in self._unready
            again = partial(self._open, refs, wish.rendered, wish.arrangement)
            if self._unready.wait(key, error, again):
                if is_new:
                    show_info(f"{error} It will open by itself.")
            else:
                self._tell(error, *refs)
            self._open_next()

        def read_next() -> None:
            self._tasks.run(lambda: next(parts, None), show, fail)

        read_next()

    def _tell(self, error: Exception, *refs: OmeroRef) -> None:
        """Say why something does not open, or ask for the login that it needs."""
        if isinstance(error, LoginRefused):
            for group in gather(refs):
                self._ask_for_login(group)
        else:
            show_error(explain(error))

    def _show_sessions(self) -> None:
        """Let the dock show the session that a link began."""
        viewer = self._viewer()
        if viewer is not None:
            show_sessions(viewer)

    def _ask_for_login(self, refs: tuple[OmeroRef, ...]) -> None:
        """Show the dock; what waits is opened when the user has logged in."""
        viewer = self._viewer()
        if viewer is None:
            return
        self._without_session.append(refs)
        show_browser(viewer, refs[0].server, f"Log in to open {write_link(refs)}.")
        if not self._is_asking:
            self._is_asking = True
            controller_of(viewer).accounts.changed.connect(self._on_account_changed)

    def _on_account_changed(self, account: Account) -> None:
        server = account.server
        if account.state is not State.LOGGED_IN or server is None:
            return
        waiting, self._without_session = self._without_session, []
        for refs in waiting:
            if refs[0].server is None or server.is_at(refs[0].server):
                self.open_text(write_link(refs))
            else:
                self._without_session.append(refs)
