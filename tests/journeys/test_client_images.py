"""Images there and back: every pixel type, looks, regions; and every early end."""

from __future__ import annotations

import hashlib
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from napari_omero_io import Sandbox
from napari_omero_io.client import lifeline
from napari_omero_io.client.browse import find_images, list_children
from napari_omero_io.client.connect import connect
from napari_omero_io.client.containers import create_dataset
from napari_omero_io.client.deletion import delete_objects
from napari_omero_io.client.images import read_image
from napari_omero_io.client.pixels import PixelReader, open_source
from napari_omero_io.client.rois import find_own_rois, read_rois, save_rois
from napari_omero_io.client.thumbnails import read_thumbnails
from napari_omero_io.client.upload import begin_image, create_image, write_planes
from napari_omero_io.errors import (
    NotFound,
    NotPermitted,
    PixelsUnavailable,
    SaveCancelled,
    SaveError,
    UploadIncomplete,
)
from napari_omero_io.records import (
    PIXEL_TYPES,
    ImageRecord,
    MaskRecord,
    NewChannel,
    NewImage,
    RoiRecord,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from napari_omero_io.client.connection import Connection

    Count = Callable[[], dict[str, int]]

RED, GREEN, BLUE = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255)
GREY = (255, 255, 255, 255)


def describe(pixels: NDArray[Any], name: str = "test", **more: Any) -> NewImage:
    """Describe an image for pixels (T, C, Z, Y, X)."""
    pixel_type = {v: k for k, v in PIXEL_TYPES.items()}[pixels.dtype.name]
    channels = tuple(NewChannel() for _ in range(pixels.shape[1]))
    t, c, z, y, x = pixels.shape
    return replace(NewImage(name, pixel_type, (t, c, z, y, x), channels), **more)


def planes_of(pixels: NDArray[Any]) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    for t, c, z in np.ndindex(pixels.shape[:3]):
        yield t, c, z, pixels[t, c, z]


def read_back(connection: Connection, image_id: int) -> NDArray[Any]:
    """Read all pixels (T, C, Z, Y, X)."""
    source = open_source(connection, image_id)
    record = source.record
    found = np.empty(record.shape, record.dtype)
    with source.open_reader() as reader:
        for t, c, z in np.ndindex(record.shape[:3]):
            found[t, c, z] = reader.read_plane(z, c, t)
    return found


@pytest.mark.parametrize("pixel_type", PIXEL_TYPES)
def test_every_pixel_type_survives(ann: Connection, pixel_type: str) -> None:
    dtype = np.dtype(PIXEL_TYPES[pixel_type])
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (2, 2, 3, 7, 5 * dtype.itemsize), np.uint8).view(
        dtype
    )
    if dtype.kind == "f":
        pixels[0, 0, 0, 0, :4] = [np.nan, np.inf, -np.inf, -0.0]
    image = create_image(ann, describe(pixels), planes_of(pixels))
    found = read_back(ann, image)
    assert found.dtype == dtype
    assert found.dtype.isnative
    assert found.tobytes() == pixels.tobytes()


@settings(
    max_examples=15,
)
@given(
    arrays.arrays(
        st.sampled_from([np.dtype(name) for name in PIXEL_TYPES.values()]),
        st.tuples(*[st.integers(1, 3)] * 3, *[st.integers(1, 9)] * 2),
    )
)
def test_any_pixels_survive(ann: Connection, pixels: NDArray[Any]) -> None:
    image = create_image(ann, describe(pixels), planes_of(pixels))
    assert read_back(ann, image).tobytes() == pixels.tobytes()
    delete_objects(ann, "image", [image])


@pytest.mark.parametrize("order", ["little", "big", "strided", "fortran"])
def test_how_an_array_lies_in_memory_does_not_matter(
    ann: Connection, order: str
) -> None:
    pixels = np.arange(4 * 6, dtype=np.uint16).reshape(1, 1, 1, 4, 6)
    plane = {
        "little": pixels[0, 0, 0].astype("<u2"),
        "big": pixels[0, 0, 0].astype(">u2"),
        "strided": np.repeat(pixels[0, 0, 0], 2, axis=1)[:, ::2],
        "fortran": np.asfortranarray(pixels[0, 0, 0]),
    }[order]
    image = create_image(ann, describe(pixels), [(0, 0, 0, plane)])
    np.testing.assert_array_equal(read_back(ann, image), pixels)


def test_what_an_image_is_like_survives(ann: Connection) -> None:
    pixels = np.arange(2 * 2 * 3 * 4 * 5, dtype=np.uint16).reshape(2, 2, 3, 4, 5)
    new = describe(
        pixels,
        "Zellen µ",
        channels=(
            NewChannel("DAPI", BLUE, (10.0, 90.0)),
            NewChannel("Äktin", (255, 128, 0, 255)),
        ),
        description="two\nlines",
        pixel_size_x=0.25,
        pixel_size_y=0.5,
        pixel_size_z=2.0,
        time_increment=30.0,
    )
    dataset = create_dataset(ann, "home")
    image = create_image(ann, new, planes_of(pixels), dataset_id=dataset)
    record = read_image(ann, image)
    assert (record.name, record.description) == ("Zellen µ", "two\nlines")
    assert record.shape == pixels.shape
    assert record.dtype == "uint16"
    sizes = (record.pixel_size_x, record.pixel_size_y, record.pixel_size_z)
    assert sizes == (0.25, 0.5, 2.0)
    assert record.time_increment == 30.0
    first, second = record.channels
    assert (first.name, first.color, first.window) == ("DAPI", BLUE, (10, 90))
    assert (second.name, second.color) == ("Äktin", (255, 128, 0, 255))
    high = (float(pixels[:, 1].min()), float(pixels[:, 1].max()))
    assert (second.window, second.limits) == (high, high)
    assert (record.default_z, record.default_t) == (1, 0)
    assert (record.owner, record.can_annotate) == ("ann", True)
    assert not record.is_rgb
    assert [row.id for row in list_children(ann, "dataset", dataset)] == [image]


@pytest.mark.parametrize("color", [GREY, GREEN])
def test_a_lone_channel_keeps_its_colour(ann: Connection, color: Any) -> None:
    pixels = np.eye(4, dtype=np.uint8)[None, None, None]
    new = describe(pixels, channels=(NewChannel("", color),))
    record = read_image(ann, create_image(ann, new, planes_of(pixels)))
    assert record.channels[0].color == color


def test_a_colour_picture_stays_one(ann: Connection) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (1, 3, 1, 4, 5), np.uint8)
    colors = tuple(NewChannel(color=color) for color in (RED, GREEN, BLUE))
    new = describe(pixels, channels=colors, is_rgb=True)
    assert read_image(ann, create_image(ann, new, planes_of(pixels))).is_rgb


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_an_image_of_one_value_can_be_shown(ann: Connection, dtype: str) -> None:
    pixels = np.full((1, 1, 1, 3, 3), 7, dtype)
    record = read_image(ann, create_image(ann, describe(pixels), planes_of(pixels)))
    low, high = record.channels[0].window
    assert low < high


def test_an_image_without_any_number_can_be_shown(ann: Connection) -> None:
    pixels = np.full((1, 1, 1, 3, 3), np.nan, "float32")
    record = read_image(ann, create_image(ann, describe(pixels), planes_of(pixels)))
    low, high = record.channels[0].window
    assert low < high


def test_a_large_image_becomes_a_pyramid(ann: Connection) -> None:
    y, x = np.indices((3300, 3200))
    pixels = ((x // 7 + y // 5) % 251).astype(np.uint8)[None, None, None]
    image = create_image(ann, describe(pixels), planes_of(pixels))
    source = open_source(ann, image)
    record = source.record
    assert record.is_tiled
    assert len(record.levels) > 1
    assert (record.levels[0].size_x, record.levels[0].size_y) == (3200, 3300)
    with source.open_reader() as reader:
        tile = reader.read_tile(0, 0, 0, 0, 3000, 3200, 200, 100)
        np.testing.assert_array_equal(tile, pixels[0, 0, 0, 3200:, 3000:])
        last = len(record.levels) - 1
        small = record.levels[last]
        whole = reader.read_tile(last, 0, 0, 0, 0, 0, small.size_x, small.size_y)
        assert whole.shape == (small.size_y, small.size_x)
        again = reader.read_tile(0, 0, 0, 0, 0, 0, 64, 32)
        np.testing.assert_array_equal(again, pixels[0, 0, 0, :32, :64])


def test_large_answers_and_messages_are_cut_into_bands(
    ann: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_omero_io.client.pixels.MAX_ANSWER", 1000)
    monkeypatch.setattr("napari_omero_io.client.pixel_writer.MAX_SENT", 1000)
    monkeypatch.setattr("napari_omero_io.client.pixel_writer.SMALL_PLANE", 100)
    pixels = np.arange(90 * 70, dtype=np.int32).reshape(1, 1, 1, 90, 70)
    image = create_image(ann, describe(pixels), planes_of(pixels))
    np.testing.assert_array_equal(read_back(ann, image), pixels)


def test_what_is_not_there_or_never_was_written(ann: Connection) -> None:
    with pytest.raises(NotFound, match="no image 123456789"):
        read_image(ann, 123456789)
    pixels = np.zeros((1, 1, 1, 2, 2), np.uint8)
    image = begin_image(ann, describe(pixels, "begun"), ann.user.group_id)
    with pytest.raises(PixelsUnavailable, match="begun"):
        read_image(ann, image)
    # Having looked at it did not spoil it.
    write_planes(ann, image, planes_of(pixels))
    assert read_image(ann, image).shape == pixels.shape


def test_pixels_are_read_by_many_threads(ann: Connection) -> None:
    from concurrent.futures import ThreadPoolExecutor

    pixels = np.random.default_rng(2).integers(0, 2**16, (4, 1, 2, 30, 40), np.uint16)
    source = open_source(ann, create_image(ann, describe(pixels), planes_of(pixels)))

    def read(t: int) -> NDArray[Any]:
        with source.open_reader() as reader:
            return np.stack([reader.read_plane(z, 0, t) for z in range(2)])

    with ThreadPoolExecutor(4) as pool:
        found = np.stack(list(pool.map(read, range(4))))
    np.testing.assert_array_equal(found, pixels[:, 0])
    source.close()


def test_thumbnails_are_pictures(ann: Connection) -> None:
    pixels = np.eye(30, 60, dtype=np.uint8)[None, None, None] * 255
    images = [create_image(ann, describe(pixels), planes_of(pixels)) for _ in range(2)]
    found = read_thumbnails(ann, [*images, 123456789], 48)
    assert set(found) == set(images)
    assert all(each.startswith(b"\xff\xd8") for each in found.values())
    assert read_thumbnails(ann, []) == {}


# -- regions --------------------------------------------------------------------------


@pytest.fixture
def image(ann: Connection) -> int:
    pixels = np.zeros((3, 1, 2, 16, 16), np.uint8)
    return create_image(ann, describe(pixels), planes_of(pixels))


def region(label: int, *places: tuple[int | None, int | None]) -> RoiRecord:
    masks = tuple(
        MaskRecord(label, 2, 3, 3, b"\xaa\x80", z, t, str(label), (9, 8, 7, 128))
        for z, t in places
    )
    return RoiRecord(masks, name=f"cell {label}")


def without_ids(roi: RoiRecord) -> RoiRecord:
    masks = tuple(replace(mask, id=None) for mask in roi.masks)
    return replace(roi, masks=masks, id=None)


def test_regions_survive(ann: Connection, image: int) -> None:
    rois = [region(7, (0, 0), (1, 0)), region(300, (None, 2)), region(1, (0, None))]
    ids = save_rois(ann, image, rois)
    found = read_rois(ann, image)
    assert [roi.id for roi in found] == sorted(ids)
    by_id = {roi.id: without_ids(roi) for roi in found}
    assert [by_id[each] for each in ids] == rois
    assert find_images(ann, "roi", ids[0]) == [image]
    mask = found[0].masks[0].id
    assert mask is not None
    assert find_images(ann, "shape", mask) == [image]


def test_many_regions_come_in_pages(
    ann: Connection, image: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("napari_omero_io.client.rois._PAGE_ROIS", 4)
    rois = [region(label, (0, 0), (1, 0), (0, 1)) for label in range(1, 8)]
    save_rois(ann, image, rois)
    assert [without_ids(roi) for roi in read_rois(ann, image)] == rois


def test_regions_of_another_are_told_apart(
    ann: Connection, bob: Connection, image: int
) -> None:
    own = save_rois(ann, image, [region(1, (0, 0))])
    theirs = save_rois(bob, image, [region(2, (0, 0))])  # read-annotate: Bob may draw
    assert find_own_rois(ann, image, [*own, *theirs, 123456789]) == tuple(own)
    assert find_own_rois(ann, image, []) == ()
    delete_objects(ann, "roi", own)
    assert [roi.id for roi in read_rois(ann, image)] == theirs


def test_regions_on_no_image(ann: Connection) -> None:
    with pytest.raises(NotFound):
        save_rois(ann, 123456789, [region(1, (0, 0))])
    assert read_rois(ann, 123456789) == []


# -- early ends -----------------------------------------------------------------------


def test_cancelling_leaves_nothing(ann: Connection, count_objects: Count) -> None:
    pixels = np.zeros((4, 1, 1, 3, 3), np.uint8)
    before = count_objects()
    told: list[tuple[int, int]] = []
    with pytest.raises(SaveCancelled, match="cancelled"):
        create_image(
            ann,
            describe(pixels),
            planes_of(pixels),
            progress=lambda done, total: told.append((done, total)),
            cancelled=lambda: len(told) == 2,
        )
    assert told == [(1, 4), (2, 4)]
    assert count_objects() == before


def test_cancelling_before_anything_is_written(
    ann: Connection, count_objects: Count
) -> None:
    pixels = np.zeros((1, 1, 1, 3, 3), np.uint8)
    before = count_objects()
    with pytest.raises(SaveCancelled):
        create_image(ann, describe(pixels), planes_of(pixels), cancelled=lambda: True)
    assert count_objects() == before


def test_cancelling_between_the_tiles_of_a_plane(
    ann: Connection, count_objects: Count
) -> None:
    plane = np.zeros((3300, 3200), np.uint8)
    before, asked = count_objects(), []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 5

    with pytest.raises(SaveCancelled):
        new = describe(plane[None, None, None])
        create_image(ann, new, [(0, 0, 0, plane)], cancelled=cancelled)
    assert count_objects() == before


def test_pixels_that_arrive_changed_are_not_kept(
    ann: Connection, count_objects: Count, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = np.zeros((1, 1, 1, 3, 3), np.uint8)
    before = count_objects()
    monkeypatch.setattr(
        "napari_omero_io.client.pixel_writer.hashlib.sha1",
        lambda **_: hashlib.md5(b"another", usedforsecurity=False),
    )
    with pytest.raises(SaveError, match="other pixels"):
        create_image(ann, describe(pixels), planes_of(pixels))
    assert count_objects() == before


def fail(pixels: NDArray[Any]) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    yield from list(planes_of(pixels))[:1]
    raise MemoryError("too large")


def shrink(pixels: NDArray[Any]) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    for t, c, z, plane in planes_of(pixels):
        yield t, c, z, plane[: 3 - t]


def forget(pixels: NDArray[Any]) -> Iterator[tuple[int, int, int, NDArray[Any]]]:
    yield from list(planes_of(pixels))[:-1]


@pytest.mark.parametrize(
    ("planes", "error", "part"),
    [
        (fail, MemoryError, "too large"),
        (shrink, SaveError, "does not fit"),
        (forget, SaveError, "4 planes, 3 were given"),
    ],
)
def test_a_failure_in_the_middle_leaves_nothing(
    ann: Connection,
    count_objects: Count,
    planes: Any,
    error: type[Exception],
    part: str,
) -> None:
    pixels = np.zeros((4, 1, 1, 3, 3), np.uint8)
    before = count_objects()
    with pytest.raises(error, match=part):
        create_image(ann, describe(pixels), planes(pixels))
    assert count_objects() == before


def test_anothers_dataset_is_refused_before_anything_is_sent(
    ann: Connection, bob: Connection, count_objects: Count
) -> None:
    dataset = create_dataset(ann, "Ann's")
    pixels = np.zeros((1, 1, 1, 3, 3), np.uint8)
    before = count_objects()
    with pytest.raises(NotPermitted, match=r"“Ann's” of ann"):
        create_image(bob, describe(pixels), planes_of(pixels), dataset_id=dataset)
    with pytest.raises(NotFound, match="no dataset 123456789"):
        create_image(bob, describe(pixels), planes_of(pixels), dataset_id=123456789)
    assert count_objects() == before


def test_a_server_that_dies_in_the_middle_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lifeline, "PATIENCE", 0.2)  # it will not come back
    pixels = np.zeros((3, 1, 1, 3, 3), np.uint8)
    with Sandbox() as sandbox:
        connection = connect(sandbox.url, sandbox.user, sandbox.password)
        assert sandbox.pid is not None

        def die(done: int, _total: int) -> None:
            if done == 1:
                os.kill(sandbox.pid, signal.SIGKILL)  # type: ignore[arg-type]

        new = describe(pixels, "half-made")
        with pytest.raises(UploadIncomplete) as raised:
            create_image(connection, new, planes_of(pixels), progress=die)
        assert "“half-made” (Image:1) is left" in str(raised.value)
        assert raised.value.left == (f"omero://{connection.server}/image/1",)
        connection.close()


def test_a_reader_survives_a_refused_tile(ann: Connection) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(1, 1, 1, 3, 4)
    record: ImageRecord = read_image(
        ann, create_image(ann, describe(pixels), planes_of(pixels))
    )
    with PixelReader(ann, record) as reader:
        with pytest.raises(Exception, match="read pixels of image"):
            reader.read_tile(0, 0, 0, 0, 3, 0, 2, 1)
        np.testing.assert_array_equal(reader.read_plane(0, 0, 0), pixels[0, 0, 0])
