"""Which new images are made of which layers.

Pure: reads shapes, types and looks, and values only of types that OMERO does not have.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from napari_omero_io.errors import CannotRepresent
from napari_omero_io.records import PIXEL_TYPES

from .appearance import BLUE, CYCLE, GREEN, RED, WHITE, Color, read_color, read_window
from .pixel_types import convert_exactly, fit_pixel_type, name_pixel_type

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence

    from .layer import Origin, SavableLayer

#: Which layers become channels of one image: those that came from one image, those of
#: one shape, or none.
Together = Literal["source", "shape", "never"]

#: ``tiles``: 256 x 256, in OMERO's order; the server makes a pyramid of them.
Route = Literal["planes", "tiles"]

#: A message to the server holds 256,000,000 bytes; the pixels of one plane are a bit
#: less, since the call itself needs room.
MAX_PLANE_BYTES = 256_000_000 - 100_000

#: Integer planes above this area become pyramids (`omero.pixeldata.max_plane_width`
#: times `max_plane_height`, as OMERO.server is delivered).
MAX_PLANE_AREA = 3192 * 3192

_SAMPLES = (("Red", RED), ("Green", GREEN), ("Blue", BLUE), ("Alpha", WHITE))


@dataclass(frozen=True, slots=True)
class PlannedChannel:
    """One channel of a new image, and where its pixels are.

    Attributes
    ----------
    index
        Along the C axis of the layer, or which colour of an RGB layer.
    window
        The values shown as black and as full colour; None where the layer says nothing.
    """

    layer: SavableLayer
    index: int
    name: str
    color: Color
    window: tuple[float, float] | None

    def read_plane(self, t: int, z: int) -> np.ndarray:
        """Read one plane (Y, X) as the layer holds it."""
        at = {"T": t, "Z": z, "C": self.index}
        order = self.layer.axes.order
        index = tuple(at.get(letter, slice(None)) for letter in order)
        if self.layer.is_rgb:
            index = (*index, self.index)
        return np.asarray(self.layer.data[index])


@dataclass(frozen=True, slots=True)
class PlannedImage:
    """One new image.

    Attributes
    ----------
    pixel_type
        OMERO's name.
    sizes
        (T, C, Z, Y, X).
    pixel_sizes
        Micrometres for X, Y and Z, seconds for T, where known.
    sources
        The images on a server that the layers came from.
    notes
        What is said to the user before anything is sent.
    """

    name: str
    pixel_type: str
    sizes: tuple[int, int, int, int, int]
    channels: tuple[PlannedChannel, ...]
    pixel_sizes: Mapping[str, float] = field(hash=False)
    route: Route
    sources: tuple[Origin, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[SavableLayer, ...]:
        """The layers it is made of, each once."""
        return tuple(
            {
                channel.layer.position: channel.layer for channel in self.channels
            }.values()
        )

    @property
    def plane_bytes(self) -> int:
        """Bytes of one plane."""
        _, _, _, y, x = self.sizes
        return y * x * np.dtype(PIXEL_TYPES[self.pixel_type]).itemsize

    @property
    def size_bytes(self) -> int:
        """Bytes of all pixels."""
        t, c, z, _, _ = self.sizes
        return t * c * z * self.plane_bytes

    def read_plane(self, t: int, c: int, z: int) -> np.ndarray:
        """Read one plane (Y, X) as it is stored, in this machine's byte order.

        Raises
        ------
        CannotRepresent
            If the layer was changed since it was planned and does not fit any more.
        """
        channel = self.channels[c]
        plane = channel.read_plane(t, z)
        if plane.shape != self.sizes[-2:]:
            raise CannotRepresent(
                f"Layer '{channel.layer.name}' has changed its shape while it was "
                "being saved; save it again."
            )
        try:
            return convert_exactly(plane, self.pixel_type)
        except ValueError as error:
            raise CannotRepresent(
                f"Layer '{channel.layer.name}' has changed while it was being saved: "
                f"{error}. Save it again."
            ) from None


def plan_images(
    layers: Sequence[SavableLayer],
    together: Together,
    max_plane_area: int = MAX_PLANE_AREA,
) -> tuple[PlannedImage, ...]:
    """Decide which images are made of these layers, in the layers' order."""
    groups: dict[Hashable, list[SavableLayer]] = {}
    for layer in layers:
        groups.setdefault(_group_key(layer, together), []).append(layer)
    return tuple(_plan_image(group, max_plane_area) for group in groups.values())


def _group_key(layer: SavableLayer, together: Together) -> Hashable:
    """Layers with equal keys become channels of one image."""
    alone = ("alone", layer.position)
    if together == "never" or layer.is_rgb or layer.size("C") > 1:
        return alone
    alike = (layer.sizes, layer.dtype.name, tuple(sorted(layer.pixel_sizes.items())))
    if together == "shape":
        return alike
    if layer.origin is None or layer.origin.channel is None:
        return alone
    return (layer.origin.server, layer.origin.image_id, *alike)


def _plan_image(group: Sequence[SavableLayer], max_plane_area: int) -> PlannedImage:
    """Make one image of layers that are alike."""
    layers = sorted(group, key=_channel_order)
    first = layers[0]
    channels = tuple(channel for layer in layers for channel in _plan_channels(layer))
    channels, alpha_note = _drop_opaque_alpha(channels)
    pixel_type = _choose_pixel_type(channels)
    t, _, z, y, x = first.sizes
    is_float = pixel_type in ("float", "double")
    image = PlannedImage(
        name=_name_image(layers),
        pixel_type=pixel_type,
        sizes=(t, len(channels), z, y, x),
        channels=channels,
        pixel_sizes=dict(first.pixel_sizes),
        route="tiles" if y * x > max_plane_area and not is_float else "planes",
        sources=_distinct_sources(layers),
        notes=(*_note_type(layers, pixel_type), *alpha_note, *_note_layers(layers)),
    )
    if image.plane_bytes > MAX_PLANE_BYTES:
        raise CannotRepresent(
            f"Layer '{first.name}' has planes of {image.plane_bytes:,} bytes "
            f"({x} x {y} pixels, {pixel_type}); a plane sent to an OMERO server has at "
            f"most {MAX_PLANE_BYTES:,}. Save a part of it, or write it to an OME-TIFF "
            "file and import that."
        )
    return image


def _channel_order(layer: SavableLayer) -> tuple[int, int]:
    channel = layer.origin.channel if layer.origin else None
    return (0 if channel is None else channel, layer.position)


def _plan_channels(layer: SavableLayer) -> list[PlannedChannel]:
    window = read_window(layer.contrast_limits)
    if layer.is_rgb:
        return [
            PlannedChannel(layer, index, name, color, window)
            for index, (name, color) in enumerate(_SAMPLES[: layer.samples])
        ]
    color = read_color(layer.colormap)
    count = layer.size("C")
    if count == 1:
        return [PlannedChannel(layer, 0, _name_channel(layer), color, window)]
    colors = CYCLE if color == WHITE else (color,)
    return [
        PlannedChannel(
            layer, index, f"{layer.name} {index}", colors[index % len(colors)], window
        )
        for index in range(count)
    ]


def _drop_opaque_alpha(
    channels: tuple[PlannedChannel, ...],
) -> tuple[tuple[PlannedChannel, ...], tuple[str, ...]]:
    """Leave out the alpha of an RGB layer if it says nothing."""
    last = channels[-1]
    if not (last.layer.is_rgb and last.index == 3):
        return channels, ()
    dtype = last.layer.dtype
    opaque = 1 if dtype.kind in "fb" else np.iinfo(dtype).max
    if all((plane == opaque).all() for plane in _read_planes(channels[-1:])):
        return channels[:-1], ("Its alpha is opaque everywhere and is not saved.",)
    return channels, ("Its transparency is saved as a fourth channel, 'Alpha'.",)


def _choose_pixel_type(channels: Sequence[PlannedChannel]) -> str:
    layer = channels[0].layer
    named = name_pixel_type(layer.dtype)
    pixel_type = named or fit_pixel_type(layer.dtype, _read_planes(channels))
    if pixel_type is None:
        raise CannotRepresent(
            f"Layer '{layer.name}' holds {layer.dtype.name} values, and no pixel type "
            "of OMERO (8, 16 and 32-bit integers, float, double) holds all of them "
            "exactly. Convert it to one of these yourself, then save it."
        )
    return pixel_type


def _read_planes(channels: Sequence[PlannedChannel]) -> Iterator[np.ndarray]:
    for channel in channels:
        t_size, _, z_size, _, _ = channel.layer.sizes
        for t in range(t_size):
            for z in range(z_size):
                yield channel.read_plane(t, z)


def _note_type(layers: Sequence[SavableLayer], pixel_type: str) -> tuple[str, ...]:
    dtype = layers[0].dtype
    if dtype.name == PIXEL_TYPES[pixel_type]:
        return ()
    if dtype.kind == "b":
        return ("True and False are saved as 1 and 0 (uint8).",)
    return (f"{dtype.name} is saved as {pixel_type}, which holds all values exactly.",)


def _note_layers(layers: Sequence[SavableLayer]) -> tuple[str, ...]:
    if len(layers) == 1:
        return layers[0].notes
    return tuple(f"{layer.name}: {note}" for layer in layers for note in layer.notes)


def _name_image(layers: Sequence[SavableLayer]) -> str:
    """Name an image after where it came from, else what its layers' names share."""
    first = layers[0]
    if first.origin and first.origin.image_name:
        is_renamed = len(layers) == 1 and first.name not in _given_names(first.origin)
        return first.name if is_renamed else first.origin.image_name
    return _shared_beginning([layer.name for layer in layers]) or first.name


def _name_channel(layer: SavableLayer) -> str:
    """Name a channel as on the server, unless the user renamed the layer."""
    origin = layer.origin
    if origin is not None and layer.name in _given_names(origin):
        return origin.channel_name
    return layer.name


def _given_names(origin: Origin) -> tuple[str, ...]:
    """List the names that a layer of an image has when it is opened."""
    channel = origin.channel_name or f"Channel {origin.channel}"
    return (origin.image_name, f"{channel} ({origin.image_name})")


def _shared_beginning(names: Sequence[str]) -> str:
    count = 0
    for letters in zip(*names, strict=False):
        if len(set(letters)) > 1:
            break
        count += 1
    return names[0][:count].strip(" -_:[(")


def _distinct_sources(layers: Sequence[SavableLayer]) -> tuple[Origin, ...]:
    distinct = {
        (layer.origin.server, layer.origin.image_id): layer.origin
        for layer in layers
        if layer.origin is not None
    }
    return tuple(distinct.values())
