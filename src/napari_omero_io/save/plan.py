"""What saving would do, before it does anything.

`plan_save` turns layers and a target into a `SavePlan`, or refuses with the name of
the layer that OMERO has no form for.  `SavePlan.describe` says it to the user;
`save.upload.carry_out` does it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from napari_omero_io.errors import CannotRepresent

from .drawing import KINDS as DRAWN_KINDS
from .drawing import PlannedDrawing, plan_drawing
from .images import MAX_PLANE_AREA, PlannedImage, Together, plan_images
from .labels import PlannedLabels, plan_labels
from .layer import LayerData, SavableLayer, name_server, read_layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from napari_omero_io.records import RoiRecord

__all__ = ["LayerData", "PlanRow", "SavePlan", "SaveTarget", "plan_save"]

#: OMERO keeps 255 letters; the name of a region has its number as well.
_LONGEST_NAME = 230


@dataclass(frozen=True, slots=True)
class SaveTarget:
    """Where new images go.

    Attributes
    ----------
    server
        The server as it stands in ``layer.metadata["omero"]["server"]``.
    dataset_id
        An existing dataset.
    dataset_name
        The name of a new dataset, or, with `dataset_id`, of the existing one.
        Without either, images are put into no dataset.
    project_id
        Where a new dataset goes; None: into no project.
    """

    server: str
    dataset_id: int | None = None
    dataset_name: str = ""
    project_id: int | None = None

    @property
    def makes_dataset(self) -> bool:
        """Whether a dataset is made for the new images."""
        return self.dataset_id is None and bool(self.dataset_name)

    def describe(self) -> str:
        """Say where, as the end of a sentence."""
        if self.makes_dataset:
            return f"new dataset '{self.dataset_name}'"
        if self.dataset_id is None:
            return "no dataset"
        return f"dataset '{self.dataset_name or self.dataset_id}'"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of the preview.

    Attributes
    ----------
    kind
        ``dataset``, ``image``, ``labels``, ``shapes`` or ``points``.
    detail
        Sizes, type and route, in words.
    size_bytes
        What is sent; 0 where it is not known before.
    notes
        What the user should know, a sentence each.
    """

    kind: str
    name: str
    detail: str
    size_bytes: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavePlan:
    """What is going to be made, in the order in which it is made."""

    target: SaveTarget
    images: tuple[PlannedImage, ...]
    labels: tuple[PlannedLabels, ...]
    drawings: tuple[PlannedDrawing, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Bytes of pixels that will be sent; masks are small and not counted."""
        return sum(image.size_bytes for image in self.images)

    @property
    def needs_dataset(self) -> bool:
        """Whether anything goes into the target's dataset."""
        return bool(self.images)

    def rows(self) -> tuple[PlanRow, ...]:
        """Give the preview as a table."""
        dataset = [
            PlanRow("dataset", self.target.dataset_name, "new dataset")
            for _ in range(self.needs_dataset and self.target.makes_dataset)
        ]
        images = [_describe_image(image, self.target) for image in self.images]
        labels = [self._describe_labels(planned) for planned in self.labels]
        drawings = [self._describe_drawing(planned) for planned in self.drawings]
        return (*dataset, *images, *labels, *drawings)

    @property
    def images_to_compare(self) -> tuple[int, ...]:
        """Images on the server whose shapes would be changed."""
        ids = [each.image_id for each in self.drawings if each.image_id is not None]
        return tuple(dict.fromkeys(ids))

    def compare(self, current: Mapping[int, Sequence[RoiRecord]]) -> SavePlan:
        """Say what is new, changed, deleted and conflicting.

        Shapes that are no longer in their layer are deleted by a plan that was
        compared, and stay on the server otherwise.

        Parameters
        ----------
        current
            The regions on each of `images_to_compare`, as they are now.
        """
        drawings = [
            each if each.image_id is None else each.compare(current[each.image_id])
            for each in self.drawings
        ]
        return replace(self, drawings=tuple(drawings))

    def describe(self) -> list[str]:
        """Give the preview as lines of text, one for each object."""
        return [
            f"{row.kind.capitalize()} '{row.name}': {row.detail}"
            + (f", {format_bytes(row.size_bytes)}" if row.size_bytes else "")
            for row in self.rows()
        ]

    @property
    def notes(self) -> tuple[str, ...]:
        """What will be saved differently from how it is shown, a sentence each."""
        return tuple(f"{row.name}: {note}" for row in self.rows() for note in row.notes)

    def _describe_labels(self, planned: PlannedLabels) -> PlanRow:
        if planned.new_image is not None:
            image = f"new image '{self.images[planned.new_image].name}'"
        else:
            image = f"image {planned.image_id}"
        replaced = len(planned.replaces)
        notes = (f"{replaced} regions saved before are replaced.",) if replaced else ()
        return PlanRow(
            "labels",
            planned.layer.name,
            f"a region for each label on {image}, {planned.reason}",
            notes=notes,
        )

    def _describe_drawing(self, planned: PlannedDrawing) -> PlanRow:
        if planned.new_image is not None:
            image = f"new image '{self.images[planned.new_image].name}'"
        else:
            image = f"image {planned.image_id}"
        layer = planned.layer
        detail = f"{planned.describe()} on {image}, {planned.reason}"
        return PlanRow(layer.kind, layer.name, detail, notes=planned.notes)


def plan_save(
    layers: Sequence[LayerData],
    target: SaveTarget,
    *,
    together: Together = "source",
    labels_on_new_image: bool = False,
    shown: Sequence[LayerData] = (),
    max_plane_area: int = MAX_PLANE_AREA,
) -> SavePlan:
    """Decide what is made of these layers.

    Reads shapes, types and looks.  Pixels are read only of layers whose type OMERO
    does not have (64-bit integers and the like), to see whether they fit, and of the
    alpha of RGBA layers: of these two call it outside the window's thread.

    Parameters
    ----------
    layers
        The layers to save, as napari hands them to writers.
    together
        Which image layers become channels of one image.
    labels_on_new_image
        Save labels on the new image of their shape where there is one, even if they
        came from an image on the server.
    shown
        The other layers of the viewer: labels that do not say where they belong to
        are looked up among them.
    max_plane_area
        Above it the server makes pyramids of integer images.

    Raises
    ------
    CannotRepresent
        Naming the layer and what OMERO has no form for.
    """
    if not layers:
        raise CannotRepresent("There is nothing to save: choose at least one layer.")
    savable = [
        read_layer(position, layer)
        for position, layer in enumerate(layers)
        if not _is_drawn(layer)
    ]
    pictures = [layer for layer in savable if layer.kind == "image"]
    images = plan_images(pictures, together, max_plane_area)
    around = [*pictures, *_read_shown(shown)]
    server = name_server(target.server)
    labels = tuple(
        plan_labels(layer, server, images, around, on_new_image=labels_on_new_image)
        for layer in savable
        if layer.kind == "labels"
    )
    drawings = tuple(
        plan_drawing(
            position, layer, server, images, around, on_new_image=labels_on_new_image
        )
        for position, layer in enumerate(layers)
        if _is_drawn(layer)
    )
    names = [layer.name for layer in savable]
    _check_names([target.dataset_name, *(image.name for image in images), *names])
    return SavePlan(target, images, labels, drawings)


def _is_drawn(layer: LayerData) -> bool:
    return len(layer) > 2 and str(layer[2]).lower() in DRAWN_KINDS


def format_bytes(count: int) -> str:
    """Say a number of bytes as people do: ``3.1 MB``."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def _read_shown(layers: Sequence[LayerData]) -> list[SavableLayer]:
    """Read the other image layers; one that could not be saved is of no use here."""
    read = []
    for position, layer in enumerate(layers):
        try:
            read.append(read_layer(position, layer))
        except CannotRepresent:
            continue
    return [layer for layer in read if layer.kind == "image" and layer.origin]


def _describe_image(image: PlannedImage, target: SaveTarget) -> PlanRow:
    t, c, z, y, x = image.sizes
    counts = {"channels": c, "planes in Z": z, "time points": t}
    words = [f"{count} {word}" for word, count in counts.items() if count > 1]
    way = "in tiles, as a pyramid" if image.route == "tiles" else "plane by plane"
    size = [f"{x} x {y} {image.pixel_type}", *words]
    detail = f"{', '.join(size)}, into {target.describe()}, {way}"
    return PlanRow("image", image.name, detail, image.size_bytes, image.notes)


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if len(name) > _LONGEST_NAME:
            raise CannotRepresent(
                f"The name '{name[:40]}…' has {len(name)} letters, too many for OMERO; "
                f"shorten it to {_LONGEST_NAME}."
            )
