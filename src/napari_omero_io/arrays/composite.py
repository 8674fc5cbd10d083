"""One image put together of many, read from them when it is looked at.

Each part has a place: a time point, a row and a column of the whole.  Of its levels,
number k holds every 2^k-th pixel of every 2^k-th row, so they agree whatever the
parts are like; what no part covers is 0.  Where parts overlap, the last one is seen.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from napari_omero_io.arrays.geometry import join_tiles
from napari_omero_io.records import ImageRecord, LevelRecord, PartRecord, Patch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_omero_io.records import RunChoice

#: Levels are made until none of their sides is longer than this.
_SMALLEST = 2048
#: Changes with the places of cells: those that were kept on the disk are others then.
_LAYOUT = b"2"
#: A cell of a coarse level shows squares of so many parts.
_PARTS_ACROSS = 4
#: Longest side of a tile, and most pixels of one.
_TILE_EDGE, _TILE_AREA = 2048, 1 << 20


class PatchReader(Protocol):
    """Reads pixels of many images; used by the one thread that opened it."""

    def read(self, patches: Sequence[Patch]) -> list[NDArray[Any]]:
        """Read patches, each (Y, X), in the machine's byte order."""
        ...

    def close(self) -> None:
        """Give back what the server holds for this reader."""
        ...


class PatchSource(Protocol):
    """Where patches come from; it can be pickled if it can be read elsewhere."""

    @property
    def server(self) -> str:
        """The server as it stands in links."""
        ...

    def open_reader(self) -> PatchReader:
        """Open a reader for the calling thread."""
        ...


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a part lies in the whole: its first pixel and its first time point."""

    part: PartRecord
    y: int = 0
    x: int = 0
    t: int = 0


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written at a place of the whole, and of which object it speaks.

    Attributes
    ----------
    t
        None at all time points.
    """

    text: str
    kind: str
    id: int
    y: int = 0
    x: int = 0
    t: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """What was put together, and how: enough to do it once more.

    Attributes
    ----------
    objects
        Kinds and ids of what was named: images, what contains them, wells, a plate.
    run, field
        What was chosen of wells.
    """

    arrangement: Literal["stack", "mosaic"]
    objects: tuple[tuple[str, int], ...]
    run: RunChoice = None
    field: int | None = None


class CompositeSource:
    """Parts at their places as one source of pixels; see `compose`.

    Attributes
    ----------
    record
        What the whole is like.
    placements
        What lies where, the uppermost last.
    captions
        The names of what there is to see.
    steps
        What the first axis goes through, ``image`` or ``run``; '' where it is time.
    origin
        What was put together; None where nobody needs to know.
    """

    joins_channels = True

    def __init__(
        self,
        record: ImageRecord,
        placements: tuple[Placement, ...],
        patches: PatchSource,
        captions: tuple[Caption, ...] = (),
        steps: str = "",
        origin: Origin | None = None,
    ) -> None:
        self.record = record
        self.placements = placements
        self.captions = captions
        self.steps = steps
        self.origin = origin
        self._patches = patches

    def __reduce__(self) -> tuple[Any, ...]:
        return CompositeSource, (
            self.record,
            self.placements,
            self._patches,
            self.captions,
            self.steps,
            self.origin,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeSource) and self._name == other._name

    def __hash__(self) -> int:
        return hash(self._name)

    def __repr__(self) -> str:
        return f"<CompositeSource of {len(self.placements)} images at {self.server}>"

    @property
    def _name(self) -> tuple[str, int, str]:
        return self.server, self.record.pixels_id, self.record.version

    @property
    def server(self) -> str:
        """The server as it stands in links."""
        return self._patches.server

    @cached_property
    def by_time(self) -> dict[int, tuple[Placement, ...]]:
        """What lies at each time point."""
        found: dict[int, list[Placement]] = {}
        for placement in self.placements:
            for t in range(placement.t, placement.t + placement.part.size_t):
                found.setdefault(t, []).append(placement)
        return {t: tuple(there) for t, there in found.items()}

    @cached_property
    def _boxes(self) -> dict[int, NDArray[Any]]:
        """First and last row and column of what lies at each time point, (4, parts)."""
        return {
            t: np.array(
                [(p.y, p.y + p.part.size_y, p.x, p.x + p.part.size_x) for p in there]
            ).T
            for t, there in self.by_time.items()
        }

    def find_in(self, t: int, y: range, x: range) -> list[Placement]:
        """Return what lies in some rows and columns, in its order."""
        if t not in self.by_time:
            return []
        top, bottom, left, right = self._boxes[t]
        is_there = (bottom > y.start) & (top < y.stop)
        is_there &= (right > x.start) & (left < x.stop)
        there = self.by_time[t]
        return [there[number] for number in np.flatnonzero(is_there)]

    def open_reader(self) -> CompositeReader:
        """Open a reader for the calling thread, which closes it."""
        return CompositeReader(self, self._patches.open_reader())

    def close(self) -> None:
        """Give back what the server holds apart from open readers: nothing."""


class CompositeReader:
    """Reads the whole by its parts; used by the one thread that opened it."""

    def __init__(self, source: CompositeSource, patches: PatchReader) -> None:
        self._source = source
        self._patches = patches

    def read_tile(
        self, level: int, z: int, c: int, t: int, x: int, y: int, w: int, h: int
    ) -> NDArray[Any]:
        """Read `h` rows of `w` pixels; those of no part are 0.

        Raises
        ------
        OmeroIOError
            The pixels of a part cannot be had.
        """
        return self.read_channels(level, z, [c], t, x, y, w, h)[0]

    def read_channels(
        self,
        level: int,
        z: int,
        channels: Sequence[int],
        t: int,
        x: int,
        y: int,
        w: int,
        h: int,
    ) -> list[NDArray[Any]]:
        """Read a tile of several channels; see `read_tile`."""
        rows, columns = (
            range(first << level, first + count << level)
            for first, count in ((y, h), (x, w))
        )
        wanted = [
            seen
            for placement in self._source.find_in(t, rows, columns)
            if z < placement.part.size_z
            if (seen := _see(placement, 1 << level, (y, x, h, w))) is not None
        ]
        shown = [
            (number, each)
            for each in wanted
            for number, c in enumerate(channels)
            if c < each.placement.part.size_c
        ]
        patches = [
            Patch(
                each.placement.part,
                z,
                channels[number],
                t - each.placement.t,
                each.x,
                each.y,
                each.columns.stop - each.columns.start,
                each.rows.stop - each.rows.start,
                1 << level,
            )
            for number, each in shown
        ]
        dtype = self._source.record.dtype
        tiles = [np.zeros((h, w), dtype) for _ in channels]
        read = self._patches.read(patches)
        for (number, each), pixels in zip(shown, read, strict=True):
            tiles[number][each.rows, each.columns] = pixels
        return tiles

    def close(self) -> None:
        """Give back what the server holds for this reader."""
        self._patches.close()


@dataclass(frozen=True, slots=True)
class _Seen:
    """The part of a placement that a tile shows."""

    placement: Placement
    y: int
    x: int
    rows: slice
    columns: slice


def _see(
    placement: Placement, step: int, tile: tuple[int, int, int, int]
) -> _Seen | None:
    """Return what a tile (y, x, height, width, in pixels of its level) shows."""
    top, left, height, width = tile
    part = placement.part
    from_y, rows = _sample(placement.y, part.size_y, step, top, height)
    from_x, columns = _sample(placement.x, part.size_x, step, left, width)
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return None
    return _Seen(placement, from_y, from_x, rows, columns)


def _sample(
    place: int, length: int, step: int, start: int, count: int
) -> tuple[int, slice]:
    """Say along one axis which samples of a tile lie in a part.

    Returns
    -------
    first
        The pixel of the part that the first of them shows.
    samples
        Their places in the tile; empty where there are none.
    """
    first = max(start, -(-place // step))
    last = min(start + count, -(-(place + length) // step))
    return first * step - place, slice(first - start, max(first, last) - start)


def compose(
    name: str,
    placements: Sequence[Placement],
    reference: ImageRecord,
    patches: PatchSource,
    captions: Sequence[Caption] = (),
    pitch: tuple[int, int] | None = None,
    steps: str = "",
    origin: Origin | None = None,
) -> CompositeSource:
    """Put parts together.

    Parameters
    ----------
    placements
        Of one type of pixels, none at a negative place; the uppermost last.
    reference
        An image that is shown as the whole shall be: its channels, its sizes of
        pixels.  It is the one with the most channels.
    pitch
        Columns and rows from one group of parts to the next, where they lie in a grid.
    steps, origin
        As in `CompositeSource`: from one such step to the next, no time passes that
        anybody knows.
    """
    parts = [placement.part for placement in placements]
    height = max(p.y + p.part.size_y for p in placements)
    width = max(p.x + p.part.size_x for p in placements)
    count = 1
    while max(height, width) > _SMALLEST << (count - 1):
        count += 1
    size_t = max(p.t + p.part.size_t for p in placements)
    size_z = max(part.size_z for part in parts)
    version, number = _identify(placements)
    record = replace(
        reference,
        id=-number,
        pixels_id=-number,
        name=name,
        size_t=size_t,
        size_c=max(part.size_c for part in parts),
        size_z=size_z,
        size_y=height,
        size_x=width,
        levels=tuple(
            LevelRecord(
                -(-width >> level),
                -(-height >> level),
                count - 1 - level,
                _choose_cell(parts[0], level, pitch),
            )
            for level in range(count)
        ),
        tile=_choose_tile(parts[0]),
        is_tiled=True,
        default_z=min(reference.default_z, size_z - 1),
        default_t=min(reference.default_t, size_t - 1),
        time_increment=None if steps else reference.time_increment,
        description="",
        can_annotate=False,
        version=version,
    )
    return CompositeSource(
        record, tuple(placements), patches, tuple(captions), steps, origin
    )


def _identify(placements: Sequence[Placement]) -> tuple[str, int]:
    """Return a version and a number that no other composition has.

    The version is '' where that of a part is not known: nothing may be kept of it.
    """
    digest = hashlib.sha256(_LAYOUT)
    for p in placements:
        where = (p.part.pixels_id, p.part.version, p.t, p.y, p.x)
        digest.update(repr(where).encode())
    is_known = all(placement.part.version for placement in placements)
    text = digest.hexdigest()
    return (text[:32] if is_known else ""), int(text[:15], 16) + 1


def _choose_tile(part: PartRecord) -> tuple[int, int]:
    """Return width and height of a tile: a part, or a piece of a large one."""
    width, height = (
        -(-side // (-(-side // _TILE_EDGE))) for side in (part.size_x, part.size_y)
    )
    while width * height > _TILE_AREA:
        if width >= height:
            width = -(-width // 2)
        else:
            height = -(-height // 2)
    return width, height


def _choose_cell(
    part: PartRecord, level: int, pitch: tuple[int, int] | None
) -> tuple[int, int]:
    """Return width and height of what is read at once of a level.

    Each part costs calls of its own, however few of its pixels a coarse level shows.
    A cell of many would be long in coming, and could not be given up meanwhile; one
    that cuts through parts has them opened twice.
    """
    height, width = join_tiles(_choose_tile(part), np.dtype(part.dtype).itemsize)
    limits, parts = (width, height), (part.size_x, part.size_y)
    apart = parts if pitch is None else pitch
    gathered = [
        -(-step * max(1, _PARTS_ACROSS * size // step) >> level)
        for step, size in zip(apart, parts, strict=True)
    ]
    chosen_width, chosen_height = map(min, gathered, limits)
    return chosen_width, chosen_height
