"""A user saves image layers, and opens them again equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from napari_omero_io.client.annotations import read_key_values
from napari_omero_io.client.browse import list_children, read_object
from napari_omero_io.client.connection import Connection
from napari_omero_io.client.containers import create_dataset
from napari_omero_io.client.images import read_image
from napari_omero_io.client.pixels import PixelReader
from napari_omero_io.errors import NotFound, NotPermitted, SaveCancelled
from napari_omero_io.records import PIXEL_TYPES
from napari_omero_io.save.images import MAX_PLANE_AREA
from napari_omero_io.save.plan import SaveTarget, plan_save
from napari_omero_io.save.receipt import Receipt
from napari_omero_io.save.upload import carry_out


def make_layer(data: Any, name: str = "cells", **meta: Any) -> tuple[Any, ...]:
    return (data, {"name": name, **meta}, "image")


def save(
    connection: Connection, layers: list[Any], target: Any = None, **how: Any
) -> Receipt:
    target = target or SaveTarget(connection.server, dataset_name="results")
    return carry_out(plan_save(layers, target), connection, **how)


def find(receipt: Receipt, kind: str) -> list[int]:
    return [made.id for made in receipt.objects if made.kind == kind]


def read_back(connection: Connection, image_id: int) -> np.ndarray:
    """Read all pixels (T, C, Z, Y, X)."""
    record = read_image(connection, image_id)
    pixels = np.empty(record.shape, record.dtype)
    with PixelReader(connection, record) as reader:
        for t, c, z in np.ndindex(record.shape[:3]):
            pixels[t, c, z] = reader.read_plane(z, c, t)
    return pixels


def make_extremes(dtype: str) -> np.ndarray:
    """Make a small stack with the type's smallest and largest values among others."""
    kind = np.dtype(dtype)
    rng = np.random.default_rng(5)
    if kind.kind == "f":
        limits = np.finfo(kind)
        data = rng.normal(0, 1e3, (2, 3, 17, 23)).astype(kind)
        data[0, 0, 0, :4] = [limits.min, limits.max, limits.tiny, -0.0]
        data[1, 1, 0, :3] = [np.nan, np.inf, -np.inf]
        return data
    limits = np.iinfo(kind)
    data = rng.integers(limits.min, limits.max, (2, 3, 17, 23), kind, endpoint=True)
    data[0, 0, 0, :2] = [limits.min, limits.max]
    return data


@pytest.mark.parametrize("dtype", PIXEL_TYPES.values())
@pytest.mark.parametrize("order", ["little", "big"])
def test_every_pixel_type_is_exact(ann: Connection, dtype: str, order: str) -> None:
    data = make_extremes(dtype)
    data = data.astype(data.dtype.newbyteorder(order))
    [image_id] = find(save(ann, [make_layer(data)]), "image")
    stored = read_back(ann, image_id)
    assert stored.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(stored[:, 0], data)


def test_rgb_opens_again_as_rgb(ann: Connection) -> None:
    data = np.random.default_rng(2).integers(0, 256, (40, 50, 3), "uint8")
    receipt = save(ann, [make_layer(data, rgb=True, contrast_limits=[0, 255])])
    [image_id] = find(receipt, "image")
    record = read_image(ann, image_id)
    assert record.is_rgb
    assert [channel.color[:3] for channel in record.channels] == [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
    ]
    np.testing.assert_array_equal(
        np.moveaxis(read_back(ann, image_id)[0, :, 0], 0, -1), data
    )


def test_five_axes(ann: Connection) -> None:
    data = np.arange(2 * 3 * 4 * 5 * 6, dtype="int16").reshape(2, 3, 4, 5, 6)
    layer = make_layer(data, axis_labels=("C", "T", "Z", "Y", "X"))
    [image_id] = find(save(ann, [layer]), "image")
    stored = read_back(ann, image_id)
    np.testing.assert_array_equal(stored, data.swapaxes(0, 1))


def test_what_the_server_knows_of_it(ann: Connection) -> None:
    data = np.random.default_rng(3).integers(0, 900, (2, 3, 30, 40), "uint16")
    layer = make_layer(
        data,
        colormap={"colors": [[0, 0, 0, 1], [0, 1, 1, 1]]},
        contrast_limits=[50, 700],
        scale=(1.5, 2, 0.25, 0.5),
        units=("s", "µm", "µm", "µm"),
        axis_labels=("T", "Z", "Y", "X"),
    )
    receipt = save(ann, [layer])
    [image_id] = find(receipt, "image")
    [dataset_id] = find(receipt, "dataset")
    assert [row.id for row in list_children(ann, "dataset", dataset_id)] == [image_id]
    assert read_object(ann, "dataset", dataset_id).name == "results"
    record = read_image(ann, image_id)
    assert record.name == "cells"
    sizes = (record.pixel_size_z, record.pixel_size_y, record.pixel_size_x)
    assert sizes == (2, 0.25, 0.5)
    assert record.time_increment == 1.5
    [channel] = record.channels
    assert channel.color[:3] == (0, 255, 255)
    assert channel.window == (50, 700)
    assert channel.limits[0] <= data.min()
    assert channel.limits[1] >= data.max()
    pairs = dict(read_key_values(ann, "image", image_id))
    assert pairs["Layer"] == "cells"
    assert pairs["Program"].startswith("napari-omero-io ")
    assert receipt.metadata[0] == {
        "server": ann.server,
        "image_id": image_id,
        "pixels_id": record.pixels_id,
        "channel": 0,
        "group_id": record.group_id,
    }


def test_channels_of_one_image_are_saved_as_one(ann: Connection) -> None:
    data = np.random.default_rng(4).integers(0, 200, (3, 20, 20), "uint8")
    [source] = find(save(ann, [make_layer(data, axis_labels=("c", "y", "x"))]), "image")
    layers = []
    for c, color in enumerate(["red", "#00ff00", "magenta"]):
        omero = {"server": ann.server, "image_id": source, "channel": c}
        layers.append(
            make_layer(
                data[c] // 2, f"dye {c}", colormap=color, metadata={"omero": omero}
            )
        )
    [image_id] = find(save(ann, layers), "image")
    record = read_image(ann, image_id)
    assert [channel.name for channel in record.channels] == ["dye 0", "dye 1", "dye 2"]
    assert record.channels[2].color[:3] == (255, 0, 255)
    np.testing.assert_array_equal(read_back(ann, image_id)[0, :, 0], data // 2)
    pairs = read_key_values(ann, "image", image_id)
    assert ("Source image", f"omero://{ann.server}/image/{source}") in pairs
    # The source is as it was.
    np.testing.assert_array_equal(read_back(ann, source)[0, :, 0], data)


def test_a_plane_that_becomes_a_pyramid(ann: Connection) -> None:
    y, x = np.mgrid[:3210, :3190]
    data = ((x // 3 + y // 5) % 65521).astype("uint16")
    assert data.size > MAX_PLANE_AREA
    plan = plan_save([make_layer(data)], SaveTarget(ann.server))
    assert plan.images[0].route == "tiles"
    [image_id] = find(carry_out(plan, ann), "image")
    record = read_image(ann, image_id)
    assert len(record.levels) > 1
    np.testing.assert_array_equal(read_back(ann, image_id)[0, 0, 0], data)


class PlaneByPlane:
    """A stack that is never in memory: each plane is made when it is asked for."""

    shape = (4, 30, 1000, 1000)
    dtype = np.dtype("uint8")

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def __getitem__(self, index: Any) -> np.ndarray:
        t, z, rows, columns = index
        assert rows == columns == slice(None)
        self.asked.append((t, z))
        return np.full((1000, 1000), t * 30 + z, "uint8")


def test_a_stack_is_read_plane_by_plane_and_once(ann: Connection) -> None:
    stack = PlaneByPlane()
    steps: list[int] = []
    receipt = save(
        ann,
        [make_layer(stack)],
        progress=lambda done, _total, _text: steps.append(done),
    )
    assert stack.asked == [(t, z) for t in range(4) for z in range(30)]
    assert steps[-1] == 120_000_000
    assert len(set(steps)) > 100
    [image_id] = find(receipt, "image")
    record = read_image(ann, image_id)
    with PixelReader(ann, record) as reader:
        assert reader.read_plane(29, 0, 3)[500, 500] == 119


def test_an_image_in_no_dataset(ann: Connection) -> None:
    target = SaveTarget(ann.server)
    receipt = save(ann, [make_layer(np.ones((5, 5), "uint8"))], target)
    assert [made.kind for made in receipt.objects] == ["image"]


def test_cancelling_in_the_middle_leaves_nothing(
    ann: Connection, count_objects: Callable[[], dict[str, int]]
) -> None:
    before = count_objects()
    sent: list[int] = []
    with pytest.raises(SaveCancelled):
        save(
            ann,
            [make_layer(np.ones((9, 50, 50), "uint8"))],
            progress=lambda done, _total, _text: sent.append(done),
            cancelled=lambda: bool(sent) and sent[-1] > 10_000,
        )
    assert sent[-1] == 12_500
    assert count_objects() == before


def test_a_dataset_of_somebody_else(
    ann: Connection, bob: Connection, count_objects: Callable[[], dict[str, int]]
) -> None:
    dataset_id = create_dataset(bob, "Bob's")
    before = count_objects()
    target = SaveTarget(ann.server, dataset_id=dataset_id)
    with pytest.raises(NotPermitted, match="'Bob's'"):
        save(ann, [make_layer(np.ones((5, 5), "uint8"))], target)
    assert count_objects() == before


def test_a_dataset_that_is_gone(ann: Connection) -> None:
    target = SaveTarget(ann.server, dataset_id=10**6)
    with pytest.raises(NotFound, match="dataset 1000000"):
        save(ann, [make_layer(np.ones((5, 5), "uint8"))], target)
