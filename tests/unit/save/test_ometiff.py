"""What is written is what is read back."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile

from napari_omero_io.save import ometiff
from napari_omero_io.save.ometiff import count_levels, halve, write_ometiff
from napari_omero_io.save.plan import SaveTarget, plan_save

TARGET = SaveTarget("omero.example.org:4064", dataset_id=7)


def plan(data, **meta):
    meta = {"name": "cells", "axis_labels": "tczyx"[-data.ndim :], **meta}
    [image] = plan_save([(data, meta, "image")], TARGET, together="shape").images
    return image


@pytest.mark.parametrize(
    ("dtype", "shape"),
    [
        ("uint16", (2, 1, 3, 70, 90)),
        ("uint8", (1, 1, 1, 64, 1)),
        ("int16", (1, 1, 1, 1, 65)),
        ("float32", (1, 1, 2, 50, 60)),
    ],
)
def test_every_level_is_there_and_the_first_is_exact(
    tmp_path, monkeypatch, dtype, shape
):
    monkeypatch.setattr(ometiff, "TILE", 32)
    monkeypatch.setattr(ometiff, "_SMALLEST", 32)
    data = np.random.default_rng(1).uniform(0, 120, shape).astype(dtype)
    image = plan(data)
    told = []
    write_ometiff(tmp_path / "a.ome.tif", image, told.append)
    assert sum(told) == data.nbytes
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as tiff:
        assert tiff.is_ome
        (series,) = tiff.series
        assert len(series.levels) == count_levels(*shape[-2:])
        found = [level.asarray().squeeze() for level in series.levels]
    np.testing.assert_array_equal(found[0], data.squeeze())
    for above, below in itertools.pairwise(found):
        first = above.reshape(-1, *_sides(shape, found, above))[0]
        np.testing.assert_array_equal(
            below.reshape(-1, *_sides(shape, found, below))[0], halve(first)
        )


def _sides(shape, found, level):
    """Give the sides of a level, which numpy leaves out where they are 1."""
    place = next(n for n, one in enumerate(found) if one is level)
    return -(-shape[-2] // 2**place), -(-shape[-1] // 2**place)


def test_names_sizes_and_colours_are_said(tmp_path):
    data = np.zeros((20, 30), "uint16")
    image = plan(data, colormap="green", scale=(0.5, 0.25), units=("µm", "µm"))
    write_ometiff(tmp_path / "a.ome.tif", image)
    with tifffile.TiffFile(tmp_path / "a.ome.tif") as tiff:
        root = ElementTree.fromstring(tiff.ome_metadata)
    pixels = root.find("{*}Image/{*}Pixels")
    assert root.find("{*}Image").get("Name") == "cells"
    assert pixels.get("PhysicalSizeX") == "0.25"
    assert pixels.get("PhysicalSizeY") == "0.5"
    channel = pixels.find("{*}Channel")
    assert (channel.get("Name"), channel.get("Color")) == ("cells", "16711935")
