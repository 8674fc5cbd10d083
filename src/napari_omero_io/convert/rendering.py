"""What a link says of an image's looks ⇄ its channels and the layers that show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_omero_io.convert.colour import channel_colormap, read_hex
from napari_omero_io.refs import ChannelView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from napari_omero_io.records import ChannelRecord, ImageRecord
    from napari_omero_io.refs import View

_WHITE = (255, 255, 255, 255)
#: Families that are worked into the colours of a layer.
_WORKED_IN = ("exponential", "logarithmic")
#: Half a step of a colour, in fractions.
_NEAR = 0.5 / 255


@dataclass(frozen=True, slots=True)
class Look:
    """How a layer of napari shows a channel.

    Attributes
    ----------
    colors
        Of its colormap, (N, 4) fractions.
    name
        Of its colormap.
    """

    visible: bool
    window: tuple[float, float]
    colors: NDArray[Any]
    name: str = ""
    gamma: float = 1.0


def apply_view(record: ImageRecord, view: View | None) -> ImageRecord:
    """Show an image as a link says; what it leaves open stays the server's.

    As in OMERO.web, channels that a list of visible ones leaves out are off, and
    channels and planes that the image does not have are left out.  A picture of red,
    green and blue of which the link shows something else becomes three channels.
    """
    if view is None:
        return record
    channels = _apply_channels(record.channels, view)
    if view.model == "g":
        channels = _make_grey(channels)
    return replace(
        record,
        channels=channels,
        is_rgb=record.is_rgb and channels == record.channels,
        default_z=_within(view.z, record.default_z, record.size_z),
        default_t=_within(view.t, record.default_t, record.size_t),
    )


def read_channel_view(channel: ChannelRecord, look: Look) -> ChannelView:
    """Say in a link how a layer shows a channel.

    Parameters
    ----------
    channel
        As it was opened: its lookup table is known by name.
    """
    family: str | None
    color, inverted, family = _read_colors(channel, look)
    coefficient: float | None = 1.0
    if family in _WORKED_IN:
        coefficient = channel.coefficient
    elif look.gamma != 1.0:
        family, coefficient = "polynomial", look.gamma
    elif channel.family == "linear":
        family = coefficient = None  # as nearly always: links need not say it
    return ChannelView(
        index=channel.index,
        active=look.visible,
        window=look.window,
        color=color,
        inverted=inverted if inverted or channel.inverted else None,
        family=family,
        coefficient=coefficient,
    )


def describe_channels(record: ImageRecord) -> list[ChannelView]:
    """Say in a link how an image's record shows its channels."""
    return [
        ChannelView(
            index=channel.index,
            active=channel.active,
            window=channel.window,
            color=channel.lookup_table or "{:02X}{:02X}{:02X}".format(*channel.color),
            inverted=channel.inverted or None,
            family=None if channel.family == "linear" else channel.family,
            coefficient=None if channel.family == "linear" else channel.coefficient,
        )
        for channel in record.channels
    ]


def is_grey(views: Sequence[ChannelView]) -> bool:
    """Whether one channel is shown in white, which is OMERO's grey model."""
    shown = [view for view in views if view.active]
    return len(shown) == 1 and shown[0].color == "FFFFFF"


def _apply_channels(
    channels: tuple[ChannelRecord, ...], view: View
) -> tuple[ChannelRecord, ...]:
    said = {each.index: each for each in view.channels}
    if any(each.active for each in said.values()):
        channels = tuple(
            channel if channel.index in said else replace(channel, active=False)
            for channel in channels
        )
    return tuple(
        _apply_channel(channel, said[channel.index])
        if channel.index in said
        else channel
        for channel in channels
    )


def _apply_channel(channel: ChannelRecord, view: ChannelView) -> ChannelRecord:
    channel = replace(channel, active=view.active)
    if view.window is not None and view.window[0] < view.window[1]:
        low, high = view.window
        limits = (min(low, channel.limits[0]), max(high, channel.limits[1]))
        channel = replace(channel, window=view.window, limits=limits)
    if view.color is not None:
        color = read_hex(view.color)
        if color is not None:
            channel = replace(channel, color=color, lookup_table="", lookup_colors=b"")
        elif view.color != channel.lookup_table:
            channel = replace(channel, lookup_table=view.color, lookup_colors=b"")
    if view.inverted is not None:
        channel = replace(channel, inverted=view.inverted)
    if view.family is not None:
        power = view.coefficient or 1.0
        channel = replace(channel, family=view.family, coefficient=power)
    return channel


def _make_grey(channels: tuple[ChannelRecord, ...]) -> tuple[ChannelRecord, ...]:
    """Show the first visible channel in white, as OMERO's grey model does."""
    first = next((each.index for each in channels if each.active), None)
    return tuple(
        replace(each, color=_WHITE, lookup_table="", lookup_colors=b"")
        if each.index == first
        else replace(each, active=False)
        for each in channels
    )


def _within(wanted: int | None, otherwise: int, size: int) -> int:
    return otherwise if wanted is None else min(max(0, wanted), size - 1)


def _read_colors(channel: ChannelRecord, look: Look) -> tuple[str, bool, str]:
    """Give the colour or lookup table, whether it is reversed, and the family."""
    for family, inverted in product(_families(channel), (False, True)):
        tried = replace(channel, family=family, inverted=inverted)
        if channel.lookup_colors and _is_same(look, tried):
            return channel.lookup_table, inverted, family
    first, last = _as_hex(look.colors[0]), _as_hex(look.colors[-1])
    # a ramp from black, as it is or reversed; with its family where it had one
    color, inverted = (last, False) if last != "000000" else (first, first != last)
    for family in _families(channel):
        plain = replace(
            channel,
            color=read_hex(color) or channel.color,
            lookup_table="",
            lookup_colors=b"",
            family=family,
            inverted=inverted,
        )
        if _is_same(look, plain):
            return color, inverted, family
    name = look.name.removesuffix("_r")
    if len(look.colors) > 2 and name.isidentifier():
        # OMERO has napari's best known maps as lookup tables of the same name
        return f"{name}.lut", look.name != name, "linear"
    return color, inverted, "linear"


def _families(channel: ChannelRecord) -> list[str]:
    return [channel.family, "linear"] if channel.family in _WORKED_IN else ["linear"]


def _is_same(look: Look, channel: ChannelRecord) -> bool:
    colormap = channel_colormap(channel)
    if isinstance(colormap, str):
        color = read_hex(colormap.removeprefix("#"))
        if color is None:
            return False
        colormap = np.array([(0, 0, 0, 255), color], np.float64) / 255
    shape = (len(look.colors), 3)
    return colormap[:, :3].shape == shape and np.allclose(
        colormap[:, :3], look.colors[:, :3], atol=_NEAR
    )


def _as_hex(color: NDArray[Any]) -> str:
    parts = np.clip(np.round(np.asarray(color[:3], np.float64) * 255), 0, 255)
    return "".join(f"{int(part):02X}" for part in parts)
