"""Images that are to be made."""

from __future__ import annotations

from dataclasses import dataclass


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
