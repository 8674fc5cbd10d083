"""Cells of several channels that are fetched in one go, where a source can.

What is put together of many images opens each of them for a few pixels: once for all
channels that are wanted is as good as once for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from napari_omero_io.arrays.memory import TileKey
    from napari_omero_io.arrays.source import TileReader, TileSource


@runtime_checkable
class ChannelsReader(Protocol):
    """A `TileReader` that reads several channels in one go."""

    def read_channels(
        self,
        level: int,
        z: int,
        channels: Sequence[int],
        t: int,
        x: int,
        y: int,
        w: int,
        h: int,
    ) -> list[NDArray[Any]]:
        """Read the same tile of some channels; see `TileReader.read_tile`."""
        ...


@runtime_checkable
class JoiningSource(Protocol):
    """A `TileSource` whose readers are `ChannelsReader`."""

    #: Whether it is cheaper to read channels together.
    joins_channels: bool


def find_companions(
    source: TileSource,
    key: TileKey,
    wanted: Iterable[Container[TileKey]],
) -> Iterator[TileKey]:
    """Yield the same cell of the other channels that somebody wants, too."""
    if not isinstance(source, JoiningSource) or not source.joins_channels:
        return
    everybody = list(wanted)
    for channel in range(source.record.size_c):
        other = key._replace(c=channel)
        if channel != key.c and any(other in each for each in everybody):
            yield other


def read_cells(
    reader: TileReader, keys: Sequence[TileKey], place: tuple[int, int, int, int]
) -> list[NDArray[Any]]:
    """Read one cell, or the same of several channels.

    Parameters
    ----------
    keys
        That differ in their channel only.
    place
        Its first column and row, its width and height.
    """
    first = keys[0]
    if len(keys) > 1 and isinstance(reader, ChannelsReader):
        channels = sorted(key.c for key in keys)
        tiles = reader.read_channels(first.level, first.z, channels, first.t, *place)
        return [tiles[channels.index(key.c)] for key in keys]
    return [reader.read_tile(key.level, key.z, key.c, key.t, *place) for key in keys]
