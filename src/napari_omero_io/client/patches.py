"""Reading a little of many images at once, for what is put together of them.

A reader holds some pixel stores, one image in each.  The calls of all of them are under
way together, so that a distant server takes two round trips for as many images as
there are stores, however many channels or planes they have.  Sparse pixels of
several channels come in one call.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_omero_io.errors import PixelsUnavailable
from napari_omero_io.records import ImageRecord, LevelRecord, Patch

from .ice import omero
from .images import MAX_PLANE, read_image
from .pixels import MAX_ANSWER, PixelReader
from .stores import close_stores
from .translate import translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from napari_omero_io.records import PartRecord

    from .connection import Connection

#: Patches that one call to the server asks for: of one image, one for each channel.
_Call: TypeAlias = tuple[Patch, ...]

#: Images that one reader holds open.
_STORES = 12
#: Readers of large images, each with a store of its own.
_LARGE = 2


class PatchSource:
    """Patches of any images of one server, for any number of threads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._records: dict[int, ImageRecord] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by reference: see `tickets`."""
        from .tickets import PatchTicket, redeem_patches

        return redeem_patches, (
            PatchTicket(self._connection.address, self._connection.key),
        )

    @property
    def server(self) -> str:
        """The server as it stands in links."""
        return self._connection.server

    def open_reader(self) -> PatchReader:
        """Open a reader for the calling thread, which closes it."""
        return PatchReader(self._connection, self)

    def record_of(self, part: PartRecord) -> ImageRecord:
        """Return what is needed to read a part by levels, asked for once."""
        if part.size_x * part.size_y <= MAX_PLANE:
            return _make_flat_record(part)
        with self._lock:
            known = self._records.get(part.image_id)
        if known is None:
            known = read_image(self._connection, part.image_id)
            with self._lock:
                self._records[part.image_id] = known
        return known


class PatchReader:
    """Reads patches; used by the one thread that opened it."""

    def __init__(self, connection: Connection, source: PatchSource) -> None:
        self._connection = connection
        self._source = source
        self._generation = connection.generation
        #: Stores by the pixels that they have, the least recently used first.
        self._stores: OrderedDict[int, Any] = OrderedDict()
        self._readers: OrderedDict[int, PixelReader] = OrderedDict()
        #: Pixels of which the server sends no sparse samples.
        self._dense: set[int] = set()

    def read(self, patches: Sequence[Patch]) -> list[NDArray[Any]]:
        """Read patches, each (Y, X) in this machine's byte order.

        An image without levels is sampled by the server; of one with levels, the
        pixels are the nearest ones of the level that is just fine enough.

        Raises
        ------
        OmeroIOError
            One of them cannot be had.
        """
        found: dict[Patch, NDArray[Any]] = {}
        small = [p for p in patches if p.part.size_x * p.part.size_y <= MAX_PLANE]
        for batch in _divide(small):
            found.update(self._read_batch(batch))
        for patch in patches:
            if patch not in found:
                found[patch] = self._read_by_level(patch)
        return [found[patch] for patch in patches]

    def close(self) -> None:
        """Give the stores back to the server."""
        stores = list(self._stores.values())
        self._stores.clear()
        readers = list(self._readers.values())
        self._readers.clear()
        close_stores(stores)
        for reader in readers:
            reader.close()

    # -- images that are read through stores of their own -----------------------------

    def _read_batch(self, patches: Sequence[Patch]) -> dict[Patch, NDArray[Any]]:
        """Read patches of no more images than there are stores.

        What the server does not send sparsely is left out.
        """
        names = ", ".join(sorted({f"“{p.part.name}”" for p in patches})[:3])
        calls = list(_join_channels(patches))
        with translated(f"read pixels of {names}"):
            answers = self._connection.outlive(
                lambda: self._ask(calls), self._forget_stores
            )
        found: dict[Patch, NDArray[Any]] = {}
        for call, data in zip(calls, answers, strict=True):
            if data is not None:
                found.update(zip(call, _decode(data, call), strict=True))
        return found

    def _ask(self, calls: Sequence[_Call]) -> list[bytes | None]:
        if self._generation != self._connection.generation:
            self._forget_stores()
        self._open({call[0].part.pixels_id: call[0].part for call in calls})
        asked = [
            None
            if call[0].step > 1 and call[0].part.pixels_id in self._dense
            else _begin(self._stores[call[0].part.pixels_id], call)
            for call in calls
        ]
        answers: list[bytes | None] = []
        for call, each in zip(calls, asked, strict=True):
            try:
                answers.append(None if each is None else each())
            except omero.InternalException:
                # Pyramids that the server made itself give no hypercubes.
                if call[0].step == 1:
                    raise
                self._dense.add(call[0].part.pixels_id)
                answers.append(None)
        return answers

    def _open(self, wanted: dict[int, PartRecord]) -> None:
        """See to it that each image is in a store; two round trips at most."""
        missing = [pixels_id for pixels_id in wanted if pixels_id not in self._stores]
        idle = [pixels_id for pixels_id in self._stores if pixels_id not in wanted]
        surplus = max(0, len(self._stores) + len(missing) - _STORES)
        free = [self._stores.pop(pixels_id) for pixels_id in idle[:surplus]]
        if len(free) < len(missing):
            free += self._connection.open_pixel_stores(len(missing) - len(free))
        asked = [
            store.begin_setPixelsId(
                pixels_id,
                True,
                _ctx=self._connection.context(wanted[pixels_id].group_id),
            )
            for pixels_id, store in zip(missing, free, strict=True)
        ]
        try:
            for pixels_id, store, each in zip(missing, free, asked, strict=True):
                store.end_setPixelsId(each)
                self._stores[pixels_id] = store
        except BaseException:
            close_stores([s for s in free if s not in self._stores.values()])
            raise
        for pixels_id in wanted:
            self._stores.move_to_end(pixels_id)

    def _forget_stores(self) -> None:
        """Take other stores, because the session of the last ones is gone."""
        self._generation = self._connection.generation
        self._stores.clear()

    # -- images that are read by levels -----------------------------------------------

    def _read_by_level(self, patch: Patch) -> NDArray[Any]:
        record = self._source.record_of(patch.part)
        level = _choose_level(record, patch.step)
        size = record.levels[level]
        rows = _map(patch.y, patch.h, patch.step, record.size_y, size.size_y)
        columns = _map(patch.x, patch.w, patch.step, record.size_x, size.size_x)
        top, left = int(rows[0]), int(columns[0])
        height, width = int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left
        tile = self._reader_of(record).read_tile(
            level, patch.z, patch.c, patch.t, left, top, width, height
        )
        return np.ascontiguousarray(tile[rows - top][:, columns - left])

    def _reader_of(self, record: ImageRecord) -> PixelReader:
        known = self._readers.get(record.pixels_id)
        if known is None:
            while len(self._readers) >= _LARGE:
                self._readers.popitem(last=False)[1].close()
            known = PixelReader(self._connection, record)
            self._readers[record.pixels_id] = known
        self._readers.move_to_end(record.pixels_id)
        return known


def _divide(patches: Sequence[Patch]) -> list[list[Patch]]:
    """Divide patches into batches of few images and not too many bytes."""
    batches: list[list[Patch]] = []
    images: set[int] = set()
    size = 0
    for patch in patches:
        more = patch.w * patch.h * np.dtype(patch.part.dtype).itemsize
        images.add(patch.part.pixels_id)
        if not batches or len(images) > _STORES or size + more > MAX_ANSWER:
            batches.append([])
            images, size = {patch.part.pixels_id}, 0
        batches[-1].append(patch)
        size += more
    return batches


def _join_channels(patches: Sequence[Patch]) -> Iterator[_Call]:
    """Put patches together that differ in their channel only, evenly apart.

    A hypercube takes steps along channels, too.  Whole pixels are read plane by plane,
    which no server refuses.
    """
    call: list[Patch] = []
    for patch in patches:
        if call and not _continues(call, patch):
            yield tuple(call)
            call = []
        call.append(patch)
    if call:
        yield tuple(call)


def _continues(call: Sequence[Patch], patch: Patch) -> bool:
    last = call[-1]
    step = patch.c - last.c
    return (
        patch.step > 1
        and step > 0
        and last == patch._replace(c=last.c)
        and (len(call) == 1 or step == call[1].c - call[0].c)
    )


def _begin(store: Any, call: _Call) -> Any:
    """Ask for the patches of a call; returns what waits for the answer."""
    patch, channels = call[0], len(call)
    z, c, t, x, y, w, h = patch[1:8]
    if patch.step > 1:
        # The size is that of the box out of which every step-th pixel is taken.
        apart = call[1].c - c if channels > 1 else 1
        step = patch.step
        box = [(w - 1) * step + 1, (h - 1) * step + 1, 1, (channels - 1) * apart + 1, 1]
        asked = store.begin_getHypercube(
            [x, y, z, c, t], box, [step, step, 1, apart, 1]
        )
        return lambda: store.end_getHypercube(asked)
    if (x, y, w, h) == (0, 0, patch.part.size_x, patch.part.size_y):
        asked = store.begin_getPlane(z, c, t)
        return lambda: store.end_getPlane(asked)
    asked = store.begin_getTile(z, c, t, x, y, w, h)
    return lambda: store.end_getTile(asked)


def _decode(data: bytes, call: _Call) -> NDArray[Any]:
    """Return the pixels of the patches of a call, (patches, Y, X)."""
    patch = call[0]
    wire = np.dtype(patch.part.dtype).newbyteorder(">")
    if len(data) != len(call) * patch.w * patch.h * wire.itemsize:
        raise PixelsUnavailable(
            f"The server sent {len(data)} bytes for {patch.w} x {patch.h} pixels of "
            f"“{patch.part.name}”."
        )
    pixels = np.frombuffer(data, wire).reshape(len(call), patch.h, patch.w)
    return pixels.astype(wire.newbyteorder("="))


def _choose_level(record: ImageRecord, step: int) -> int:
    """Return the coarsest level that still has a pixel for each that is wanted."""
    fine_enough = [
        index
        for index, level in enumerate(record.levels)
        if level.size_x * step >= record.size_x and level.size_y * step >= record.size_y
    ]
    return max(fine_enough, default=0)


def _map(start: int, count: int, step: int, size: int, coarse: int) -> NDArray[np.intp]:
    """Return for some pixels at full size where they are in a level."""
    places = start + step * np.arange(count)
    return np.minimum(places * coarse // size, coarse - 1).astype(np.intp)


def _make_flat_record(part: PartRecord) -> ImageRecord:
    """Describe a part as an image of one level."""
    return ImageRecord(
        id=part.image_id,
        name=part.name,
        pixels_id=part.pixels_id,
        dtype=part.dtype,
        size_t=part.size_t,
        size_c=part.size_c,
        size_z=part.size_z,
        size_y=part.size_y,
        size_x=part.size_x,
        channels=(),
        levels=(LevelRecord(part.size_x, part.size_y, 0),),
        tile=(part.size_x, part.size_y),
        is_tiled=False,
        group_id=part.group_id,
        version=part.version,
    )
