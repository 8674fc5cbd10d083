"""What a folder of pixels holds, as a small JSON file that is written last.

The file makes the pixels visible: it is put in its place in one step when all that it
speaks of is on disk.  A folder without it was never finished.  Pixels that are written
plane by plane are visible from the beginning, full of zeros.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from napari_omero_io.sandbox.errors import ResourceFault

from .types import PixelType, Size, pixel_type

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "pixels.json"


class Kind(StrEnum):
    """How pixels came, which decides what may be done with them."""

    RAW = "raw"  #: written by a client, plane by plane
    GENERATED = "generated"  #: written by a client tile by tile; a pyramid was made
    IMPORTED = "imported"  #: read from a file
    FILE = "file"  #: in an imported file that holds a pyramid, and stays as it is
    MIRROR = "mirror"  #: read from a file, mirrored to a slide of any size
    BROKEN = "broken"  #: opened for writing as a pyramid, and spoilt


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What a folder holds.

    Attributes
    ----------
    shape
        T, C, Z, Y, X of the full size.
    sizes
        Of the levels, full size first.
    tile
        What the tiles are stored in, and what clients are told to read.
    series
        Of a file: which series of it.
    axes
        Of a file: which axes of the series make T, C, Z, Y and X.
    """

    kind: Kind
    type: PixelType
    shape: tuple[int, int, int, int, int]
    sizes: tuple[Size, ...]
    tile: Size
    series: int = 0
    axes: tuple[tuple[int, ...], ...] = ()


def write_descriptor(folder: Path, descriptor: Descriptor) -> None:
    """Make the pixels of a folder visible."""
    content: dict[str, object] = {
        "kind": descriptor.kind.value,
        "type": descriptor.type.name,
        "shape": descriptor.shape,
        "levels": descriptor.sizes,
        "tile": descriptor.tile,
    }
    if descriptor.kind is Kind.FILE:
        content |= {"series": descriptor.series, "axes": descriptor.axes}
    draft = folder / f"{_NAME}.part"
    with draft.open("w", encoding="utf-8") as stream:
        json.dump(content, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(folder / _NAME)


def is_finished(folder: Path) -> bool:
    """Tell whether a folder holds visible pixels."""
    return (folder / _NAME).exists()


def read_descriptor(folder: Path) -> Descriptor | None:
    """Return what a folder holds; None when it holds nothing that is finished.

    Raises
    ------
    ResourceFault
        The file is damaged.
    """
    path = folder / _NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        t, c, z, y, x = map(int, content["shape"])
        return Descriptor(
            kind=Kind(content["kind"]),
            type=pixel_type(content["type"]),
            shape=(t, c, z, y, x),
            sizes=tuple(Size(*map(int, size)) for size in content["levels"]),
            tile=Size(*map(int, content["tile"])),
            series=int(content.get("series", 0)),
            axes=tuple(tuple(map(int, one)) for one in content.get("axes", ())),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ResourceFault(f"{path} cannot be read: {error}") from error
