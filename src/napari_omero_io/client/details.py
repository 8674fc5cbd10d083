"""What the metadata says of one object, read in one round trip and without its pixels.

Opening a pixel store would make some servers build a pyramid, so none is opened here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import NotFound

from . import detail_queries
from .browse import TYPES, name_object
from .facts import AnnotationRecord, ChannelFacts, Details, FileRecord, ImageFacts
from .ice import omero
from .translate import translated
from .wire import make_parameters, read_length, read_text, unbox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .connection import Connection

#: Of ratings, 1 to 5.
_RATING = "openmicroscopy.org/omero/insight/rating"
#: Of attached tables.
_TABLES = "openmicroscopy.org/omero/bulk_annotations"
_TABLE_TYPE = "OMERO.tables"

#: Types with one value, by their class, and the field that holds it.
_VALUES = {
    "BooleanAnnotation": ("boolean", "boolValue"),
    "LongAnnotation": ("long", "longValue"),
    "DoubleAnnotation": ("double", "doubleValue"),
    "TimestampAnnotation": ("timestamp", "timeValue"),
    "TermAnnotation": ("term", "termValue"),
    "XmlAnnotation": ("xml", "textValue"),
    "CommentAnnotation": ("comment", "textValue"),
    "TagAnnotation": ("tag", "textValue"),
}


def read_details(connection: Connection, kind: str, object_id: int) -> Details:
    """Read all that there is to say about an object.

    Raises
    ------
    NotFound
        There is none, or the user may not see it.
    """
    query, context = connection.service("query"), connection.context()
    wanted = make_parameters(id=object_id)
    class_name = TYPES[kind]
    texts = [
        detail_queries.OBJECT.format(type=class_name),
        *_choose_annotation_queries(class_name),
    ]
    is_image = kind == "image"
    if is_image:
        texts += [detail_queries.PIXELS, detail_queries.CHANNELS]
    with translated(f"read {kind} {object_id}"):
        asked = [
            query.begin_findAllByQuery(text, wanted, _ctx=context) for text in texts
        ]
        counting = (
            query.begin_projection(detail_queries.ROI_COUNT, wanted, _ctx=context)
            if is_image
            else None
        )
        listing = (
            query.begin_projection(detail_queries.FILES, wanted, _ctx=context)
            if is_image
            else None
        )
        answers = [query.end_findAllByQuery(each) for each in asked]
        roi_rows = query.end_projection(counting) if counting else []
        files = query.end_projection(listing) if listing else []
    if not answers[0]:
        raise NotFound(
            f"There is no {kind} {object_id} at {connection.server}, or you may not "
            "see it."
        )
    found = answers[0][0]
    facts = None
    if is_image and answers[-2]:
        count = unbox(roi_rows[0][0]) if roi_rows else 0
        facts = _read_image(found, answers[-2][0], answers[-1], count, files)
    links = answers[1 : -2 if is_image else None]
    return Details(
        kind=kind,
        id=object_id,
        name=name_object(found, kind),
        description=read_text(getattr(found, "description", None)),
        owner=_name_person(found.details.owner),
        group=read_text(found.details.group.name),
        created=_read_instant(found.details.creationEvent.time),
        image=facts,
        annotations=tuple(
            read_annotation(link.child) for answer in links for link in answer
        ),
    )


def read_annotation(annotation: Any) -> AnnotationRecord:
    """Read an annotation of any type."""
    kind, text, pairs = _read_value(annotation)
    file = (
        annotation.file if isinstance(annotation, omero.model.FileAnnotation) else None
    )
    namespace = read_text(annotation.ns)
    if file is not None:
        is_table = read_text(file.mimetype) == _TABLE_TYPE or namespace == _TABLES
        kind, text = ("table" if is_table else "file"), read_text(file.name)
    if kind == "long" and namespace == _RATING:
        kind = "rating"
    return AnnotationRecord(
        kind=kind,
        id=annotation.id.val,
        text=text,
        namespace=namespace,
        description=read_text(annotation.description),
        owner=_name_person(annotation.details.owner),
        pairs=pairs,
        file_id=file.id.val if file is not None else None,
        size=unbox(file.size) if file is not None else None,
        when=_read_instant(annotation.details.creationEvent.time)
        if annotation.details.creationEvent.loaded
        else None,
    )


def _read_value(annotation: Any) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    name = type(annotation).__name__.removesuffix("I")
    if name == "MapAnnotation":
        pairs = tuple(
            (pair.name, pair.value) for pair in annotation.mapValue or () if pair
        )
        return "map", "", pairs
    if name not in _VALUES:
        return name.removesuffix("Annotation").lower(), "", ()
    kind, field = _VALUES[name]
    boxed = getattr(annotation, field)
    if kind == "timestamp":
        instant = _read_instant(boxed)
        return kind, instant.isoformat(" ", "seconds") if instant else "", ()
    value = unbox(boxed)
    return kind, "" if value is None else str(value), ()


def _choose_annotation_queries(class_name: str) -> list[str]:
    annotatable = {"Project", "Dataset", "Image", "Screen", "Plate", "Well"}
    if class_name not in annotatable | {"PlateAcquisition"}:
        return []
    return [
        detail_queries.ANNOTATIONS.format(type=class_name),
        detail_queries.ATTACHMENTS.format(type=class_name),
    ]


def _read_image(
    image: Any,
    pixels: Any,
    channels: Sequence[Any],
    roi_count: int,
    files: Sequence[Any],
) -> ImageFacts:
    sizes = (pixels.sizeT, pixels.sizeC, pixels.sizeZ, pixels.sizeY, pixels.sizeX)
    t, c, z, y, x = map(unbox, sizes)
    return ImageFacts(
        pixel_type=read_text(pixels.pixelsType.value),
        shape=(t, c, z, y, x),
        pixel_size=(
            read_length(pixels.physicalSizeX),
            read_length(pixels.physicalSizeY),
            read_length(pixels.physicalSizeZ),
        ),
        channels=tuple(_read_channel(channel) for channel in channels),
        acquired=_read_instant(image.acquisitionDate),
        roi_count=roi_count,
        files=tuple(FileRecord(*_unbox_file(row)) for row in files),
    )


def _unbox_file(row: Sequence[Any]) -> tuple[Any, ...]:
    number, name, path, size, checksum, algorithm = map(unbox, row)
    return number, name, path or "", size or 0, checksum or "", algorithm or ""


def _read_channel(channel: Any) -> ChannelFacts:
    logical = channel.logicalChannel
    name = read_text(logical.name)
    if not name and logical.emissionWave is not None:
        name = f"{logical.emissionWave.getValue():g}"
    parts = (unbox(channel.red), unbox(channel.green), unbox(channel.blue))
    red, green, blue = parts
    color = None if None in parts else (red, green, blue)
    return ChannelFacts(name, color)


def _name_person(person: Any) -> str:
    if person is None or not person.loaded:
        return ""
    parts = (read_text(person.firstName), read_text(person.lastName))
    return " ".join(filter(None, parts)) or read_text(person.omeName)


def _read_instant(boxed: Any) -> datetime | None:
    """Give an instant, which OMERO keeps as milliseconds since 1970; None for null."""
    value = unbox(boxed)
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None  # a date that no calendar has: as good as none
