"""What saving asks of a server, and nothing more.

`upload` is written against `Destination`; `server_destination` answers it with the
functions of `client`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np

    from napari_omero_io.records import (
        ImageRecord,
        ObjectRecord,
        RoiRecord,
        ShapeRecord,
    )

    from .images import PlannedImage

#: One plane on its way: t, c, z and its pixels (Y, X) in this machine's byte order.
Plane: TypeAlias = "tuple[int, int, int, np.ndarray]"

#: The smallest and largest value of each channel.
Ranges: TypeAlias = "Sequence[tuple[float, float]]"

#: Names and values, in their order.
Pairs: TypeAlias = "Sequence[tuple[str, str]]"


class Destination(Protocol):
    """A server on which objects are made; all errors are of `errors.OmeroIOError`."""

    @property
    def server(self) -> str:
        """The server's address, as it stands in a layer's metadata."""

    def check_alive(self) -> None:
        """Ask for a sign of life; SessionLost where there is none."""

    def read_container(self, kind: str, object_id: int) -> ObjectRecord:
        """Read a dataset or project; NotFound where there is none."""

    def read_image(self, image_id: int) -> ImageRecord:
        """Read an image; NotFound where there is none."""

    def find_own_rois(self, image_id: int, roi_ids: Sequence[int]) -> tuple[int, ...]:
        """Say which of these regions are on the image, the user's own, and masks."""

    def create_dataset(self, name: str, project_id: int | None) -> int:
        """Make a dataset, in a project if one is given; gives its id."""

    def create_image(self, image: PlannedImage, dataset_id: int | None) -> int:
        """Make an image with its channels and sizes, without pixels; gives its id.

        It is not put into the dataset yet, but belongs to its group.
        """

    def write_planes(self, image_id: int, planes: Iterable[Plane]) -> Ranges:
        """Write all planes of a new image: t slowest, then c, then z."""

    def finish_image(self, image_id: int, image: PlannedImage, ranges: Ranges) -> None:
        """Write what needs the pixels: each channel's range of values, its window."""

    def link_image(self, dataset_id: int, image_id: int) -> None:
        """Put an image into a dataset."""

    def save_rois(self, image_id: int, rois: Sequence[RoiRecord]) -> list[int]:
        """Make regions on an image, in one step; gives their ids."""

    def read_rois(self, image_id: int) -> Sequence[RoiRecord]:
        """Read all regions of an image."""

    def update_shapes(self, image_id: int, shapes: Sequence[ShapeRecord]) -> None:
        """Change shapes in place, all or none; Conflict if somebody else has."""

    def delete_shapes(self, shape_ids: Sequence[int]) -> None:
        """Delete shapes, and regions of which nothing is left."""

    def annotate(self, kind: str, ids: Sequence[int], pairs: Pairs) -> None:
        """Write where objects came from as key-value pairs, one set for all."""

    def has_children(self, dataset_id: int) -> bool:
        """Whether there is an image in a dataset."""

    def delete(self, kind: str, ids: Sequence[int]) -> None:
        """Delete objects, all or none, and nothing that lies in them."""
