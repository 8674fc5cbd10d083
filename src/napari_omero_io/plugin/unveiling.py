"""Drawings painted for the first time, in turns of the window that are all short.

napari makes the whole picture of a Shapes layer when it paints it first: the programs
of the graphics card, the letters of the texts, and three corners with a colour for each
triangle.  For ten thousand polygons the window would stand still for half a second.
Here one thing is made at a time, and the corners outside of the window's thread.
"""

from __future__ import annotations

import weakref
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from napari.qt import QtViewer
from napari.utils.notifications import show_error
from qtpy.QtCore import QObject, QTimer, Signal
from vispy.geometry import MeshData

from napari_omero_io.widgets.controller import find_window
from napari_omero_io.widgets.message import explain
from napari_omero_io.widgets.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import Callable

    from napari import Viewer
    from napari.layers import Points, Shapes
    from numpy.typing import NDArray

    Drawing: TypeAlias = Shapes | Points

#: Milliseconds between two turns: Qt paints what the first has changed meanwhile.
_PAUSE = 10

#: What the pictures of shapes and points consist of beside these, in the order in which
#: it is made; what is in one line in one turn.
_PARTS = (
    ("shape_highlights", "selection_markers", "highlight_lines", "highlight_vertices"),
    ("text",),
)

#: Letters that are made in one turn, and those that vispy measures for any text.
_LETTERS = 10
_MEASURED = "ÅÉÑŐjgpqy "


class UnfoldedMesh(MeshData):
    """A mesh that has all that is sent to the graphics card ready.

    Parameters
    ----------
    vertices
        Rows of x, y and perhaps z.
    faces
        Three indices of vertices for each triangle.
    colors
        Red, green, blue and alpha from 0 to 1, for each triangle.
    """

    def __init__(
        self, vertices: NDArray[Any], faces: NDArray[Any], colors: NDArray[Any]
    ) -> None:
        corners = np.zeros((len(vertices), 3), np.float32)
        corners[:, : vertices.shape[1]] = vertices
        super().__init__(corners, faces, face_colors=np.asarray(colors, np.float32))
        self._limits: list[tuple[float, float]] = super().get_bounds()
        # kept by vispy, which asks for these when it paints
        self.get_vertices(indexed="faces")
        self.get_face_colors(indexed="faces")

    def get_bounds(self) -> list[tuple[float, float]]:
        """Give the least and the largest x, y and z.

        vispy's own reads corners for axes once the vertices are unfolded.
        """
        return self._limits


class Unveiling(QObject):
    """Shows the Shapes and Points layers that are added to a viewer.

    Parameters
    ----------
    viewer
        With a window.

    Signals
    -------
    unveiled()
        A layer is visible now, though perhaps not all of it is painted yet.
    """

    unveiled = Signal()

    def __init__(self, viewer: Viewer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = weakref.ref(viewer)
        self._tasks = Tasks()
        self._turns: deque[Callable[[], None]] = deque()
        self._unfolding = 0
        self._veiled: weakref.WeakSet[Drawing] = weakref.WeakSet()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._take_turn)

    @property
    def is_busy(self) -> bool:
        """Whether layers are still to be shown whole."""
        return bool(self._turns) or self._unfolding > 0

    @property
    def hides_some(self) -> bool:
        """Whether a layer is still to be made visible."""
        return bool(self._veiled)

    def veil(self, layer: Drawing) -> None:
        """Hide a layer that is about to be added, and show it in the turns to come.

        napari paints while it adds; so the two are turns of their own.
        """
        if layer.visible:
            layer.visible = False
            self._veiled.add(layer)
            self._plan(partial(self._unveil, layer))

    def stop(self) -> None:
        """Show nothing more; called when the window is gone."""
        self._timer.stop()
        self._tasks.cancel_all()
        self._turns.clear()
        self._unfolding = 0

    def _plan(self, *turns: Callable[[], None]) -> None:
        self._turns.extend(turns)
        if not self._timer.isActive():
            self._timer.start(_PAUSE)

    def _take_turn(self) -> None:
        if self._turns:
            self._turns.popleft()()
        if self._turns:
            self._timer.start(_PAUSE)

    def _unveil(self, layer: Drawing) -> None:
        layer.visible = True
        viewer = self._viewer()
        picture = None if viewer is None else find_picture(viewer, layer)
        if picture is not None:
            self._paint(layer, picture)
        self._veiled.discard(layer)
        self.unveiled.emit()

    def _paint(self, layer: Drawing, picture: Any) -> None:
        for part in (name for names in _PARTS for name in names):
            if hasattr(picture, part):
                getattr(picture, part).visible = False
        letters = find_letters(layer)
        for first in range(0, len(letters), _LETTERS):
            some = letters[first : first + _LETTERS]
            self._plan(partial(_load_letters, picture, some))
        self._plan(*(partial(_show, picture, names) for names in _PARTS))
        if hasattr(picture, "shape_faces"):
            mesh = picture.shape_faces
            whole, blank = mesh.mesh_data, make_blank()
            mesh.set_data(meshdata=blank)
            self._unfold(mesh, whole, blank)

    def _unfold(self, mesh: Any, whole: MeshData, blank: MeshData) -> None:
        self._unfolding += 1

        def reveal(data: MeshData) -> None:
            # anything else was set by napari meanwhile, and is newer
            if mesh.mesh_data is blank:
                mesh.set_data(meshdata=data)

        def done(unfolded: UnfoldedMesh) -> None:
            self._unfolding -= 1
            self._plan(partial(reveal, unfolded))

        def fail(error: Exception) -> None:
            self._unfolding -= 1
            show_error(explain(error))
            reveal(whole)

        self._tasks.run(partial(unfold, whole), done, fail)


def find_picture(viewer: Viewer, layer: Drawing) -> Any:
    """Find what paints a layer; None where napari keeps that elsewhere."""
    for qt_viewer in find_window(viewer).findChildren(QtViewer):
        pictures = getattr(qt_viewer.canvas, "layer_to_visual", {})
        picture = getattr(pictures.get(layer), "node", None)
        if hasattr(picture, "text"):
            return picture
    return None


def make_blank() -> MeshData:
    """Make a mesh of which nothing is seen; vispy cannot paint an empty one."""
    return MeshData(
        np.zeros((3, 3), np.float32),
        np.array([(0, 1, 2)]),
        face_colors=np.zeros((1, 4), np.float32),
    )


def unfold(mesh: MeshData) -> UnfoldedMesh:
    """Make ready what is painted of a mesh with a colour for each triangle."""
    return UnfoldedMesh(mesh.get_vertices(), mesh.get_faces(), mesh.get_face_colors())


def find_letters(layer: Drawing) -> str:
    """Give each letter once that is wanted to paint a layer."""
    texts = layer.text.values if layer.text.visible else ()
    return "".join(sorted(set(_MEASURED).union(*map(str, texts))))


def _load_letters(picture: Any, letters: str) -> None:
    """Make the pictures of letters, which vispy would do when it paints the first text.

    They are kept for all layers.  Where vispy keeps them elsewhere, that is when they
    are made.
    """
    font = getattr(picture.text, "_font", {})
    for letter in letters:
        if letter.isprintable() and hasattr(font, "slop"):
            font[letter]


def _show(picture: Any, names: tuple[str, ...]) -> None:
    for name in names:
        if hasattr(picture, name):
            getattr(picture, name).visible = True
