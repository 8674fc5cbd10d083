"""The axes of a layer: OMERO always has five, napari shows those that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_omero_io.records import ImageRecord


def layer_axes(record: ImageRecord) -> str:
    """Return the axes of an image's layers, such as ``TZYX`` or ``YX``.

    T and Z are left out where there is only one, unless they are to be kept; see
    `ImageRecord.has_time_axis`.  Channels are layers, or the last axis of an RGB
    layer, which napari does not count.
    """
    return (
        ("T" if record.has_time_axis else "")
        + ("Z" if record.has_depth_axis else "")
        + "YX"
    )


def layer_shape(record: ImageRecord) -> tuple[int, ...]:
    """Return the full size along these axes."""
    sizes = {
        "T": record.size_t,
        "Z": record.size_z,
        "Y": record.size_y,
        "X": record.size_x,
    }
    return tuple(sizes[axis] for axis in layer_axes(record))


def default_position(record: ImageRecord) -> dict[str, int]:
    """Return the plane that the server shows first, by axis."""
    wanted = {"T": record.default_t, "Z": record.default_z}
    return {axis: wanted[axis] for axis in layer_axes(record) if axis in wanted}
