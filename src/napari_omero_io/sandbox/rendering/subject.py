"""What is rendered: pixels with what the metadata say of their channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from napari_omero_io.sandbox.errors import ApiUsage, Concurrent, Invalid
from napari_omero_io.sandbox.store.pixels.facts import read_facts
from napari_omero_io.sandbox.store.pixels.types import Place

from .defaults import ChannelFacts, choose_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from napari_omero_io.sandbox.core import Call
    from napari_omero_io.sandbox.store.pixels.types import PixelsFacts

    from .settings import RenderingSettings


@dataclass(frozen=True, slots=True)
class Subject:
    """Pixels that are to be rendered.

    Attributes
    ----------
    type_range
        Smallest and largest value to be expected, by the significant bits where the
        camera's are known.
    """

    facts: PixelsFacts
    owner_id: int
    channels: tuple[ChannelFacts, ...]
    type_range: tuple[float, float]


def find_subject(connection: Connection, call: Call, pixels_id: int) -> Subject | None:
    """Return pixels with their channels; None when the caller sees no such pixels."""
    try:
        facts = read_facts(connection, call, pixels_id)
    except Invalid:
        return None
    pixels = call.core.database.tables["Pixels"]
    row = connection.execute(
        select(pixels.c.owner_id, pixels.c.significantBits).where(
            pixels.c.id == pixels_id
        )
    ).one()
    return Subject(
        facts=facts,
        owner_id=row.owner_id,
        channels=_read_channels(connection, call, pixels_id),
        type_range=facts.type.range(row.significantBits),
    )


def default_settings(call: Call, subject: Subject) -> RenderingSettings:
    """Return the settings that OMERO gives to an image that nobody has set.

    Raises
    ------
    Concurrent
        The channels' extremes are not known and the pixels not ready.
    """
    return choose_settings(
        subject.facts.id,
        subject.facts.size_z,
        subject.channels,
        subject.type_range,
        lambda: look_for_extremes(call, subject.facts),
    )


def original_settings(call: Call, subject: Subject) -> RenderingSettings:
    """Return default settings without a look at the pixels."""
    return choose_settings(
        subject.facts.id,
        subject.facts.size_z,
        subject.channels,
        subject.type_range,
        list,
    )


def look_for_extremes(
    call: Call, facts: PixelsFacts
) -> list[tuple[float, float] | None]:
    """Return the extremes of each channel's middle plane; nothing for big images."""
    buffer = call.core.pixels.open(facts)
    try:
        if facts.needs_pyramid:
            return []
        z, t = (facts.size_z - 1) // 2, (facts.size_t - 1) // 2
        return [buffer.find_range(Place(z, c, t)) for c in range(facts.size_c)]
    except ApiUsage:
        return []
    finally:
        buffer.close()


def is_ready(call: Call, facts: PixelsFacts) -> bool:
    """Tell whether the pixels can be read now."""
    try:
        call.core.pixels.open(facts).close()
    except Concurrent:
        return False
    return True


def _read_channels(
    connection: Connection, call: Call, pixels_id: int
) -> tuple[ChannelFacts, ...]:
    tables = call.core.database.tables
    channel, logical = tables["Channel"], tables["LogicalChannel"]
    stats = tables["StatsInfo"]
    rows = connection.execute(
        select(
            channel,
            logical.c.emissionWave,
            logical.c.excitationWave,
            stats.c.globalMin,
            stats.c.globalMax,
        )
        .join(logical, logical.c.id == channel.c.logicalChannel_id)
        .outerjoin(stats, stats.c.id == channel.c.statsInfo_id)
        .where(channel.c.pixels_id == pixels_id)
        .order_by(channel.c.pixels_index)
    )
    return tuple(_describe_channel(row) for row in rows)


def _describe_channel(row: Any) -> ChannelFacts:
    color = (row.red, row.green, row.blue, row.alpha)
    extremes = (row.globalMin, row.globalMax)
    emission = row.emissionWave
    return ChannelFacts(
        color=None if None in color else color,
        wavelength=emission if emission is not None else row.excitationWave,
        is_emission=emission is not None,
        lookup_table=row.lookupTable or "",
        extremes=None if None in extremes else extremes,
    )
