"""How sharp a view has to be.  Pure.

napari asks for the coarsest resolution that still has a pixel for each pixel of the
screen.  Where resolutions are four times apart, that is up to sixteen times as many
pixels as the screen shows; the next coarser resolution is then nearly as good.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.arrays.geometry import Grid


class Quality(Enum):
    """What to show, from the least that is fetched to the most."""

    #: A coarser resolution, until the screen has at least as many pixels.
    FAST = "fast"
    #: A coarser one only where that leaves a pixel for two of the screen.
    BALANCED = "balanced"
    #: What napari asks for.
    EXACT = "exact"


#: Longest edge of a volume: what graphics cards take as a texture.
LONGEST_EDGE = 2048
#: Pixels of the image along one of the screen, above which a coarser level is shown.
_MOST = {Quality.FAST: 1.0, Quality.BALANCED: 2.0, Quality.EXACT: math.inf}


def choose_level(
    grids: Sequence[Grid], level: int, density: float, quality: Quality
) -> int:
    """Return the level to show in place of the one that was asked for.

    Parameters
    ----------
    grids
        Of all levels, full size first.
    density
        Pixels of `level` along one pixel of the screen.
    """
    while density > _MOST[quality] and level + 1 < len(grids):
        density *= grids[level + 1].width / grids[level].width
        level += 1
    return level


def choose_volume_level(
    grids: Sequence[Grid], sections: int, itemsize: int, budget: int
) -> int:
    """Return the finest level that can be shown as a volume, at least the coarsest.

    Parameters
    ----------
    sections
        How many planes of the level the volume has.
    itemsize, budget
        Bytes of a pixel, and of the whole volume at most.
    """
    for level, grid in enumerate(grids):
        size = grid.height * grid.width * sections * itemsize
        if size <= budget and max(grid.height, grid.width) <= LONGEST_EDGE:
            return level
    return len(grids) - 1
