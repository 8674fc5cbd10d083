"""What one layer on the screen sees of an image, without ever waiting.

A viewpoint answers with the cells that are in memory.  In place of a missing one
it shows a coarser level, else the plane that was shown before, and it tells the
fetcher what it lacks.  The answers are for the eye only: nothing that computes may
get them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.arrays.geometry import (
    Box,
    Cell,
    cover,
    map_indices,
    preview_levels,
)
from napari_omero_io.arrays.pages import allocate
from napari_omero_io.arrays.views import Plane, View, ahead
from napari_omero_io.errors import PixelsUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from numpy.typing import NDArray

    from napari_omero_io.arrays.memory import TileKey
    from napari_omero_io.arrays.remote import RemoteImage

#: A layer shows its image and its thumbnail: two frames at a time.
_FRAMES = 2
#: What is fetched ahead of the user may take this part of the cache.
_AHEAD_SHARE = 8
#: Above this many bytes a frame is refused: the viewer would fetch for minutes.
_FRAME_BYTES = 2 << 30


@dataclass(slots=True)
class _Frame:
    """The pixels of a view.

    Attributes
    ----------
    final, missed
        Which of its cells are true, and which were missing when they were looked for.
    guessed
        The level and the plane that is seen in place of a missing cell, if any.
    """

    pixels: NDArray[Any]
    final: set[tuple[Plane, Cell]] = field(default_factory=set)
    missed: set[tuple[Plane, Cell]] = field(default_factory=set)
    guessed: dict[tuple[Plane, Cell], tuple[int, Plane] | None] = field(
        default_factory=dict
    )


class Viewpoint:
    """The never-waiting side of one layer's levels.

    Attributes
    ----------
    choose_level
        Says which level to show in place of the one that is asked for; whoever knows
        how large a pixel is on the screen sets it.
    chosen
        The level that was asked for last, and the one that was shown.
    views
        How many different views were looked at so far.
    overview
        Differs when anything else is seen of the coarsest level than before.
    """

    def __init__(self, image: RemoteImage) -> None:
        self._image = image
        self.choose_level: Callable[[int], int] | None = None
        self.chosen: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._frames: OrderedDict[View, _Frame] = OrderedDict()
        self._wants: dict[int, list[TileKey]] = {}
        self._later: dict[int, tuple[View, list[TileKey]]] = {}
        self._shown: tuple[int, int] | None = None
        self._previous = -1
        self.views = 0
        self.overview: Hashable = None
        self._listeners: dict[
            object, tuple[Callable[[], None], Callable[[Exception], None]]
        ] = {}

    # -- listeners -----------------------------------------------------------------

    def listen(
        self,
        listener: object,
        on_arrival: Callable[[], None],
        on_failure: Callable[[Exception], None],
    ) -> None:
        """Tell somebody who can repaint of what arrives and what fails.

        Both are called from threads that fetch.
        """
        self._listeners[listener] = (on_arrival, on_failure)

    def ignore(self, listener: object) -> None:
        """Tell a listener no more; without any, nothing is fetched for the screen."""
        self._listeners.pop(listener, None)
        if not self._listeners:
            self._image.fetcher.drop(self)
            with self._lock:
                self._frames.clear()
                self._wants.clear()
                self._later.clear()

    @property
    def has_listeners(self) -> bool:
        """Whether anybody would repaint; else a quick answer would stay for ever."""
        return bool(self._listeners)

    @property
    def pending(self) -> int:
        """Number of cells that are still to come, perhaps after another try."""
        return self._image.fetcher.pending_of(self)

    @property
    def lacking(self) -> int:
        """Number of cells in view that the server declines to give."""
        return self._image.fetcher.lacking_of(self)

    def _on_arrival(self) -> None:
        for told, _ in list(self._listeners.values()):
            told()

    def _on_failure(self, error: Exception) -> None:
        for _, failed in list(self._listeners.values()):
            failed(error)

    # -- looking -------------------------------------------------------------------

    def peek(self, view: View) -> NDArray[Any]:
        """Return what can be shown now, shape (T, C, Z, Y, X).

        Raises
        ------
        PixelsUnavailable
            The view is too large to be fetched in reasonable time.
        """
        level = view.level
        if self.choose_level is not None and level + 1 < len(self._image.grids):
            level = self.choose_level(level)
            self.chosen = (view.level, level)
        with self._lock:
            if level == view.level:
                return self._look(view)
            return self._look_coarsely(view, level)

    def _look(self, view: View) -> NDArray[Any]:
        frame = self._frame_of(view)
        missing = self._fill(view, frame)
        if not missing and len(view.ts) == len(view.zs) == 1:
            self._shown = (view.ts[0], view.zs[0])
        if view.level == len(self._image.grids) - 1:
            self.overview = (view.ts, view.cs, view.zs, len(frame.final))
        self._want(view, missing)
        return frame.pixels

    def _look_coarsely(self, view: View, level: int) -> NDArray[Any]:
        """Show a coarser level, as large as what was asked for."""
        self._refuse_if_huge(view)
        fine, coarse = self._image.grids[view.level], self._image.grids[level]
        area = cover(view.box, fine, coarse)
        pixels = self._look(view._replace(level=level, box=area))
        rows = map_indices(view.box.y0, view.box.y1, fine.height, coarse.height)
        columns = map_indices(view.box.x0, view.box.x1, fine.width, coarse.width)
        wide = pixels.take(columns - area.x0, axis=4)
        return wide.take(rows - area.y0, axis=3)

    def _frame_of(self, view: View) -> _Frame:
        frame = self._frames.get(view)
        if frame is None:
            self._refuse_if_huge(view)
            frame = self._frames[view] = _Frame(self._allocate(view))
            self.views += 1
            while len(self._frames) > _FRAMES:
                self._frames.popitem(last=False)
        self._frames.move_to_end(view)
        return frame

    def _allocate(self, view: View) -> NDArray[Any]:
        """Return memory of whatever content for a view."""
        size_t, size_c, size_z, size_y, size_x = view.shape
        # The colours of a pixel side by side, as graphics cards want them.
        shape = (size_t, size_z, size_y, size_x, size_c)
        return allocate(shape, self._image.dtype).transpose(0, 4, 1, 2, 3)

    def _refuse_if_huge(self, view: View) -> None:
        size = self._image.dtype.itemsize
        for length in view.shape:
            size *= length
        if size > _FRAME_BYTES:
            raise PixelsUnavailable(
                f"Showing this part of “{self._image.record.name}” at once would take "
                f"{size / 1e9:.1f} GB; choose a coarser resolution or zoom in."
            )

    def _fill(self, view: View, frame: _Frame) -> list[tuple[Plane, Cell]]:
        """Paste what is in memory; return what is not."""
        grid = self._image.grids[view.level]
        missing, hits = [], 0
        for place, plane in view.planes():
            out = frame.pixels[place]
            tiles = {
                cell: self._cached(view.level, plane, cell)
                for cell in grid.cells_in(view.box)
                if (plane, cell) not in frame.final
            }
            lacking = [cell for cell, tile in tiles.items() if tile is None]
            self._guess(view, plane, lacking, len(tiles), frame, out)
            for cell, tile in tiles.items():
                if tile is None:
                    continue
                own = grid.box_of(cell)
                seen = own.intersect(view.box)
                out[seen.within(view.box)] = tile[seen.within(own)]
                frame.final.add((plane, cell))
                hits += (plane, cell) not in frame.missed
            missing += [(plane, cell) for cell in lacking]
        frame.missed.update(missing)
        self._image.fetcher.note_hits(hits)
        return missing

    def _guess(
        self,
        view: View,
        plane: Plane,
        lacking: list[Cell],
        count: int,
        frame: _Frame,
        out: NDArray[Any],
    ) -> None:
        """Fill cells with the next best that is in memory; black if there is none.

        Parameters
        ----------
        count
            How many cells of the plane are to be filled, now or from tiles.
        out
            All that is seen of the plane.
        """
        guessed, grid = frame.guessed, self._image.grids[view.level]
        choice = list(self._next_best(view.level, plane))
        is_new = bool(lacking) and (plane, lacking[0]) not in guessed
        if is_new and 2 * len(lacking) >= count:
            # All at once, which takes half as long as cell by cell; then the better.
            common = next(
                (one for one in choice if self._copy(view.level, *one, view.box, out)),
                None,
            )
            if common is None:
                out.fill(0)
            guessed.update(((plane, cell), common) for cell in lacking)
        for cell in lacking:
            seen = grid.box_of(cell).intersect(view.box)
            part, key = out[seen.within(view.box)], (plane, cell)
            for one in choice:
                if one == guessed.get(key):
                    break
                if self._copy(view.level, *one, seen, part):
                    guessed[key] = one
                    break
            else:
                if key not in guessed:
                    part.fill(0)
                    guessed[key] = None

    def _next_best(self, level: int, plane: Plane) -> Iterator[tuple[int, Plane]]:
        """Yield what may be shown in place of a plane: levels and planes."""
        levels = len(self._image.grids)
        for other in range(level + 1, levels):
            yield other, plane
        if self._shown is not None and self._shown != (plane.t, plane.z):
            for other in range(level, levels):
                yield other, Plane(self._shown[0], plane.c, self._shown[1])

    def _copy(
        self, level: int, other: int, plane: Plane, box: Box, out: NDArray[Any]
    ) -> bool:
        """Fill `box` of `level` from another level, if all of it is in memory."""
        fine, coarse = self._image.grids[level], self._image.grids[other]
        area = cover(box, fine, coarse)
        parts = []
        for cell in coarse.cells_in(area):
            tile = self._cached(other, plane, cell)
            if tile is None:
                return False
            own = coarse.box_of(cell)
            seen = own.intersect(area)
            parts.append((seen.within(area), tile[seen.within(own)]))
        if len(parts) == 1:
            _, small = parts[0]
        else:
            small = np.empty(area.shape, self._image.dtype)
            for place, part in parts:
                small[place] = part
        rows = map_indices(box.y0, box.y1, fine.height, coarse.height) - area.y0
        columns = map_indices(box.x0, box.x1, fine.width, coarse.width) - area.x0
        # in this order, and with `take`: ten times as fast as small[rows][:, columns]
        wide = small.take(columns, axis=1)
        if out.flags.c_contiguous:
            wide.take(rows, axis=0, out=out, mode="clip")  # others need a buffer
        else:
            out[...] = wide.take(rows, axis=0)
        return True

    def _cached(self, level: int, plane: Plane, cell: Cell) -> NDArray[Any] | None:
        return self._image.fetcher.cache.get(self._image.key(level, plane, cell))

    # -- asking --------------------------------------------------------------------

    def _want(self, view: View, missing: list[tuple[Plane, Cell]]) -> None:
        """Replace what the fetcher shall bring; called with the lock held."""
        last = len(self._image.grids) - 1
        had_any = any(self._wants.values())
        known = self._later.get(view.level)
        is_new = known is None or known[0] != view
        if is_new:
            self._later[view.level] = (view, list_ahead(self._image, view))
        # The thumbnail is always of the last level, and looked at after the view, which
        # may be of that level too: then it is looked at twice in a row.
        kept = {view.level, last}
        if view.level == last:
            kept.add(self._previous)
        self._previous = view.level
        for level in list(self._wants):
            if level not in kept:
                del self._wants[level]
                self._later.pop(level, None)
        self._wants[view.level] = self._list_wanted(view, missing)
        merged = OrderedDict.fromkeys(
            key
            for level in sorted(self._wants, reverse=True)
            for key in self._wants[level]
        )
        if merged or had_any or is_new:
            self._image.fetcher.want(
                self,
                self._image.source,
                merged,
                self._on_arrival,
                self._on_failure,
                later=[key for _, keys in self._later.values() for key in keys],
            )

    def _list_wanted(
        self, view: View, missing: list[tuple[Plane, Cell]]
    ) -> list[TileKey]:
        """Return keys in the order of their urgency: coarse first, centre outwards."""
        if not missing:
            return []
        grids, image = self._image.grids, self._image
        keys = []
        planes = OrderedDict.fromkeys(plane for plane, _ in missing)
        for level in preview_levels(grids, view.level):
            area = cover(view.box, grids[view.level], grids[level])
            keys += [
                key
                for plane in planes
                for cell in grids[level].cells_in(area)
                if (key := image.key(level, plane, cell)) not in image.fetcher.cache
            ]
        cells: dict[Cell, list[Plane]] = {}
        for plane, cell in missing:
            cells.setdefault(cell, []).append(plane)
        for cell in grids[view.level].centre_out(cells, view.box):
            keys += [image.key(view.level, plane, cell) for plane in cells[cell]]
        return keys


def list_ahead(image: RemoteImage, view: View) -> list[TileKey]:
    """Return what to fetch when all of a view is there; a bounded part of the cache."""
    grid = image.grids[view.level]
    size = grid.cell_height * grid.cell_width * image.dtype.itemsize
    count = image.fetcher.cache.limit // _AHEAD_SHARE // size
    size_t, _, size_z, _, _ = image.shape
    return [
        image.key(view.level, plane, cell)
        for plane, cell in islice(ahead(view, image.grids, size_t, size_z), count)
    ]
