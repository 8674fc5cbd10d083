"""IRoi: regions of interest with their shapes, by image and by plane."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.api
import omero.model
from omero.rtypes import rbool, rdouble, rint

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.regions.painted import read_painted
from napari_omero_io.sandbox.store.saving import write

from .roi_statistics import Measuring
from .shared_resources import SharedResources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState

#: The key of shapes that are on every plane.
_EVERY_PLANE = -1

MEASUREMENT = "openmicroscopy.org/omero/measurement"
_MEASUREMENTS = (
    "select distinct a from FileAnnotation a left outer join fetch a.file, Image i,"
    " WellSample ws, PlateAnnotationLink pl, Roi r, RoiAnnotationLink rl"
    " where i.id = :image and ws.image.id = i.id and pl.parent.id = ws.well.plate.id"
    " and pl.child.id = a.id and r.image.id = i.id and rl.parent.id = r.id"
    " and rl.child.id = a.id and a.ns = :ns"
)

#: Regions without shapes are left out: the join is an inner one.
_WITH_SHAPES = "select r from Roi r join fetch r.shapes s"
_WITH_FOLDERS = (
    f"{_WITH_SHAPES} left outer join fetch r.folderLinks l"
    " left outer join fetch l.parent"
)


class RoiService(Measuring):
    """What clients read regions from; they write them through IUpdate."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core

    def findByImage(self, call: Call, image_id: int, options: Any) -> Any:
        """Return the regions of an image, with shapes and folders."""
        where = ["r.image.id = :image"]
        return self._find(call, _WITH_FOLDERS, where, {"image": image_id}, options)

    def findByRoi(self, call: Call, roi_id: int, options: Any) -> Any:
        """Return one region with its shapes."""
        return self._find(call, _WITH_SHAPES, ["r.id = :roi"], {"roi": roi_id}, options)

    def findByPlane(
        self, call: Call, image_id: int, z: int, t: int, options: Any
    ) -> Any:
        """Return the regions that have shapes on a plane, with these shapes only."""
        where = [
            "r.image.id = :image",
            "(s.theZ is null or s.theZ = :z)",
            "(s.theT is null or s.theT = :t)",
        ]
        values = {"image": image_id, "z": z, "t": t}
        return self._find(call, _WITH_SHAPES, where, values, options)

    def getRoiMeasurements(self, call: Call, image_id: int, options: Any) -> list[Any]:
        """Return the tables of measurements on an image's plate and regions."""
        values = {"image": image_id, "ns": MEASUREMENT}
        with self._core.database.read() as connection:
            return find(connection, call, _MEASUREMENTS, values)

    def getMeasuredRois(
        self, call: Call, image_id: int, annotation_id: int, options: Any
    ) -> Any:
        """Return the regions of an image that a table of measurements is about."""
        where = [
            "r.image.id = :image",
            "exists (select l.id from RoiAnnotationLink l"
            " where l.parent.id = r.id and l.child.id = :annotation)",
        ]
        values = {"image": image_id, "annotation": annotation_id}
        return self._find(call, _WITH_SHAPES, where, values, options)

    def getMeasuredRoisMap(
        self, call: Call, image_id: int, annotation_ids: Sequence[int], options: Any
    ) -> dict[int, Any]:
        """Return what `getMeasuredRois` does, for several tables."""
        return {
            id_: self.getMeasuredRois(call, image_id, id_, options)
            for id_ in annotation_ids
        }

    def getTable(self, call: Call, annotation_id: int) -> Any:
        """Open the table that an annotation holds; null when it holds none."""
        query = "select a from FileAnnotation a join fetch a.file where a.id = :id"
        with self._core.database.read() as connection:
            found = find(connection, call, query, {"id": annotation_id})
        return SharedResources().openTable(call, found[0]._file) if found else None

    def uploadMask(
        self, call: Call, image_id: int, z: int, t: int, picture: bytes
    ) -> None:
        """Make a region with a mask of every colour of a picture but black.

        Raises
        ------
        ApiUsage
            The picture cannot be read.
        """
        if not picture:
            raise ApiUsage("A picture is needed to make masks of.")
        rois = []
        for painted in read_painted(bytes(picture)):
            mask = omero.model.MaskI()
            mask._x, mask._y = rdouble(painted.x), rdouble(painted.y)
            mask._width, mask._height = rdouble(painted.width), rdouble(painted.height)
            mask._theZ, mask._theT, mask._locked = rint(z), rint(t), rbool(True)
            mask._fillColor, mask._bytes = rint(painted.color), painted.bits
            roi = omero.model.RoiI()
            roi._image = omero.model.ImageI(image_id, False)
            roi.addShape(mask)
            rois.append(roi)
        with self._core.database.write() as connection:
            write(connection, call, rois)

    def _find(
        self,
        call: Call,
        select: str,
        where: list[str],
        values: Mapping[str, int],
        options: Any,
    ) -> Any:
        values = dict(values)
        for path, name in (("owner", "userId"), ("group", "groupId")):
            wanted = _option(options, name)
            if wanted is not None:
                where = [*where, f"r.details.{path}.id = :{name}"]
                values[name] = wanted
        query = f"{select} where {' and '.join(where)} order by r.id"
        with self._core.database.read() as connection:
            rois = find(
                connection,
                call,
                query,
                values,
                first=_option(options, "offset") or 0,
                limit=_option(options, "limit"),
            )
        shapes = [shape for roi in rois for shape in roi._shapesSeq]
        return omero.api.RoiResult(
            opts=options,
            rois=rois,
            byZ=_by_plane(shapes, "_theZ"),
            byT=_by_plane(shapes, "_theT"),
        )


def _option(options: Any, name: str) -> int | None:
    value = getattr(options, name) if options is not None else None
    return None if value is None else int(value.getValue())


def _by_plane(shapes: Iterable[Any], name: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for shape in shapes:
        plane = getattr(shape, name)
        found[_EVERY_PLANE if plane is None else plane.getValue()].append(shape)
    return dict(found)
