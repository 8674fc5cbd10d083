"""IProjection: stacks projected to planes, on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.cmd
import omero.model
from omero.rtypes import rdouble, rint, rstring

from napari_omero_io.sandbox import requests
from napari_omero_io.sandbox.errors import ApiUsage, Internal, Invalid
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rendering.painter import Projection, project
from napari_omero_io.sandbox.store.pixels.facts import needs_pyramid, read_facts
from napari_omero_io.sandbox.store.pixels.types import pixel_type
from napari_omero_io.sandbox.store.saving import write

from .pixels import PixelsService
from .raw_pixels_store import RawPixelsStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState
    from napari_omero_io.sandbox.store.pixels.types import PixelsFacts, PixelType

_METHODOLOGIES = {
    Projection.MAXIMUM: "MAXIMUM_INTENSITY_PROJECTION",
    Projection.MEAN: "MEAN_INTENSITY_PROJECTION",
    Projection.SUM: "SUM_INTENSITY_PROJECTION",
}
_PIXELS = (
    "select p from Pixels p join fetch p.image left outer join fetch p.channels c "
    "left outer join fetch c.statsInfo where "
)


class ProjectionService:
    """Projects sections: the largest, the mean or the sum of their values.

    The largest counts the last section, mean and sum do not; the largest begins at
    zero.  So it is on OMERO.server.
    """

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core
        self._session = session

    def projectStack(
        self,
        call: Call,
        pixels_id: int,
        pixels_type: Any,
        algorithm: Any,
        t: int,
        c: int,
        stepping: int,
        start: int,
        end: int,
    ) -> bytes:
        """Return the plane of one channel at one time, most significant byte first."""
        facts = self._facts(call, pixels_id)
        _check_within("timepoint", t, facts.size_t)
        _check_within("channel", c, facts.size_c)
        kind = _wanted(pixels_type, facts)
        how = Projection(algorithm.value)
        buffer = self._core.pixels.open(facts)
        try:
            plane = project(buffer, how, c, t, stepping, start, end, kind)
        finally:
            buffer.close()
        return plane.astype(kind.wire).tobytes()

    def projectPixels(
        self,
        call: Call,
        pixels_id: int,
        pixels_type: Any,
        algorithm: Any,
        t_start: int,
        t_end: int,
        channels: Sequence[int],
        stepping: int,
        z_start: int,
        z_end: int,
        name: str,
    ) -> int:
        """Make an image of projected planes; return its id.

        A projection that fails leaves no image behind.
        """
        facts = self._facts(call, pixels_id)
        for what, place, size in (
            ("timepoint", t_start, facts.size_t),
            ("timepoint", t_end, facts.size_t),
            ("optical section", z_start, facts.size_z),
            ("optical section", z_end, facts.size_z),
            *(("channel", channel, facts.size_c) for channel in channels),
        ):
            _check_within(what, place, size)
        if t_end < t_start:
            raise Invalid(f"Timepoints {t_start} to {t_end} are none.")
        kind = _wanted(pixels_type, facts)
        if needs_pyramid(self._core.config, kind, facts.size_x, facts.size_y):
            raise Internal("Planes that need a pyramid are not projected.")
        how = Projection(algorithm.value)
        image_id = self._copy_metadata(call, facts, t_end - t_start + 1, channels, name)
        try:
            new_id = self._set_type(call, image_id, kind, how)
            ranges = self._write_planes(
                call,
                facts,
                new_id,
                kind,
                lambda buffer, c, t: project(
                    buffer, how, c, t, stepping, z_start, z_end, kind
                ),
                list(channels),
                range(t_start, t_end + 1),
            )
            self._set_ranges(call, new_id, ranges)
        except BaseException:
            request = omero.cmd.Delete2(targetObjects={"Image": [image_id]})
            requests.submit(call, request)
            raise
        return image_id

    def _facts(self, call: Call, pixels_id: int) -> PixelsFacts:
        with self._core.database.read() as connection:
            return read_facts(connection, call, pixels_id)

    def _copy_metadata(
        self,
        call: Call,
        facts: PixelsFacts,
        size_t: int,
        channels: Sequence[int],
        name: str,
    ) -> int:
        with self._core.database.read() as connection:
            query = f"{_PIXELS} p.id = :id"
            (source,) = find(connection, call, query, {"id": facts.id})
        made = PixelsService(self._core, self._session).copyAndResizeImage(
            call,
            source.image.id.val,
            None,
            None,
            rint(1),
            rint(size_t),
            channels,
            name,
            False,
        )
        return int(made.val)

    def _set_type(
        self, call: Call, image_id: int, kind: PixelType, how: Projection
    ) -> int:
        with self._core.database.write() as connection:
            query = f"{_PIXELS} p.image.id = :id"
            (pixels,) = find(connection, call, query, {"id": image_id})
            pixels.pixelsType = omero.model.PixelsTypeI()
            pixels.pixelsType.value = rstring(kind.name)
            pixels.methodology = rstring(_METHODOLOGIES[how])
            write(connection, call, [pixels])
        return int(pixels.id.val)

    def _write_planes(
        self,
        call: Call,
        facts: PixelsFacts,
        new_id: int,
        kind: PixelType,
        make: Any,
        channels: list[int],
        times: range,
    ) -> list[tuple[float, float]]:
        """Write all planes; return the extremes of each channel."""
        lows, highs = [float("inf")] * len(channels), [float("-inf")] * len(channels)
        source = self._core.pixels.open(facts)
        target = RawPixelsStore(self._core, self._session)
        try:
            target.setPixelsId(call, new_id, True)
            for place, t in enumerate(times):
                for index, c in enumerate(channels):
                    plane = make(source, c, t)
                    lows[index] = min(lows[index], float(plane.min()))
                    highs[index] = max(highs[index], float(plane.max()))
                    content = plane.astype(kind.wire).tobytes()
                    target.setPlane(call, content, 0, index, place)
        finally:
            source.close()
            target.close(call)
        return list(zip(lows, highs, strict=True))

    def _set_ranges(
        self, call: Call, pixels_id: int, ranges: Sequence[tuple[float, float]]
    ) -> None:
        with self._core.database.write() as connection:
            query = f"{_PIXELS} p.id = :id"
            (pixels,) = find(connection, call, query, {"id": pixels_id})
            for channel, (low, high) in zip(pixels.copyChannels(), ranges, strict=True):
                if low <= high:
                    channel.statsInfo = omero.model.StatsInfoI()
                    channel.statsInfo.globalMin = rdouble(low)
                    channel.statsInfo.globalMax = rdouble(high)
            write(connection, call, [pixels])


def _wanted(pixels_type: Any, facts: PixelsFacts) -> PixelType:
    """Return the type of the result: the one asked for, else the source's."""
    value = None if pixels_type is None else pixels_type._value
    if pixels_type is not None and value is None:
        raise ApiUsage("The type of pixels is not loaded.")
    return facts.type if value is None else pixel_type(value._val)


def _check_within(what: str, place: int, size: int) -> None:
    if not 0 <= place < size:
        raise Invalid(f"{what}: {place} is not within 0 to {size - 1}.")
