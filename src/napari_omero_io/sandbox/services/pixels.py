"""IPixels: making images without pixels, and the settings by which they are shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import omero
import omero.all
import omero.model
from omero.rtypes import rdouble, rint, rlong, rstring

from napari_omero_io.sandbox.errors import ApiUsage, Internal, Invalid
from napari_omero_io.sandbox.hql import find
from napari_omero_io.sandbox.rendering.stored import (
    find_definitions,
    find_definitions_to_show,
    load_definition,
)
from napari_omero_io.sandbox.store.saving import save, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call, Core
    from napari_omero_io.sandbox.sessions import SessionState

_BIT_DEPTHS = {
    "bit": 1,
    "int8": 8,
    "uint8": 8,
    "int16": 16,
    "uint16": 16,
    "int32": 32,
    "uint32": 32,
    "float": 32,
    "double": 64,
}
_DESCRIPTION = (
    "select p from Pixels p join fetch p.pixelsType"
    " left outer join fetch p.channels c"
    " left outer join fetch c.logicalChannel l"
    " left outer join fetch c.statsInfo"
    " left outer join fetch l.photometricInterpretation"
    " left outer join fetch l.illumination"
    " left outer join fetch l.mode"
    " left outer join fetch l.contrastMethod"
    " where p.id = :id"
)
_SOURCE = (
    "select p from Image i join i.pixels p join fetch p.image"
    " left outer join fetch p.channels c left outer join fetch c.statsInfo"
)
#: What a copy of an image shares with it.
_SHARED = (
    "acquisitionDate",
    "objectiveSettings",
    "imagingEnvironment",
    "experiment",
    "stageLabel",
    "instrument",
)
_NEW_DIGEST = "Pending..."


class PixelsService:
    """What clients make images and read rendering settings with."""

    def __init__(self, core: Core, session: SessionState) -> None:
        self._core = core

    # Making images.

    def createImage(
        self,
        call: Call,
        size_x: int,
        size_y: int,
        size_z: int,
        size_t: int,
        channels: Sequence[int],
        pixels_type: Any,
        name: str,
        description: str,
    ) -> Any:
        """Make an image whose pixels are to be written; return its id."""
        if not channels:
            raise Invalid("Channel list must be filled.")
        if pixels_type is None:
            raise Invalid("The type of the pixels is missing.")
        sizes = {"X": size_x, "Y": size_y, "Z": size_z, "T": size_t}
        pixels = _new_pixels({**sizes, "C": len(channels)}, pixels_type)
        pixels._dimensionOrder = omero.model.DimensionOrderI()
        pixels._dimensionOrder._value = rstring("XYZCT")
        for _ in channels:
            channel = omero.model.ChannelI()
            channel._logicalChannel = omero.model.LogicalChannelI()
            pixels.addChannel(channel)
        image = omero.model.ImageI()
        image._name, image._description = rstring(name), rstring(description)
        image.addPixels(pixels)
        return self._insert(call, image)

    def copyAndResizeImage(
        self,
        call: Call,
        image_id: int,
        size_x: Any,
        size_y: Any,
        size_z: Any,
        size_t: Any,
        channels: Sequence[int],
        name: str,
        copy_stats: bool,
    ) -> Any:
        """Make an image with another's metadata, without pixels; return its id.

        The copy shares the logical channels of its source.
        """
        sizes = {"X": size_x, "Y": size_y, "Z": size_z, "T": size_t}
        where = " where i.id = :id order by index(p)"
        source = self._source(call, where, image_id)
        if source is None:
            return None
        image = omero.model.ImageI()
        for field in _SHARED:
            setattr(image, f"_{field}", getattr(source._image, f"_{field}"))
        image._name = rstring(name)
        image.addPixels(_resized(source, sizes, channels, copy_stats))
        return self._insert(call, image)

    def copyAndResizePixels(
        self,
        call: Call,
        pixels_id: int,
        size_x: Any,
        size_y: Any,
        size_z: Any,
        size_t: Any,
        channels: Sequence[int],
        methodology: str,
        copy_stats: bool,
    ) -> Any:
        """Add a further set of pixels to an image; return its id."""
        sizes = {"X": size_x, "Y": size_y, "Z": size_z, "T": size_t}
        source = self._source(call, " where p.id = :id", pixels_id)
        if source is None:
            return None
        pixels = _resized(source, sizes, channels, copy_stats)
        pixels._image = omero.model.ImageI(source._image._id, False)
        pixels._methodology = rstring(methodology)
        return self._insert(call, pixels)

    def setChannelGlobalMinMax(
        self, call: Call, pixels_id: int, index: int, low: float, high: float
    ) -> None:
        """Store the extremes of a channel over all planes."""
        text = (
            "select c from Pixels p join p.channels c"
            " left outer join fetch c.statsInfo"
            " where p.id = :id and index(c) = :index"
        )
        with self._core.database.write() as connection:
            found = find(connection, call, text, {"id": pixels_id, "index": index})
            if not found:
                raise Invalid(f"Pixels:{pixels_id} has no channel {index}.")
            if math.isnan(low) or math.isnan(high):
                # SQLite has no such number; without extremes they are looked up later.
                return
            (channel,) = found
            if channel._statsInfo is None:
                channel._statsInfo = omero.model.StatsInfoI()
            channel._statsInfo._globalMin = rdouble(low)
            channel._statsInfo._globalMax = rdouble(high)
            write(connection, call, [channel])

    # Describing pixels.

    def retrievePixDescription(self, call: Call, pixels_id: int) -> Any:
        """Return pixels with their channels; None if there are none."""
        return self._first(call, _DESCRIPTION, pixels_id)

    def getBitDepth(self, call: Call, pixels_type: Any) -> int:
        """Return the bits of a pixel."""
        value = getattr(pixels_type, "_value", None)
        if value is None and getattr(pixels_type, "_id", None) is not None:
            text = "select t from PixelsType t where t.id = :id"
            pixels_type = self._first(call, text, pixels_type._id._val)
            value = getattr(pixels_type, "_value", None)
        name = value._val if value is not None else None
        if name not in _BIT_DEPTHS:
            raise Internal(f"There is no bit depth for pixels of type {name}.")
        return _BIT_DEPTHS[name]

    def getEnumeration(self, call: Call, class_name: str, value: str) -> Any:
        """Return the enumeration of a value; None if there is none."""
        return next(iter(self._enumerations(call, class_name, value)), None)

    def getAllEnumerations(self, call: Call, class_name: str) -> list[Any]:
        """Return all enumerations of a class."""
        return self._enumerations(call, class_name, None)

    # Rendering settings.

    def retrieveRndSettings(self, call: Call, pixels_id: int) -> Any:
        """Return the caller's newest settings, else the owner's, else None."""
        with self._core.database.read() as connection:
            found = find_definitions_to_show(connection, call, [pixels_id])
        return found.get(pixels_id)

    def retrieveRndSettingsFor(self, call: Call, pixels_id: int, user_id: int) -> Any:
        """Return the newest settings of a user, of anybody if negative; or None."""
        return next(iter(self.retrieveAllRndSettings(call, pixels_id, user_id)), None)

    def retrieveAllRndSettings(
        self, call: Call, pixels_id: int, user_id: int
    ) -> list[Any]:
        """Return all settings of a user, of everybody if negative, newest first."""
        with self._core.database.read() as connection:
            owner_id = user_id if user_id >= 0 else None
            return find_definitions(connection, call, pixels_id, owner_id)

    def loadRndSettings(self, call: Call, definition_id: int) -> Any:
        """Return settings by their id; None if there are none."""
        with self._core.database.read() as connection:
            return load_definition(connection, call, definition_id)

    def saveRndSettings(self, call: Call, definition: Any) -> None:
        """Save settings."""
        if definition is None:
            raise ApiUsage("There are no settings to save.")
        with self._core.database.write() as connection:
            write(connection, call, [definition])

    def _insert(self, call: Call, made: Any) -> Any:
        with self._core.database.write() as connection:
            (saved,) = save(connection, call, [made])
        return rlong(saved._id._val)

    def _source(self, call: Call, where: str, id_: int) -> Any:
        return self._first(call, _SOURCE + where, id_)

    def _first(self, call: Call, text: str, id_: int) -> Any:
        with self._core.database.read() as connection:
            return _only(connection, call, text, id_)

    def _enumerations(
        self, call: Call, class_name: str, value: str | None
    ) -> list[Any]:
        model_class = self._core.model.resolve(class_name)
        if not model_class.is_enum:
            raise ApiUsage(f"{class_name} is no enumeration.")
        where = "" if value is None else " where e.value = :value"
        text = f"select e from {model_class.name} e{where} order by e.id"
        with self._core.database.read() as connection:
            values = {} if value is None else {"value": value}
            return find(connection, call, text, values)


def _only(connection: Connection, call: Call, text: str, id_: int) -> Any:
    found = find(connection, call, text, {"id": id_})
    return found[0] if found else None


def _new_pixels(sizes: dict[str, int], pixels_type: Any) -> Any:
    pixels = omero.model.PixelsI()
    for name, size in sizes.items():
        if size < 1:
            raise Invalid(f"size{name}: {size} <= 0")
        setattr(pixels, f"_size{name}", rint(size))
    pixels._pixelsType = pixels_type
    pixels._sha1 = rstring(_NEW_DIGEST)
    return pixels


def _resized(
    source: Any, sizes: dict[str, Any], channels: Sequence[int], copy_stats: bool
) -> Any:
    """Return new pixels with the metadata of others and other sizes."""
    if not channels:
        raise Invalid("Channel List is not null but size == 0")
    count = source._sizeC._val
    for index in channels:
        if not 0 <= index < count:
            raise Invalid(f"channel: {index} out of bounds")
    wanted = {
        name: getattr(source, f"_size{name}")._val if size is None else size._val
        for name, size in sizes.items()
    }
    pixels = _new_pixels({**wanted, "C": len(channels)}, source._pixelsType)
    pixels._dimensionOrder = source._dimensionOrder
    pixels._relatedTo = omero.model.PixelsI(source._id, False)
    for name in ("physicalSizeX", "physicalSizeY", "physicalSizeZ"):
        setattr(pixels, f"_{name}", getattr(source, f"_{name}"))
    for index in channels:
        pixels.addChannel(_copied(source._channelsSeq[index], copy_stats))
    return pixels


def _copied(source: Any, copy_stats: bool) -> Any:
    channel = omero.model.ChannelI()
    logical_id = source._logicalChannel._id
    channel._logicalChannel = omero.model.LogicalChannelI(logical_id, False)
    if copy_stats:
        if source._statsInfo is None:
            raise Internal(
                " Wrapped Exception: (java.lang.NullPointerException):\nnull"
            )
        stats = omero.model.StatsInfoI()
        stats._globalMin = source._statsInfo._globalMin
        stats._globalMax = source._statsInfo._globalMax
        channel._statsInfo = stats
    return channel
