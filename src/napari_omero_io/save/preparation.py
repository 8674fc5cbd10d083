"""All that must be known of the server before the first byte is sent.

Whether the user may put things where they are to go, and whether labels fit the image
they belong to.  Labels are turned into regions here, once, so that painting on while
they are sent changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_omero_io.convert.masks import labels_to_rois, name_region
from napari_omero_io.errors import CannotRepresent, NotPermitted
from napari_omero_io.records import RoiRecord

from .appearance import read_label_colors
from .axes import AXES
from .labels import fit_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_omero_io.records import ImageRecord, MaskRecord

    from .destination import Destination
    from .drawing import PlannedDrawing
    from .labels import PlannedLabels
    from .plan import SavePlan

#: Regions sent in one call: few enough for OMERO.server's time limits on a call, and
#: far below the size of a message.
BATCH_ROIS = 500
BATCH_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class PreparedLabels:
    """The regions of one labels layer, ready to be sent.

    Attributes
    ----------
    image_id
        On the server; -1 if the image is made by the same plan.
    replaces
        Regions of the user's own that were saved from this layer before.
    """

    planned: PlannedLabels
    image_id: int
    rois: tuple[RoiRecord, ...]
    replaces: tuple[int, ...]

    @property
    def size_bytes(self) -> int:
        """Bytes of all masks."""
        return sum(map(count_bytes, self.rois))


def prepare(plan: SavePlan, destination: Destination) -> tuple[PreparedLabels, ...]:
    """Ask the server what must be asked, and turn labels into regions.

    Raises
    ------
    NotPermitted
        If the user may not put something where the plan wants it.
    CannotRepresent
        If labels do not fit their image, or nothing is painted on them.
    NotFound
        If the dataset, the project or an image is not there any more.
    """
    # A session that ended long ago must not look like one that ended half-way.
    destination.check_alive()
    if plan.images:
        _check_containers(plan, destination)
    return tuple(_prepare_labels(planned, plan, destination) for planned in plan.labels)


def prepare_drawings(
    plan: SavePlan, destination: Destination
) -> tuple[PlannedDrawing, ...]:
    """Compare shapes with what is on the server at this moment.

    Only those are deleted that the plan said would be, and that nobody has changed
    since.

    Raises
    ------
    NotPermitted
        If the user may not draw on an image.
    """
    return tuple(_compare(planned, destination) for planned in plan.drawings)


def _compare(planned: PlannedDrawing, destination: Destination) -> PlannedDrawing:
    if planned.image_id is None:
        return planned.compare(())
    record = destination.read_image(planned.image_id)
    if not record.can_annotate:
        raise NotPermitted(
            f"You may not draw on image '{record.name}', which belongs to "
            f"{record.owner or 'somebody else'}. Save layer '{planned.layer.name}' "
            "together with the image as a new one; nothing was sent."
        )
    announced = planned.changes.deleted if planned.changes is not None else ()
    fresh = planned.compare(destination.read_rois(planned.image_id))
    assert fresh.changes is not None
    deleted = tuple(one for one in fresh.changes.deleted if one in announced)
    return replace(fresh, changes=replace(fresh.changes, deleted=deleted))


def split_rois(rois: Sequence[RoiRecord]) -> Iterator[list[RoiRecord]]:
    """Split regions into batches that one call may carry."""
    batch: list[RoiRecord] = []
    size = 0
    for roi in rois:
        if batch and (
            len(batch) == BATCH_ROIS or size + count_bytes(roi) > BATCH_BYTES
        ):
            yield batch
            batch, size = [], 0
        batch.append(roi)
        size += count_bytes(roi)
    if batch:
        yield batch


def count_bytes(roi: RoiRecord) -> int:
    """Count the bytes of a region's masks."""
    return sum(len(mask.bits) for mask in roi.masks)


def pack_labels(
    planned: PlannedLabels, order: str, sizes: tuple[int, int, int, int, int]
) -> tuple[RoiRecord, ...]:
    """Turn labels into regions, one for each number, named after layer and number.

    Labels without an axis that their image has lie on every plane of it.

    Parameters
    ----------
    order
        The letters of the axes of the labels.
    sizes
        (T, C, Z, Y, X) of the image.
    """
    layer = planned.layer
    missing = [letter for letter in AXES if letter not in order]
    found = "".join((*missing, order))
    labels = np.asarray(layer.data)
    labels = labels.reshape((1,) * len(missing) + labels.shape)
    labels = labels.transpose([found.index(letter) for letter in AXES])
    rois = labels_to_rois(labels[:, 0])
    # What a label becomes is named by its number alone.
    numbers = [int(roi.name) for roi in rois]
    colors = read_label_colors(layer.colormap, numbers)
    t_size, _, z_size, _, _ = sizes
    every_t = "T" in missing and t_size > 1
    every_z = "Z" in missing and z_size > 1

    def finish(mask: MaskRecord, number: int) -> MaskRecord:
        t = None if every_t else mask.t
        z = None if every_z else mask.z
        return replace(mask, color=colors[number], t=t, z=z)

    return tuple(
        RoiRecord(
            tuple(finish(mask, number) for mask in roi.masks),
            name_region(layer.name, number),
        )
        for number, roi in zip(numbers, rois, strict=True)
    )


def _check_containers(plan: SavePlan, destination: Destination) -> None:
    target = plan.target
    kind, container_id = "dataset", target.dataset_id
    if target.makes_dataset:
        kind, container_id = "project", target.project_id
    if container_id is None:
        return
    record = destination.read_container(kind, container_id)
    if not record.can_link:
        raise NotPermitted(
            f"You may not put anything into {kind} '{record.name}', which belongs to "
            f"{record.owner or 'somebody else'}. Choose another one; nothing was sent."
        )


def _prepare_labels(
    planned: PlannedLabels, plan: SavePlan, destination: Destination
) -> PreparedLabels:
    if planned.new_image is not None:
        sizes = plan.images[planned.new_image].sizes
        rois = pack_labels(planned, planned.order, sizes)
        _check_painted(planned, rois)
        return PreparedLabels(planned, -1, rois, ())
    assert planned.image_id is not None
    record = destination.read_image(planned.image_id)
    if not record.can_annotate:
        raise NotPermitted(
            f"You may not draw on image '{record.name}', which belongs to "
            f"{record.owner or 'somebody else'}. Save the labels together with their "
            "image as a new image; nothing was sent."
        )
    rois = pack_labels(planned, _fit(planned, record), record.shape)
    if not planned.replaces:
        _check_painted(planned, rois)
        return PreparedLabels(planned, record.id, rois, ())
    own = destination.find_own_rois(record.id, planned.replaces)
    return PreparedLabels(planned, record.id, rois, own)


def _fit(planned: PlannedLabels, record: ImageRecord) -> str:
    order = fit_order(planned.layer, planned.order, record.shape)
    if order:
        return order
    t, _, z, y, x = record.shape
    raise CannotRepresent(
        f"Labels '{planned.layer.name}' have the shape {planned.layer.shape}, but "
        f"image '{record.name}' has {t} time points, {z} planes and {y} x {x} pixels. "
        "Save them on an image of their own shape; nothing was sent."
    )


def _check_painted(planned: PlannedLabels, rois: Sequence[RoiRecord]) -> None:
    if not rois:
        raise CannotRepresent(
            f"Nothing is painted on labels '{planned.layer.name}'; leave them out."
        )
