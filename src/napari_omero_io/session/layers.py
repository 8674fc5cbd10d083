"""What a session gives to be shown: images and what is drawn on them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from napari_omero_io.refs import gather

from .images import Images
from .references import list_references, parse_all
from .together import Together

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_omero_io.convert.boxes import Box
    from napari_omero_io.convert.layers import LayerData
    from napari_omero_io.convert.pointing import Pointed
    from napari_omero_io.records import ImageRecord, RunChoice

    from .references import Arrangement, Reference


class Layers(Images, Together):
    """The part of `Session` that reads napari's layers."""

    def open_layers(
        self,
        reference: Reference | Sequence[Reference],
        arrangement: Arrangement = "apart",
        *,
        rendered: bool = False,
        keep_axes: bool = False,
        run: RunChoice = None,
        field: int | None = None,
    ) -> list[LayerData]:
        """Read what a reference names as napari's layer data: images and regions.

        Parameters
        ----------
        arrangement
            ``apart`` makes layers for each image, ``stack`` and ``mosaic`` one image of
            all, as `open_stack` and `open_mosaic` do.
        rendered, keep_axes
            As in `open`; images that are combined are never rendered.
        run, field
            Of wells and plates; see `open_mosaic`.
        """
        parts = self.iterate_layers(
            reference,
            arrangement,
            rendered=rendered,
            keep_axes=keep_axes,
            run=run,
            field=field,
        )
        return [each for part in parts for each in part]

    def iterate_layers(
        self,
        reference: Reference | Sequence[Reference],
        arrangement: Arrangement = "apart",
        *,
        rendered: bool = False,
        keep_axes: bool = False,
        run: RunChoice = None,
        field: int | None = None,
    ) -> Iterator[list[LayerData]]:
        """Yield what `open_layers` gives in parts: images, then what is drawn on them.

        A window shows the first while the others are read.

        Warns
        -----
        RegionsLeftOut
            If there is nothing to be shown of a region or shape that is named.
        """
        from napari_omero_io.convert.composites import combined_layers
        from napari_omero_io.convert.layers import image_layers
        from napari_omero_io.convert.pointing import find_missing, point_out
        from napari_omero_io.convert.regions import RegionsLeftOut

        together, apart = _arrange(reference, arrangement)
        for group, chosen in together:
            if chosen == "stack":
                image = self.open_stack(group, run=run, keep_axes=keep_axes)
            else:
                image = self.open_mosaic(
                    group, run=run, field=field, keep_axes=keep_axes
                )
            yield combined_layers(image)
        if not apart:
            return
        images = [
            image
            for each in apart
            for image in self.open_all(each, rendered=rendered, keep_axes=keep_axes)
        ]
        yield [layer for image in images for layer in image_layers(image)]
        pointed = self._find_pointed(apart)
        shown: list[LayerData] = []
        for image in images:
            regions = point_out(self.region_layers(image.record), pointed)
            shown += regions if pointed else []
            yield regions
        if missing := find_missing(shown, pointed):
            warnings.warn(
                f"The link names {' and '.join(missing)}, where there is nothing that "
                "can be shown.",
                RegionsLeftOut,
                stacklevel=2,
            )

    def _find_pointed(self, reference: Reference | Sequence[Reference]) -> Pointed:
        """Say which regions and shapes are to be gone to."""
        from napari_omero_io.client.rois import find_rois_of_shapes
        from napari_omero_io.convert.pointing import Pointed

        refs = parse_all(reference)
        views = [ref.view for ref in refs if ref.view is not None]
        shapes = [ref.id for ref in refs if ref.kind == "shape" and ref.id is not None]
        return Pointed(
            frozenset(ref.id for ref in refs if ref.kind == "roi" and ref.id),
            find_rois_of_shapes(self.connection, shapes),
            has_centre=any(view.x is not None for view in views),
            has_zoom=any(view.zoom is not None for view in views),
        )

    def region_layers(
        self,
        image: ImageRecord,
        *,
        z: int | None = None,
        t: int | None = None,
        limit: int | None = None,
        box: Box | None = None,
    ) -> list[LayerData]:
        """Read the regions of an image as Labels, Shapes and Points layers.

        What tables say of them is among the features of the layers.

        Parameters
        ----------
        z, t
            Only regions with a part on this plane, or on all; None for any.
        limit
            Of regions.
        box
            Only regions with a part in it: left, top, right and bottom in pixels.
        """
        from napari_omero_io.client.rois import read_rois
        from napari_omero_io.convert.boxes import is_in_box, widen
        from napari_omero_io.convert.regions import label_layers
        from napari_omero_io.convert.shapes import shape_layers

        around = None if box is None else widen(box)
        rois = read_rois(self.connection, image.id, z=z, t=t, box=around, limit=limit)
        if box is not None:
            rois = [roi for roi in rois if is_in_box(roi, box)]
        masks = [roi for roi in rois if roi.masks]
        layers = [
            *label_layers(image, self.server, masks),
            *shape_layers(image, self.server, rois),
        ]
        return self._add_features(image, layers)

    def _add_features(
        self, image: ImageRecord, layers: list[LayerData]
    ) -> list[LayerData]:
        """Give layers what tables say of their objects."""
        from napari_omero_io.convert.features import add_features
        from napari_omero_io.linked_tables import read_object_tables

        if not layers:
            return layers
        tables = read_object_tables(self.connection, image.id)
        return [add_features(layer, tables) for layer in layers]


def _arrange(
    reference: Reference | Sequence[Reference], arrangement: Arrangement
) -> tuple[list[tuple[Sequence[Reference], Arrangement]], list[Reference]]:
    """Say what is shown as one, and how, and what is shown apart.

    Where nothing is asked for, a link may say it of what it names.
    """
    if arrangement != "apart":
        return [(list_references(reference), arrangement)], []
    together: list[tuple[Sequence[Reference], Arrangement]] = []
    apart: list[Reference] = []
    for group in gather(parse_all(reference)):
        view = group[0].view
        if view is not None and view.arrangement is not None:
            together.append((group, view.arrangement))
        else:
            apart += group
    return together, apart if together else list_references(reference)
