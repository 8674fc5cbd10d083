"""What the caches of a program's sessions hold, and how much they have saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from napari_omero_io.arrays.fetch import Fetcher


@dataclass(frozen=True, slots=True)
class CacheReport:
    """Bytes in memory, and where cells came from since the sessions began.

    Attributes
    ----------
    from_memory, from_disk, from_server
        Numbers of cells that somebody asked for, by where they were found first.
    """

    memory: int
    from_memory: int
    from_disk: int
    from_server: int

    @property
    def hit_rate(self) -> float | None:
        """Part of the cells that were not asked of a server; None before the first."""
        hits = self.from_memory + self.from_disk
        asked = hits + self.from_server
        return hits / asked if asked else None


def report_caches(fetchers: Iterable[Fetcher]) -> CacheReport:
    """Sum up what the fetchers of all sessions say."""
    known = list(fetchers)
    return CacheReport(
        memory=sum(fetcher.cache.size for fetcher in known),
        from_memory=sum(fetcher.from_memory for fetcher in known),
        from_disk=sum(fetcher.from_disk for fetcher in known),
        from_server=sum(fetcher.from_server for fetcher in known),
    )
