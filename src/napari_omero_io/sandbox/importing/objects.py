"""From the description of an image to the objects of OMERO's model."""

from __future__ import annotations

import mimetypes
import time
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

import omero.model
from omero.model.enums import UnitsLength, UnitsTime
from omero.rtypes import rdouble, rint, rlong, rstring, rtime

from napari_omero_io.sandbox.store.repositories import MANAGED

from .imported import PIXEL_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from napari_omero_io.sandbox.rules.caller import Caller

    from .imported import ImportedChannel, ImportedImage, ImportedPlane, Position


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of an import, as long as it has no id.

    Attributes
    ----------
    draft
        Where its content is.
    folder
        Its place in the managed repository, ending with a slash.
    client_path
        What the client called it.
    digest
        By `algorithm`, in hexadecimal.
    mimetype
        Where the name does not tell.
    """

    draft: Path
    name: str
    folder: str
    client_path: str
    digest: str
    algorithm: str = "SHA1-160"
    mimetype: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants of an import, beside what its files say.

    Attributes
    ----------
    pixel_size
        Micrometres along X, Y, Z; None where the files decide.
    annotations
        Of the model, for each image.
    version
        Names and values of the client's software.
    prefix
        Folder of the import in the managed repository.
    with_extremes
        Whether channels tell their smallest and largest values.
    """

    dataset_id: int | None = None
    screen_id: int | None = None
    name: str | None = None
    description: str | None = None
    pixel_size: tuple[float | None, float | None, float | None] = (None, None, None)
    annotations: Sequence[Any] = ()
    version: Sequence[Any] = ()
    prefix: str = ""
    with_extremes: bool = True


def build_image(
    image: ImportedImage,
    extremes: Sequence[tuple[float, float]],
    digest: str,
    wish: Wish,
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
    built.name = rstring(wish.name or image.name)
    description = wish.description or image.description
    if description:
        built.description = rstring(description)
    if image.acquired:
        built.acquisitionDate = moment(image.acquired)
    pixels = omero.model.PixelsI()
    built.addPixels(pixels)
    pixels.sizeT, pixels.sizeC, pixels.sizeZ, pixels.sizeY, pixels.sizeX = map(
        rint, image.shape
    )
    pixels.sha1 = rstring(digest)
    pixels.pixelsType = _by_value(omero.model.PixelsTypeI, PIXEL_TYPES[image.dtype])
    pixels.dimensionOrder = _by_value(omero.model.DimensionOrderI, "XYZCT")
    sizes = zip(wish.pixel_size, image.pixel_size, strict=True)
    lengths = [_length(wanted or found) for wanted, found in sizes]
    pixels.physicalSizeX, pixels.physicalSizeY, pixels.physicalSizeZ = lengths
    if image.time_increment:
        pixels.timeIncrement = omero.model.TimeI(image.time_increment, UnitsTime.SECOND)
    if image.significant_bits:
        pixels.significantBits = rint(image.significant_bits)
    for channel, (low, high) in zip(image.channels, extremes, strict=True):
        made = _build_channel(channel, is_rgb=image.is_rgb)
        if wish.with_extremes:
            made.statsInfo = omero.model.StatsInfoI()
            made.statsInfo.globalMin, made.statsInfo.globalMax = (
                rdouble(low),
                rdouble(high),
            )
        pixels.addChannel(made)
    for plane in image.planes:
        if plane.z < image.shape[2] and plane.c < image.shape[1]:
            pixels.addPlaneInfo(_build_plane(plane))
    return built


def build_file(kept: KeptFile) -> Any:
    """Return the OriginalFileI of an imported file."""
    file = omero.model.OriginalFileI()
    file.name, file.path = rstring(kept.name), rstring(kept.folder)
    file.repo = rstring(MANAGED)
    file.size = rlong(kept.draft.stat().st_size)
    file.hash = rstring(kept.digest)
    file.hasher = _by_value(omero.model.ChecksumAlgorithmI, kept.algorithm)
    kind = kept.mimetype or mimetypes.guess_type(kept.name)[0]
    file.mimetype = rstring(kind or "application/octet-stream")
    file.mtime = rtime(int(kept.draft.stat().st_mtime * 1000))
    return file


def build_fileset(
    files: Sequence[KeptFile],
    rows: Sequence[Any],
    journal: Any,
    wish: Wish,
    caller: Caller,
) -> Any:
    """Return the FilesetI of files, with the jobs that made it.

    Parameters
    ----------
    rows
        The OriginalFileI of each file.
    journal
        That of what is told of the import.
    """
    fileset = omero.model.FilesetI()
    fileset.templatePrefix = rstring(wish.prefix or files[0].folder)
    for kept, row in zip(files, rows, strict=True):
        entry = omero.model.FilesetEntryI()
        entry.clientPath = rstring(kept.client_path)
        entry.originalFile = row
        fileset.addFilesetEntry(entry)
    for kind in (omero.model.UploadJobI, omero.model.MetadataImportJobI):
        job = _build_job(kind(), caller)
        job.versionInfo = list(wish.version)
        fileset.linkJob(job)
    job.linkOriginalFile(journal)
    return fileset


def link(image: Any, wish: Wish) -> None:
    """Put an image into its dataset, and annotations onto it.

    An image of a plate is in no dataset.
    """
    if wish.dataset_id is not None and not image.sizeOfWellSamples():
        image.linkDataset(omero.model.DatasetI(wish.dataset_id, False))
    for annotation in wish.annotations:
        image.linkAnnotation(annotation)


def _build_job(job: Any, caller: Caller) -> Any:
    now = rtime(time.time_ns() // 1_000_000)
    job.username, job.groupname = rstring(caller.user_name), rstring(caller.group_name)
    job.type, job.message = rstring("Import"), rstring("")
    job.submitted, job.scheduledFor, job.started, job.finished = now, now, now, now
    job.status = _by_value(omero.model.JobStatusI, "Finished")
    return job


def _build_channel(channel: ImportedChannel, *, is_rgb: bool) -> Any:
    built = omero.model.ChannelI()
    if channel.color:
        built.red, built.green, built.blue, built.alpha = map(rint, channel.color)
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
    built.positionX = place_of(plane.position_x)
    built.positionY = place_of(plane.position_y)
    built.positionZ = place_of(plane.position_z)
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


def moment(when: datetime) -> Any:
    """Return a time of OMERO's."""
    # Files that name no zone are taken for UTC, so that an import does not depend on
    # where the server stands.
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    return rtime(int(aware.timestamp() * 1000))


def place_of(position: Position | None) -> Any:
    """Return a place on the stage as a length of OMERO's."""
    if position is None:
        return None
    unit = getattr(UnitsLength, position.unit)
    return omero.model.LengthI(position.value, unit)
