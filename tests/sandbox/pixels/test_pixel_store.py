"""Pixels on disk: written once, in order, visible when finished."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_omero_io.sandbox.errors import (
    ApiUsage,
    Internal,
    Locked,
    PyramidMissing,
    ResourceFault,
)
from napari_omero_io.sandbox.store.pixel_store import PixelStore
from napari_omero_io.sandbox.store.pixels.imported import (
    store_mirrored,
    store_source_pixels,
)
from napari_omero_io.sandbox.store.pixels.pyramid import generated_sizes, halve
from napari_omero_io.sandbox.store.pixels.types import (
    PIXEL_TYPES,
    PixelsFacts,
    Place,
    Region,
    Size,
)

ORIGIN = Place(0, 0, 0)


def facts(x=16, y=8, *, z=1, c=1, t=1, kind="uint16", big=False, id_=7):
    return PixelsFacts(id_, PIXEL_TYPES[kind], x, y, z, c, t, needs_pyramid=big)


def ramp(one: PixelsFacts) -> np.ndarray:
    return np.arange(np.prod(one.shape)).reshape(one.shape).astype(one.type.wire)


def tiles(size: Size, step: Size):
    for y in range(0, size.y, step.y):
        for x in range(0, size.x, step.x):
            yield Region(x, y, min(step.x, size.x - x), min(step.y, size.y - y))


def write_big(writer, pixels):
    for t, c, z in np.ndindex(pixels.shape[:3]):
        for tile in tiles(writer.facts.size, Size(256, 256)):
            x, y, w, h = tile
            part = pixels[t, c, z, y : y + h, x : x + w]
            writer.set_tile(part.tobytes(), Place(z, c, t), tile)


class ArraySource:
    def __init__(self, *levels):
        self.levels = levels
        self.sizes = tuple(Size(level.shape[4], level.shape[3]) for level in levels)

    def read_rows(self, level, place, rows):
        return self.levels[level][
            place.t, place.c, place.z, rows.start : rows.stop
        ].astype(self.levels[level].dtype.newbyteorder("="))


def import_pixels(store, one, *levels):
    with store.incoming() as folder:
        store_source_pixels(folder, one, ArraySource(*levels))
        store.adopt(folder, one.id)


@pytest.fixture
def store(tmp_path):
    return PixelStore(tmp_path / "pixels")


@pytest.mark.parametrize("kind", sorted(PIXEL_TYPES))
def test_planes_come_back_big_endian_and_survive(store, kind):
    one = facts(5, 3, z=2, c=3, t=2, kind=kind)
    pixels = ramp(one)
    writer = store.open(one, for_writing=True)
    for t, c, z in np.ndindex(2, 3, 2):
        writer.set_plane(pixels[t, c, z].tobytes(), Place(z, c, t))
    writer.close()

    for reopened in (store, PixelStore(store.folder)):
        reader = reopened.open(one)
        for t, c, z in np.ndindex(2, 3, 2):
            assert reader.plane(Place(z, c, t)) == pixels[t, c, z].tobytes()
        assert reader.stack(2, 1) == pixels[1, 2].tobytes()
        assert reader.timepoint(1) == pixels[1].tobytes()
        assert reader.region(one.total_bytes, 0) == pixels.tobytes()
        assert reader.row(Place(1, 2, 0), 2) == pixels[0, 2, 1, 2].tobytes()
        assert reader.column(Place(1, 2, 0), 4) == pixels[0, 2, 1, :, 4].tobytes()


def test_the_file_of_a_plane_in_t_c_z_order_has_the_known_digest(store):
    one = facts(4, 4, z=2, c=2)
    pixels = ramp(one)
    writer = store.open(one, for_writing=True)
    writer.set_timepoint(pixels.tobytes(), 0)
    digest = hashlib.sha1(b"".join(map(writer.plane, map(one.place, range(4)))))
    assert digest.hexdigest() == hashlib.sha1(pixels.tobytes()).hexdigest()


def test_stores_opened_before_the_first_write_all_write(store):
    one = facts(z=2)
    pixels = ramp(one)
    first, second = (store.open(one, for_writing=True) for _ in range(2))
    first.set_plane(pixels[0, 0, 0].tobytes(), ORIGIN)
    late = store.open(one, for_writing=True)
    with pytest.raises(ApiUsage, match=r"Write-method not permitted\."):
        late.set_plane(pixels[0, 0, 1].tobytes(), Place(1, 0, 0))
    first.close()
    second.set_plane(pixels[0, 0, 1].tobytes(), Place(1, 0, 0))
    assert late.plane(Place(1, 0, 0)) == pixels[0, 0, 1].tobytes()
    second.close()
    assert store.open(one).stack(0, 0) == pixels.tobytes()


def test_late_readers_see_every_write(store):
    one = facts()
    writer = store.open(one, for_writing=True)
    writer.set_plane(bytes(256), ORIGIN)
    reader = store.open(one)
    assert reader.plane(ORIGIN) == bytes(256)
    writer.set_plane(bytes([1]) * 256, ORIGIN)
    assert reader.plane(ORIGIN) == bytes([1]) * 256


def test_reading_makes_the_file_and_ends_writing_for_others(store):
    one = facts()
    early = store.open(one, for_writing=True)
    assert early.plane(ORIGIN) == bytes(one.plane_bytes)
    with pytest.raises(ApiUsage, match="not permitted"):
        store.open(one, for_writing=True).set_plane(bytes(256), ORIGIN)
    early.close()
    with pytest.raises(ApiUsage, match="not permitted"):
        store.open(one, for_writing=True).set_plane(bytes(256), ORIGIN)


def test_opening_and_closing_leaves_small_pixels_unwritten(store):
    one = facts()
    store.open(one, for_writing=True).close()
    with pytest.raises(Locked, match="Import in progress") as locked:
        store.open(one)
    assert (locked.value.back_off, locked.value.seconds) == (15000, 0)
    store.open(one, for_writing=True).set_plane(bytes(256), ORIGIN)


def test_planes_that_were_written_survive_a_killed_server(store):
    one = facts(z=2)
    store.open(one, for_writing=True).set_plane(bytes([7]) * 256, ORIGIN)
    restarted = PixelStore(store.folder)
    buffer = restarted.open(one, for_writing=True)
    assert buffer.plane(ORIGIN) == bytes([7]) * 256
    assert buffer.plane(Place(1, 0, 0)) == bytes(256)
    with pytest.raises(ApiUsage, match="Write-method not permitted"):
        buffer.set_plane(bytes(256), ORIGIN)


def test_what_a_killed_server_left_is_nobodys(store):
    for number in (7, 8):
        store.open(facts(id_=number), for_writing=True).set_plane(bytes(256), ORIGIN)
    for name in ("deleted-of-7", "incoming-soon"):
        shutil.copytree(store.path(7), store.folder / name)
    restarted = PixelStore(store.folder)
    restarted.keep_only({8, 9})
    assert [path.name for path in store.folder.iterdir()] == ["8"]
    # Its id was taken back, and given to other pixels.
    restarted.open(facts(), for_writing=True).set_plane(bytes(256), ORIGIN)


def test_wrong_lengths(store):
    writer = store.open(facts(z=2, t=2), for_writing=True)
    for write in (
        lambda n: writer.set_plane(bytes(256 + n), ORIGIN),
        lambda n: writer.set_stack(bytes(512 + n), 0, 0),
        lambda n: writer.set_timepoint(bytes(512 + n), 1),
    ):
        with pytest.raises(ResourceFault, match="BufferUnderflowException: null"):
            write(-1)
        with pytest.raises(ResourceFault, match="BufferOverflowException: null"):
            write(1)


def test_tiles_of_small_pixels_are_full_rows(store):
    writer = store.open(facts(), for_writing=True)
    with pytest.raises(Internal, match="0 offseted tile writes"):
        writer.set_tile(bytes(8), ORIGIN, Region(1, 0, 4, 1))
    with pytest.raises(Internal, match="full row writes"):
        writer.set_tile(bytes(8), ORIGIN, Region(0, 0, 4, 1))
    with pytest.raises(ApiUsage, match="Y '8' greater than sizeY '8'"):
        writer.set_tile(bytes(64), ORIGIN, Region(0, 7, 16, 2))
    writer.set_tile(bytes([1]) * 64, ORIGIN, Region(0, 0, 16, 1))  # spills over
    assert writer.row(ORIGIN, 1) == bytes([1]) * 32


def test_places_outside(store):
    writer = store.open(facts(z=2, c=3, t=4), for_writing=True)
    for place, text in {
        Place(2, 0, 0): "Z '2' greater than sizeZ '2'",
        Place(0, 3, 0): "C '3' greater than sizeC '3'",
        Place(0, 0, -1): "T '-1' greater than sizeT '4'",
    }.items():
        with pytest.raises(ApiUsage, match=text):
            writer.plane(place)
    with pytest.raises(ApiUsage, match="X '16' greater than sizeX '16'"):
        writer.tile(ORIGIN, Region(15, 0, 2, 1))
    with pytest.raises(ApiUsage):
        writer.tile(ORIGIN, Region(3, 3, 0, 1))
    with pytest.raises(Internal, match="NegativeArraySize"):
        writer.tile(ORIGIN, Region(3, 3, -2, 1))
    with pytest.raises(Internal):
        writer.hypercube([15, 0, 0, 0, 0], [2, 1, 1, 1, 1], [1] * 5)
    with pytest.raises(Internal, match="five numbers"):
        writer.hypercube([0], [1], [1])
    with pytest.raises(Internal, match="ROMIO"):
        writer.set_resolution_level(0)


def test_answers_beyond_two_gigabytes_are_refused(store):
    reader = store.open(facts(30000, 30000, z=3, kind="double"), for_writing=True)
    with pytest.raises(ApiUsage, match="Converting Long 7200000000 to Integer"):
        reader.plane(ORIGIN)


@settings(max_examples=40)
@given(
    kind=st.sampled_from(sorted(PIXEL_TYPES)),
    writes=st.lists(
        st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=90)), max_size=6
    ),
)
def test_bytes_written_anywhere_are_read_back(tmp_path_factory, kind, writes):
    store = PixelStore(tmp_path_factory.mktemp("pixels"))
    one = facts(7, 5, z=2, c=2, kind=kind)
    expected = bytearray(one.total_bytes)
    writer = store.open(one, for_writing=True)
    for offset, content in writes:
        offset %= one.total_bytes - min(len(content), one.total_bytes) + 1
        content = content[: one.total_bytes - offset]
        expected[offset : offset + len(content)] = content
        writer.set_region(content, len(content), offset)
    # A float that is no number keeps its bits: nothing is computed with it.
    assert writer.region(one.total_bytes, 0) == expected
    assert writer.region(one.total_bytes - 11, 11) == expected[11:]


@settings(max_examples=40)
@given(st.data())
def test_a_hypercube_is_a_strided_block(tmp_path_factory, data):
    store = PixelStore(tmp_path_factory.mktemp("pixels"))
    one = facts(6, 5, z=3, c=2, t=2)
    pixels = ramp(one)
    writer = store.open(one, for_writing=True)
    for t in range(2):
        writer.set_timepoint(pixels[t].tobytes(), t)
    limits = (6, 5, 3, 2, 2)
    offset = [data.draw(st.integers(0, n - 1)) for n in limits]
    extents = zip(limits, offset, strict=True)
    size = [data.draw(st.integers(1, n - o)) for n, o in extents]
    step = [data.draw(st.integers(1, 4)) for _ in limits]
    ranges = zip(offset, size, step, strict=True)
    block = tuple(slice(o, o + n, s) for o, n, s in ranges)[::-1]
    assert writer.hypercube(offset, size, step) == pixels[block].tobytes()


# Big pixels


def test_big_pixels_are_written_in_order_and_get_levels(store):
    one = facts(700, 600, c=2, kind="uint8", big=True)
    pixels = np.random.default_rng(1).integers(0, 256, one.shape).astype("u1")
    writer = store.open(one, for_writing=True)
    with pytest.raises(Locked, match="Already locked!") as locked:
        store.open(one, for_writing=True)
    assert locked.value.back_off == 15000
    for write in (
        lambda: writer.set_plane(bytes(one.plane_bytes), ORIGIN),
        lambda: writer.set_row(bytes(700), ORIGIN, 0),
        lambda: writer.set_stack(bytes(one.plane_bytes), 0, 0),
    ):
        with pytest.raises(Internal, match="Non-tile based writing unsupported"):
            write()
    for ask in (writer.resolution_levels, writer.resolution_descriptions):
        with pytest.raises(ApiUsage, match="In write mode!"):
            ask()
    write_big(writer, pixels)
    writer.close()

    reader = store.open(one, for_writing=True)
    assert reader.sizes == generated_sizes(Size(700, 600))
    assert reader.resolution_level() == 5
    assert reader.plane(Place(0, 1, 0)) == pixels[0, 1, 0].tobytes()
    level = pixels[0, 1, 0]
    for k, size in enumerate(reader.sizes):
        reader.set_resolution_level(5 - k)
        np.testing.assert_array_equal(reader.read_plane(Place(0, 1, 0)), level)
        level = halve(level)[: _next(size.y, 600, k), : _next(size.x, 700, k)]
    with pytest.raises(ApiUsage, match="In read-only mode!"):
        reader.set_tile(bytes(4), ORIGIN, Region(0, 0, 2, 2))
    for ask in (
        lambda: reader.stack(0, 0),
        lambda: reader.timepoint(0),
        lambda: reader.region(1, 0),
        lambda: reader.hypercube([0] * 5, [1] * 5, [1] * 5),
        lambda: reader.plane_region(ORIGIN, 1, 0),
        lambda: reader.set_resolution_level(6),
    ):
        with pytest.raises(Internal):
            ask()


def _next(_size, full, k):
    return max(1, int(full / 2 ** (k + 1) + 0.5))


def test_tiles_out_of_order_are_refused_and_do_no_harm(store):
    one = facts(600, 300, c=2, kind="uint8", big=True)
    pixels = ramp(one).astype("u1")
    writer = store.open(one, for_writing=True)
    wrong = [
        (ORIGIN, Region(256, 0, 256, 256)),
        (Place(0, 1, 0), Region(0, 0, 256, 256)),
    ]
    for place, region in wrong:
        with pytest.raises(Internal, match="in order"):
            writer.set_tile(bytes(256 * 256), place, region)
    writer.set_tile(
        pixels[0, 0, 0, :256, :256].tobytes(), ORIGIN, Region(0, 0, 256, 256)
    )
    with pytest.raises(Internal, match="in order"):
        writer.set_tile(bytes(100 * 256), ORIGIN, Region(256, 0, 100, 256))
    with pytest.raises(ResourceFault, match="BufferUnderflow"):
        writer.set_tile(bytes(9), ORIGIN, Region(256, 0, 256, 256))
    rest = list(tiles(one.size, Size(256, 256)))[1:]
    for x, y, w, h in rest:
        part = pixels[0, 0, 0, y : y + h, x : x + w].tobytes()
        writer.set_tile(part, ORIGIN, Region(x, y, w, h))
    # The next plane may have tiles of another size.
    for x, y, w, h in tiles(one.size, Size(600, 128)):
        part = pixels[0, 1, 0, y : y + h, x : x + w].tobytes()
        writer.set_tile(part, Place(0, 1, 0), Region(x, y, w, h))
    with pytest.raises(Internal, match="All tiles"):
        writer.set_tile(bytes(1), ORIGIN, Region(0, 0, 1, 1))
    writer.close()
    reader = store.open(one)
    for c in range(2):
        assert reader.plane(Place(0, c, 0)) == pixels[0, c, 0].tobytes()


def test_asking_ends_the_writing_of_big_pixels(store):
    one = facts(300, 300, kind="uint8", big=True)
    writer = store.open(one, for_writing=True)
    writer.set_tile(bytes([9]) * 65536, ORIGIN, Region(0, 0, 256, 256))
    reader = writer.reading()
    assert reader.tile(ORIGIN, Region(0, 0, 2, 2)) == bytes([9]) * 4
    with pytest.raises(ApiUsage, match="In read-only mode!"):
        reader.set_tile(bytes(44 * 256), ORIGIN, Region(256, 0, 44, 256))


@pytest.mark.parametrize("end", ["close", "reading"])
def test_big_pixels_without_a_tile_are_spoilt(store, end):
    one = facts(300, 300, kind="uint8", big=True)
    writer = store.open(one, for_writing=True)
    if end == "close":
        writer.close()
    else:
        with pytest.raises(ResourceFault):
            writer.reading()
    for _ in range(2):
        with pytest.raises(ResourceFault, match="Error instantiating pixel buffer"):
            store.open(one, for_writing=True)


def test_unwritten_big_pixels_cannot_be_read(store):
    with pytest.raises(Locked, match="Pixels pyramid missing"):
        store.open(facts(300, 300, big=True))


# Imported pixels


def test_imported_pixels_are_read_only(store):
    one = facts(z=2)
    pixels = ramp(one)
    import_pixels(store, one, pixels)
    reader = store.open(one, for_writing=True)
    assert reader.stack(0, 0) == pixels.tobytes()
    for write in (
        lambda: reader.set_plane(bytes(256), ORIGIN),
        lambda: reader.set_tile(bytes(4), ORIGIN, Region(0, 0, 2, 1)),
    ):
        with pytest.raises(Internal, match="Cannot write to repository"):
            write()
    with pytest.raises(Internal, match="FormatException"):
        reader.tile(ORIGIN, Region(15, 0, 2, 1))
    with pytest.raises(Internal, match="Not yet supported"):
        reader.region(1, 0)


def test_the_levels_of_a_file_are_kept(store):
    one = facts(900, 800, kind="uint8", big=True)
    full = ramp(one).astype("u1")
    small = full[..., ::4, ::4]
    import_pixels(store, one, full, small)
    reader = store.open(one)
    assert reader.resolution_descriptions() == (Size(900, 800), Size(225, 200))
    reader.set_resolution_level(0)
    assert reader.plane(ORIGIN) == small.tobytes()
    assert reader.tile_size() == (512, 512)


def test_a_missing_pyramid_is_made(store):
    one = facts(700, 600, kind="uint8", big=True)
    pixels = ramp(one).astype("u1")
    import_pixels(store, one, pixels)
    with pytest.raises(PyramidMissing, match="Missing pyramid:") as missing:
        store.open(one)
    assert missing.value.back_off > 0
    assert missing.value.pixels_id == 7
    store.build_pyramid(one)
    reader = store.open(one)
    assert reader.resolution_levels() == 6
    assert reader.plane(ORIGIN) == pixels.tobytes()


def test_an_import_that_fails_leaves_nothing(store):
    one = facts()
    with pytest.raises(ZeroDivisionError), store.incoming() as folder:
        store_source_pixels(folder, one, ArraySource(ramp(one)))
        raise ZeroDivisionError
    assert list(store.folder.iterdir()) == []


def test_deleted_pixels_are_gone_also_for_open_stores(store):
    one = facts()
    writer = store.open(one, for_writing=True)
    writer.set_plane(bytes(256), ORIGIN)
    store.delete([7, 8])
    with pytest.raises(ResourceFault, match="Deleted"):
        writer.set_plane(bytes(256), ORIGIN)
    writer.close()
    assert list(store.folder.iterdir()) == []
    import_pixels(store, replace(one, id=9), ramp(one))
    reader = store.open(replace(one, id=9))
    reader.plane(ORIGIN)
    store.delete([9])
    with pytest.raises(ResourceFault, match="Deleted"):
        reader.tile(ORIGIN, Region(0, 0, 1, 1))
    with pytest.raises(Locked):
        store.open(replace(one, id=9))


def test_deleting_a_pyramid_that_is_written(store):
    one = facts(300, 300, kind="uint8", big=True)
    writer = store.open(one, for_writing=True)
    store.delete([7])
    writer.close()
    assert list(store.folder.iterdir()) == []


@pytest.mark.parametrize("damage", ["", "{}", '{"kind": "odd"}', "[1]"])
def test_a_damaged_folder_is_named(store, damage):
    one = facts()
    import_pixels(store, one, ramp(one))
    (store.path(7) / "pixels.json").write_text(damage)
    with pytest.raises(ResourceFault, match=r"pixels\.json cannot be read"):
        store.open(one)


def test_a_missing_array_is_named(store):
    one = facts()
    import_pixels(store, one, ramp(one))
    path = store.path(7) / "pixels.json"
    content = json.loads(path.read_text())
    content["levels"].append([8, 4])
    path.write_text(json.dumps(content))
    with pytest.raises(ResourceFault, match="cannot be opened"):
        store.open(one)


# The mirrored slide


def test_a_mirrored_slide_is_the_average_of_the_pattern(store):
    rng = np.random.default_rng(2)
    source = rng.integers(0, 256, (3, 12, 20)).astype("u1")
    one = facts(1300, 1100, c=3, kind="uint8", big=True)
    with store.incoming() as folder:
        store_mirrored(folder, one, source)
        store.adopt(folder, 7)
    reader = store.open(one)
    assert reader.sizes == ((1300, 1100), (650, 550), (325, 275))
    pattern = np.pad(source, ((0, 0), (0, 12), (0, 20)), mode="symmetric")
    slide = np.tile(pattern, (1, 50, 35))
    for level, size in enumerate(reader.sizes):
        reader.level = level
        factor = 2**level
        for c in range(3):
            area = slide[c, : size.y * factor, : size.x * factor].astype(float)
            mean = area.reshape(size.y, factor, size.x, factor).mean(axis=(1, 3))
            got = reader.read_plane(Place(0, c, 0))
            np.testing.assert_array_equal(got, np.floor(mean + 0.5))
    assert store.path(7).stat().st_size < 100_000


# The cache


def test_the_cache_is_bounded_and_used(tmp_path):
    store = PixelStore(tmp_path, cache_bytes=4000)
    one = facts(z=30)
    import_pixels(store, one, ramp(one))
    reader = store.open(one)
    first = reader.plane(ORIGIN)
    assert reader.plane(ORIGIN) is first
    for z in range(30):
        reader.plane(Place(z, 0, 0))
    assert 0 < store.cache.used <= 4000
    assert reader.plane(ORIGIN) == first
    store.delete([7])
    assert store.cache.used == 0


def test_a_large_plane_is_not_kept(store):
    one = facts(1024, 513, kind="uint16", z=2)
    import_pixels(store, one, ramp(one))
    reader = store.open(one)
    first = reader.plane(ORIGIN)
    assert store.cache.used == 0
    assert reader.plane(ORIGIN) == first
    reader.tile(ORIGIN, Region(0, 0, 1024, 512))
    assert store.cache.used == 1 << 20


def test_many_threads_read_what_is_there(store):
    one = facts(900, 800, z=3, kind="uint16")
    pixels = ramp(one)
    import_pixels(store, one, pixels)
    store.cache.capacity = 2_000_000
    wrong = []

    def read(seed):
        rng = np.random.default_rng(seed)
        reader = store.open(one)
        for _ in range(40):
            z, x, y = (int(rng.integers(n)) for n in (3, 800, 700))
            tile = reader.tile(Place(z, 0, 0), Region(x, y, 100, 100))
            if tile != pixels[0, 0, z, y : y + 100, x : x + 100].tobytes():
                wrong.append((z, x, y))

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_numbers_that_are_none_do_not_count(store):
    one = facts(4, 2, kind="float", z=2)
    pixels = ramp(one)
    pixels[0, 0, 0, 1, 2] = np.nan
    pixels[0, 0, 1] = np.nan
    import_pixels(store, one, pixels)
    reader = store.open(one)
    assert reader.find_range(ORIGIN) == (0.0, 7.0)
    assert reader.find_range(Place(1, 0, 0)) == (0.0, 0.0)


@pytest.fixture
def tiny_files():
    """Let files grow to a few bytes only, which is the nearest to a full disk."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    @contextmanager
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited


def test_a_full_disk_is_said_to_be_one(store, tiny_files):
    one = facts()
    writer = store.open(one, for_writing=True)
    writer.set_plane(bytes(256), ORIGIN)
    noise = np.random.default_rng(1).bytes(256)
    with tiny_files(), pytest.raises(ResourceFault, match="cannot be stored"):
        writer.set_plane(noise, ORIGIN)
    fresh = store.open(replace(one, id=8), for_writing=True)
    with tiny_files(), pytest.raises(ResourceFault, match="cannot be stored"):
        fresh.plane(ORIGIN)
    fresh.set_plane(noise, ORIGIN)
    assert fresh.plane(ORIGIN) == noise


def test_what_a_taken_back_write_left_is_replaced(store):
    one = facts()
    import_pixels(store, one, np.zeros_like(ramp(one)))
    assert store.open(one).plane(ORIGIN) == bytes(256)
    import_pixels(store, one, ramp(one))
    assert store.open(one).plane(ORIGIN) == ramp(one).tobytes()
