"""The part of IRoi that measures pixels."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.api

from napari_omero_io.sandbox.errors import ApiUsage
from napari_omero_io.sandbox.hql import find, project
from napari_omero_io.sandbox.regions.points import points_of
from napari_omero_io.sandbox.regions.statistics import as_stats, measure_shape
from napari_omero_io.sandbox.store.pixels.facts import read_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.store.pixels.buffer import PixelBuffer

_SHAPES = (
    "select s from Shape s join fetch s.roi r join fetch r.image i"
    " left outer join fetch i.pixels where s.id in (:ids) order by s.id"
)
_CHANNELS = (
    "select c.logicalChannel.id from Pixels p join p.channels c"
    " where p.id = :id order by index(c)"
)


class Measuring:
    """Measures the pixels of shapes."""

    _core: Core

    def getPoints(self, call: Call, shape_id: int) -> Any:
        """Return the pixels that lie in a shape."""
        (shape,) = self._shapes(call, [shape_id])
        points = points_of(shape)
        return omero.api.ShapePoints(points[:, 0].tolist(), points[:, 1].tolist())

    def getShapeStats(self, call: Call, shape_id: int) -> Any:
        """Measure a shape on all its planes, in all its channels.

        As OMERO.server does it, the largest value is never below 0, and of a shape
        that is on one channel the first channel is measured.
        """
        (shape,) = self._shapes(call, [shape_id])
        return self._measure_everywhere(call, shape)

    def getShapeStatsList(self, call: Call, ids: Sequence[int]) -> list[Any]:
        """Measure several shapes as `getShapeStats` does."""
        shapes = {one._id.getValue(): one for one in self._shapes(call, ids)}
        return [self._measure_everywhere(call, shapes[id_]) for id_ in ids]

    def getRoiStats(self, call: Call, roi_id: int) -> Any:
        """Measure all shapes of a region; what they come to together stays 0."""
        query = "select s from Roi r join r.shapes s where r.id = :id order by index(s)"
        with self._core.database.read() as connection:
            shapes = find(connection, call, query, {"id": roi_id})
        if not shapes:
            raise ApiUsage(f"There is no region {roi_id} with shapes.")
        ids = [one._id.getValue() for one in shapes]
        measured = self.getShapeStatsList(call, ids)
        image = self._shapes(call, ids[:1])[0]._roi._image
        count = len(measured[0].channelIds)
        zeros = [0.0] * count
        nothing = omero.api.ShapeStats(
            -1, measured[0].channelIds, [0] * count, *([zeros] * 5)
        )
        return omero.api.RoiStats(
            roi_id,
            image._id.getValue(),
            image.getPrimaryPixels()._id.getValue(),
            nothing,
            measured,
        )

    def getShapeStatsRestricted(
        self, call: Call, ids: Sequence[int], z: int, t: int, channels: Sequence[int]
    ) -> list[Any]:
        """Measure shapes of one image on one plane each.

        Parameters
        ----------
        z, t
            The plane of shapes that are on every plane.
        channels
            Their indexes.

        Raises
        ------
        ApiUsage
            Nothing is named, or something that is not there; the image has tiles.
        """
        if not ids or not channels:
            raise ApiUsage("Shapes and channels must be named.")
        shapes = self._shapes(call, ids)
        if len({one._roi._image._id.getValue() for one in shapes}) > 1:
            raise ApiUsage("All shapes must be on the same image.")
        with self._opened(call, shapes[0]) as buffer:
            facts = buffer.facts
            if facts.needs_pyramid:
                raise ApiUsage("This method cannot handle tiled images yet.")
            _check_inside("z", z, facts.size_z)
            _check_inside("t", t, facts.size_t)
            for channel in channels:
                _check_inside("channel", channel, facts.size_c)
            return [
                as_stats(
                    one._id.getValue(),
                    channels,
                    measure_shape(
                        one,
                        buffer,
                        channels,
                        [_plane(one._theZ, z, "z", facts.size_z)],
                        [_plane(one._theT, t, "t", facts.size_t)],
                    ),
                )
                for one in shapes
            ]

    def _measure_everywhere(self, call: Call, shape: Any) -> Any:
        with self._opened(call, shape) as buffer:
            facts = buffer.facts
            with self._core.database.read() as connection:
                found = project(connection, call, _CHANNELS, {"id": facts.id})
            logical = [row[0].getValue() for row in found]
            indexes = list(range(facts.size_c))
            if shape._theC is not None:
                logical = logical[shape._theC.getValue() :][:1]
                indexes = [0]
            measures = measure_shape(
                shape,
                buffer,
                indexes,
                _planes(shape._theZ, "z", facts.size_z),
                _planes(shape._theT, "t", facts.size_t),
            )
        stats = as_stats(shape._id.getValue(), logical, measures)
        stats.max = [max(0.0, one) for one in stats.max]
        return stats

    def _shapes(self, call: Call, ids: Sequence[int]) -> list[Any]:
        """Read shapes with the pixels of their images."""
        wanted = sorted(set(ids or ()))
        if not wanted:
            return []
        with self._core.database.read() as connection:
            found = find(connection, call, _SHAPES, {"ids": wanted})
        known = {one._id.getValue() for one in found}
        if missing := [id_ for id_ in wanted if id_ not in known]:
            raise ApiUsage(f"There is no shape {missing[0]} on an image.")
        return found

    @contextmanager
    def _opened(self, call: Call, shape: Any) -> Iterator[PixelBuffer]:
        image = shape._roi._image
        if not image.sizeOfPixels():
            raise ApiUsage(f"Image:{image._id.getValue()} has no pixels.")
        pixels_id = image.getPrimaryPixels()._id.getValue()
        with self._core.database.read() as connection:
            facts = read_facts(connection, call, pixels_id)
        buffer = self._core.pixels.open(facts)
        try:
            yield buffer.reading()
        finally:
            buffer.close()


def _planes(place: Any, axis: str, size: int) -> list[int]:
    """Return where a shape is along an axis: in one place, or everywhere."""
    if place is None:
        return list(range(size))
    return [_plane(place, 0, axis, size)]


def _plane(place: Any, otherwise: int, axis: str, size: int) -> int:
    index = otherwise if place is None else int(place.getValue())
    _check_inside(axis, index, size)
    return index


def _check_inside(axis: str, index: int, size: int) -> None:
    if not 0 <= index < size:
        raise ApiUsage(f"{axis} {index} is not between 0 and {size - 1}.")
