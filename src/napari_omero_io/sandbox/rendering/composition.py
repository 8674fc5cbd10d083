"""From the levels of channels to one picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .quantisation import quantise
from .settings import Model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .lookup_tables import LookupTables
    from .settings import ChannelSettings, RenderingSettings


def compose(
    planes: Mapping[int, np.ndarray],
    settings: RenderingSettings,
    tables: LookupTables,
    shape: tuple[int, int],
) -> np.ndarray:
    """Return the picture, (Y, X, 3) of uint8.

    Parameters
    ----------
    planes
        (Y, X) of each channel in `RenderingSettings.shown_channels`.
    shape
        (Y, X), for the black picture of no channel.
    """
    total = np.zeros((*shape, 3), np.uint16)
    shown = [settings.channels[index] for index in planes]
    by_alpha = any(channel.color[3] != 255 for channel in shown)
    for plane, channel in zip(planes.values(), shown, strict=True):
        levels = quantise(plane, channel, settings.interval, settings.bit_resolution)
        if settings.model is Model.GREYSCALE and not channel.lookup_table:
            total += levels[..., np.newaxis]
            continue
        total += _ramp(channel, tables, by_alpha=by_alpha)[levels]
    return np.minimum(total, 255).astype(np.uint8)


def pack(picture: np.ndarray, alpha: int) -> np.ndarray:
    """Return a picture as one signed 32-bit number a pixel, 0xAARRGGBB."""
    wide = picture.astype(np.uint32)
    packed = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2] | alpha << 24
    return packed.astype(np.uint32).view(np.int32)


def _ramp(
    channel: ChannelSettings, tables: LookupTables, *, by_alpha: bool
) -> np.ndarray:
    """Return the colour of each level, (256, 3)."""
    if channel.lookup_table and (table := tables.get(channel.lookup_table)) is not None:
        return table.astype(np.uint16)
    ramp = np.arange(256, dtype=np.uint32)[:, np.newaxis]
    color = np.array(channel.color[:3], np.uint32)
    ramp = ramp * color // 255
    if by_alpha:
        ramp = ramp * channel.color[3] // 255
    return ramp.astype(np.uint16)
