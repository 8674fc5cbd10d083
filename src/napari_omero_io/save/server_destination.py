"""What saving asks of a server, answered by a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari_omero_io.client.annotations import add_key_values
from napari_omero_io.client.browse import list_children, read_object
from napari_omero_io.client.containers import create_dataset, link_images
from napari_omero_io.client.deletion import delete_objects
from napari_omero_io.client.images import read_image
from napari_omero_io.client.rois import (
    delete_shapes,
    find_own_rois,
    read_rois,
    save_rois,
    update_shapes,
)
from napari_omero_io.client.translate import translated
from napari_omero_io.client.upload import (
    begin_image,
    find_group,
    finish_image,
    write_planes,
)
from napari_omero_io.records import NewChannel, NewImage

from .receipt import PROVENANCE_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari_omero_io.client.connection import Connection
    from napari_omero_io.records import (
        ImageRecord,
        ObjectRecord,
        RoiRecord,
        ShapeRecord,
    )

    from .destination import Pairs, Plane, Ranges
    from .images import PlannedImage


class ServerDestination:
    """A `Destination` on the server at the other end of a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def server(self) -> str:
        """The server's address, as it stands in a layer's metadata."""
        return self._connection.server

    def check_alive(self) -> None:
        """Ask for a sign of life."""
        with translated(f"save to {self.server}"):
            self._connection.service("admin").getEventContext()

    def read_container(self, kind: str, object_id: int) -> ObjectRecord:
        """Read a dataset or project."""
        return read_object(self._connection, kind, object_id)

    def read_image(self, image_id: int) -> ImageRecord:
        """Read an image."""
        return read_image(self._connection, image_id)

    def find_own_rois(self, image_id: int, roi_ids: Sequence[int]) -> tuple[int, ...]:
        """Say which of these regions are on the image, the user's own, and masks."""
        return find_own_rois(self._connection, image_id, roi_ids)

    def create_dataset(self, name: str, project_id: int | None) -> int:
        """Make a dataset, in a project if one is given."""
        return create_dataset(self._connection, name, project_id)

    def create_image(self, image: PlannedImage, dataset_id: int | None) -> int:
        """Make an image without pixels, in the group of its dataset."""
        group_id = find_group(self._connection, dataset_id)
        return begin_image(self._connection, describe_new_image(image), group_id)

    def write_planes(self, image_id: int, planes: Iterable[Plane]) -> Ranges:
        """Write all planes of a new image."""
        return write_planes(self._connection, image_id, planes)

    def finish_image(self, image_id: int, image: PlannedImage, ranges: Ranges) -> None:
        """Write what needs the pixels."""
        finish_image(self._connection, image_id, describe_new_image(image), ranges)

    def link_image(self, dataset_id: int, image_id: int) -> None:
        """Put an image into a dataset."""
        link_images(self._connection, dataset_id, [image_id])

    def save_rois(self, image_id: int, rois: Sequence[RoiRecord]) -> list[int]:
        """Make regions on an image, in one step."""
        return save_rois(self._connection, image_id, rois)

    def read_rois(self, image_id: int) -> Sequence[RoiRecord]:
        """Read all regions of an image."""
        return read_rois(self._connection, image_id)

    def update_shapes(self, image_id: int, shapes: Sequence[ShapeRecord]) -> None:
        """Change shapes in place, all or none; Conflict if somebody else has."""
        update_shapes(self._connection, image_id, shapes)

    def delete_shapes(self, shape_ids: Sequence[int]) -> None:
        """Delete shapes, and regions of which nothing is left."""
        delete_shapes(self._connection, shape_ids)

    def annotate(self, kind: str, ids: Sequence[int], pairs: Pairs) -> None:
        """Write where objects came from as key-value pairs."""
        add_key_values(self._connection, kind, ids, pairs, PROVENANCE_NAMESPACE)

    def has_children(self, dataset_id: int) -> bool:
        """Whether there is an image in a dataset."""
        return bool(list_children(self._connection, "dataset", dataset_id, limit=1))

    def delete(self, kind: str, ids: Sequence[int]) -> None:
        """Delete objects, all or none, and nothing that lies in them."""
        delete_objects(self._connection, kind, ids)


def describe_new_image(image: PlannedImage) -> NewImage:
    """Say what image is to be made, in the client's words."""
    channels = tuple(
        NewChannel(channel.name, channel.color, channel.window)
        for channel in image.channels
    )
    return NewImage(
        name=image.name,
        pixel_type=image.pixel_type,
        shape=image.sizes,
        channels=channels,
        pixel_size_x=image.pixel_sizes.get("X"),
        pixel_size_y=image.pixel_sizes.get("Y"),
        pixel_size_z=image.pixel_sizes.get("Z"),
        time_increment=image.pixel_sizes.get("T"),
        is_rgb=image.layers[0].is_rgb and len(channels) == 3,
    )
