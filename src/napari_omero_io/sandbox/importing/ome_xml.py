"""What OME-XML says of the images of a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from .facts import MICROMETRES, SECONDS, Facts, to_positive
from .imported import ImportedChannel, ImportedPlane, Position

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


#: Units that are no lengths before one knows the microscope, with OMERO's names.
_OF_UNKNOWN_SIZE = {"reference frame": "REFERENCEFRAME", "pixel": "PIXEL"}


def read_ome(text: str | None) -> list[Facts]:
    """Read the images of an OME-XML text, in order.

    Raises
    ------
    xml.etree.ElementTree.ParseError
        The text is no XML, or declares entities, which OME-XML never does.
    """
    if not text:
        return []
    return [_read_image(image) for image in parse(text).iterfind("{*}Image")]


def find_metadata_file(text: str) -> str | None:
    """Return the name of the file that describes what only has pixels."""
    only = parse(text).find("{*}BinaryOnly")
    return None if only is None else only.get("MetadataFile")


def find_file_names(text: str) -> list[str]:
    """Return the names of the files that hold the planes, in order, each once."""
    names = (
        uuid.get("FileName", "")
        for uuid in parse(text).iterfind("{*}Image/{*}Pixels/{*}TiffData/{*}UUID")
    )
    return list(dict.fromkeys(filter(None, names)))


def parse(text: str) -> Element:
    """Parse an OME-XML text; one that declares entities is refused."""
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise ElementTree.ParseError("the OME-XML declares entities")
    # A text with an encoding of its own is only parsed as bytes.
    return ElementTree.fromstring(text.encode())


def _read_image(image: Element) -> Facts:
    pixels = image.find("{*}Pixels")
    date = text_of(image.find("{*}AcquisitionDate"))
    facts = Facts(
        key=image.get("ID"),
        has_planes=pixels is not None and pixels.find("{*}TiffData") is not None,
        name=image.get("Name") or None,
        acquired=read_date(date),
        description=text_of(image.find("{*}Description")),
    )
    if pixels is None:
        return facts
    x, y, z = (
        to_positive(_measure(pixels, f"PhysicalSize{axis}", MICROMETRES, "µm"))
        for axis in "XYZ"
    )
    bits = pixels.get("SignificantBits")
    counts = {axis: int(pixels.get(f"Size{axis}") or 1) for axis in "TCZ"}
    return replace(
        facts,
        channels=_read_channels(pixels),
        pixel_size=(x, y, z),
        time_increment=to_positive(_measure(pixels, "TimeIncrement", SECONDS, "s")),
        significant_bits=int(bits) if bits and bits.isdecimal() else None,
        counts=counts,
        planes=tuple(_read_plane(plane) for plane in pixels.iterfind("{*}Plane")),
    )


def _read_channels(pixels: Element) -> tuple[ImportedChannel, ...]:
    channels = []
    for channel in pixels.iterfind("{*}Channel"):
        described = ImportedChannel(
            name=channel.get("Name") or None,
            color=read_color(channel.get("Color")),
            emission=_nanometres(channel, "EmissionWavelength"),
            excitation=_nanometres(channel, "ExcitationWavelength"),
            fluor=channel.get("Fluor") or None,
        )
        channels += [described] * int(channel.get("SamplesPerPixel") or 1)
    return tuple(channels)


def _read_plane(plane: Element) -> ImportedPlane:
    z, c, t = (int(plane.get(f"The{axis}", "0")) for axis in "ZCT")
    return ImportedPlane(
        z=z,
        c=c,
        t=t,
        delta_t=_measure(plane, "DeltaT", SECONDS, "s"),
        exposure=_measure(plane, "ExposureTime", SECONDS, "s"),
        position_x=read_position(plane, "PositionX"),
        position_y=read_position(plane, "PositionY"),
        position_z=read_position(plane, "PositionZ"),
    )


def read_position(element: Element, name: str) -> Position | None:
    """Return a place on the stage; without a unit it is the stage's own."""
    value = element.get(name)
    if not value:
        return None
    unit = element.get(f"{name}Unit", "reference frame")
    if unit in MICROMETRES:
        return Position(float(value) * MICROMETRES[unit])
    unknown = _OF_UNKNOWN_SIZE.get(unit)
    return None if unknown is None else Position(float(value), unknown)


def _measure(
    element: Element, name: str, units: dict[str, float], default: str
) -> float | None:
    """Return a value in micrometres or seconds; None for units of no known size."""
    value = element.get(name)
    factor = units.get(element.get(f"{name}Unit", default))
    return float(value) * factor if value and factor is not None else None


def _nanometres(channel: Element, name: str) -> float | None:
    size = to_positive(_measure(channel, name, MICROMETRES, "nm"))
    return size * 1e3 if size else None


def read_color(value: str | None) -> tuple[int, int, int, int] | None:
    """Return red, green, blue, alpha from OME's signed 32-bit number."""
    if not value:
        return None
    number = int(value) & 0xFFFFFFFF
    return (
        number >> 24,
        number >> 16 & 255,
        number >> 8 & 255,
        number & 255,
    )


def read_date(value: str | None) -> datetime | None:
    """Return a moment; None for a text that is none."""
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        return None


def text_of(element: Element | None) -> str | None:
    """Return the text inside an element, None when there is none."""
    return (element.text or "").strip() or None if element is not None else None
