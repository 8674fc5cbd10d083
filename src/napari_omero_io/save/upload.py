"""Carry out a plan: check, send, and take everything back if it cannot be finished.

Nothing is sent before the server has been asked whether all of it may be; old regions
are deleted only once the new ones are there; the layers are only read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.errors import (
    OmeroIOError,
    SaveCancelled,
    SessionLost,
    UploadIncomplete,
)

from .drawing import list_features, list_known
from .ledger import Ledger
from .preparation import (
    PreparedLabels,
    count_bytes,
    prepare,
    prepare_drawings,
    split_rois,
)
from .receipt import Receipt, describe_provenance, link_to, remember
from .server_destination import ServerDestination

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from napari_omero_io.client.connection import Connection
    from napari_omero_io.records import RoiRecord, ShapeRecord

    from .destination import Destination, Plane
    from .drawing import DrawnLayer, PlannedDrawing
    from .images import PlannedImage
    from .layer import SavableLayer
    from .plan import SavePlan

__all__ = ["Progress", "carry_out", "send"]

#: Told the bytes that are done, the bytes in all, and what is being sent.
Progress = "Callable[[int, int, str], None]"


def carry_out(
    plan: SavePlan,
    connection: Connection,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Receipt:
    """Make on the server what the plan says.

    Pixels are read from the layers plane by plane, labels once at the beginning.

    Parameters
    ----------
    progress
        Told the bytes that are done, the bytes in all, and what is being sent.
    cancelled
        Asked between planes and before each step whether to stop.

    Raises
    ------
    CannotRepresent
        If labels do not fit their image on the server; nothing was sent.
    NotPermitted
        If the user may not put anything there; nothing was sent.
    SaveCancelled
        If `cancelled` said so; everything was taken back.
    UploadIncomplete
        If it ended early and something could not be taken back; says what is left.
    OmeroIOError
        Any other reason why it ended early; everything was taken back.
    """
    return send(plan, ServerDestination(connection), progress, cancelled)


def send(
    plan: SavePlan,
    destination: Destination,
    progress: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Receipt:
    """Make on any destination what the plan says; see `carry_out`."""
    labels = prepare(plan, destination)
    drawings = prepare_drawings(plan, destination)
    total = plan.size_bytes + sum(prepared.size_bytes for prepared in labels)
    run = _Run(plan, destination, _Watch(total, progress, cancelled))
    try:
        run.make_images()
        run.save_labels(labels)
        run.save_drawings(drawings)
        changed = run.change_shapes(drawings)
    except BaseException as reason:
        run.ledger.take_back(reason)
        raise
    replaced = run.replace_old(labels)
    deleted = run.delete_shapes(drawings)
    run.remember_drawings(drawings)
    return Receipt(
        run.ledger.made, replaced, run.remembered, changed, deleted, run.features
    )


class _Watch:
    """How far a run is, and whether it is to go on."""

    def __init__(
        self,
        total: int,
        progress: Callable[[int, int, str], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._total = total
        self._progress = progress
        self._cancelled = cancelled
        self._done = 0

    def advance(self, size: int, text: str) -> None:
        """Note that so many more bytes are done, and stop if the user says so."""
        self._done += size
        if self._progress is not None:
            self._progress(self._done, self._total, text)
        if self._cancelled is not None and self._cancelled():
            raise SaveCancelled("Saving was cancelled.")


class _Run:
    """One plan on its way, and what it has made so far."""

    def __init__(self, plan: SavePlan, destination: Destination, watch: _Watch) -> None:
        self.ledger = Ledger(destination)
        self.remembered: dict[int, Mapping[str, Any]] = {}
        self._plan = plan
        self._to = destination
        self._watch = watch
        self.features: dict[int, Mapping[str, Sequence[Any]]] = {}
        self._image_ids: list[int] = []
        self._roi_ids: dict[int, dict[int, tuple[int, int]]] = {}

    def make_images(self) -> None:
        """Make the dataset and the images; an image is linked once it is complete."""
        if not self._plan.images:
            return
        dataset_id = self._make_dataset()
        for image in self._plan.images:
            image_id = self._make_image(image, dataset_id)
            if dataset_id is not None:
                self._to.link_image(dataset_id, image_id)
            self._image_ids.append(image_id)
            self._remember_image(image, image_id)

    def save_labels(self, labels: Sequence[PreparedLabels]) -> None:
        """Save the regions of every labels layer."""
        for prepared in labels:
            new = prepared.planned.new_image
            image_id = prepared.image_id if new is None else self._image_ids[new]
            layer = prepared.planned.layer
            ids = self._save_rois(image_id, layer, prepared.rois)
            saved = {**self._name_image(image_id), "roi_ids": ids}
            self.remembered[layer.position] = remember(layer.omero, saved)

    def replace_old(self, labels: Sequence[PreparedLabels]) -> tuple[int, ...]:
        """Delete the regions whose place was taken, all or none of them."""
        old = tuple(roi_id for prepared in labels for roi_id in prepared.replaces)
        try:
            if old:
                self._watch.advance(0, "Removing the regions that were replaced")
                self._to.delete("roi", old)
        except SessionLost as reason:
            # Taking the new regions back might leave neither them nor the old ones.
            raise UploadIncomplete(
                f"{reason} Everything was saved, but the regions that were replaced "
                f"may still be there ({', '.join(map(str, old))}); delete them.",
                tuple(link_to(self._to.server, "roi", roi_id) for roi_id in old),
            ) from reason
        except BaseException as reason:
            self.ledger.take_back(reason)
            raise
        return old

    def save_drawings(self, drawings: Sequence[PlannedDrawing]) -> None:
        """Save the shapes that are new, in regions of their own."""
        for planned in drawings:
            assert planned.changes is not None
            pairs = planned.new_rois(planned.changes.new)
            image_id = self._find_image(planned)
            ids = self._save_rois(image_id, planned.layer, [roi for roi, _ in pairs])
            self._roi_ids[planned.layer.position] = {
                index: (roi_id, place)
                for roi_id, (_, members) in zip(ids, pairs, strict=True)
                for place, index in enumerate(members)
            }

    def change_shapes(self, drawings: Sequence[PlannedDrawing]) -> int:
        """Change shapes in place, those of an image all or none; gives how many."""
        wanted: dict[int, list[ShapeRecord]] = {}
        for planned in drawings:
            if planned.changes is not None and planned.changes.changed:
                shapes = wanted.setdefault(self._find_image(planned), [])
                shapes += planned.changes.changed
        for image_id, shapes in wanted.items():
            self._watch.advance(0, f"Changing {len(shapes)} shapes")
            self._to.update_shapes(image_id, shapes)
        return sum(map(len, wanted.values()))

    def delete_shapes(self, drawings: Sequence[PlannedDrawing]) -> int:
        """Delete the shapes that are no longer in their layers; gives how many."""
        ids = [one for each in drawings if each.changes for one in each.changes.deleted]
        if not ids:
            return 0
        try:
            self._to.delete_shapes(ids)
        except OmeroIOError as reason:
            # What was changed in place cannot be taken back.
            raise UploadIncomplete(
                f"{reason} Everything else was saved, but shapes that are not in their "
                f"layer any more are still there ({', '.join(map(str, ids))}).",
                tuple(link_to(self._to.server, "shape", one) for one in ids),
            ) from reason
        return len(ids)

    def remember_drawings(self, drawings: Sequence[PlannedDrawing]) -> None:
        """Note for each layer which shapes of the server it shows now."""
        for planned in drawings:
            layer, image_id = planned.layer, self._find_image(planned)
            named = self._name_image(image_id)
            remembered = remember(layer.omero, named)
            if remembered.get("image_id") == image_id:
                rois = {roi.id: roi for roi in self._to.read_rois(image_id)}
                made = self._roi_ids[layer.position]
                columns = list_features(planned, rois, made)
                self.features[layer.position] = columns
                known = list_known(planned, columns)
                remembered = {**remembered, "shapes": known}
            self.remembered[layer.position] = remembered

    def _find_image(self, planned: PlannedDrawing) -> int:
        if planned.new_image is not None:
            return self._image_ids[planned.new_image]
        assert planned.image_id is not None
        return planned.image_id

    def _make_dataset(self) -> int | None:
        target = self._plan.target
        if not target.makes_dataset:
            return target.dataset_id
        self._watch.advance(0, f"Making dataset '{target.dataset_name}'")
        with self.ledger.making("dataset", target.dataset_name) as made:
            dataset_id = self._to.create_dataset(target.dataset_name, target.project_id)
            made([dataset_id])
        return dataset_id

    def _make_image(self, image: PlannedImage, dataset_id: int | None) -> int:
        self._watch.advance(0, f"Image '{image.name}'")
        with self.ledger.making("image", image.name) as made:
            image_id = self._to.create_image(image, dataset_id)
            made([image_id])
        ranges = self._to.write_planes(image_id, self._read_planes(image))
        self._to.finish_image(image_id, image, ranges)
        pairs = describe_provenance(image.layers, image.sources)
        self._to.annotate("image", [image_id], pairs)
        return image_id

    def _read_planes(self, image: PlannedImage) -> Iterator[Plane]:
        """Read planes one by one; asking for the next means that one is sent."""
        t_size, c_size, z_size, _, _ = image.sizes
        for t, c, z in np.ndindex(t_size, c_size, z_size):
            plane = image.read_plane(t, c, z)
            yield t, c, z, plane
            self._watch.advance(plane.nbytes, f"Image '{image.name}'")

    def _remember_image(self, image: PlannedImage, image_id: int) -> None:
        names = self._name_image(image_id)
        layers = [channel.layer.position for channel in image.channels]
        for index, channel in enumerate(image.channels):
            is_alone = layers.count(channel.layer.position) == 1
            saved = {**names, "channel": index} if is_alone else names
            remembered = remember(channel.layer.omero, saved)
            self.remembered[channel.layer.position] = remembered

    def _name_image(self, image_id: int) -> dict[str, Any]:
        record = self._to.read_image(image_id)
        return {
            "server": self._to.server,
            "image_id": image_id,
            "pixels_id": record.pixels_id,
            "group_id": record.group_id,
        }

    def _save_rois(
        self,
        image_id: int,
        layer: SavableLayer | DrawnLayer,
        rois: Sequence[RoiRecord],
    ) -> list[int]:
        text = f"{layer.kind.capitalize()} '{layer.name}'"
        sources = [layer.origin] if layer.origin else []
        ids: list[int] = []
        for batch in split_rois(rois):
            self._watch.advance(0, text)
            with self.ledger.making("roi", layer.name) as made:
                saved = self._to.save_rois(image_id, batch)
                made(saved)
            ids += saved
            self._to.annotate("roi", saved, describe_provenance([layer], sources))
            self._watch.advance(sum(map(count_bytes, batch)), text)
        return ids
