"""Opens what is asked for, one order after another, without stopping the window."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QObject, Signal

from napari_omero_io.errors import OmeroIOError
from napari_omero_io.refs import OmeroRef, gather

from .account import State
from .arranging import CONTAINERS, MOST, Offer, decide
from .patience import Patience
from .tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from napari_omero_io.records import RunChoice
    from napari_omero_io.session import Arrangement

    from .account import Account
    from .server import Server


@dataclass(frozen=True, slots=True)
class _Order:
    """What a user wants to be opened, and what it is called; see `Server`."""

    links: str | tuple[str, ...]
    name: str
    arrangement: Arrangement = "apart"
    run: RunChoice = None
    field: int | None = None

    @property
    def key(self) -> str:
        """What tells it from others."""
        return str((self.links, self.arrangement, self.run, self.field))

    def begin(self, server: Server) -> Iterator[Sequence[Any]]:
        """Ask for it."""
        return server.open_layers(
            self.links, self.arrangement, run=self.run, field=self.field
        )


class Opening(QObject):
    """Opens images one after another, without stopping the window.

    Parameters
    ----------
    find_other
        Finds what opens images of another server, None if nobody is logged in there.

    Signals
    -------
    layers_ready(layers)
        Layer data to be shown.
    said(text, tone)
        What is going on, or what went wrong; '' when nothing is.
    text_opened()
        What a user pasted was understood and is on its way.
    doubted(offer, then)
        There are many images: ask, and call `then` with the answer.
    busy_changed(is_busy)
        Whether there is anything that `stop` would stop.
    """

    layers_ready = Signal(list)
    said = Signal(str, str)
    text_opened = Signal()
    doubted = Signal(object, object)
    busy_changed = Signal(bool)

    def __init__(
        self,
        account: Account,
        parent: QObject | None = None,
        find_other: Callable[[str], Opening | None] | None = None,
    ) -> None:
        super().__init__(parent)
        self._account = account
        self._find_other = find_other or (lambda _: None)
        self._tasks = Tasks()
        self._waiting: deque[_Order] = deque()
        #: Links of which the images are there, and what is drawn on them is not.
        self._unfinished: deque[tuple[Iterator[Sequence[Any]], str]] = deque()
        self._failures: list[str] = []
        self._unready = Patience(self)
        self._is_busy = False
        account.changed.connect(self._on_account_changed)

    @property
    def is_busy(self) -> bool:
        """Whether something is still to be read."""
        return self._is_busy or bool(self._waiting or self._unfinished)

    def open_text(self, text: str) -> None:
        """Open whatever a user has pasted."""
        server = self._account.server
        if server is None:
            self.said.emit("Log in first, then paste the link again.", "error")
            return
        try:
            refs = OmeroRef.parse_all(text, default_server=server.address)
        except OmeroIOError as error:
            self.said.emit(str(error), "error")
            return
        elsewhere = [ref for ref in refs if ref.server and not server.is_at(ref.server)]
        other = self._find_other(elsewhere[0].server or "") if elsewhere else None
        if other is not None and len(elsewhere) == len(refs):
            self.text_opened.emit()
            other.open_text(text)
            return
        if elsewhere:
            self.said.emit(
                f"This link points to {elsewhere[0].server}, and you are logged in to "
                f"{server.address}. Log in there, too, to open it; or write "
                f"{elsewhere[0].kind}:{elsewhere[0].id} to open the "
                f"{elsewhere[0].kind} of that number here.",
                "error",
            )
            return
        self.text_opened.emit()
        groups = gather(
            dict.fromkeys(replace(ref, server=server.address) for ref in refs)
        )
        links = {str(ref): _name(ref) for ref, *_ in groups}
        kinds = {"as one" if _is_joint(ref) else ref.kind for ref, *_ in groups}
        if len(groups) > 1 and kinds == {"image"}:
            self._arrange(links, f"{len(links)} links", len(links))
            return
        for group in groups:
            self._open_group(group)

    def _open_group(self, group: Sequence[OmeroRef]) -> None:
        """Open one object, or several that a link shows as one."""
        ref, name = group[0], _name(group[0])
        if ref.view is not None and ref.view.arrangement is not None:
            name = name if len(group) == 1 else f"{len(group)} {ref.kind}s"
            self.open_together(list(map(str, group)), name, ref.view.arrangement)
        elif ref.kind in CONTAINERS and ref.id is not None:
            self._count(ref.kind, ref.id, str(ref), name)
        else:
            self.open_links({str(ref): name})

    def _count(self, kind: str, object_id: int, link: str, name: str) -> None:
        """Open what something holds, as befits the number of images."""
        server = self._account.server
        if server is None:
            return
        self.said.emit(f"Looking for the images in {name}…", "busy")

        def show(images: Sequence[int]) -> None:
            self.said.emit("", "plain")
            self._arrange({link: name}, name, len(images), kind)

        def fail(error: Exception) -> None:
            self.said.emit(self._account.note_failure(error), "error")

        self._tasks.run(
            lambda: server.find_images(kind, object_id, MOST + 1), show, fail
        )

    def _arrange(
        self, links: dict[str, str], name: str, count: int, kind: str = ""
    ) -> None:
        def open_them(arrangement: Arrangement) -> None:
            if arrangement == "apart":
                self.open_links(links)
            else:
                self.open_together(list(links), name, arrangement)

        decision = decide(count, kind)
        if isinstance(decision, Offer):
            self.doubted.emit(decision, open_them)
        else:
            open_them(decision)

    def open_links(self, links: dict[str, str]) -> None:
        """Open objects by their links; the values are names to tell the user."""
        for link, name in links.items():
            self._enqueue(_Order(link, name))

    def stop(self) -> None:
        """Open nothing more of what is waiting; what is open already stays."""
        self._forget_all()
        self.said.emit("Stopped. What is open already stays.", "plain")

    def open_together(
        self,
        links: Sequence[str],
        name: str,
        arrangement: Arrangement,
        *,
        run: RunChoice = None,
        field: int | None = None,
    ) -> None:
        """Open objects as one stack or mosaic; see `Server.open_layers`."""
        self._enqueue(_Order(tuple(links), name, arrangement, run, field))

    def _enqueue(self, order: _Order) -> None:
        self._waiting.append(order)
        if not self._is_busy:
            self._open_next()

    def _open_next(self) -> None:
        server = self._account.server
        if self._waiting and server is not None:
            order = self._waiting.popleft()
            more = f" ({len(self._waiting)} more to come)" if self._waiting else ""
            self.said.emit(f"Opening {order.name}{more}…", "busy")
            self._read(order.begin(server), order.name, order)
        elif self._unfinished:
            parts, name = self._unfinished.popleft()
            self.said.emit(f"Reading what is drawn on {name}…", "busy")
            self._read(parts, name)
        else:
            failures, self._failures = self._failures, []
            tone = "error" if failures else "busy" if self._unready else "plain"
            said = [*failures, self._unready.describe()]
            self.said.emit("\n".join(filter(None, said)), tone)
        self.busy_changed.emit(self.is_busy or bool(self._unready))

    def _read(
        self, parts: Iterator[Sequence[Any]], name: str, order: _Order | None = None
    ) -> None:
        """Read the next part of what a link names.

        Parameters
        ----------
        order
            Where this is the first part: it may be that it has to wait.
        """
        self._is_busy = True

        def show(layers: Sequence[Any] | None) -> None:
            if order is not None:
                self._unready.forget(order.key)
            self._is_busy = False
            if layers is not None:
                self._unfinished.append((parts, name))
                if layers:
                    self.layers_ready.emit(list(layers))
            self._open_next()

        def fail(error: Exception) -> None:
            self._is_busy = False
            if order is None or not self._unready.wait(
                order.key, error, partial(self._enqueue, order)
            ):
                self._failures.append(self._account.note_failure(error))
            self._open_next()

        self._tasks.run(lambda: next(parts, None), show, fail)

    def _on_account_changed(self) -> None:
        if self._account.state is not State.LOGGED_IN:
            self._forget_all()

    def _forget_all(self) -> None:
        self._tasks.cancel_all()
        self._waiting.clear()
        self._unfinished.clear()
        self._failures.clear()
        self._unready.clear()
        self._is_busy = False
        self.busy_changed.emit(False)


def _name(ref: OmeroRef) -> str:
    return f"{ref.kind} {ref.name or ref.id}"


def _is_joint(ref: OmeroRef) -> bool:
    """Whether the link of an object shows it as one with others, or in one image."""
    return ref.view is not None and ref.view.arrangement is not None
