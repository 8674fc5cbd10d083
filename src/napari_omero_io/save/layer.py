"""One layer as napari hands it to a writer, read into what saving needs to know.

Layers arrive as ``(data, meta, type)``.  Pixels stay where they are; only their
shape and type are looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from napari_omero_io.errors import BadReference, CannotRepresent
from napari_omero_io.refs import ServerAddress

from .appearance import convert_unit, is_one_color
from .axes import AXES, NamedAxes, name_axes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: ``(data,)``, ``(data, meta)`` or ``(data, meta, type)``.
LayerData: TypeAlias = "tuple[Any, ...]"

_KINDS = ("image", "labels")


@dataclass(frozen=True, slots=True)
class Origin:
    """The object on a server that a layer came from: ``layer.metadata["omero"]``."""

    server: str
    image_id: int
    channel: int | None = None
    channel_name: str = ""
    image_name: str = ""
    roi_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a layer lies in the viewer, apart from its scale.

    Attributes
    ----------
    offset
        The translation along T, C, Z, Y and X.
    is_turned
        Whether it is rotated, sheared or transformed otherwise.
    """

    offset: tuple[float, ...] = (0.0,) * len(AXES)
    is_turned: bool = False

    @property
    def is_neutral(self) -> bool:
        """Whether the layer lies where its scale alone puts it."""
        return not self.is_turned and not any(self.offset)


@dataclass(frozen=True, slots=True)
class SavableLayer:
    """An image or labels layer that is going to be saved.

    Attributes
    ----------
    position
        Its place among the layers that were given.
    data
        The full-size array; of several resolutions the largest.
    axes
        The letters of its axes, without the samples of an RGB layer.
    pixel_sizes
        Micrometres for X, Y and Z, seconds for T, where the layer says.
    scale
        As the layer has it, by the letter of the axis.
    omero
        Its ``metadata["omero"]`` as it is.
    notes
        What the layer shows and OMERO will not hold, a sentence each.
    """

    position: int
    name: str
    kind: str
    data: Any = field(repr=False, compare=False)
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    axes: NamedAxes
    is_rgb: bool
    pixel_sizes: Mapping[str, float]
    placement: Placement
    scale: Mapping[str, float] = field(compare=False)
    colormap: Any = field(repr=False, compare=False)
    contrast_limits: Sequence[float] | None
    origin: Origin | None
    omero: Mapping[str, Any] = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()

    def size(self, letter: str) -> int:
        """Give the length of an axis; 1 for an axis that the layer does not have."""
        index = self.axes.order.find(letter)
        return self.shape[index] if index >= 0 else 1

    @property
    def samples(self) -> int:
        """Number of colours of an RGB layer (3 or 4); 1 for any other."""
        return self.shape[-1] if self.is_rgb else 1

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """(T, C, Z, Y, X); the samples of an RGB layer are not counted as channels."""
        t, c, z, y, x = (self.size(letter) for letter in AXES)
        return (t, c, z, y, x)


def read_layer(position: int, layer: LayerData) -> SavableLayer:
    """Read one layer.

    Raises
    ------
    CannotRepresent
        If it is of a kind that is not saved, empty, or has axes OMERO has not.
    """
    meta: Mapping[str, Any] = layer[1] if len(layer) > 1 else {}
    kind = str(layer[2]).lower() if len(layer) > 2 else "image"
    name = str(meta.get("name") or f"{kind.capitalize()} {position + 1}")
    if kind not in _KINDS:
        raise CannotRepresent(
            f"Layer '{name}' is a {kind} layer. Only image, labels, shapes and points "
            "layers can be saved to OMERO; leave it out."
        )
    data = take_full_size(layer[0], meta.get("multiscale"))
    shape = tuple(int(length) for length in data.shape)
    is_rgb = kind == "image" and bool(meta.get("rgb"))
    if 0 in shape or not shape:
        raise CannotRepresent(
            f"Layer '{name}' is empty: its shape is {shape}. Leave it out."
        )
    ndim = len(shape) - is_rgb
    units = _spread(meta.get("units"), ndim)
    labels = _spread(meta.get("axis_labels"), ndim)
    try:
        axes = _name(labels, units, ndim, is_rgb)
    except ValueError as error:
        raise CannotRepresent(f"Layer '{name}' {error}.") from None
    scale = _numbers(meta.get("scale"), ndim, 1.0)
    pixel_sizes = _read_pixel_sizes(axes.order, scale, units)
    placement = read_placement(meta, axes.order)
    notes = [
        *_note_axes(axes, labels),
        *_note_scale(axes.order, scale, pixel_sizes),
        *_note_looks(kind, meta, placement, is_rgb),
    ]
    return SavableLayer(
        position=position,
        name=name,
        kind=kind,
        data=data,
        dtype=np.dtype(data.dtype),
        shape=shape,
        axes=axes,
        is_rgb=is_rgb,
        pixel_sizes=pixel_sizes,
        placement=placement,
        scale=dict(zip(axes.order, scale, strict=True)),
        colormap=meta.get("colormap"),
        contrast_limits=meta.get("contrast_limits"),
        origin=read_origin(meta),
        omero=read_omero(meta),
        notes=tuple(notes),
    )


def take_full_size(data: Any, multiscale: bool | None) -> Any:
    """Give the array of a layer; of several resolutions the first, which is full size.

    As in napari, a sequence of arrays is several resolutions unless it says otherwise.
    """
    if multiscale is None:
        multiscale = isinstance(data, list | tuple) and hasattr(data[0], "shape")
    if multiscale:
        data = data[0]
    return data if hasattr(data, "shape") and hasattr(data, "dtype") else np.array(data)


def read_origin(meta: Mapping[str, Any]) -> Origin | None:
    """Say which image on a server a layer came from, if the layer knows."""
    omero = read_omero(meta)
    if omero.get("image_id") is None:
        return None
    channel = omero.get("channel")
    return Origin(
        server=name_server(str(omero.get("server") or "")),
        image_id=int(omero["image_id"]),
        channel=None if channel is None else int(channel),
        channel_name=str(omero.get("channel_name") or ""),
        image_name=str(omero.get("image_name") or ""),
        roi_ids=tuple(int(roi_id) for roi_id in omero.get("roi_ids") or ()),
    )


def read_omero(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give a layer's ``metadata["omero"]``; empty if it has none."""
    omero = (meta.get("metadata") or {}).get("omero")
    return omero if isinstance(omero, dict) else {}


def name_server(text: str) -> str:
    """Give a server's address in the one form in which two can be compared."""
    try:
        return str(ServerAddress.parse(text))
    except BadReference:
        return text


def _name(
    labels: Sequence[Any], units: Sequence[Any], ndim: int, is_rgb: bool
) -> NamedAxes:
    times = [
        index
        for index, unit in enumerate(units)
        if convert_unit(unit, "second") is not None
    ]
    texts = [str(label or "") for label in labels]
    return name_axes(ndim, texts, times, taken="C" if is_rgb else "")


def _spread(value: Any, ndim: int) -> list[Any]:
    """Give one value per axis: one for all is repeated, none is None."""
    if isinstance(value, list | tuple) and len(value) == ndim:
        return list(value)
    is_single = value is not None and not isinstance(value, list | tuple)
    return [value if is_single else None] * ndim


def _numbers(value: Any, ndim: int, default: float) -> list[float]:
    """Give one number per axis; napari fills missing leading axes with the default."""
    given = [] if value is None else [float(number) for number in np.atleast_1d(value)]
    return ([default] * ndim + given)[-ndim:]


def _read_pixel_sizes(
    order: str, scale: Sequence[float], units: Sequence[Any]
) -> dict[str, float]:
    sizes = {}
    for letter, step, unit in zip(order, scale, units, strict=True):
        wanted = "second" if letter == "T" else "micrometer"
        factor = None if letter == "C" else convert_unit(unit, wanted)
        if factor is not None and np.isfinite(step) and step != 0:
            sizes[letter] = abs(step) * factor
    return sizes


def read_placement(meta: Mapping[str, Any], order: str) -> Placement:
    """Say where a layer lies in the viewer."""
    moves = dict(
        zip(order, _numbers(meta.get("translate"), len(order), 0.0), strict=True)
    )
    rotate = np.asarray(0.0 if meta.get("rotate") is None else meta["rotate"], float)
    shear = np.asarray(0.0 if meta.get("shear") is None else meta["shear"], float)
    affine = meta.get("affine")
    matrix = np.asarray(getattr(affine, "affine_matrix", affine), dtype=float)
    turned = not (_is_identity(rotate) and _is_identity(shear) and _is_identity(matrix))
    return Placement(tuple(moves.get(letter, 0.0) for letter in AXES), turned)


def _is_identity(matrix: np.ndarray) -> bool:
    if matrix.ndim == 2:
        return bool(np.allclose(matrix, np.eye(*matrix.shape)))
    return bool(np.isnan(matrix).all() or not matrix.any())


def _note_axes(axes: NamedAxes, labels: Sequence[Any]) -> list[str]:
    return [
        f"Axis '{label}' is saved as {letter}."
        for letter, label in zip(axes.order, labels, strict=True)
        if letter in axes.guessed and label and not str(label).lstrip("-").isdigit()
    ]


def _note_scale(
    order: str, scale: Sequence[float], pixel_sizes: Mapping[str, float]
) -> list[str]:
    steps = dict(zip(order, scale, strict=True))
    notes = []
    without = [
        letter
        for letter, step in steps.items()
        if letter != "C" and step != 1 and letter not in pixel_sizes
    ]
    if without:
        notes.append(
            f"The scale along {', '.join(without)} has no unit OMERO knows and is not "
            "saved; set the layer's units to have it saved."
        )
    if any(step < 0 for step in steps.values()):
        notes.append("The layer is mirrored in the viewer; its pixels are saved as is.")
    return notes


def _note_looks(
    kind: str, meta: Mapping[str, Any], placement: Placement, is_rgb: bool
) -> list[str]:
    if kind != "image":
        return []
    notes = []
    if not placement.is_neutral:
        notes.append("Its place and rotation in the viewer are not saved.")
    colormap = meta.get("colormap")
    if colormap is not None and not is_rgb and not is_one_color(colormap):
        notes.append("Its colormap is saved as one colour.")
    return notes
