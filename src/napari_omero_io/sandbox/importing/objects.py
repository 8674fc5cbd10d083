"""From the description of an image to the objects of OMERO's model."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import omero.model
from omero.model.enums import UnitsLength, UnitsTime
from omero.rtypes import rdouble, rint, rlong, rstring, rtime

from .imported import PIXEL_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from .imported import ImportedChannel, ImportedImage, ImportedPlane


def build_image(
    image: ImportedImage,
    extremes: Sequence[tuple[float, float]],
    digest: str,
    name: str | None = None,
) -> Any:
    """Return an ImageI with its Pixels, channels and what is known of planes.

    Parameters
    ----------
    extremes
        Smallest and largest value of each channel.
    digest
        SHA-1 of all pixels, in hexadecimal.
    """
    built = omero.model.ImageI()
    built.name = rstring(name or image.name)
    if image.description:
        built.description = rstring(image.description)
    if image.acquired:
        built.acquisitionDate = rtime(_milliseconds(image.acquired))
    pixels = omero.model.PixelsI()
    built.addPixels(pixels)
    pixels.sizeT, pixels.sizeC, pixels.sizeZ, pixels.sizeY, pixels.sizeX = map(
        rint, image.shape
    )
    pixels.sha1 = rstring(digest)
    pixels.pixelsType = _by_value(omero.model.PixelsTypeI, PIXEL_TYPES[image.dtype])
    pixels.dimensionOrder = _by_value(omero.model.DimensionOrderI, "XYZCT")
    lengths = [_length(size) for size in image.pixel_size]
    pixels.physicalSizeX, pixels.physicalSizeY, pixels.physicalSizeZ = lengths
    if image.time_increment:
        pixels.timeIncrement = omero.model.TimeI(image.time_increment, UnitsTime.SECOND)
    if image.significant_bits:
        pixels.significantBits = rint(image.significant_bits)
    for channel, (low, high) in zip(image.channels, extremes, strict=True):
        pixels.addChannel(_build_channel(channel, low, high, is_rgb=image.is_rgb))
    for plane in image.planes:
        if plane.z < image.shape[2] and plane.c < image.shape[1]:
            pixels.addPlaneInfo(_build_plane(plane))
    return built


def build_file(name: str, folder: str, size: int, digest: str, mimetype: str) -> Any:
    """Return the OriginalFileI of an imported file."""
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring(name), rstring(folder)
    file.size = rlong(size)
    file.hash = rstring(digest)
    file.hasher = _by_value(omero.model.ChecksumAlgorithmI, "SHA1-160")
    file.mimetype = rstring(mimetype)
    return file


def build_fileset(file: Any, client_path: str, folder: str) -> Any:
    """Return the FilesetI of one file."""
    fileset = omero.model.FilesetI()
    fileset.templatePrefix = rstring(folder)
    entry = omero.model.FilesetEntryI()
    entry.clientPath = rstring(client_path)
    entry.originalFile = file
    fileset.addFilesetEntry(entry)
    return fileset


def link_to_dataset(image: Any, dataset_id: int) -> Any:
    """Return the link that puts an image into a dataset."""
    link = omero.model.DatasetImageLinkI()
    link.parent = omero.model.DatasetI(dataset_id, False)
    link.child = image
    return link


def _build_channel(
    channel: ImportedChannel, low: float, high: float, *, is_rgb: bool
) -> Any:
    built = omero.model.ChannelI()
    if channel.color:
        built.red, built.green, built.blue, built.alpha = map(rint, channel.color)
    built.statsInfo = omero.model.StatsInfoI()
    built.statsInfo.globalMin, built.statsInfo.globalMax = rdouble(low), rdouble(high)
    logical = omero.model.LogicalChannelI()
    built.logicalChannel = logical
    if channel.name:
        logical.name = rstring(channel.name)
    if channel.fluor:
        logical.fluor = rstring(channel.fluor)
    if channel.emission:
        logical.emissionWave = _nanometres(channel.emission)
    if channel.excitation:
        logical.excitationWave = _nanometres(channel.excitation)
    kind = "RGB" if is_rgb else "Monochrome"
    logical.photometricInterpretation = _by_value(
        omero.model.PhotometricInterpretationI, kind
    )
    return built


def _build_plane(plane: ImportedPlane) -> Any:
    built = omero.model.PlaneInfoI()
    built.theZ, built.theC, built.theT = map(rint, (plane.z, plane.c, plane.t))
    if plane.delta_t is not None:
        built.deltaT = omero.model.TimeI(plane.delta_t, UnitsTime.SECOND)
    if plane.exposure is not None:
        built.exposureTime = omero.model.TimeI(plane.exposure, UnitsTime.SECOND)
    built.positionX = _length(plane.position_x)
    built.positionY = _length(plane.position_y)
    built.positionZ = _length(plane.position_z)
    return built


def _by_value(kind: Any, value: str) -> Any:
    """Return an enumeration by its value; saving finds its row."""
    built = kind()
    built.value = rstring(value)
    return built


def _length(micrometres: float | None) -> Any:
    if micrometres is None:
        return None
    return omero.model.LengthI(micrometres, UnitsLength.MICROMETER)


def _nanometres(value: float) -> Any:
    return omero.model.LengthI(value, UnitsLength.NANOMETER)


def _milliseconds(moment: datetime) -> int:
    # Files that name no zone are taken for UTC, so that an import does not depend on
    # where the server stands.
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)
