"""Frozen values that travel between the server's objects and the rest of the program.

Nothing here knows of Ice, Qt or napari.  Axis order is always (T, C, Z, Y, X).
Lengths are in micrometres, times in seconds; None means that the server does not say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import NamedTuple

#: numpy names of OMERO's eight real pixel types, by their OMERO name.
PIXEL_TYPES = {
    "int8": "int8",
    "uint8": "uint8",
    "int16": "int16",
    "uint16": "uint16",
    "int32": "int32",
    "uint32": "uint32",
    "float": "float32",
    "double": "float64",
}


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Who is logged in, and as a member of what."""

    id: int
    name: str
    group_id: int
    group_name: str
    is_admin: bool = False


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group of users.

    Attributes
    ----------
    permissions
        Six letters for owner, group and world: ``rw----``, ``rwr---``, ``rwra--`` …
    members
        Names of accounts, in order; empty where they may not be known.
    """

    id: int
    name: str
    permissions: str = ""
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectRecord:
    """One row of the browser: a project, dataset, image, screen or plate.

    Attributes
    ----------
    kind
        Lower case: ``project``, ``dataset``, ``image`` …
    child_count
        Number of direct children, None where there can be none.
    can_link
        Whether the user may put something into it.
    run_id
        For a well below a run: that run, whose fields alone lie below the well.
    """

    kind: str
    id: int
    name: str
    owner: str = ""
    group_id: int = -1
    child_count: int | None = None
    can_link: bool = False
    can_delete: bool = False
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A channel with the rendering settings that apply to the user.

    Attributes
    ----------
    color
        Red, green, blue, alpha; 0 to 255.
    window
        The values shown as black and as full colour.
    limits
        Smallest and largest value to offer for the window.
    lookup_table
        Name of the server's lookup table, such as ``cool.lut``, or ''.
    lookup_colors
        256 times red, green and blue; empty where the table could not be had.
    family, coefficient
        How values are bent before they become colours: ``linear``, ``polynomial``,
        ``exponential`` or ``logarithmic``, and to which power.
    """

    index: int
    name: str
    color: tuple[int, int, int, int]
    window: tuple[float, float]
    limits: tuple[float, float]
    active: bool = True
    inverted: bool = False
    lookup_table: str = ""
    lookup_colors: bytes = b""
    family: str = "linear"
    coefficient: float = 1.0


@dataclass(frozen=True, slots=True)
class SettingsRecord:
    """Rendering settings that somebody has saved for an image."""

    id: int
    owner: str
    is_own: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class LevelRecord:
    """One resolution of an image.

    Attributes
    ----------
    resolution
        What `setResolutionLevel` wants: 0 is the smallest.
    """

    size_x: int
    size_y: int
    resolution: int


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """All that is needed to show an image, read in a few round trips.

    Attributes
    ----------
    dtype
        numpy's name of the pixel type.
    levels
        Full size first.
    tile
        Width and height of the tile that the server reads best.
    is_tiled
        Whether reading a tile is cheaper than reading its plane.
    is_rgb
        Whether the three channels are the red, green and blue of one picture.
    id, pixels_id
        Negative for what is put together here of several images.
    version
        Changes when the pixels do; '' where that cannot be known.
    """

    id: int
    name: str
    pixels_id: int
    dtype: str
    size_t: int
    size_c: int
    size_z: int
    size_y: int
    size_x: int
    channels: tuple[ChannelRecord, ...]
    levels: tuple[LevelRecord, ...]
    tile: tuple[int, int]
    is_tiled: bool
    is_rgb: bool = False
    default_z: int = 0
    default_t: int = 0
    pixel_size_x: float | None = None
    pixel_size_y: float | None = None
    pixel_size_z: float | None = None
    time_increment: float | None = None
    group_id: int = -1
    owner: str = ""
    description: str = ""
    can_annotate: bool = False
    version: str = ""

    @property
    def shape(self) -> tuple[int, int, int, int, int]:
        """(T, C, Z, Y, X) of the full size."""
        return (self.size_t, self.size_c, self.size_z, self.size_y, self.size_x)

    @property
    def is_composed(self) -> bool:
        """Whether it was put together here of several images."""
        return self.id < 0

    @property
    def has_time_axis(self) -> bool:
        """Whether layers of it have an axis for time.

        What is composed has one always, if only of one step, which napari shows no
        slider for: of pyramids with two axes napari 0.9 reads the coarsest level as a
        whole while it makes the layer (`_make_level_materializer`), and that takes
        long where a thousand images lie in it.
        """
        return self.size_t > 1 or self.is_composed


@dataclass(frozen=True, slots=True)
class MaskRecord:
    """The pixels of one plane that belong to one label, cropped to their box.

    Attributes
    ----------
    bits
        One bit per pixel, row by row, most significant first, rows not padded.
    z, t
        None means every plane.
    text
        The shape's text; labels keep their number here.
    color
        Red, green, blue, alpha; 0 to 255.
    """

    x: int
    y: int
    width: int
    height: int
    bits: bytes
    z: int | None
    t: int | None
    text: str = ""
    color: tuple[int, int, int, int] = (255, 255, 0, 128)
    id: int | None = None


@dataclass(frozen=True, slots=True)
class ShapeRecord:
    """One shape of a region, other than a mask.

    Attributes
    ----------
    kind
        Lower case: ``rectangle``, ``ellipse``, ``line``, ``polygon``, ``polyline``,
        ``point`` or ``label``; ``path`` and ``open path`` are a polygon and a polyline
        that OMERO keeps in its deprecated Path.
    geometry
        Pixels, counted from the corner of the first: x, y, width and height of a
        rectangle; centre x, y and both radii of an ellipse; else x, y of each point.
    z, t, c
        None means every plane, every time point, every channel.
    transform
        a00, a10, a01, a11, a02, a12 of ``x' = a00 x + a01 y + a02`` and
        ``y' = a10 x + a11 y + a12``; None for none.
    fill, stroke
        Red, green, blue, alpha; 0 to 255.  None leaves it to the program that shows it.
    width
        Of the line, in pixels.
    version
        The event of its last change; it differs whenever somebody has changed it.
    """

    kind: str
    geometry: tuple[float, ...]
    z: int | None = None
    t: int | None = None
    c: int | None = None
    transform: tuple[float, float, float, float, float, float] | None = None
    fill: tuple[int, int, int, int] | None = None
    stroke: tuple[int, int, int, int] | None = None
    width: float | None = None
    text: str = ""
    id: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class RoiRecord:
    """A region of an image: one object over all its planes.

    Attributes
    ----------
    shapes
        Those that are no masks.
    is_own
        Whether it belongs to the user who read it.
    """

    masks: tuple[MaskRecord, ...]
    name: str = ""
    id: int | None = None
    shapes: tuple[ShapeRecord, ...] = ()
    is_own: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class NewChannel:
    """A channel of an image that is to be made.

    Attributes
    ----------
    window
        The values shown as black and as full colour; None takes the smallest and
        largest value.
    """

    name: str = ""
    color: tuple[int, int, int, int] = (255, 255, 255, 255)
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image that is to be made on a server.

    Attributes
    ----------
    pixel_type
        OMERO's name, a key of `PIXEL_TYPES`.
    shape
        (T, C, Z, Y, X).
    is_rgb
        Whether the three channels are the red, green and blue of one picture.
    """

    name: str
    pixel_type: str
    shape: tuple[int, int, int, int, int]
    channels: tuple[NewChannel, ...]
    description: str = ""
    pixel_size_x: float | None = None
    pixel_size_y: float | None = None
    pixel_size_z: float | None = None
    time_increment: float | None = None
    is_rgb: bool = False


@dataclass(frozen=True, slots=True)
class PartRecord:
    """An image as far as it matters to what is put together of many images."""

    image_id: int
    name: str
    pixels_id: int
    group_id: int
    dtype: str
    size_t: int
    size_c: int
    size_z: int
    size_y: int
    size_x: int
    version: str = ""


class Patch(NamedTuple):
    """Some pixels of one plane of an image: every `step`-th of a rectangle.

    Attributes
    ----------
    x, y
        The first pixel, at full size.
    w, h
        How many pixels are wanted of each row, and how many rows.
    """

    part: PartRecord
    z: int
    c: int
    t: int
    x: int
    y: int
    w: int
    h: int
    step: int = 1


@dataclass(frozen=True, slots=True)
class FieldRecord:
    """One image of a well, which OMERO calls a well sample.

    Attributes
    ----------
    id
        Of the well sample.
    index
        Its place among the fields of its well and run, from 0.
    run_id
        None where the plate has no runs.
    position
        x and y, in micrometres; None where the server does not say, or in no unit of
        length.
    """

    id: int
    index: int
    image_id: int
    run_id: int | None = None
    position: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class WellRecord:
    """One well; row and column count from 0.

    Attributes
    ----------
    color
        Red, green, blue, alpha, 0 to 255; None where nobody gave it one.
    """

    id: int
    row: int
    column: int
    status: str = ""
    kind: str = ""
    color: tuple[int, int, int, int] | None = None
    fields: tuple[FieldRecord, ...] = ()

    def fields_of(self, run_id: int | None) -> tuple[FieldRecord, ...]:
        """Return the fields of one run; of all, where that is None."""
        if run_id is None:
            return self.fields
        return tuple(field for field in self.fields if field.run_id == run_id)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One pass over a plate, which OMERO calls a plate acquisition."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PlateRecord:
    """A plate and what is in it.

    Attributes
    ----------
    row_naming, column_naming
        ``letter`` or ``number``.
    wells
        Those that there are, by rows.  A plate may lack some.
    """

    id: int
    name: str
    runs: tuple[RunRecord, ...] = ()
    wells: tuple[WellRecord, ...] = ()
    row_naming: str = "letter"
    column_naming: str = "number"
    group_id: int = -1

    def row_name(self, row: int) -> str:
        """Return what is written beside a row: A … Z, AA …, or 1, 2 …."""
        return _name_line(row, self.row_naming)

    def column_name(self, column: int) -> str:
        """Return what is written above a column."""
        return _name_line(column, self.column_naming)

    def well_name(self, well: WellRecord) -> str:
        """Return what a well is called, such as ``B7``."""
        return self.row_name(well.row) + self.column_name(well.column)


def name_letters(index: int) -> str:
    """Count with letters, from 0: A … Z, AA, AB …."""
    letters = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        letters = ascii_uppercase[letter] + letters
    return letters


def _name_line(index: int, naming: str) -> str:
    return name_letters(index) if naming == "letter" else str(index + 1)


@dataclass(frozen=True, slots=True)
class ColumnRecord:
    """A column of a table.

    Attributes
    ----------
    kind
        ``long``, ``double``, ``bool``, ``string``; ids of ``image``, ``roi``, ``well``,
        ``plate``, ``dataset`` or ``file``; ``float array``, ``double array``,
        ``long array``; ``mask``.
    size
        Bytes of a text, or elements of an array.
    """

    name: str
    kind: str
    description: str = ""
    size: int = 1


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A table on a server that is attached to something.

    Attributes
    ----------
    id
        Of its file.
    parent_kind, parent_id
        What it is attached to: ``image``, ``dataset``, ``plate``, ``roi`` …
    """

    id: int
    name: str
    parent_kind: str = ""
    parent_id: int = -1
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class TableMask:
    """A mask in a table: its pixels, and the image it lies on."""

    image_id: int
    mask: MaskRecord
