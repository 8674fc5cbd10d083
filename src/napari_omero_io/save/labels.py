"""Which image labels are saved on, and as which masks.

A label becomes one ROI with a mask on each of its planes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from napari_omero_io.errors import CannotRepresent

from .layer import Placement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .images import PlannedImage
    from .layer import SavableLayer


@dataclass(frozen=True, slots=True)
class PlannedLabels:
    """One labels layer and the image its regions will be drawn on.

    Attributes
    ----------
    image_id
        Of an image that is on the server; None if it is made by the same plan.
    new_image
        Which of the plan's images; None if the image is on the server.
    order
        The letters of the layer's axes; those of the image it was matched with.
    replaces
        ROIs this layer was saved as before; deleted once the new ones are saved.
    reason
        Why this image, as the end of a sentence.
    """

    layer: SavableLayer
    order: str
    image_id: int | None
    new_image: int | None
    replaces: tuple[int, ...]
    reason: str


def plan_labels(
    layer: SavableLayer,
    server: str,
    images: Sequence[PlannedImage],
    shown: Sequence[SavableLayer],
    *,
    on_new_image: bool,
) -> PlannedLabels:
    """Find the image that a labels layer belongs to.

    It is the image the layer itself names; else the one image of the plan, else the
    one image among `shown`, that has the layer's shape.

    Parameters
    ----------
    server
        The target's; an image on another server is none.
    images
        The images the plan makes.
    shown
        Image layers of the viewer that came from a server.
    on_new_image
        Prefer an image of the plan over the one the layer names.

    Raises
    ------
    CannotRepresent
        If there is none, or more than one.
    """
    if layer.dtype.kind not in "iub" or layer.size("C") > 1:
        raise CannotRepresent(
            f"Labels '{layer.name}' must be whole numbers without a channel axis to "
            "become regions; save them as an image layer instead."
        )
    there = [image for image in shown if image.origin and image.origin.server == server]
    named = _match_named(layer, server, there)
    planned = _match_planned(layer, images) if on_new_image or not named else None
    found = planned or named or _match_shown(layer, there)
    if found is None:
        raise CannotRepresent(
            f"Labels '{layer.name}' belong to no image on {server}. Save them together "
            "with an image layer of the same shape, or paint them on an image that "
            "was opened from there."
        )
    return found


def _match_named(
    layer: SavableLayer, server: str, shown: Sequence[SavableLayer]
) -> PlannedLabels | None:
    origin = layer.origin
    if origin is None or origin.server != server:
        return None
    of_image = [
        image
        for image in shown
        if image.origin and image.origin.image_id == origin.image_id
    ]
    image = of_image[0] if of_image else None
    _check_placement(layer, image)
    order = image and fit_order(layer, image.axes.order, image.sizes)
    return PlannedLabels(
        layer,
        order or layer.axes.order,
        origin.image_id,
        None,
        origin.roi_ids,
        "the image they belong to",
    )


def _match_planned(
    layer: SavableLayer, images: Sequence[PlannedImage]
) -> PlannedLabels | None:
    first_layers = [image.layers[0] for image in images]
    fitting = _fit_each(layer, first_layers)
    made_of_its_image = [
        index for index in fitting if _came_together(layer, images[index])
    ]
    fitting = {index: fitting[index] for index in made_of_its_image or fitting}
    _check_only([images[index].name for index in fitting], layer, "are being saved")
    for index, order in fitting.items():
        _check_placement(layer, first_layers[index])
        return PlannedLabels(layer, order, None, index, (), "the new image")
    return None


def _came_together(layer: SavableLayer, image: PlannedImage) -> bool:
    """Whether a new image is made of the image that the labels name."""
    origin = layer.origin
    return origin is not None and any(
        (source.server, source.image_id) == (origin.server, origin.image_id)
        for source in image.sources
    )


def _match_shown(
    layer: SavableLayer, shown: Sequence[SavableLayer]
) -> PlannedLabels | None:
    fitting: dict[int, tuple[SavableLayer, str]] = {}
    for index, order in _fit_each(layer, shown).items():
        origin = shown[index].origin
        if origin is not None:
            fitting.setdefault(origin.image_id, (shown[index], order))
    names = [image.name for image, _ in fitting.values()]
    _check_only(names, layer, "are in the viewer")
    for image_id, (image, order) in fitting.items():
        _check_placement(layer, image)
        reason = f"the image of layer '{image.name}'"
        return PlannedLabels(layer, order, image_id, None, (), reason)
    return None


def _fit_each(layer: SavableLayer, images: Sequence[SavableLayer]) -> dict[int, str]:
    """Give the images that labels fit, with the letters of the labels' axes on each.

    Labels that have every axis of an image fit it better than those that would lie on
    many of its planes at once: only the better ones are given if there are any.
    """
    orders = {
        index: order
        for index, image in enumerate(images)
        if (order := fit_order(layer, image.axes.order, image.sizes))
    }
    complete = {
        index: order
        for index, order in orders.items()
        if all(
            images[index].size(letter) == 1 for letter in "TZ" if letter not in order
        )
    }
    return complete or orders


def fit_order(
    layer: SavableLayer, image_order: str, sizes: tuple[int, int, int, int, int]
) -> str:
    """Name the axes of labels so that they fit an image; '' if they do not.

    Labels without names on their axes take those of the image: which axis is time
    and which is depth cannot be told from the labels alone.

    Parameters
    ----------
    image_order
        The letters of the axes of the image's layer.
    sizes
        (T, C, Z, Y, X) of the image.
    """
    t, _, z, y, x = sizes
    wanted = {"T": t, "C": 1, "Z": z, "Y": y, "X": x}
    order = layer.axes.order
    orders = [order]
    if layer.axes.guessed:
        without_c = image_order.replace("C", "")
        orders = [without_c, image_order, order, order.replace("Z", "T")]
    for candidate in orders:
        pairs = list(zip(candidate, layer.shape, strict=False))
        fits = all(length == wanted[letter] for letter, length in pairs)
        if len(candidate) == len(layer.shape) and fits:
            return candidate
    return ""


def _check_only(names: Sequence[str], layer: SavableLayer, where: str) -> None:
    if len(names) > 1:
        listed = ", ".join(f"'{name}'" for name in names)
        raise CannotRepresent(
            f"Labels '{layer.name}' fit {len(names)} images that {where} ({listed}). "
            "Leave one of these, so that it is clear to which they belong."
        )


def _check_placement(layer: SavableLayer, image: SavableLayer | None) -> None:
    """Refuse labels that are not shown on the pixels that they would be saved on."""
    there = image.placement if image else Placement()
    turned = layer.placement.is_turned or there.is_turned
    if np.allclose(layer.placement.offset, there.offset) and not turned:
        return
    raise CannotRepresent(
        f"Labels '{layer.name}' are moved or rotated against their image in the "
        "viewer; saved, they would lie on other pixels. Put them back first."
    )
