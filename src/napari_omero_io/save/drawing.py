"""Which image a Shapes or Points layer is saved on, and as which shapes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.convert.drawings import Drawing, Frame, read_drawings
from napari_omero_io.errors import CannotRepresent
from napari_omero_io.records import RoiRecord

from .axes import AXES
from .diff import ShapeChanges, diff_shapes
from .layer import read_omero, read_origin, read_placement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .images import PlannedImage
    from .layer import LayerData, Origin, SavableLayer

KINDS = ("shapes", "points")
_OFFER = "leave the others out, so that it is clear to which they belong"


@dataclass(frozen=True, slots=True)
class DrawnLayer:
    """A Shapes or Points layer that is going to be saved.

    Attributes
    ----------
    position
        Its place among the layers that were given.
    known
        Versions of the shapes that were read into it, by id.
    omero
        Its ``metadata["omero"]`` as it is.
    """

    position: int
    name: str
    kind: str
    origin: Origin | None
    known: Mapping[int, int | None] = field(compare=False)
    omero: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class PlannedDrawing:
    """One layer of shapes and the image it will be saved on.

    Attributes
    ----------
    image_id
        Of an image that is on the server; None if it is made by the same plan.
    new_image
        Which of the plan's images; None if the image is on the server.
    drawings
        The shapes, in the pixels of that image.
    axes
        Letters of the axes on which the layer says where its shapes are.
    changes
        Against the server, once they were compared; nothing is deleted before.
    reason
        Why this image, as the end of a sentence.
    """

    layer: DrawnLayer
    image_id: int | None
    new_image: int | None
    drawings: tuple[Drawing, ...]
    axes: str
    reason: str
    changes: ShapeChanges | None = None

    @property
    def in_place(self) -> bool:
        """Whether shapes that the layer was read from are changed."""
        return self.image_id is not None and bool(self.layer.known)

    def compare(self, current: Sequence[RoiRecord]) -> PlannedDrawing:
        """Say what has to change, given the regions on the image as they are now."""
        known = self.layer.known if self.in_place else {}
        changes = diff_shapes(self.drawings, known, current, self.axes)
        return replace(self, changes=changes)

    def describe(self) -> str:
        """Say what is made or changed, as the beginning of a sentence."""
        if self.changes is not None:
            return self.changes.describe()
        count = f"{len(self.drawings)} {self.layer.kind}"
        return f"{count}, of which those that differ are saved" * self.in_place or count

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, a sentence each."""
        notes = []
        new = range(len(self.drawings)) if self.changes is None else self.changes.new
        turned = sum(self.drawings[i].shape.transform is not None for i in new)
        if turned:
            notes.append(
                f"{turned} turned rectangles or ellipses are saved with a transform, "
                "which a few programs do not show."
            )
        if self.changes is not None and self.changes.conflicting:
            notes.append(
                f"{len(self.changes.conflicting)} shapes were changed or deleted on "
                "the server since they were read; they stay as they are there."
            )
        if self.changes is not None and self.changes.foreign:
            notes.append(
                f"{len(self.changes.foreign)} shapes belong to other users and stay "
                "as they are."
            )
        return tuple(notes)

    def new_rois(self, indices: Sequence[int]) -> list[tuple[RoiRecord, list[int]]]:
        """Put shapes into regions, each with the places of its shapes in the layer.

        On another image, shapes that were one region become one again; shapes that
        are new on their own image are regions of their own.
        """
        groups: dict[tuple[str, int], list[int]] = {}
        for index in indices:
            roi_id = None if self.in_place else self.drawings[index].roi_id
            key = ("new", index) if roi_id is None else ("roi", roi_id)
            groups.setdefault(key, []).append(index)
        return [
            (
                RoiRecord(
                    (),
                    self.drawings[members[0]].roi_name if key[0] == "roi" else "",
                    shapes=tuple(self.drawings[i].shape for i in members),
                ),
                members,
            )
            for key, members in groups.items()
        ]


def plan_drawing(
    position: int,
    layer: LayerData,
    server: str,
    images: Sequence[PlannedImage],
    shown: Sequence[SavableLayer],
    *,
    on_new_image: bool,
) -> PlannedDrawing:
    """Find the image that a layer of shapes belongs to, and read its shapes.

    It is the image the layer itself names; else the one image of the plan, else the
    one image among `shown`.

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
        If there is none, or more than one, or OMERO has no form for a shape.
    """
    data, meta, kind = layer
    origin = read_origin(meta)
    omero = read_omero(meta)
    drawn = DrawnLayer(
        position=position,
        name=str(meta.get("name") or f"{kind.capitalize()} {position + 1}"),
        kind=kind,
        origin=origin,
        known=dict(omero.get("shapes") or {}),
        omero=omero,
    )
    if not len(data) and not drawn.known:
        raise CannotRepresent(f"Layer '{drawn.name}' is empty; leave it out.")
    there = {
        image.origin.image_id: image
        for image in shown
        if image.origin and image.origin.server == server
    }
    named = origin.image_id if origin and origin.server == server else None
    if images and (on_new_image or named is None):
        index = _choose_only(drawn, [image.name for image in images], "are being saved")
        first = images[index].layers[0]
        frame, axes = _frame(drawn, layer, first)
        drawings = _read(drawn, layer, frame)
        return PlannedDrawing(drawn, None, index, drawings, axes, "the new image")
    if named is None:
        names = [image.name for image in there.values()]
        named = list(there)[_choose_only(drawn, names, "are in the viewer")]
        reason = f"the image of layer '{there[named].name}'"
    else:
        reason = "the image they belong to"
    frame, axes = _frame(drawn, layer, there.get(named))
    drawings = _read(drawn, layer, frame)
    return PlannedDrawing(drawn, named, None, drawings, axes, reason)


def list_features(
    planned: PlannedDrawing,
    rois: Mapping[int | None, RoiRecord],
    made: Mapping[int, tuple[int, int]],
) -> dict[str, list[int]]:
    """Give the ids and versions of a layer's shapes after it was saved.

    Parameters
    ----------
    rois
        Those on the image now, by id.
    made
        For the shapes that were new, by their place in the layer: their region and
        their place in it.
    """
    shapes = {shape.id: (roi, shape) for roi in rois.values() for shape in roi.shapes}
    conflicting = planned.changes.conflicting if planned.changes else ()
    columns: dict[str, list[int]] = {"roi_id": [], "shape_id": [], "version": []}
    for index, drawing in enumerate(planned.drawings):
        mine = drawing.shape
        found = shapes.get(mine.id)
        if index in made:
            roi_id, place = made[index]
            roi = rois.get(roi_id)
            found = (roi, roi.shapes[place]) if roi is not None else None
        values = (found[0].id, found[1].id, found[1].version) if found else (None,) * 3
        if mine.id in conflicting and index not in made:
            # as it was read, so that it conflicts again the next time
            values = (drawing.roi_id, mine.id, mine.version)
        for column, value in zip(columns.values(), values, strict=True):
            column.append(-1 if value is None else value)
    return columns


def list_known(
    planned: PlannedDrawing, columns: Mapping[str, Sequence[int]]
) -> dict[int, int | None]:
    """Give the versions of the shapes that the layer is answerable for, by id.

    Those that were taken from the layer and are still on the server are among them.
    """
    deleted = planned.changes.deleted if planned.changes else ()
    known = {
        one: version
        for one, version in planned.layer.known.items()
        if one not in deleted
    }
    for shape_id, version in zip(columns["shape_id"], columns["version"], strict=True):
        if shape_id >= 0:
            known[shape_id] = known.get(shape_id) if version < 0 else version
    return known


def _choose_only(layer: DrawnLayer, names: Sequence[str], where: str) -> int:
    if not names:
        raise CannotRepresent(
            f"Layer '{layer.name}' belongs to no image on the server. Save it together "
            "with an image layer, or draw on an image that was opened from there."
        )
    if len(names) > 1:
        listed = ", ".join(f"'{name}'" for name in names)
        raise CannotRepresent(
            f"Layer '{layer.name}' may belong to {len(names)} images that {where} "
            f"({listed}); {_OFFER}."
        )
    return 0


def _frame(
    drawn: DrawnLayer, layer: LayerData, image: SavableLayer | None
) -> tuple[Frame, str]:
    """Say where the layer's axes lie on the image, and which of them tell planes."""
    data, meta, _ = layer
    ndim = int(meta.get("ndim") or (np.shape(data[0])[-1] if len(data) else 2))
    image_order = (
        image.axes.order.replace("C", "")
        if image
        else str(drawn.omero.get("image_axes") or "")
    )
    order = _name_axes(drawn, meta, ndim, image_order)
    everywhere = str(drawn.omero.get("every_plane_of") or "")
    scale = _spread(meta.get("scale"), ndim, 1.0)
    moved = _spread(meta.get("translate"), ndim, 0.0)
    placement = read_placement(meta, order)
    there = dict(zip(AXES, image.placement.offset, strict=True)) if image else {}
    if placement.is_turned or (image and image.placement.is_turned):
        raise CannotRepresent(
            f"Layer '{drawn.name}' or its image is rotated or sheared in the viewer; "
            "put it back before it is saved."
        )
    factors, offsets = [], []
    for letter, step, start in zip(order, scale, moved, strict=True):
        size = image.scale.get(letter, 1.0) if image else step
        factors.append(step / size)
        offsets.append((start - there.get(letter, 0.0)) / size)
    tells = "".join(
        letter
        for letter in (image_order or order)[:-2]
        if image is None or image.size(letter) > 1
    )
    return Frame(order, tuple(factors), tuple(offsets), everywhere), tells


def _name_axes(
    drawn: DrawnLayer, meta: Mapping[str, Any], ndim: int, image_order: str
) -> str:
    labels = "".join(str(label) for label in meta.get("axis_labels") or ())
    is_named = len(labels) == ndim and set(labels) <= set("TZYX")
    order = labels if is_named else (image_order or "TZYX")[-ndim:]
    if len(order) != ndim or len(set(order)) != ndim or not order.endswith("YX"):
        raise CannotRepresent(
            f"Layer '{drawn.name}' has {ndim} axes, which do not fit the image's "
            f"({image_order or 'TZYX'})."
        )
    return order


def _spread(values: Any, ndim: int, default: float) -> list[float]:
    given = [] if values is None else [float(each) for each in np.atleast_1d(values)]
    return ([default] * ndim + given)[-ndim:]


def _read(drawn: DrawnLayer, layer: LayerData, frame: Frame) -> tuple[Drawing, ...]:
    data, meta, kind = layer
    try:
        return read_drawings(data, meta, kind, frame)
    except ValueError as error:
        raise CannotRepresent(f"Layer '{drawn.name}': {error}.") from None
