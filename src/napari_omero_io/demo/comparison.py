"""Whether what was opened again is what was exported: pixels, looks, sizes, labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from napari.layers import Layer
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that must survive of a layer.

    Attributes
    ----------
    kind
        ``image`` or ``labels``.
    channel
        The channel's name; '' for labels.
    facts
        What else must be equal, by the words a report uses.
    """

    kind: str
    channel: str
    pixels: NDArray[Any]
    facts: dict[str, Any]


def snap(layers: Iterable[Layer]) -> list[Snapshot]:
    """Read image and labels layers whole; takes as long as the server does."""
    return [_snap(layer) for layer in layers if isinstance(layer, Image | Labels)]


def _snap(layer: Image | Labels) -> Snapshot:
    pixels = np.array(layer.data[0] if layer.multiscale else layer.data)
    facts: dict[str, Any] = {
        "pixel size": tuple(np.round(layer.scale, 9)),
        "units": tuple(map(str, layer.units)),
    }
    if isinstance(layer, Labels):
        return Snapshot("labels", "", pixels, facts)
    facts["contrast"] = tuple(layer.contrast_limits)
    facts["color"] = tuple(np.round(layer.colormap.map(1.0).ravel(), 3))
    name = layer.metadata.get("omero", {}).get("channel_name", layer.name)
    return Snapshot("image", str(name), pixels, facts)


def compare(before: Sequence[Snapshot], after: Sequence[Snapshot]) -> list[str]:
    """Say in what the layers differ; nothing when they are equal.

    Labels may come back in another integer type; their numbers count.
    """
    differences = []
    for kind in ("image", "labels"):
        old = [each for each in before if each.kind == kind]
        new = [each for each in after if each.kind == kind]
        if len(old) != len(new):
            differences.append(f"{len(old)} {kind} layers became {len(new)}")
        for one, other in zip(old, new, strict=False):
            differences += _compare(one, other)
    return differences


def _compare(old: Snapshot, new: Snapshot) -> list[str]:
    name = f"{old.kind} {old.channel}".strip()
    differences = [
        f"{word} of {name}: {fact} became {new.facts[word]}"
        for word, fact in old.facts.items()
        if new.facts[word] != fact
    ]
    if old.channel != new.channel:
        differences.append(f"channel {old.channel} became {new.channel}")
    if old.kind == "image" and old.pixels.dtype != new.pixels.dtype:
        differences.append(
            f"type of {name}: {old.pixels.dtype} became {new.pixels.dtype}"
        )
    if old.pixels.shape != new.pixels.shape:
        differences.append(
            f"shape of {name}: {old.pixels.shape} became {new.pixels.shape}"
        )
    elif not np.array_equal(old.pixels, new.pixels):
        count = int((old.pixels != new.pixels).sum())
        differences.append(f"{count} pixels of {name} are different")
    return differences
