"""What the files of an image are: UsedFilesRequest and its neighbours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
from omero.rtypes import rlong, rstring
from sqlalchemy import select

from napari_omero_io.sandbox.rules.permissions import visible

from .disk_usage import size_of_folder
from .failure import RequestFailed
from .targets import everywhere

if TYPE_CHECKING:
    from sqlalchemy import RowMapping

    from .work import Work

COMPANION = "openmicroscopy.org/omero/import/companionFile"
METADATA_FILE = "original_metadata.txt"
_SECTION = re.compile(r"\[(\w+)\]")


def used_files(work: Work, request: Any) -> Any:
    """Return the ids of the files that an image was imported from."""
    image = _read_image(work, int(request.imageId))
    companions = _companions(work, image["id"])
    if image["fileset_id"] is None:
        metadata = [id_ for id_, name in companions if name == METADATA_FILE]
        others = [id_ for id_, name in companions if name != METADATA_FILE]
        archived = _archived(work, image["id"])
        return omero.cmd.UsedFilesResponsePreFs(archived, others, metadata)
    entries = work.call.core.database.tables["FilesetEntry"]
    query = select(entries.c.originalFile_id).where(
        entries.c.fileset_id == image["fileset_id"]
    )
    files = sorted(work.connection.execute(query).scalars())
    # every image of a file needs the whole file
    return omero.cmd.UsedFilesResponse(files, [], [id_ for id_, _ in companions], [])


def original_metadata(work: Work, request: Any) -> Any:
    """Return what the importer found in the files of an image, as it kept it."""
    image = _read_image(work, int(request.imageId))
    fileset = image["fileset_id"]
    response = omero.cmd.OriginalMetadataResponse(
        filesetId=None if fileset is None else rlong(fileset),
        fileAnnotationId=None,
        globalMetadata={},
        seriesMetadata={},
    )
    tables = work.call.core.database.tables
    for id_, name in _companions(work, image["id"]):
        if name != METADATA_FILE:
            continue
        annotations = tables["Annotation"]
        query = select(annotations.c.id).where(annotations.c.file_id == id_)
        response.fileAnnotationId = rlong(
            work.connection.execute(query).scalars().one()
        )
        files = work.call.core.files
        text = files.read(id_, 0, files.size(id_)).decode("utf-8", "replace")
        response.globalMetadata, response.seriesMetadata = _parse_metadata(text)
    return response


def measure_binaries(work: Work, request: Any) -> Any:
    """Return what an image takes on the disk.

    Raises
    ------
    RequestFailed
        There is no such image, or something is to be deleted: the sandbox keeps no
        second copy of pixels, and its thumbnails are made when they are asked for.
    """
    image = _read_image(work, int(request.imageId))
    if request.togglePixels or request.deletePyramid:
        raise RequestFailed(
            "no-archived-files", "the sandbox holds the pixels of images only once"
        )
    core = work.call.core
    pixels = core.database.tables["Pixels"]
    query = select(pixels.c.id).where(pixels.c.image_id == image["id"])
    folders = [
        core.pixels.path(id_) for id_ in work.connection.execute(query).scalars()
    ]
    archived = _archived(work, image["id"])
    fileset = image["fileset_id"]
    return omero.cmd.ManageImageBinariesResponse(
        filesetId=None if fileset is None else rlong(fileset),
        archivedFiles=[rlong(id_) for id_ in archived],
        pixelsPresent=any(folder.exists() for folder in folders),
        pyramidPresent=False,
        archivedSize=sum(core.files.size(id_) for id_ in archived),
        pixelSize=sum(size_of_folder(folder) for folder in folders),
        pyramidSize=0,
        thumbnailSize=0,
    )


def find_pyramids(work: Work, request: Any) -> Any:
    """Return no pyramid files: the sandbox keeps all levels of pixels together."""
    return omero.cmd.FindPyramidsResponse([])


def _read_image(work: Work, image_id: int) -> RowMapping:
    images = work.call.core.database.tables["Image"]
    caller = everywhere(work.call).caller
    query = select(images.c.id, images.c.fileset_id).where(
        images.c.id == image_id, visible(caller, images)
    )
    found = work.connection.execute(query).mappings().first()
    if found is None:
        raise RequestFailed("bad-image", f"no such image: {image_id}", id=str(image_id))
    return found


def _companions(work: Work, image_id: int) -> list[tuple[int, str]]:
    """Return ids and names of the files that the importer put beside an image."""
    tables = work.call.core.database.tables
    links, annotations = tables["ImageAnnotationLink"], tables["Annotation"]
    files = tables["OriginalFile"]
    query = (
        select(files.c.id, files.c.name)
        .select_from(
            links.join(annotations, links.c.child_id == annotations.c.id).join(
                files, annotations.c.file_id == files.c.id
            )
        )
        .where(links.c.parent_id == image_id, annotations.c.ns == COMPANION)
        .order_by(files.c.id)
    )
    return [(row.id, row.name) for row in work.connection.execute(query)]


def _archived(work: Work, image_id: int) -> list[int]:
    tables = work.call.core.database.tables
    maps, pixels = tables["PixelsOriginalFileMap"], tables["Pixels"]
    query = (
        select(maps.c.parent_id)
        .select_from(maps.join(pixels, maps.c.child_id == pixels.c.id))
        .where(pixels.c.image_id == image_id)
    )
    return sorted(set(work.connection.execute(query).scalars()))


def _parse_metadata(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read lines ``key=value`` below ``[GlobalMetadata]`` and ``[SeriesMetadata]``."""
    sections: dict[str, dict[str, Any]] = {"GlobalMetadata": {}, "SeriesMetadata": {}}
    section = ""
    for line in text.splitlines():
        heading = _SECTION.fullmatch(line.strip())
        if heading:
            section = heading.group(1)
        elif "=" in line and section in sections:
            key, _, value = line.partition("=")
            sections[section][key.strip()] = rstring(value.strip())
    return sections["GlobalMetadata"], sections["SeriesMetadata"]
