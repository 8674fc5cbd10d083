"""Colours layers by values of their objects, and takes that back.

Numbers go through a colormap between limits; texts and truths get a colour each.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels, Points, Shapes
from napari.utils import DirectLabelColormap
from napari.utils.colormaps import ensure_colormap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari.layers import Layer
    from numpy.typing import NDArray

#: Objects of which nothing is known.
UNKNOWN = (0.5, 0.5, 0.5, 0.35)

#: Told apart by people with the usual weaknesses in seeing colours.
_CATEGORIES = (
    *("#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"),
    *("#999999", "#882255", "#44aa99", "#ddcc77", "#332288"),
)


def compute_colors(
    values: NDArray[Any],
    colormap: str,
    limits: tuple[float | None, float | None] = (None, None),
) -> NDArray[np.float64]:
    """Give a colour (red, green, blue, alpha; 0 to 1) for each value, shape (N, 4).

    Parameters
    ----------
    values
        NaN and '' count as unknown.
    limits
        The values at the ends of the colormap; None for the smallest and the largest.

    Raises
    ------
    ValueError
        The limits are the wrong way round.
    """
    values = np.asarray(values)
    colors = np.tile(np.asarray(UNKNOWN, np.float64), (len(values), 1))
    if values.dtype.kind in "OUSb":
        texts = [str(each) for each in values.tolist()]
        kinds = sorted({text for text in texts if text})
        palette = {
            kind: _parse(_CATEGORIES[place % len(_CATEGORIES)])
            for place, kind in enumerate(kinds)
        }
        for place, text in enumerate(texts):
            if text:
                colors[place] = palette[text]
        return colors
    numbers = values.astype(np.float64)
    known = np.isfinite(numbers)
    if not known.any():
        return colors
    low = float(numbers[known].min()) if limits[0] is None else limits[0]
    high = float(numbers[known].max()) if limits[1] is None else limits[1]
    if low > high:
        raise ValueError(
            f"The smallest value, {low:g}, is above the largest, {high:g}."
        )
    span = (high - low) or 1.0
    parts = np.clip((numbers[known] - low) / span, 0.0, 1.0)
    colors[known] = ensure_colormap(colormap).map(parts)
    return colors


class FeatureColors:
    """Colours layers, and knows how they looked before."""

    def __init__(self) -> None:
        self._before: list[list[tuple[weakref.ref[Layer], dict[str, Any]]]] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to take back."""
        return bool(self._before)

    def apply(
        self, colored: Sequence[tuple[Layer, NDArray[Any], NDArray[np.float64]]]
    ) -> None:
        """Colour layers.

        Parameters
        ----------
        colored
            Layers, each with the numbers of its objects (labels, or places in the
            layer) and their colours.
        """
        self._before.append([(weakref.ref(one), _look(one)) for one, _, _ in colored])
        for layer, numbers, colors in colored:
            _paint(layer, numbers, colors)

    def undo(self) -> None:
        """Give the layers that are still there the looks they had."""
        for known, look in self._before.pop():
            layer = known()
            if layer is not None:
                _restore(layer, look)


def _look(layer: Layer) -> dict[str, Any]:
    if isinstance(layer, Labels):
        return {"colormap": layer.colormap}
    if isinstance(layer, Shapes):
        return {
            "edge_color": layer.edge_color.copy(),
            "face_color": layer.face_color.copy(),
        }
    return {
        "face_color": layer.face_color.copy(),
        "border_color": layer.border_color.copy(),
    }


def _restore(layer: Layer, look: dict[str, Any]) -> None:
    count = None if isinstance(layer, Labels) else len(layer.data)
    for name, value in look.items():
        # objects may have been added or removed since
        if count is None or len(value) == count:
            setattr(layer, name, value)


def _paint(layer: Layer, numbers: NDArray[Any], colors: NDArray[np.float64]) -> None:
    if isinstance(layer, Labels):
        table: dict[int | None, Any] = {None: UNKNOWN, 0: (0, 0, 0, 0)}
        table.update(zip(numbers.tolist(), colors, strict=True))
        layer.colormap = DirectLabelColormap(color_dict=table)
        return
    whole = np.tile(np.asarray(UNKNOWN, np.float64), (len(layer.data), 1))
    whole[numbers] = colors
    if isinstance(layer, Shapes):
        faces = whole.copy()
        faces[:, 3] *= 0.4
        layer.edge_color, layer.face_color = whole, faces
    elif isinstance(layer, Points):
        layer.face_color, layer.border_color = whole, whole


def _parse(text: str) -> tuple[float, float, float, float]:
    red, green, blue = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return (red, green, blue, 1.0)
