"""What a viewer shows of an image, as a link says it: read it, and go to it.

OMERO counts places from the corner of the first pixel, napari from its centre.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from napari_omero_io.arrays.composite import CompositeSource
from napari_omero_io.arrays.picture import PictureImage
from napari_omero_io.convert.rendering import (
    Look,
    describe_channels,
    is_grey,
    read_channel_view,
)
from napari_omero_io.errors import BadReference
from napari_omero_io.plugin.refresher import camera_of, pixel_width, remote_pixels
from napari_omero_io.refs import OmeroRef, View, write_channels

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from napari.components import ViewerModel
    from napari.layers import Layer

    from napari_omero_io.arrays.level import RemoteLevel
    from napari_omero_io.arrays.remote import RemoteImage
    from napari_omero_io.refs import Projection

#: napari's word for each of OMERO's projections.
_MODES = {"intmax": "max", "intmean": "mean", "intsum": "sum"}


def read_references(viewer: ViewerModel) -> list[OmeroRef]:
    """Say what the viewer shows: the image of the active layer, as it is seen now.

    Without an active layer of an image on a server, the topmost such layer counts.
    What was put together of several objects is all of them, shown as one.

    Raises
    ------
    BadReference
        No layer shows an image on a server.
    """
    image = _find_shown(viewer, _has_origin).image
    view, server = read_view(viewer, image), image.source.server
    if not isinstance(image.source, CompositeSource):
        return [OmeroRef(server, "image", image.record.id, view=view)]
    origin = image.source.origin
    assert origin is not None
    view = replace(
        view, arrangement=origin.arrangement, run=origin.run, field=origin.field
    )
    return [
        OmeroRef(server, kind, object_id, view=view)
        for kind, object_id in origin.objects
    ]


def find_shown(viewer: ViewerModel) -> RemoteLevel:
    """Return the pixels of the active layer, else of the topmost of a single image.

    Raises
    ------
    BadReference
        No layer shows an image on a server.
    """
    return _find_shown(viewer, lambda level: not level.image.record.is_composed)


def _find_shown(
    viewer: ViewerModel, is_meant: Callable[[RemoteLevel], bool]
) -> RemoteLevel:
    active = viewer.layers.selection.active
    for layer in [active, *reversed(viewer.layers)]:
        level = remote_pixels(layer) if layer is not None else None
        if level is not None and is_meant(level):
            return level
    raise BadReference("No layer shows an image of an OMERO server: open one first.")


def _has_origin(level: RemoteLevel) -> bool:
    """Whether it can be said where pixels come from."""
    source = level.image.source
    return not isinstance(source, CompositeSource) or source.origin is not None


def read_view(viewer: ViewerModel, image: RemoteImage) -> View:
    """Say how the viewer shows an image that is open in it."""
    layers = list(_layers_of(viewer, image))
    layer, level = layers[0]
    point = _find_point(viewer, layer, level)
    view = View(z=point.get("Z"), t=point.get("T"))
    if _shows_plane(viewer, layer):
        view = _add_viewport(view, viewer, layer)
    view = replace(view, p=_read_projection(viewer, layer, level))
    if isinstance(level.image, PictureImage):
        channels = describe_channels(level.image.shown)
        if view.p is None and level.image.view is not None:
            view = replace(view, p=level.image.view.p)
    else:
        channels = [
            read_channel_view(level.image.record.channels[number], _read_look(layer))
            for layer, level in layers
            if (number := level.channel) is not None
        ]
    if not channels:
        return view
    channels.sort(key=lambda channel: channel.index)
    c, maps = write_channels(channels)
    return replace(view, c=c, maps=maps, model="g" if is_grey(channels) else "c")


def show_view(viewer: ViewerModel, layer: Layer, view: View) -> None:
    """Go to the plane and the place that a link says; `layer` shows the image."""
    level = remote_pixels(layer)
    if level is None:
        return
    axes = level.axes
    for axis, index in (("T", view.t), ("Z", view.z)):
        if axis in axes and index is not None:
            place = axes.index(axis)
            index = min(index, level.shape[place] - 1)
            _go_to(viewer, layer, place, index)
    if view.projection is not None and "Z" in axes:
        _project(viewer, layer, axes.index("Z"), level, view.projection)
    if not _shows_plane(viewer, layer):
        return
    camera = camera_of(viewer)
    if view.x is not None and view.y is not None:
        centre = np.zeros(layer.ndim)
        centre[-2:] = view.y - 0.5, view.x - 0.5
        world = layer.data_to_world(centre)
        camera.center = (0.0, float(world[-2]), float(world[-1]))
    if view.zoom is not None and view.zoom > 0:
        camera.zoom = view.zoom / 100 / pixel_width(layer)


def follow_projection(layer: Layer, view: View) -> None:
    """Let another layer of an image project its sections as a link says."""
    if view.projection is not None:
        layer.projection_mode = _MODES[view.projection.kind]


def _layers_of(
    viewer: ViewerModel, image: RemoteImage
) -> Iterator[tuple[Layer, RemoteLevel]]:
    """Yield the layers of an image, one for each channel.

    An image that was opened twice is two here; a layer that was duplicated is not.
    """
    seen = set()
    for layer in viewer.layers:
        level = remote_pixels(layer)
        if level is None or level.image is not image or level.channel in seen:
            continue
        seen.add(level.channel)
        yield layer, level


def _read_look(layer: Layer) -> Look:
    low, high = layer.contrast_limits
    return Look(
        visible=layer.visible,
        window=(float(low), float(high)),
        colors=np.asarray(layer.colormap.colors),
        name=layer.colormap.name,
        gamma=float(layer.gamma),
    )


def _find_point(
    viewer: ViewerModel, layer: Layer, level: RemoteLevel
) -> dict[str, int]:
    """Give the indices of the plane that is shown, by axis."""
    shown = set(_displayed(viewer, layer))
    data = layer.world_to_data(viewer.dims.point[-layer.ndim :])
    return {
        axis: min(max(0, round(float(data[place]))), level.shape[place] - 1)
        for place, axis in enumerate(level.axes)
        if axis in "TZ" and place not in shown
    }


def _displayed(viewer: ViewerModel, layer: Layer) -> list[int]:
    """Give the layer's own axes that the viewer shows."""
    ahead = viewer.dims.ndim - layer.ndim
    return [axis - ahead for axis in viewer.dims.displayed]


def _shows_plane(viewer: ViewerModel, layer: Layer) -> bool:
    """Whether rows and columns are shown as such: links know no other sight."""
    return _displayed(viewer, layer) == [layer.ndim - 2, layer.ndim - 1]


def _add_viewport(view: View, viewer: ViewerModel, layer: Layer) -> View:
    camera = camera_of(viewer)
    world = np.array(viewer.dims.point[-layer.ndim :], float)
    world[-2:] = camera.center[-2:]
    data = layer.world_to_data(world)
    zoom = 100 * camera.zoom * pixel_width(layer)
    return replace(
        view,
        x=round(float(data[-1]) + 0.5, 2),
        y=round(float(data[-2]) + 0.5, 2),
        zoom=float(f"{zoom:.6g}"),
    )


def _go_to(viewer: ViewerModel, layer: Layer, axis: int, index: float) -> None:
    place = viewer.dims.ndim - layer.ndim + axis
    data = np.zeros(layer.ndim)
    data[axis] = index
    viewer.dims.set_point(place, float(layer.data_to_world(data)[axis]))


def _project(
    viewer: ViewerModel,
    layer: Layer,
    axis: int,
    level: RemoteLevel,
    projection: Projection,
) -> None:
    """Show sections as one: napari calls it a thick slice around the current one."""
    last = level.shape[axis] - 1
    first = min(projection.first or 0, last)
    if projection.last is not None:
        last = min(max(first, projection.last), last)
    place = viewer.dims.ndim - layer.ndim + axis
    layer.projection_mode = _MODES[projection.kind]
    step = float(layer.scale[axis])
    now = _find_point(viewer, layer, level).get("Z", first)
    if not first <= now <= last:
        now = (first + last) // 2
        _go_to(viewer, layer, axis, now)
    for name, margin in (("margin_left", now - first), ("margin_right", last - now)):
        margins = list(getattr(viewer.dims, name))
        margins[place] = margin * step
        setattr(viewer.dims, name, tuple(margins))


def _read_projection(
    viewer: ViewerModel, layer: Layer, level: RemoteLevel
) -> str | None:
    axes = level.axes
    mode = str(getattr(layer, "projection_mode", "none"))
    kinds = {napari: ours for ours, napari in _MODES.items()}
    if "Z" not in axes or mode not in kinds:
        return None
    axis = axes.index("Z")
    place = viewer.dims.ndim - layer.ndim + axis
    step = float(layer.scale[axis])
    before = viewer.dims.margin_left[place] / step
    after = viewer.dims.margin_right[place] / step
    now = _find_point(viewer, layer, level).get("Z")
    if now is None or (before < 0.5 and after < 0.5):
        return None
    first = max(0, round(now - before))
    last = min(level.shape[axis] - 1, round(now + after))
    if (first, last) == (0, level.shape[axis] - 1):
        return kinds[mode]
    return f"{kinds[mode]}|{first}:{last}"
