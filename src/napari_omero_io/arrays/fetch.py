"""The scheduler: which cell is fetched next, and by whom.

A few threads, each with readers of its own, because a pixel store of an OMERO server
serves one thread.  Two kinds of customer:

* a layer on the screen replaces its *want-list* whenever the view changes.  What is
  not yet under way and no longer wanted is dropped, so a stale view costs nothing.
  Layers take turns; each list is fetched in its order.  Behind all that is in view
  comes what may be in view next; nobody waits for it, and nobody is told of it.
* an *exact* read waits for its cells, and goes first.

Two who ask for the same cell get the same fetch.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from napari_omero_io.arrays.channels import find_companions
from napari_omero_io.arrays.failures import Failures
from napari_omero_io.arrays.memory import TileCache, TileKey
from napari_omero_io.arrays.pages import settle
from napari_omero_io.arrays.readers import Readers, recall
from napari_omero_io.errors import PixelsUnavailable

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Container,
        Hashable,
        Iterable,
        Iterator,
        Sequence,
    )

    from numpy.typing import NDArray

    from napari_omero_io.arrays.disk import DiskCache
    from napari_omero_io.arrays.source import TileSource

Tile: TypeAlias = "NDArray[Any]"

#: Seconds without work after which a thread gives its pixel stores back.
_IDLE_SECONDS = 60.0
#: Cells that one exact read may have under way, for each thread.
_AHEAD = 3

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _WantList:
    """What one layer lacks, and whom to tell.

    Attributes
    ----------
    keys
        Still to be fetched.
    wanted, failed
        All that is lacking, and what of it could not be had so far.
    """

    source: TileSource
    keys: deque[TileKey]
    wanted: frozenset[TileKey]
    failed: set[TileKey]
    later: deque[TileKey]
    on_arrival: Callable[[], None]
    on_failure: Callable[[Exception], None]


@dataclass(slots=True)
class _Job:
    """One cell to fetch: for a layer, its owner, for an exact read, or for later.

    Attributes
    ----------
    company
        The same cell of other channels, fetched in one go with it.
    """

    source: TileSource
    key: TileKey
    keep: bool = True
    owner: Hashable = None
    is_early: bool = False
    is_finished: bool = False
    result: Future[Tile] = field(default_factory=Future)
    company: list[_Job] = field(default_factory=list)


class Fetcher:
    """Fetches cells of any number of images of one session.

    Parameters
    ----------
    cache
        Where fetched cells go.
    threads
        How many cells are under way at once.
    disk
        Where cells are looked for first and kept between runs; None for nowhere.

    Attributes
    ----------
    from_server, from_disk, from_memory
        Number of cells that came from there since the start.  From memory: what was
        already there when it was first asked for.
    """

    def __init__(
        self,
        cache: TileCache | None = None,
        threads: int = 4,
        disk: DiskCache | None = None,
    ) -> None:
        self.cache = cache if cache is not None else TileCache()
        self.disk = disk
        self.from_server = self.from_disk = self.from_memory = 0
        self.threads = threads
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._exact: deque[_Job] = deque()
        self._wants: OrderedDict[Hashable, _WantList] = OrderedDict()
        self._under_way: dict[TileKey, _Job] = {}
        self._failures = Failures(self._look_again)
        self._closed = False

    # -- layers on the screen ------------------------------------------------------

    def want(
        self,
        owner: Hashable,
        source: TileSource,
        keys: Iterable[TileKey],
        on_arrival: Callable[[], None],
        on_failure: Callable[[Exception], None],
        later: Iterable[TileKey] = (),
    ) -> None:
        """Replace what a layer wants, most urgent first.

        Parameters
        ----------
        owner
            Whose list it is.
        on_arrival, on_failure
            Called from a fetching thread, after each wanted cell that came or cell of
            the image that did not; and at once where a cell has come already.
        later
            What may be wanted next: fetched when nothing else is.
        """
        with self._changed:
            wanted = list(keys)
            failed = {key for key in wanted if self._failures.holds(key)}
            before = self._wants.get(owner)
            new = frozenset(wanted).difference(before.wanted if before else ())
            # What came after the layer had looked, and before it said that it lacks it.
            has_come = any(key in self.cache for key in new)
            want = self._wants[owner] = _WantList(
                source,
                deque(key for key in wanted if key not in failed),
                frozenset(wanted),
                failed,
                deque(() if self._failures.holds_early else later),
                on_arrival,
                on_failure,
            )
            if not self._closed:
                self._start_threads()
                self._changed.notify_all()
            else:
                want.keys.clear()
                want.later.clear()
                want.failed.update(wanted)
        if self._closed and wanted:
            on_failure(_closed(source))
        elif has_come:
            on_arrival()

    def note_hits(self, count: int) -> None:
        """Count cells that a layer found in memory when it first looked for them."""
        with self._changed:
            self.from_memory += count

    def drop(self, owner: Hashable) -> None:
        """Forget what a layer wants."""
        with self._changed:
            self._wants.pop(owner, None)

    @property
    def pending(self) -> int:
        """Number of cells that are wanted or under way; 0 when all is there."""
        with self._changed:
            wanted = sum(
                len(want.keys) + len(want.later) for want in self._wants.values()
            )
            return wanted + len(self._exact) + len(self._under_way)

    def pending_of(self, owner: Hashable) -> int:
        """Return the number of cells that one layer still waits for.

        Those that failed and will be tried again count.
        """
        with self._changed:
            want = self._wants.get(owner)
            if want is None:
                return 0
            under_way = sum(job.owner == owner for job in self._under_way.values())
            return len(want.keys) + under_way + len(want.failed - self._hopeless(want))

    def lacking_of(self, owner: Hashable) -> int:
        """Return the number of cells that one layer wants and will not get."""
        with self._changed:
            want = self._wants.get(owner)
            return 0 if want is None else len(self._hopeless(want))

    def _hopeless(self, want: _WantList) -> set[TileKey]:
        if self._closed:
            return want.failed
        return {key for key in want.failed if self._failures.is_declined(key)}

    def forget_failures(self) -> None:
        """Let layers ask again at once for what failed, as after a reconnection."""
        with self._changed:
            self._failures.clear()
        self._look_again()

    def _look_again(self) -> None:
        with self._changed:
            self._failures.wind()
            told = list(self._wants.values())
        for want in told:
            want.on_arrival()  # which makes the layer look at what it lacks

    # -- exact reads ---------------------------------------------------------------

    def read(
        self, source: TileSource, keys: Iterable[TileKey], *, keep: bool = True
    ) -> Iterator[tuple[TileKey, Tile]]:
        """Yield cells in the order of `keys`, waiting for each; in any byte order.

        Only a few are under way at once, so the sum of the keys may be larger than
        memory.

        Parameters
        ----------
        keep
            Whether the cells go into the cache.

        Raises
        ------
        OmeroIOError
            A cell cannot be had.
        """
        waiting: deque[tuple[TileKey, Future[Tile]]] = deque()
        for key in keys:
            waiting.append((key, self._ask(source, key, keep)))
            if len(waiting) >= _AHEAD * self.threads:
                ready, tile = waiting.popleft()
                yield ready, tile.result()
        for ready, tile in waiting:
            yield ready, tile.result()

    def _ask(self, source: TileSource, key: TileKey, keep: bool) -> Future[Tile]:
        with self._changed:
            if self._closed:
                raise _closed(source)
            found = self.cache.get(key)
            if found is not None:
                self.from_memory += 1
                job = _Job(source, key)
                job.result.set_result(found)
                return job.result
            coming = self._under_way.get(key) or next(
                (other for other in self._exact if other.key == key), None
            )
            if coming is not None and not coming.is_finished:
                return coming.result
            job = _Job(source, key, keep)
            self._exact.append(job)
            self._start_threads()
            self._changed.notify()
            return job.result

    # -- threads -------------------------------------------------------------------

    def _start_threads(self) -> None:
        while len(self._threads) < self.threads:
            thread = threading.Thread(
                target=self._work,
                name=f"omero-pixels-{len(self._threads)}",
                daemon=True,
            )
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        with Readers() as readers:
            while not self._closed:
                with self._changed:
                    job = self._changed.wait_for(
                        lambda: self._closed or self._next_job(), _IDLE_SECONDS
                    )
                if isinstance(job, _Job):
                    self._carry_out(job, readers)
                else:
                    readers.close()

    def _next_job(self) -> _Job | None:
        """Take the next cell; called with the lock held."""
        if self._exact:
            job = self._exact.popleft()
            self._under_way[job.key] = job
            return job
        return self._next_wanted() or self._next_later()

    def _next_wanted(self) -> _Job | None:
        for owner in list(self._wants):
            want = self._wants[owner]
            while want.keys:
                key = want.keys.popleft()
                if key in self.cache or self._is_coming(key, owner):
                    continue
                self._wants.move_to_end(owner)
                return self._begin(
                    _Job(want.source, key, owner=owner),
                    [other.wanted - other.failed for other in self._wants.values()],
                )
        return None

    def _next_later(self) -> _Job | None:
        """Take a cell that may be wanted next; one thread is left for what is."""
        if sum(job.is_early for job in self._under_way.values()) >= max(
            1, self.threads - 1
        ):
            return None
        for owner in list(self._wants):
            want = self._wants[owner]
            while want.later:
                key = want.later.popleft()
                if key in self.cache or key in self._under_way:
                    continue
                return self._begin(
                    _Job(want.source, key, is_early=True),
                    [other.later for other in self._wants.values()],
                )
        return None

    def _begin(self, job: _Job, wanted: Sequence[Container[TileKey]]) -> _Job:
        """Take a cell, and what is better fetched with it than alone."""
        self._under_way[job.key] = job
        for key in find_companions(job.source, job.key, wanted):
            if key not in self.cache and key not in self._under_way:
                mate = _Job(job.source, key, is_early=job.is_early)
                self._under_way[key] = mate
                job.company.append(mate)
        return job

    def _is_coming(self, key: TileKey, owner: Hashable) -> bool:
        """Whether somebody fetches a cell already; if so, it is kept for all."""
        job = self._under_way.get(key)
        if job is None or job.is_finished:
            return False
        job.keep, job.is_early = True, False
        job.owner = job.owner or owner
        return True

    def _carry_out(self, job: _Job, readers: Readers) -> None:
        disk = self.disk if job.source.record.version else None
        jobs = [job, *job.company]
        try:
            found = [recall(disk, job.source, each.key) for each in jobs]
            missing = [
                each.key for each, tile in zip(jobs, found, strict=True) if tile is None
            ]
            read = iter(readers.read(job.source, missing) if missing else ())
        except Exception as error:  # noqa: BLE001 - it is handed to all who wait
            readers.discard(job.source)
            logger.info("Cell %s could not be read: %s", job.key, error)
            for each in jobs:
                self._finish(each, error)
        else:
            for each, known in zip(jobs, found, strict=True):
                self._deliver(each, next(read) if known is None else known, known, disk)

    def _deliver(
        self, job: _Job, tile: Tile, known: Tile | None, disk: DiskCache | None
    ) -> None:
        """Hand over a cell that was read, or that the disk knew."""
        if job.keep:
            tile = settle(tile)
        self._finish(job, tile)
        with self._changed:
            self.from_disk += known is not None
            self.from_server += known is None
        if disk is not None and job.keep and known is None:
            # after it was shown: nobody waits for the disk
            disk.put(job.key, tile if tile.dtype.isnative else settle(tile))

    def _finish(self, job: _Job, outcome: Tile | Exception) -> None:
        with self._changed:
            job.is_finished = True
            told = [
                want
                for want in self._wants.values()
                if _is_same(want.source, job.source)
                and (not job.is_early or job.key in want.wanted)
            ]
            if not isinstance(outcome, Exception):
                # A layer paints itself anew: other channels of the image need not.
                told = [want for want in told if job.key in want.wanted]
                self._failures.note_success()
                for want in told:
                    want.failed.discard(job.key)
                if job.keep:
                    # before anybody is told: who was told may look into the cache
                    self.cache.put(job.key, settle(outcome))
            elif job.is_early:
                # no word of it: it is told when somebody wants to see the cell
                self._failures.hold_early()
                for want in self._wants.values():
                    want.later.clear()
            elif not self._closed:
                self._failures.note(job.key, outcome)
                for want in told:
                    if job.key in want.wanted:
                        want.failed.add(job.key)
        if isinstance(outcome, Exception):
            job.result.set_exception(outcome)
        else:
            job.result.set_result(outcome)
        try:
            for want in told:
                if not isinstance(outcome, Exception):
                    want.on_arrival()
                elif job.owner is not None:
                    want.on_failure(outcome)
        except Exception:
            # A layer that cannot be told must not stop the reading of all others.
            logger.exception("A layer could not be told of cell %s", job.key)
        finally:
            # After the news, so that nobody finds nothing pending and nothing painted.
            with self._changed:
                if self._under_way.get(job.key) is job:
                    del self._under_way[job.key]

    # -- end -----------------------------------------------------------------------

    def close(self) -> None:
        """Stop; whoever waits for a cell gets `PixelsUnavailable`."""
        with self._changed:
            self._closed = True
            self._failures.stop()
            self._wants.clear()
            orphans = list(self._exact)
            self._exact.clear()
            self._changed.notify_all()
        for job in orphans:
            job.result.set_exception(_closed(job.source))
        for thread in self._threads:
            thread.join(timeout=5)

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_same(one: TileSource, other: TileSource) -> bool:
    """Whether two sources are one image, which may have been opened twice."""
    return (one.server, one.record.pixels_id) == (other.server, other.record.pixels_id)


def _closed(source: TileSource) -> PixelsUnavailable:
    return PixelsUnavailable(
        f"“{source.record.name}” was closed; open it again to read it."
    )
