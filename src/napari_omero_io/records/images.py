"""Images: their sizes, channels, levels and rendering settings."""

from __future__ import annotations

from dataclasses import dataclass

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
    cell
        Width and height of what is best read at once, where that differs from level
        to level.
    """

    size_x: int
    size_y: int
    resolution: int
    cell: tuple[int, int] | None = None


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
    keeps_axes
        Whether layers of it have axes for time and depth also where these have one
        step only.
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
    keeps_axes: bool = False

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
        return self.size_t > 1 or self.is_composed or self.keeps_axes

    @property
    def has_depth_axis(self) -> bool:
        """Whether layers of it have an axis for sections."""
        return self.size_z > 1 or self.keeps_axes
