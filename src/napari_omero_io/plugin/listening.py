"""Links from other programs: a socket of the user's, on which one napari listens.

On Unix a socket in the user's private cache folder, on Windows a named pipe that only
the user may open.  Whoever can write to it could as well start napari with a link.
"""

from __future__ import annotations

import getpass
import logging
import os
from typing import TYPE_CHECKING

import napari
from qtpy.QtCore import QCoreApplication, QObject, Qt
from qtpy.QtNetwork import QLocalServer, QLocalSocket

from napari_omero_io.client.thumbnail_cache import find_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Milliseconds to wait for another napari on this machine, which may be busy drawing.
#: Where none listens, that is known at once.
_PATIENCE = 10_000
#: Longest message: links are short, however many.
_LONGEST = 1 << 16
#: What a message ends with, and the answer.
_END, _ANSWER = b"\n\n", b"taken\n"

logger = logging.getLogger(__name__)


def find_socket() -> str:
    """Say where the socket is, whether or not anybody listens."""
    if os.name == "nt":
        return f"napari-omero-io-{getpass.getuser()}"
    return str(find_folder() / "links.socket")


class LinkListener(QObject):
    """Opens links that other programs of the user hand over."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)

    def listen(self) -> bool:
        """Begin to listen, unless another napari does; says whether it does now."""
        name = find_socket()
        if self._server.isListening():
            return True
        if _connect(name) is not None:
            return False
        if os.name != "nt":
            # for this user alone, before there is anything in it
            find_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        # what a napari left behind that ended without a word
        QLocalServer.removeServer(name)
        if not self._server.listen(name):
            logger.warning(
                "Links from other programs open in new windows: %s",
                self._server.errorString(),
            )
        return bool(self._server.isListening())

    def _greet(self) -> None:
        socket = self._server.nextPendingConnection()
        if socket is not None:
            socket.setParent(self)
            socket.readyRead.connect(lambda: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QLocalSocket) -> None:
        message = bytes(socket.peek(_LONGEST))
        viewer = napari.current_viewer()
        if len(message) >= _LONGEST or viewer is None:
            socket.abort()
        elif message.endswith(_END):
            socket.write(_ANSWER)
            socket.flush()
            socket.disconnectFromServer()
            _open(viewer, message.decode("utf-8", "replace").split("\n"))


def listen() -> None:
    """Let other programs hand links to this napari; safe to call again."""
    app = QCoreApplication.instance()
    if app is not None:
        listener = app.findChild(LinkListener) or LinkListener(app)
        listener.listen()


def hand_over(links: Sequence[str]) -> bool:
    """Hand links to the napari that listens; False where none does."""
    socket = _connect(find_socket())
    if socket is None:
        return False
    lines = [" ".join(link.split()) for link in links]
    socket.write("\n".join(lines).encode() + _END)
    socket.flush()
    is_taken = socket.waitForReadyRead(_PATIENCE) and socket.readAll() == _ANSWER
    socket.close()
    return bool(is_taken)


def _connect(name: str) -> QLocalSocket | None:
    socket = QLocalSocket()
    socket.connectToServer(name)
    return socket if socket.waitForConnected(_PATIENCE) else None


def _open(viewer: napari.Viewer, links: Sequence[str]) -> None:
    """Open links in a viewer, and show its window."""
    # not at napari's start: with the dock comes all that can be saved
    from napari_omero_io.plugin.viewer import stage_of
    from napari_omero_io.widgets.controller import find_window

    window = find_window(viewer)
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()
    for link in filter(None, links):
        stage_of(viewer).links.open_text(link)
