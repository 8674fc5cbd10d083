"""An image of a server as napari layers: what `viewer.add_layer` needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from napari_omero_io.arrays.picture import PictureImage
from napari_omero_io.convert.axes import layer_axes
from napari_omero_io.convert.colour import channel_colormap, channel_gamma
from napari_omero_io.convert.units import scale_and_units

if TYPE_CHECKING:
    from napari_omero_io.arrays.level import RemoteLevel
    from napari_omero_io.arrays.remote import RemoteImage
    from napari_omero_io.records import ChannelRecord, ImageRecord

#: Data, keyword arguments and the name of the layer's type.
LayerData: TypeAlias = tuple[Any, dict[str, Any], str]


def image_layers(image: RemoteImage) -> list[LayerData]:
    """Describe an image as layers: one for each channel, or one of an RGB picture.

    Names, colours, contrast, visible channels, pixel sizes and units are the
    server's.  Where an image lives is in ``metadata["omero"]``.
    """
    record = image.record
    if isinstance(image, PictureImage):
        return [_picture_layer(image)]
    if record.is_rgb:
        return [_rgb_layer(image)]
    return [_channel_layer(image, channel) for channel in record.channels]


def _rgb_layer(image: RemoteImage) -> LayerData:
    settings = {
        **_common(image),
        "name": image.record.name,
        "rgb": True,
        "metadata": {"omero": origin(image.record, image.source.server)},
    }
    return _layer(image.rgb_levels(), settings)


def _picture_layer(image: PictureImage) -> LayerData:
    settings = {
        **_common(image),
        "name": f"{image.record.name} (rendered)",
        "rgb": True,
        "metadata": {
            "omero": {**origin(image.record, image.source.server), "rendered": True}
        },
    }
    return _layer(image.picture_levels(), settings)


def _channel_layer(image: RemoteImage, channel: ChannelRecord) -> LayerData:
    record = image.record
    settings = {
        **_common(image),
        "name": _name(record, channel),
        "colormap": channel_colormap(channel),
        "contrast_limits": window(channel),
        "gamma": channel_gamma(channel),
        "visible": channel.active,
        "blending": "additive",
        "metadata": {
            "omero": {
                **origin(image.record, image.source.server),
                "channel": channel.index,
                "channel_name": channel.name,
                "lookup_table": channel.lookup_table,
            }
        },
    }
    return _layer(image.channel_levels(channel.index), settings)


def _layer(levels: list[RemoteLevel], settings: dict[str, Any]) -> LayerData:
    if len(levels) > 1:
        return levels, {**settings, "multiscale": True}, "image"
    return levels[0], {**settings, "multiscale": False}, "image"


def _common(image: RemoteImage) -> dict[str, Any]:
    scale, units = scale_and_units(image.record)
    return {
        "scale": scale,
        "units": units,
        "axis_labels": tuple(layer_axes(image.record)),
        # napari's cache is for dask; these arrays bring their own
        "cache": False,
    }


def origin(record: ImageRecord, server: str) -> dict[str, Any]:
    """Return where an image lives, as plain values that survive saving."""
    return {
        "server": server,
        "image_id": record.id,
        "image_name": record.name,
        "pixels_id": record.pixels_id,
        "group_id": record.group_id,
    }


def _name(record: ImageRecord, channel: ChannelRecord) -> str:
    if len(record.channels) == 1:
        return record.name
    return f"{channel.name or f'Channel {channel.index}'} ({record.name})"


def window(channel: ChannelRecord) -> tuple[float, float]:
    """Return the contrast limits of a channel; napari wants the first the smaller."""
    for low, high in (channel.window, channel.limits):
        if low < high:
            return (float(low), float(high))
    return (float(channel.window[0]), float(channel.window[0]) + 1.0)


def window_range(channel: ChannelRecord) -> tuple[float, float]:
    """Return what the contrast slider shall offer: never less than the window."""
    low, high = window(channel)
    return (min(low, float(channel.limits[0])), max(high, float(channel.limits[1])))
