"""Which objects of layers a link points to: the regions and shapes that it names.

Layer data carry that on in their metadata, until a viewer has gone there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from napari_omero_io.convert.layers import LayerData

#: The word for it in the metadata that layers have of OMERO.
POINTED = "pointed"


@dataclass(frozen=True, slots=True)
class Pointed:
    """The regions and shapes that links name.

    Attributes
    ----------
    rois
        Ids of regions.
    shapes
        Ids of shapes, each with that of its region: labels know regions only.
    has_centre, has_zoom
        Whether the link says itself which place to show, and how large.
    """

    rois: frozenset[int] = frozenset()
    shapes: Mapping[int, int] = field(default_factory=dict)
    has_centre: bool = False
    has_zoom: bool = False

    def __bool__(self) -> bool:
        return bool(self.rois or self.shapes)


def point_out(layers: Sequence[LayerData], pointed: Pointed) -> list[LayerData]:
    """Note in the metadata of layers which of their objects are meant.

    The note has ``places``, the numbers of labels or the places of shapes and points;
    ``leads`` says that the view goes to them, ``has_centre`` and ``has_zoom`` that the
    link does a part of that.  The first layer with any leads.
    """
    noted: list[LayerData] = []
    leads = True
    for data, settings, kind in layers:
        places = find_places(settings.get("features", {}), kind, pointed)
        if places:
            note = {
                "places": places,
                "leads": leads,
                "has_centre": pointed.has_centre,
                "has_zoom": pointed.has_zoom,
            }
            leads = False
            omero = {**settings["metadata"]["omero"], POINTED: note}
            metadata = {**settings["metadata"], "omero": omero}
            settings = {**settings, "metadata": metadata}
        noted.append((data, settings, kind))
    return noted


def find_places(features: Mapping[str, Any], kind: str, pointed: Pointed) -> list[int]:
    """Give the numbers of the labels, or the places of the shapes, that are meant."""
    if "roi_id" not in features:
        return []
    regions = np.asarray(features["roi_id"])
    if kind == "labels":
        is_meant = _is_among(regions, pointed.rois | set(pointed.shapes.values()))
        return [int(number) for number in np.asarray(features["index"])[is_meant]]
    is_meant = _is_among(regions, pointed.rois)
    if "shape_id" in features:
        is_meant |= _is_among(np.asarray(features["shape_id"]), pointed.shapes)
    return [int(place) for place in np.flatnonzero(is_meant)]


def find_missing(layers: Sequence[LayerData], pointed: Pointed) -> list[str]:
    """Name the regions and shapes that no layer shows, such as ``region 5``."""
    rois: set[int] = set()
    shapes: set[int] = set()
    for _, settings, kind in layers:
        features = settings.get("features", {})
        regions = {int(number) for number in features.get("roi_id", ())}
        rois |= regions
        shapes |= {int(number) for number in features.get("shape_id", ())}
        if kind == "labels":
            shapes |= {s for s, roi in pointed.shapes.items() if roi in regions}
    return [
        *(f"region {number}" for number in sorted(pointed.rois - rois)),
        *(f"shape {number}" for number in sorted(pointed.shapes.keys() - shapes)),
    ]


def _is_among(ids: NDArray[Any], wanted: Any) -> NDArray[np.bool_]:
    return np.isin(ids, np.array(sorted(wanted), np.int64))
