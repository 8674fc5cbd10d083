"""IRoi: regions of interest with their shapes, by image and by plane."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.api

from napari_omero_io.sandbox.hql import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState

#: The key of shapes that are on every plane.
_EVERY_PLANE = -1

#: Regions without shapes are left out: the join is an inner one.
_WITH_SHAPES = "select r from Roi r join fetch r.shapes s"
_WITH_FOLDERS = (
    f"{_WITH_SHAPES} left outer join fetch r.folderLinks l"
    " left outer join fetch l.parent"
)


class RoiService:
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
