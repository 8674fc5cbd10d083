"""A server in memory, behind the protocol that saving is written against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from napari_omero_io.errors import NotFound, SessionLost
from napari_omero_io.records import ImageRecord, ObjectRecord, RoiRecord
from napari_omero_io.save.images import PlannedImage

SERVER = "omero.example.org:4064"


@dataclass
class StoredImage:
    name: str
    sizes: tuple[int, int, int, int, int]
    dataset_id: int | None = None
    planes: dict[tuple[int, int, int], np.ndarray] = field(default_factory=dict)
    ranges: list[tuple[float, float]] = field(default_factory=list)


@dataclass
class FakeDestination:
    """Set `faults` to the error that an operation raises, `gone` to lose the server."""

    server: str = SERVER
    datasets: dict[int, str] = field(default_factory=dict)
    images: dict[int, StoredImage] = field(default_factory=dict)
    rois: dict[int, tuple[int, RoiRecord]] = field(default_factory=dict)
    foreign_rois: set[int] = field(default_factory=set)
    notes: list[tuple[str, list[int], list[tuple[str, str]]]] = field(
        default_factory=list
    )
    calls: list[str] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)
    can_link: bool = True
    can_annotate: bool = True
    gone: bool = False

    def _enter(self, operation: str) -> None:
        self.calls.append(operation)
        if self.gone:
            raise SessionLost("The server is gone.")
        if operation in self.faults:
            raise self.faults[operation]

    def _next_id(self) -> int:
        return max([100, *self.datasets, *self.images, *self.rois]) + 1

    def check_alive(self) -> None:
        self._enter("check_alive")

    def read_container(self, kind: str, object_id: int) -> ObjectRecord:
        self._enter("read_container")
        return ObjectRecord(kind, object_id, "cells", "mary", can_link=self.can_link)

    def read_image(self, image_id: int) -> ImageRecord:
        self._enter("read_image")
        if image_id not in self.images:
            raise NotFound(f"There is no image {image_id}.")
        image = self.images[image_id]
        t, c, z, y, x = image.sizes
        return ImageRecord(
            id=image_id,
            name=image.name,
            pixels_id=image_id + 1000,
            dtype="uint8",
            size_t=t,
            size_c=c,
            size_z=z,
            size_y=y,
            size_x=x,
            channels=(),
            levels=(),
            tile=(x, y),
            is_tiled=False,
            group_id=3,
            can_annotate=self.can_annotate,
        )

    def find_own_rois(self, image_id: int, roi_ids: Sequence[int]) -> tuple[int, ...]:
        self._enter("find_own_rois")
        return tuple(
            roi_id
            for roi_id in roi_ids
            if roi_id not in self.foreign_rois
            and self.rois.get(roi_id, (None,))[0] == image_id
        )

    def create_dataset(self, name: str, project_id: int | None) -> int:
        self._enter("create_dataset")
        dataset_id = self._next_id()
        self.datasets[dataset_id] = name
        return dataset_id

    def create_image(self, image: PlannedImage, dataset_id: int | None) -> int:
        self._enter("create_image")
        image_id = self._next_id()
        self.images[image_id] = StoredImage(image.name, image.sizes)
        return image_id

    def write_planes(
        self, image_id: int, planes: Iterable[tuple[int, int, int, np.ndarray]]
    ) -> list[tuple[float, float]]:
        self._enter("write_planes")
        for t, c, z, plane in planes:
            self._enter("write_plane")
            self.images[image_id].planes[t, c, z] = plane.copy()
        stored = [*self.images[image_id].planes.values()]
        return [(float(np.min(stored)), float(np.max(stored)))]

    def finish_image(
        self, image_id: int, image: PlannedImage, ranges: Sequence[tuple[float, float]]
    ) -> None:
        self._enter("finish_image")
        self.images[image_id].ranges = list(ranges)

    def link_image(self, dataset_id: int, image_id: int) -> None:
        self._enter("link_image")
        self.images[image_id].dataset_id = dataset_id

    def save_rois(self, image_id: int, rois: Sequence[RoiRecord]) -> list[int]:
        self._enter("save_rois")
        ids = []
        for roi in rois:
            ids.append(self._next_id())
            self.rois[ids[-1]] = (image_id, roi)
        return ids

    def annotate(
        self, kind: str, ids: Sequence[int], pairs: Sequence[tuple[str, str]]
    ) -> None:
        self._enter("annotate")
        self.notes.append((kind, list(ids), list(pairs)))

    def has_children(self, dataset_id: int) -> bool:
        self._enter("has_children")
        return any(image.dataset_id == dataset_id for image in self.images.values())

    def delete(self, kind: str, ids: Sequence[int]) -> None:
        self._enter(f"delete {kind}")
        stored: dict[str, dict[int, Any]] = {
            "dataset": self.datasets,
            "image": self.images,
            "roi": self.rois,
        }
        for object_id in ids:
            del stored[kind][object_id]
