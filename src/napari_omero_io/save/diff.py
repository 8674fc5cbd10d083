"""What has to change on the server so that it holds the shapes of a layer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_omero_io.convert.outlines import keep_outline
from napari_omero_io.convert.shapes import show_colors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_omero_io.convert.drawings import Drawing
    from napari_omero_io.records import RoiRecord, ShapeRecord


@dataclass(frozen=True, slots=True)
class ShapeChanges:
    """The difference between a layer and the server.

    Attributes
    ----------
    new
        Places in the layer of shapes that no region on the server has.
    changed
        As they are to be, with the ids and versions of those on the server.
    deleted
        Ids of shapes that were read into the layer and are no longer in it.
    conflicting
        Ids of shapes that somebody changed or deleted after the layer was read: they
        stay as they are on the server.
    foreign
        Ids of shapes of other users that differ in the layer: they stay, too.
    unchanged
        How many need nothing.
    """

    new: tuple[int, ...] = ()
    changed: tuple[ShapeRecord, ...] = ()
    deleted: tuple[int, ...] = ()
    conflicting: tuple[int, ...] = ()
    foreign: tuple[int, ...] = ()
    unchanged: int = 0

    def describe(self) -> str:
        """Say how many of each there are."""
        counts = {
            "new": len(self.new),
            "changed": len(self.changed),
            "deleted": len(self.deleted),
            "conflicting": len(self.conflicting),
            "of other users": len(self.foreign),
            "unchanged": self.unchanged,
        }
        words = [f"{count} {word}" for word, count in counts.items() if count]
        return ", ".join(words) or "nothing"


def diff_shapes(
    drawings: Sequence[Drawing],
    known: Mapping[int, int | None],
    current: Sequence[RoiRecord],
    axes: str,
) -> ShapeChanges:
    """Compare the shapes of a layer with those on the server.

    Of copies in the layer, the first is the shape on the server; the others are new.

    Parameters
    ----------
    known
        Versions of the shapes that were read into the layer, by id.
    current
        The regions that are on the image now.
    axes
        Letters of the axes on which the layer tells planes apart, or has its shapes
        on all: along others the server's word counts.
    """
    there = {shape.id: (shape, roi.is_own) for roi in current for shape in roi.shapes}
    new: list[int] = []
    changed: list[ShapeRecord] = []
    conflicting: list[int] = []
    foreign: list[int] = []
    unchanged = 0
    seen: set[int] = set()
    for index, drawing in enumerate(drawings):
        mine = drawing.shape
        if mine.id is None or mine.id not in known or mine.id in seen:
            new.append(index)
            continue
        seen.add(mine.id)
        if mine.id not in there:
            conflicting.append(mine.id)
            continue
        theirs, is_own = there[mine.id]
        merged = merge_shape(mine, theirs, axes)
        if merged == theirs:
            unchanged += 1
        elif not is_own:
            foreign.append(mine.id)
        elif theirs.version != known[mine.id]:
            conflicting.append(mine.id)
        else:
            changed.append(merged)
    deleted = []
    for shape_id, version in known.items():
        if shape_id in seen or shape_id not in there:
            continue
        theirs, is_own = there[shape_id]
        if not is_own:
            foreign.append(shape_id)
        elif theirs.version != version:
            conflicting.append(shape_id)
        else:
            deleted.append(shape_id)
    return ShapeChanges(
        tuple(new),
        tuple(changed),
        tuple(deleted),
        tuple(conflicting),
        tuple(foreign),
        unchanged,
    )


def merge_shape(mine: ShapeRecord, theirs: ShapeRecord, axes: str) -> ShapeRecord:
    """Return the server's shape with what differs in the layer.

    What a layer shows in place of an unset colour or width is not written.
    """
    fill, stroke, width = show_colors(theirs)
    mine = keep_outline(mine, theirs)
    return replace(
        theirs,
        kind=mine.kind,
        geometry=mine.geometry,
        transform=mine.transform,
        z=mine.z if "Z" in axes else theirs.z,
        t=mine.t if "T" in axes else theirs.t,
        fill=theirs.fill if mine.fill == fill else mine.fill,
        stroke=theirs.stroke if mine.stroke == stroke else mine.stroke,
        width=theirs.width if _is_near(mine.width, width) else mine.width,
        text=mine.text,
    )


def _is_near(mine: float | None, shown: float) -> bool:
    return mine is None or abs(mine - shown) <= 1e-5 * max(1.0, abs(shown))
