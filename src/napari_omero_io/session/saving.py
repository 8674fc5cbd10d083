"""How a session saves layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_omero_io.errors import BadReference
from napari_omero_io.refs import OmeroRef

from .side import Side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.save.plan import SavePlan, SaveTarget
    from napari_omero_io.save.receipt import Receipt


class Saving(Side):
    """The part of `Session` that plans and carries out what is saved."""

    def save(
        self,
        layers: Sequence[LayerData],
        target: str | OmeroRef | SaveTarget | None = None,
        *,
        progress: Callable[[int, int, str], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        **choices: Any,
    ) -> Receipt:
        """Save layers: images as new ones; labels, shapes and points as regions.

        Shapes that were read from the server are changed in place; those that are no
        longer in their layer stay there, unless `plan` has said before that they go.

        Parameters
        ----------
        layers
            As napari hands them to writers: (data, settings, kind).
        target
            A link to a dataset, the name of a new one, or None for no dataset.
        progress
            Told the bytes that are done, the bytes in all, and what is being sent.
        cancelled
            Asked between planes whether to stop.
        choices
            As `save.plan.plan_save` takes them.

        Raises
        ------
        CannotRepresent
            Naming the layer that OMERO has no form for; nothing was sent.
        UploadIncomplete
            Saying what is left on the server.
        """
        from napari_omero_io.save.plan import plan_save
        from napari_omero_io.save.upload import carry_out

        plan = plan_save(layers, self.find_target(target), **choices)
        return carry_out(plan, self.connection, progress=progress, cancelled=cancelled)

    def plan(
        self,
        layers: Sequence[LayerData],
        target: str | OmeroRef | SaveTarget | None = None,
        **choices: Any,
    ) -> SavePlan:
        """Say what saving would make, change and delete; `save.upload` carries it out.

        Raises
        ------
        CannotRepresent
            Naming the layer that OMERO has no form for.
        """
        from napari_omero_io.save.plan import plan_save

        plan = plan_save(layers, self.find_target(target), **choices)
        return self.compare(plan)

    def compare(self, plan: SavePlan) -> SavePlan:
        """Complete a plan with what is on the server now; see `SavePlan.compare`."""
        from napari_omero_io.client.rois import read_rois

        return plan.compare(
            {one: read_rois(self.connection, one) for one in plan.images_to_compare}
        )

    def find_target(self, target: str | OmeroRef | SaveTarget | None) -> SaveTarget:
        """Say where new images go; see `save`."""
        from napari_omero_io.client.browse import read_object
        from napari_omero_io.client.references import locate
        from napari_omero_io.save.plan import SaveTarget

        if isinstance(target, SaveTarget):
            return target
        if target is None:
            return SaveTarget(self.server)
        try:
            ref = target if isinstance(target, OmeroRef) else OmeroRef.parse(target)
        except BadReference:
            return SaveTarget(self.server, dataset_name=str(target))
        if ref.kind != "dataset":
            raise BadReference(f"{ref} is a {ref.kind}; images go into datasets.")
        dataset_id = locate(self.connection, ref)[1]
        name = read_object(self.connection, "dataset", dataset_id).name
        return SaveTarget(self.server, dataset_id=dataset_id, dataset_name=name)
