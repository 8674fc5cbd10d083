"""The choices of how images are shown and what is kept of them, carried out.

They hold for all viewers and sessions of the program, and for later ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.arrays.caches import report_caches
from napari_omero_io.arrays.quality import Quality
from napari_omero_io.session import list_sessions, open_disk_cache
from napari_omero_io.settings import change_settings, load_settings

if TYPE_CHECKING:
    from napari_omero_io.arrays.caches import CacheReport


class LiveViewing:
    """A `widgets.viewing_panel.Viewing` over open viewers, sessions and settings."""

    @property
    def quality(self) -> str:
        """One of ``fast``, ``balanced`` and ``exact``."""
        return load_settings().quality

    @quality.setter
    def quality(self, quality: str) -> None:
        chosen = Quality(quality)
        _remember(quality=chosen.value)
        # the stages know the docks, and these know of this
        from napari_omero_io.plugin.viewer import list_stages

        for stage in list_stages():
            stage.refresher.quality = chosen

    @property
    def rendered(self) -> bool:
        """Whether images open as the server renders them."""
        return load_settings().rendered

    @rendered.setter
    def rendered(self, rendered: bool) -> None:
        _remember(rendered=rendered)

    @property
    def keep_axes(self) -> bool:
        """Whether layers have axes of one step, too."""
        return load_settings().keep_axes

    @keep_axes.setter
    def keep_axes(self, keep_axes: bool) -> None:
        _remember(keep_axes=keep_axes)

    @property
    def limits(self) -> tuple[int, int]:
        """Bytes that may be kept in memory and on the disk."""
        settings = load_settings()
        return settings.memory_cache, settings.disk_cache

    @limits.setter
    def limits(self, limits: tuple[int, int]) -> None:
        memory, disk = limits
        _remember(memory_cache=memory, disk_cache=disk)
        for session in list_sessions():
            session.fetcher.cache.resize(memory)
            if session.fetcher.disk is not None:
                session.fetcher.disk.limit = disk

    @property
    def folder(self) -> str:
        """Where pixels are kept on the disk."""
        return str(open_disk_cache().folder)

    def report(self) -> CacheReport:
        """Say what the caches of all sessions hold and have saved."""
        return report_caches(session.fetcher for session in list_sessions())

    def measure_disk(self) -> int:
        """Count the bytes on the disk, and keep to the limit; looks at every file."""
        disk = open_disk_cache()
        disk.prune()
        return disk.size

    def clear(self) -> None:
        """Forget all pixels; what is in view stays on the screen."""
        for session in list_sessions():
            session.fetcher.cache.clear()
        open_disk_cache().clear()


def _remember(**changes: Any) -> None:
    change_settings(lambda settings: settings.model_copy(update=changes))
