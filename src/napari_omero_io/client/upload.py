"""Making new images: metadata first, then planes as they come, then what they showed.

OMERO's pixels are written once: a store opened after the first write cannot write any
more, and large integer images accept only tiles in a fixed order, through one store.
Metadata is saved before the store is opened or after it is closed, since the store
saves the pixels' row too.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import (
    NotPermitted,
    OmeroIOError,
    SaveCancelled,
    SaveError,
    UploadIncomplete,
)
from napari_omero_io.refs import OmeroRef

from . import hql
from .appearance import Color, Window, make_settings, set_color
from .browse import read_object
from .containers import link_images
from .deletion import delete_objects
from .ice import omero
from .pixel_writer import PixelWriter
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
        Asked after each message whether to stop.

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

    def check(_size: int = 0) -> None:
        if cancelled is not None and cancelled():
            raise SaveCancelled(f"Saving image “{image.name}” was cancelled.")

    group_id = find_group(connection, dataset_id)
    check()
    image_id = begin_image(connection, image, group_id)
    try:
        counted = _count(planes, image, progress)
        ranges = write_planes(connection, image_id, counted, sent=check)
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
    connection: Connection,
    image_id: int,
    planes: Iterable[Plane],
    *,
    sent: Callable[[int], None] | None = None,
) -> list[Window]:
    """Write all planes of a new image, once.

    Parameters
    ----------
    planes
        Every plane (Y, X): t slowest, then c, then z.
    sent
        Told the bytes of each message that has arrived; may raise to stop.

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
        writer = PixelWriter(connection, pixels, sent)
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


def _count(
    planes: Iterable[Plane],
    image: NewImage,
    progress: Callable[[int, int], None] | None,
) -> Iterator[Plane]:
    """Pass planes on; being asked for the next means that one has arrived."""
    total = image.shape[0] * image.shape[1] * image.shape[2]
    done = 0
    for plane in planes:
        yield plane
        done += 1
        if progress is not None:
            progress(done, total)
    if done != total:
        raise SaveError(f"Image “{image.name}” has {total} planes, {done} were given.")


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
            (str(OmeroRef(connection.server, "image", image_id)),),
        ) from error
    logger.info("Took back image %s", image_id)
