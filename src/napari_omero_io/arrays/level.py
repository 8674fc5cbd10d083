"""One resolution of an image as an array with two faces.

Whoever reads it gets the true pixels and waits for them; only napari's own slicer,
which asks on the thread that draws the window, is answered at once with the best that
is in memory.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from napari_omero_io.arrays.geometry import Box
from napari_omero_io.arrays.pages import make_room
from napari_omero_io.arrays.selection import (
    Selection,
    is_basic,
    narrow,
    narrow_fancy,
    rising,
    shape_of,
)
from napari_omero_io.arrays.views import View

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    from napari_omero_io.arrays.remote import RemoteImage
    from napari_omero_io.arrays.viewpoint import Viewpoint

#: The order of an image's axes.
AXES = "TCZYX"
#: Of an image with several resolutions napari looks at rectangles whose edges are
#: multiples of the chunks: larger ones are painted in vain, where nobody sees them.
#: Never a power of two, for which OpenGL in software compiles its shaders once more,
#: those of all layers in one turn of the window: 140 ms for three (Mesa 22.3).
_CHUNK_EDGE = 240


class RemoteLevel:
    """One resolution of an image, or a part of it.  Indexing reads nothing.

    Converting it to a numpy array does, as does an index that leaves one pixel or
    that is itself an array.  See the module about who has to wait.
    """

    def __init__(
        self,
        image: RemoteImage,
        level: int,
        axes: str,
        selection: Selection,
        viewpoint: Viewpoint | None = None,
    ) -> None:
        self.image = image
        self.level = level
        self.viewpoint = viewpoint
        self._axes = axes
        self._selection = selection
        self.shape: tuple[int, ...] = shape_of(selection)
        self.dtype = image.dtype
        self.ndim = len(self.shape)

    def __repr__(self) -> str:
        return (
            f"<RemoteLevel {self.level} of image {self.image.record.id} "
            f"{self.shape} {self.dtype}>"
        )

    @property
    def axes(self) -> str:
        """Letters of the axes that are left, such as ``TZYX``; C is the last of RGB."""
        return "".join(
            axis
            for axis, pick in zip(self._axes, self._selection, strict=True)
            if isinstance(pick, range)
        )

    @property
    def channel(self) -> int | None:
        """The one channel that is left, None where there are several."""
        pick = self._selection[self._axes.index("C")]
        return pick if isinstance(pick, int) else None

    @property
    def size(self) -> int:
        """Number of pixels."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    @property
    def nbytes(self) -> int:
        """Bytes that the pixels would take in memory."""
        return self.size * self.dtype.itemsize

    @property
    def chunks(self) -> tuple[int, ...]:
        """Shape of the parts that are best read; napari aligns its requests to it."""
        grid = self.image.grids[self.level]
        lengths = {"Y": grid.cell_height, "X": grid.cell_width, "C": 3}
        if len(self.image.grids) > 1:
            lengths |= {axis: min(lengths[axis], _CHUNK_EDGE) for axis in "YX"}
        return tuple(
            min(lengths.get(axis, 1), len(pick))
            for axis, pick in zip(self._axes, self._selection, strict=True)
            if isinstance(pick, range)
        )

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __copy__(self) -> RemoteLevel:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> RemoteLevel:
        # napari copies the data of a layer that is duplicated
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by reference: another process reads the server itself."""
        from napari_omero_io.arrays.restoring import restore_level

        return restore_level, (
            self.image.source,
            self.level,
            self._axes,
            self._selection,
        )

    def __getitem__(self, key: Any) -> Any:
        if not is_basic(key):
            selection, rest = narrow_fancy(self._selection, key)
            return self._part(selection).read()[rest]
        part = self._part(narrow(self._selection, key))
        return part if part.ndim else part.read()[()]

    def _part(self, selection: Selection) -> RemoteLevel:
        return RemoteLevel(
            self.image, self.level, self._axes, selection, self.viewpoint
        )

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        if copy is False:
            raise ValueError("The pixels are on a server: an array of them is a copy")
        if (
            self.viewpoint is not None
            and self.viewpoint.has_listeners
            and _is_slicer(sys._getframe(1).f_globals.get("__name__", ""))
        ):
            pixels = self._peek(self.viewpoint)
        else:
            pixels = self.read()
        return pixels if dtype is None else pixels.astype(dtype, copy=False)

    def astype(self, dtype: DTypeLike) -> NDArray[Any]:
        """Return the true pixels as another type."""
        return self.read().astype(dtype, copy=False)

    def read(self) -> NDArray[Any]:
        """Return the true pixels, waiting for them.

        Raises
        ------
        OmeroIOError
            They cannot be had.
        """
        picks = [rising(pick) for pick in self._selection]
        out = make_room(tuple(len(pick) for pick in picks), self.dtype)
        order = [self._axes.index(axis) for axis in AXES]
        # Without a viewpoint this is a computation, often over all of the image:
        # it must not drive what is on the screen out of the cache.
        keep = (
            self.viewpoint is not None
            and self.nbytes <= self.image.fetcher.cache.limit // 4
        )
        self.image.read_into(
            out.transpose(order), self.level, tuple(picks[i] for i in order), keep
        )
        return out[self._turned()]

    def _peek(self, viewpoint: Viewpoint) -> NDArray[Any]:
        """Return what can be shown at once."""
        picks = [rising(pick) for pick in self._selection]
        order = [self._axes.index(axis) for axis in AXES]
        ts, cs, zs, ys, xs = (picks[i] for i in order)
        if ys.step != 1 or xs.step != 1 or not self.size:
            return self.read()
        view = View(self.level, ts, cs, zs, Box(ys.start, ys.stop, xs.start, xs.stop))
        out = viewpoint.peek(view)
        return out.transpose([AXES.index(axis) for axis in self._axes])[self._turned()]

    def _turned(self) -> tuple[int | slice, ...]:
        """Return the key from rising axes to the selection's own."""
        return tuple(
            0
            if isinstance(pick, int)
            else slice(None, None, -1 if pick.step < 0 else 1)
            for pick in self._selection
        )


def _is_slicer(module: str) -> bool:
    """Whether a module is napari's slicer.

    It has been ``napari.layers.image._slice`` and is
    ``napari.layers._scalar_field._slice``.  Should it move again, reads become exact:
    slow, never wrong.
    """
    return module.startswith("napari.layers.") and module.endswith("._slice")
