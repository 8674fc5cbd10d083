"""Sizes of pixels: micrometres and seconds for all layers, as far as they are known.

Records hold nothing else, because napari versions below 0.9 cannot show layers of
different units together.
"""

from __future__ import annotations

import math
import threading
from typing import TYPE_CHECKING

from napari_omero_io.convert.axes import layer_axes

if TYPE_CHECKING:
    from napari_omero_io.records import ImageRecord

LENGTH = "micrometer"
TIME = "second"
#: napari's own word for an axis of which nothing is known.
UNKNOWN = "pixel"

_loading = threading.Lock()


def load_units() -> None:
    """Let pint read its definitions, which napari needs for every layer.

    Called before layers are made in a thread: it takes a third of a second at the first
    time, and a thread that asks pint while another makes it read finds no units.
    """
    import pint  # not at every start

    with _loading:
        pint.get_application_registry().parse_units(UNKNOWN)


def scale_and_units(
    record: ImageRecord,
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Return the step from one pixel to the next and its unit, for each layer axis.

    An axis without a size that can be used has step 1 and the unit ``pixel``.
    """
    known = {
        "T": (record.time_increment, TIME),
        "Z": (record.pixel_size_z, LENGTH),
        "Y": (record.pixel_size_y, LENGTH),
        "X": (record.pixel_size_x, LENGTH),
    }
    steps = [_usable(*known[axis]) for axis in layer_axes(record)]
    return tuple(step for step, _ in steps), tuple(unit for _, unit in steps)


def _usable(step: float | None, unit: str) -> tuple[float, str]:
    """Return a step that napari accepts: OMERO does not forbid 0, napari does."""
    if step is None or not math.isfinite(step) or step <= 0:
        return 1.0, UNKNOWN
    return float(step), unit
