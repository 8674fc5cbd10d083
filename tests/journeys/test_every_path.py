"""Pixels are those of the file they came from, whichever way they are read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from napari_omero_io import Sandbox, connect
from napari_omero_io.client.stores import close_stores, open_stores
from napari_omero_io.sandbox.command import main
from napari_omero_io.session import Session

Pixels = NDArray[Any]

ORDERS = ("TCZYX", "ZCTYX", "CTZYX", "TZCYX", "CZTYX", "ZTCYX")
TYPES = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")
SIZES = {"T": 2, "C": 3, "Z": 4, "Y": 19, "X": 23}
#: Each level is a third of the one before it, or 2.5 times smaller.
PYRAMID = ((1301, 1502), (433, 501), (173, 200))


@dataclass(frozen=True)
class Written:
    """What was put into a file.

    Attributes
    ----------
    levels
        (T, C, Z, Y, X), full size first.
    """

    levels: list[Pixels]
    is_rgb: bool = False


def noise(shape: tuple[int, ...], kind: str) -> Pixels:
    chance = np.random.default_rng(sum(shape))
    if np.dtype(kind).kind == "f":
        return (chance.standard_normal(shape) * 1000).astype(kind)
    about = np.iinfo(kind)
    return chance.integers(about.min, about.max, shape, kind, endpoint=True)


def write_orders(folder: Path) -> Iterator[tuple[str, Written]]:
    """Write every type of pixels in both byte orders, each with axes of its own."""
    orders = cycle(ORDERS)
    for kind in TYPES:
        for name, sign in (("little", "<"), ("big", ">")):
            axes = next(orders)
            pixels = noise(tuple(SIZES[axis] for axis in axes), kind)
            tifffile.imwrite(
                folder / f"{kind}-{name}.ome.tif",
                pixels,
                byteorder=sign,
                photometric="minisblack",
                metadata={"axes": axes},
            )
            levels = [pixels.transpose([axes.index(axis) for axis in "TCZYX"])]
            yield f"{kind}-{name}", Written(levels)


def write_pyramid(path: Path, kind: str, tile: tuple[int, int] | None) -> Written:
    levels = [noise((2, 1, *size), kind) for size in PYRAMID]
    options = {"tile": tile} if tile else {"rowsperstrip": 64}
    with tifffile.TiffWriter(path, bigtiff=True, byteorder=">") as file:
        file.write(
            levels[0],
            subifds=len(levels) - 1,
            metadata={"axes": "CZYX"},
            photometric="minisblack",
            **options,
        )
        for level in levels[1:]:
            file.write(level, subfiletype=1, photometric="minisblack", **options)
    return Written([level[None] for level in levels])


def write_all(folder: Path) -> Iterator[tuple[str, Written]]:
    yield from write_orders(folder)
    tiled = folder / "tiled-pyramid.ome.tif"
    yield "tiled-pyramid", write_pyramid(tiled, "uint16", (128, 128))
    striped = folder / "striped-pyramid.ome.tif"
    yield "striped-pyramid", write_pyramid(striped, "uint8", None)
    colours = noise((2, 3, 47, 31, 3), "uint8")
    tifffile.imwrite(
        folder / "colours.ome.tif",
        colours,
        photometric="rgb",
        metadata={"axes": "TZYXS"},
    )
    yield "colours", Written([colours.transpose(0, 4, 1, 2, 3)], is_rgb=True)
    for name, shape in {
        "one": (1, 1),
        "row": (1, 500),
        "column": (500, 1),
        "wide": (5, 65537),
    }.items():
        pixels = noise(shape, "uint16")
        tifffile.imwrite(folder / f"{name}.tif", pixels, photometric="minisblack")
        yield name, Written([pixels[None, None, None]])


NAMES = (
    *(f"{kind}-{order}" for kind in TYPES for order in ("little", "big")),
    *("tiled-pyramid", "striped-pyramid", "colours", "one", "row", "column", "wide"),
)


@dataclass(frozen=True)
class Archive:
    """Files on a server, what was put into each, and which image it has become."""

    session: Session
    folder: Path
    written: dict[str, Written]
    images: dict[str, int]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("files")
    data = tmp_path_factory.mktemp("server") / "data"
    written = dict(write_all(folder))
    assert set(written) == set(NAMES)
    files = [next(folder.glob(f"{name}.*")) for name in NAMES]
    words = ["import", "--data", str(data), "--user", "root"]
    assert main([*words, *map(str, files)]) == 0
    with Sandbox(data) as sandbox, connect(sandbox.url, "root", "omero") as session:
        # in the order in which they were imported
        query = session.connection.service("query")
        found = sorted(image.id.val for image in query.findAll("Image", None))
        images = dict(zip(NAMES, found, strict=True))
        yield Archive(session, folder, written, images)


def random_key(chance: np.random.Generator, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """Return an index with steps, negative ones and negative positions."""

    def one(size: int) -> Any:
        start, stop = sorted(int(n) for n in chance.integers(0, size + 1, 2))
        step = int(chance.integers(1, 4))
        choices: list[Callable[[], Any]] = [
            lambda: slice(None),
            lambda: slice(start, stop, step),
            lambda: slice(None, None, -step),
            lambda: slice(start - size - 1, None),
            lambda: int(chance.integers(-size, size)),
        ]
        return choices[int(chance.integers(len(choices)))]()

    return tuple(map(one, shape))


@pytest.mark.parametrize("name", NAMES)
def test_the_library_reads_what_is_in_the_file(archive: Archive, name: str) -> None:
    image, written = archive.session.open(archive.images[name]), archive.written[name]
    chance = np.random.default_rng(len(name))
    assert len(image.grids) == len(written.levels)
    for index, pixels in enumerate(written.levels):
        level = image.full_level(index)
        np.testing.assert_array_equal(np.asarray(level), pixels, strict=True)
        np.testing.assert_array_equal(image.levels[index].compute(), pixels)
        for _ in range(6):
            key = random_key(chance, pixels.shape)
            np.testing.assert_array_equal(np.asarray(level[key]), pixels[key])
        np.testing.assert_array_equal(np.asarray(image.levels[index][key]), pixels[key])


@pytest.mark.parametrize("name", NAMES)
def test_layers_show_what_is_in_the_file(archive: Archive, name: str) -> None:
    written = archive.written[name]
    layers = archive.session.open_layers(archive.images[name])
    for index, pixels in enumerate(written.levels):
        if written.is_rgb:
            expected = [np.moveaxis(pixels, 1, -1)]
        else:
            expected = [pixels[:, channel] for channel in range(pixels.shape[1])]
        for (data, _, _), wanted in zip(layers, expected, strict=True):
            shown = data[index] if isinstance(data, (list, tuple)) else data
            single = tuple(axis for axis in (0, 1) if wanted.shape[axis] == 1)
            np.testing.assert_array_equal(np.asarray(shown), wanted.squeeze(single))


@pytest.mark.parametrize("name", NAMES)
def test_the_server_sends_what_is_in_the_file(archive: Archive, name: str) -> None:
    record = archive.session.open(archive.images[name]).record
    levels = archive.written[name].levels
    wire = levels[0].dtype.newbyteorder(">")
    connection = archive.session.connection
    stores = open_stores(connection, record.pixels_id, record.group_id, 1)
    (store,) = stores
    digest = hashlib.sha1(levels[0].astype(wire).tobytes(), usedforsecurity=False)
    assert store.calculateMessageDigest() == digest.digest()
    for index, pixels in enumerate(levels):
        if len(levels) > 1:
            store.setResolutionLevel(len(levels) - 1 - index)
        size_t, size_c, size_z, size_y, size_x = pixels.shape
        t, c, z, y, x = size_t - 1, size_c - 1, size_z // 2, size_y // 2, size_x // 3
        plane = pixels[t, c, z]
        h, w = size_y - y, max(1, size_x // 2)
        step = (3, 2, 2, 1, 2)
        cube = pixels[::2, :, ::2, ::2, ::3]
        for sent, wanted in (
            (store.getPlane(z, c, t), plane),
            (store.getTile(z, c, t, x, y, w, h), plane[y : y + h, x : x + w]),
            (store.getRow(y, z, c, t), plane[y]),
            (store.getCol(x, z, c, t), plane[:, x]),
            (store.getStack(c, t), pixels[t, c]),
            (store.getTimepoint(t), pixels[t]),
            (store.getHypercube([0] * 5, list(pixels.shape[::-1]), step), cube),
        ):
            assert sent == wanted.astype(wire).tobytes()
    close_stores(stores)


@pytest.mark.parametrize("name", NAMES)
def test_the_file_comes_back(archive: Archive, name: str, tmp_path: Path) -> None:
    archive.session.download(archive.images[name], tmp_path)
    (here,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert here.read_bytes() == (archive.folder / here.name).read_bytes()
