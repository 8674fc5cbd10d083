"""Making new images: metadata first, then planes as they come, then what they showed.

OMERO's pixels are written once: a store opened after the first write cannot write any
more, and large integer images accept only tiles in a fixed order, through one store.
Metadata is saved before the store is opened or after it is closed, since the store
saves the pixels' row too.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.errors import (
    NotPermitted,
    OmeroIOError,
    SaveCancelled,
    SaveError,
    UploadIncomplete,
)
from napari_omero_io.records import PIXEL_TYPES

from . import hql
from .appearance import Color, Window, make_settings, set_color
from .browse import read_object
from .containers import link_images
from .deletion import delete_objects
from .ice import Ice, omero
from .images import SMALL_PLANE
from .translate import translated
from .wire import make_length, make_parameters, make_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from napari_omero_io.records import NewImage

    from .connection import Connection

    #: t, c, z and the pixels (Y, X).
    Plane = tuple[int, int, int, NDArray[Any]]

logger = logging.getLogger(__name__)

#: Bytes sent in one call.
MAX_SENT = 64_000_000


def create_image(
    connection: Connection,
    image: NewImage,
    planes: Iterable[Plane],
    *,
    dataset_id: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Make an image with all its pixels, or nothing at all.

    Parameters
    ----------
    planes
        Every plane once: t slowest, then c, then z.
    dataset_id
        Where the image is put once it is complete; None for no dataset.
    progress
        Told how many planes are done, and of how many.
    cancelled
        Asked before each plane whether to stop.

    Returns
    -------
    int
        The image's id.

    Raises
    ------
    NotPermitted
        The user may put nothing into the dataset; nothing was sent.
    SaveCancelled
        `cancelled` said so; the image was deleted again.
    UploadIncomplete
        It failed, and so did deleting the image; says what is left.
    """
    group_id = find_group(connection, dataset_id)
    image_id = begin_image(connection, image, group_id)
    try:
        watched = _watch(planes, image, progress, cancelled)
        ranges = write_planes(connection, image_id, watched)
        finish_image(connection, image_id, image, ranges)
        if dataset_id is not None:
            link_images(connection, dataset_id, [image_id])
    except BaseException as reason:
        _take_back(connection, image_id, image.name, reason)
        raise
    return image_id


def find_group(connection: Connection, dataset_id: int | None) -> int:
    """Give the group a new image belongs to: its dataset's, else the session's.

    Raises
    ------
    NotFound, NotPermitted
        There is no such dataset, or the user may put nothing into it.
    """
    if dataset_id is None:
        return connection.user.group_id
    dataset = read_object(connection, "dataset", dataset_id)
    if not dataset.can_link:
        raise NotPermitted(
            f"You may not put images into dataset “{dataset.name}” of {dataset.owner}. "
            "Choose a dataset of your own."
        )
    return dataset.group_id


def begin_image(connection: Connection, image: NewImage, group_id: int) -> int:
    """Make an image without pixels: sizes, channels, units; gives its id."""
    context = connection.context(group_id)
    size_t, size_c, size_z, size_y, size_x = image.shape
    if len(image.channels) != size_c:
        raise ValueError(f"{size_c} channels, but {len(image.channels)} descriptions")
    operation = f"make image “{image.name}”"
    with translated(operation):
        pixel_type = connection.service("types").getEnumeration(
            "PixelsType", image.pixel_type
        )
        made = connection.service("pixels").createImage(
            *(size_x, size_y, size_z, size_t, list(range(size_c)), pixel_type),
            *(image.name, image.description, context),
        )
    image_id = int(made.getValue())
    try:
        with translated(operation):
            pixels = _read_pixels(connection, image_id)
            _describe(pixels, image)
            connection.service("update").saveObject(pixels, context)
    except BaseException as reason:
        _take_back(connection, image_id, image.name, reason)
        raise
    return image_id


def write_planes(
    connection: Connection, image_id: int, planes: Iterable[Plane]
) -> list[Window]:
    """Write all planes of a new image, once.

    Parameters
    ----------
    planes
        Every plane (Y, X): t slowest, then c, then z.

    Returns
    -------
    list
        Smallest and largest value of each channel, NaN and infinities left out.

    Raises
    ------
    SaveError
        The server says that it stored other pixels than were sent.
    """
    with translated(f"write the pixels of image {image_id}"):
        pixels = _read_pixels(connection, image_id)
        writer = _Writer(connection, pixels)
        try:
            for t, c, z, plane in planes:
                writer.write(t, c, z, plane)
            writer.verify()
        except BaseException:
            writer.abandon()
            raise
        writer.close()
    return writer.ranges


def finish_image(
    connection: Connection, image_id: int, image: NewImage, ranges: Sequence[Window]
) -> None:
    """Save what follows from the pixels: ranges, and how the image is shown.

    Parameters
    ----------
    ranges
        Smallest and largest value of each channel.
    """
    with translated(f"describe image {image_id}"):
        pixels = _read_pixels(connection, image_id)
        context = connection.context(pixels.details.group.id.val)
        looks: list[tuple[Color, Window]] = []
        for index, (channel, found) in enumerate(
            zip(image.channels, ranges, strict=True)
        ):
            connection.service("pixels").setChannelGlobalMinMax(
                pixels.id.val, index, *found, context
            )
            looks.append((channel.color, channel.window or _widen(found)))
        settings = make_settings(pixels.id.val, image.shape, looks)
        connection.service("update").saveObject(settings, context)


def _widen(found: Window) -> Window:
    """Make a window of a range, which may be a single value."""
    low, high = found
    return (low, high) if low < high else (low, low + 1)


def _read_pixels(connection: Connection, image_id: int) -> Any:
    image = connection.service("query").findByQuery(
        hql.IMAGE, make_parameters(id=image_id), connection.context()
    )
    return image.copyPixels()[0]


def _describe(pixels: Any, image: NewImage) -> None:
    """Set names, colours and units on a Pixels with its channels loaded."""
    for channel, new in zip(pixels.copyChannels(), image.channels, strict=True):
        set_color(channel, new.color)
        if new.name:
            channel.logicalChannel.name = omero.rtypes.rstring(new.name)
        if image.is_rgb:
            meaning = omero.model.PhotometricInterpretationI()
            meaning.value = omero.rtypes.rstring("RGB")
            channel.logicalChannel.photometricInterpretation = meaning
    for axis in "xyz":
        size = getattr(image, f"pixel_size_{axis}")
        if size:
            setattr(pixels, f"physicalSize{axis.upper()}", make_length(size))
    if image.time_increment:
        pixels.timeIncrement = make_time(image.time_increment)


def _watch(
    planes: Iterable[Plane],
    image: NewImage,
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Iterator[Plane]:
    """Pass planes on; being asked for the next means that one is sent."""
    total = image.shape[0] * image.shape[1] * image.shape[2]
    done = 0
    for plane in planes:
        if cancelled is not None and cancelled():
            raise SaveCancelled(f"Saving image “{image.name}” was cancelled.")
        yield plane
        done += 1
        if progress is not None:
            progress(done, total)
    if done != total:
        raise SaveError(
            f"Image “{image.name}” needs {total} planes, {done} were given."
        )


def _take_back(
    connection: Connection, image_id: int, name: str, reason: BaseException
) -> None:
    """Delete a half-made image, or say that it is left."""
    try:
        delete_objects(connection, "image", [image_id])
    except OmeroIOError as error:
        raise UploadIncomplete(
            f"{reason} An incomplete image “{name}” (Image:{image_id}) is left at "
            f"{connection.server}; delete it there.",
            (f"omero://{connection.server}/image/{image_id}",),
        ) from error
    logger.info("Took back image %s", image_id)


class _Writer:
    """Writes planes through one store, as the server wants them.

    Large integer planes go as tiles, of which the server makes a pyramid: x fastest,
    then y, planes in order, all of one size but the last.  Before and between them the
    store may be asked for nothing but its tile size: any other question ends the
    writing.  Other planes go whole, or in bands of full rows when they are large.
    """

    def __init__(self, connection: Connection, pixels: Any) -> None:
        self._shape = (pixels.sizeY.val, pixels.sizeX.val)
        self._dtype = np.dtype(PIXEL_TYPES[pixels.pixelsType.value.val])
        self._digest = hashlib.sha1(usedforsecurity=False)
        self.ranges: list[Window] = []
        self._ranges = [(np.inf, -np.inf)] * pixels.sizeC.val
        context = connection.context(pixels.details.group.id.val)
        self._store = connection.open_pixel_store()
        try:
            self._store.setPixelsId(pixels.id.val, True, context)
            self._tile = self._choose_tile()
        except BaseException:
            self.abandon()
            raise

    def _choose_tile(self) -> tuple[int, int] | None:
        """Ask whether this becomes a pyramid, which depends on the server's settings.

        For a plain file the server names bands of full rows of about 1 MiB.
        """
        size_y, size_x = self._shape
        if size_x * size_y <= SMALL_PLANE:
            return None
        width, height = self._store.getTileSize()
        band = min(size_y, 1048576 // self._dtype.itemsize // size_x)
        return None if (width, height) == (size_x, band) else (width, height)

    def write(self, t: int, c: int, z: int, plane: NDArray[Any]) -> None:
        """Send one plane (Y, X)."""
        plane = np.asarray(plane)
        if plane.shape != self._shape or plane.dtype.newbyteorder("=") != self._dtype:
            raise SaveError(
                f"A plane of {plane.shape[::-1]} {plane.dtype} does not fit an image "
                f"of {self._shape[::-1]} {self._dtype}."
            )
        self._measure(c, plane)
        sent = np.ascontiguousarray(plane, self._dtype.newbyteorder(">"))
        self._digest.update(sent.data)
        if self._tile is not None:
            self._write_tiles(t, c, z, sent)
        elif sent.nbytes <= MAX_SENT:
            self._store.setPlane(sent.tobytes(), z, c, t)
        else:
            self._write_bands(t, c, z, sent)

    def verify(self) -> None:
        """Have the server save, and compare its checksum with ours."""
        saved = self._store.save()
        self.ranges = [
            (float(low), float(high)) if low <= high else (0.0, 1.0)
            for low, high in self._ranges
        ]
        if saved is None or self._tile is not None:
            return  # the checksum of a pyramid is not that of the planes
        if saved.sha1.val != self._digest.hexdigest():
            raise SaveError(
                "The server stored other pixels than were sent; the image is not kept."
            )

    def close(self) -> None:
        """Give the store back."""
        self._store.close()

    def abandon(self) -> None:
        """Give the store back after a failure, whose error matters more."""
        try:
            self._store.close()
        except Ice.Exception as error:
            logger.info("A pixel store was left open: %s", type(error).__name__)

    def _measure(self, c: int, plane: NDArray[Any]) -> None:
        numbers = plane if plane.dtype.kind in "iu" else plane[np.isfinite(plane)]
        if numbers.size:
            low, high = self._ranges[c]
            self._ranges[c] = (min(low, numbers.min()), max(high, numbers.max()))

    def _write_tiles(self, t: int, c: int, z: int, plane: NDArray[Any]) -> None:
        assert self._tile is not None
        width, height = self._tile
        for y in range(0, plane.shape[0], height):
            for x in range(0, plane.shape[1], width):
                tile = plane[y : y + height, x : x + width]
                rows, columns = tile.shape
                self._store.setTile(tile.tobytes(), z, c, t, x, y, columns, rows)

    def _write_bands(self, t: int, c: int, z: int, plane: NDArray[Any]) -> None:
        rows = max(1, MAX_SENT // (plane.shape[1] * plane.dtype.itemsize))
        for y in range(0, plane.shape[0], rows):
            band = plane[y : y + rows]
            height, width = band.shape
            self._store.setTile(band.tobytes(), z, c, t, 0, y, width, height)
