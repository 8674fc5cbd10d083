"""IRepositoryInfo: how full the disk is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState


class RepositoryInfoService:
    """Tells about the disk that holds the data folder."""

    def __init__(self, core: Core, _session: SessionState) -> None:
        self._folder = core.database.path.parent

    def getUsedSpaceInKilobytes(self, _call: Call) -> int:
        """Return what the data folder takes."""
        files = (path for path in self._folder.rglob("*") if path.is_file())
        return sum(path.stat().st_size for path in files) // 1024

    def getFreeSpaceInKilobytes(self, _call: Call) -> int:
        """Return what is free on its disk."""
        return shutil.disk_usage(self._folder).free // 1024

    def getUsageFraction(self, call: Call) -> float:
        """Return the part of the space that is used: 0 to 1."""
        used = self.getUsedSpaceInKilobytes(call)
        return used / max(used + self.getFreeSpaceInKilobytes(call), 1)
